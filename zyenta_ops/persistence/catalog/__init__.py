"""Sweeps and the offers they keep."""

from zyenta_ops.persistence.catalog.statements import upsert
from zyenta_ops.persistence.catalog.sweeps import SweepRecords

__all__ = ["SweepRecords", "upsert"]
