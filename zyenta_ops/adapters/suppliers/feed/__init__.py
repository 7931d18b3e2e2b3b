"""The feed supplier: a catalogue in a file, read from disk, HTTP or S3.

A reading goes through these modules in turn: `fetching` brings the bytes to disk, `payload`
unpacks them as they are read, `detection` tells what they are, `formats` makes rows of them,
`presets` and `columns` find the facts in a row, `assembly` makes offers of rows, `duplicates`
drops what comes twice. `source` joins them.
"""

from zyenta_ops.adapters.suppliers.feed.columns import Column
from zyenta_ops.adapters.suppliers.feed.config import (
    FeedConfig,
    FeedCredentials,
    FeedLimits,
    Format,
    Preset,
    S3Access,
)
from zyenta_ops.adapters.suppliers.feed.fetching.locations import refuse_location
from zyenta_ops.adapters.suppliers.feed.reading import Understanding
from zyenta_ops.adapters.suppliers.feed.source import FeedReading, FeedSource

__all__ = [
    "Column",
    "FeedConfig",
    "FeedCredentials",
    "FeedLimits",
    "FeedReading",
    "FeedSource",
    "Format",
    "Preset",
    "S3Access",
    "Understanding",
    "refuse_location",
]
