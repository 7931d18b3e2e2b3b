"""Printful API v1, as it is seen over the wire.

What its documentation leaves open is said where it is decided.
"""
