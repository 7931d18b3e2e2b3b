"""Which parcels the deliveries of tracking services speak of; nothing else of them is used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def numbers_of_17track(body: bytes) -> tuple[str, ...]:
    """Of `{"event": …, "data": {"number": …}}`."""
    return _numbers(_object(_document(body).get("data")).get("number"))


def numbers_of_aftership(body: bytes) -> tuple[str, ...]:
    """Of `{"event": "tracking_update", "msg": {"tracking_number": …}}`."""
    return _numbers(_object(_document(body).get("msg")).get("tracking_number"))


def numbers_of_ship24(body: bytes) -> tuple[str, ...]:
    """Of `{"trackings": [{"tracker": {"trackingNumber": …}}, …]}`."""
    listed = _document(body).get("trackings")
    trackings = listed if isinstance(listed, list) else []
    return _numbers(
        *(_object(_object(each).get("tracker")).get("trackingNumber") for each in trackings)
    )


def _numbers(*values: object) -> tuple[str, ...]:
    return tuple(each for each in values if isinstance(each, str) and each)


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        return _object(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
