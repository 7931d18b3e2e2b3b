"""Use cases: load, decide in the domain, act through ports, save."""
