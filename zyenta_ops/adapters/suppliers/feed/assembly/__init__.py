"""Rows become offers: one module for each way feeds spread a product over rows."""
