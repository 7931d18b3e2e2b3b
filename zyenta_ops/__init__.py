"""Zyenta Ops: the operations layer of a dropshipping business, as a Dagster project."""
