"""Keeping exchange rates: set by hand or read from a source. What they price is in `pricing`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import FxRate
from zyenta_ops.domain.names import currency_code
from zyenta_ops.ports import Clock, Database
from zyenta_ops.ports.pricing import RateReader, SkippedRate

BY_HAND: Final = "set by hand"

_CHUNK: Final = 1_000
_MOST_DIGITS: Final = 40


@dataclass(frozen=True)
class RateImport:
    """What reading a source of rates did.

    `changed` were not known just so; `skipped` counts what could not be kept, by reason; `newest`
    is the date of the newest rate.
    """

    read: int
    changed: int
    newest: datetime | None
    skipped: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Rates:
    """Exchange rates.

    Attributes:
        open_source: the rates at a location, a path or URL; raises Refused for another kind of
            location and SourceError when it cannot be read.
        usual_source: the location that `refresh` reads; empty = none is configured.
    """

    database: Database
    clock: Clock
    open_source: Callable[[str], RateReader]
    usual_source: str = ""

    def set_rate(
        self,
        base: str,
        quote: str,
        rate: Decimal,
        as_of: datetime | None = None,
        source: str = BY_HAND,
    ) -> FxRate:
        """Store what one unit of `base` buys of `quote`; prices follow at the next run.

        Args:
            base: ISO 4217.
            quote: ISO 4217.
            rate: units of `quote` for one of `base`.
            as_of: when it held; None = now.
            source: who says so.

        Raises:
            Refused: the rate cannot be one, or is dated in the future; nothing is stored.
        """
        now = self.clock()
        new = FxRate(currency_code(base), currency_code(quote), rate, as_of or now, source)
        _must_be_usable(new, now)
        with self.database.write() as records:
            records.rates.put([new])
        return new

    def import_rates(self, location: str) -> RateImport:
        """Store every rate of a source, all or none.

        Args:
            location: a file, or an https URL.

        Raises:
            Refused: a rate is dated in the future, or the location is no file or https URL.
            SourceError: the source cannot be read.
        """
        now = self.clock()
        read = changed = 0
        newest: datetime | None = None
        skipped: dict[str, int] = {}
        source = self.open_source(location)  # may wait for a network, so before we hold anything
        with self.database.write() as records:
            for chunk in _chunks(source):
                rates = [each for each in chunk if isinstance(each, FxRate)]
                for rate in rates:
                    _must_be_usable(rate, now)
                for each in chunk:
                    if isinstance(each, SkippedRate):
                        skipped[each.reason] = skipped.get(each.reason, 0) + 1
                read += len(rates)
                changed += records.rates.put(rates)
                newest = max((rate.as_of for rate in rates), default=newest)
        return RateImport(read, changed, newest, skipped)

    def refresh(self) -> RateImport:
        """Import the rates of the usual source.

        Raises:
            Refused: none is configured.
            SourceError: it cannot be read.
        """
        if not self.usual_source:
            raise Refused("no source of exchange rates is configured; set ZYENTA_RATES_URL")
        return self.import_rates(self.usual_source)

    def list_rates(self) -> Sequence[FxRate]:
        """The newest rate of every pair, by pair."""
        with self.database.read() as records:
            return records.rates.newest(self.clock())


def _chunks(rates: Iterable[FxRate | SkippedRate]) -> Iterator[list[FxRate | SkippedRate]]:
    rest = iter(rates)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _must_be_usable(rate: FxRate, now: datetime) -> None:
    pair = f"{rate.base}/{rate.quote}"
    if rate.as_of > now:
        raise Refused(
            f"the rate {pair} is dated {rate.as_of:%Y-%m-%d %H:%M %Z}, which is yet to come;"
            " correct its date"
        )
    if len(format(rate.rate.normalize(), "f")) > _MOST_DIGITS:
        raise Refused(f"the rate {pair} has more than {_MOST_DIGITS} digits; round it")
