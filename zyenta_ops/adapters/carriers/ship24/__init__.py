"""Ship24, API v1: https://docs.ship24.com."""

from __future__ import annotations

from zyenta_ops.adapters.carriers.ship24.provider import BASE_URL, Ship24

__all__ = ["BASE_URL", "Ship24"]
