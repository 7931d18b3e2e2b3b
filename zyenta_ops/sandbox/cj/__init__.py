"""CJ Dropshipping API 2.0, as it is seen over the wire."""
