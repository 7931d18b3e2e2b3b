"""17TRACK, API v2.2: https://asset.17track.net/api/document/v2.2_en/index.html."""

from __future__ import annotations

from zyenta_ops.adapters.carriers.seventeentrack.provider import BASE_URL, SeventeenTrack

__all__ = ["BASE_URL", "SeventeenTrack"]
