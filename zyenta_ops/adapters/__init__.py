"""The wire: one folder per counterpart, each translating between its wire format and the domain."""
