"""17TRACK, AfterShip and Ship24, which follow the same parcels and tell of them in their words."""
