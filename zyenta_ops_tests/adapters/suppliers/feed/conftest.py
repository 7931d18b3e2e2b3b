"""Feeds in files, and a reader that opens one and gives back everything it yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedSource, Understanding
from zyenta_ops.domain.catalog import Market, Offer, Rejection

DATA = Path(__file__).parents[3] / "data" / "feeds"
MARKET = Market("US", "USD")


@dataclass(frozen=True)
class Read:
    """A feed read to its end."""

    offers: list[Offer]
    rejections: list[Rejection]
    understood: Understanding

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(each.line, each.reason) for each in self.rejections]


def read_path(path: Path, market: Market = MARKET, **settings: Any) -> Read:
    config = FeedConfig.of({"location": str(path), **settings})
    with FeedSource(config, market).open(None) as reading:
        entries = list(reading.entries)
        assert reading.understood is not None
        return Read(
            [each for each in entries if isinstance(each, Offer)],
            [each for each in entries if isinstance(each, Rejection)],
            reading.understood,
        )


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    """Write a feed to a file and read it."""

    def write_and_read(content: str | bytes, market: Market = MARKET, **settings: Any) -> Read:
        path = tmp_path / "feed"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_path(path, market, **settings)

    return write_and_read
