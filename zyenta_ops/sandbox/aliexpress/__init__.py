"""AliExpress Open Platform for dropshipping, as it is seen over the wire."""
