"""Payments in, on a real database and a provider that the tests move."""
