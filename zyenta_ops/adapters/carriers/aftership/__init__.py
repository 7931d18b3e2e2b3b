"""AfterShip Tracking, version 2025-07: https://www.aftership.com/docs/tracking."""

from __future__ import annotations

from zyenta_ops.adapters.carriers.aftership.provider import BASE_URL, AfterShip

__all__ = ["BASE_URL", "AfterShip"]
