"""Where parcels are: what is told of them as one parcel, and when to look again.

`words` knows what trackers call things, `merging` makes one parcel out of many answers,
`corrections` are what people enter, `pace` says when to look again and what has stalled.
"""

from __future__ import annotations

from zyenta_ops.domain.tracking.answers import (
    Knowledge,
    Registered,
    Registration,
    TrackedNumber,
    TrackingAnswer,
)
from zyenta_ops.domain.tracking.corrections import corrected
from zyenta_ops.domain.tracking.merging import FINAL, follow, follow_all, join, settled
from zyenta_ops.domain.tracking.pace import Lane, is_stalled, lane, last_news, next_look

__all__ = [
    "FINAL",
    "Knowledge",
    "Lane",
    "Registered",
    "Registration",
    "TrackedNumber",
    "TrackingAnswer",
    "corrected",
    "follow",
    "follow_all",
    "is_stalled",
    "join",
    "lane",
    "last_news",
    "next_look",
    "settled",
]
