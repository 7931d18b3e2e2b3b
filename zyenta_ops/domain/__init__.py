"""Rules as functions of values: standard library and numpy, no I/O, no clock, no randomness."""
