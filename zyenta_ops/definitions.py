"""What Dagster loads."""

from zyenta_ops.defs import build_defs

defs = build_defs()
