"""Exchange rates as dated facts, and the one conversion that holds at a moment.

A rate that is missing or too old is a value with a sentence (`FxUnavailable`), never a silent 1.0:
the caller keeps the last good price. Conversions are exact fractions; whoever uses one rounds once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import EXPONENTS, Money, exponent_of

# The ECB publishes at about 16:00 CET on TARGET working days. Its longest pauses (Easter, and a
# Christmas that borders a weekend) last 120 h, and a rate dated at the midnight that opens its day
# is 15 h older than its publication: 135 h are normal, six days are not.
DEFAULT_MAX_AGE: Final = timedelta(hours=144)

# The ECB and most free sources quote every currency against the euro.
DEFAULT_PIVOT: Final = "EUR"

_MAX_BUFFER_BPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class FxRate:
    """One unit of `base` buys `rate` units of `quote`, as `source` said at `as_of`.

    Raises:
        Refused: an unknown currency, the same one twice, a rate that is not a positive number, or
            a moment without a time zone.
    """

    base: str
    quote: str
    rate: Decimal
    as_of: datetime
    source: str

    def __post_init__(self) -> None:
        exponent_of(self.base)
        exponent_of(self.quote)
        pair = f"{self.base}/{self.quote}"
        if self.base == self.quote:
            raise Refused(f"the rate {pair} names one currency twice; a currency needs no rate")
        if not isinstance(self.rate, Decimal):
            raise TypeError("an exchange rate never meets a float; pass Decimal")
        if not self.rate.is_finite() or self.rate <= 0:
            raise Refused(f"the rate {pair} is {self.rate}; it must be a positive number")
        if self.as_of.tzinfo is None:
            raise Refused(f"the rate {pair} of {self.as_of} has no time zone; give its time in UTC")


@dataclass(frozen=True, slots=True)
class Conversion:
    """An exact way from `base` to `quote`: major units times `factor`.

    `legs` are the rates it was made of (none for the identity) and `age` is that of the oldest.
    `buffer_bps` tells how much of `factor` is a safety buffer on top of the market rate.
    """

    base: str
    quote: str
    factor: Fraction
    legs: tuple[FxRate, ...] = ()
    age: timedelta = timedelta(0)
    buffer_bps: int = 0

    @classmethod
    def identity(cls, currency: str) -> Conversion:
        """The conversion of a currency into itself, which needs no rate and never ages.

        Raises:
            Refused: the code is not an ISO 4217 currency.
        """
        exponent_of(currency)
        return cls(currency, currency, Fraction(1))

    @property
    def minor_factor(self) -> Fraction:
        """What a minor unit of `base` is worth in minor units of `quote`, e.g. cents in yen."""
        shift = EXPONENTS[self.quote] - EXPONENTS[self.base]
        return self.factor * Fraction(10) ** shift

    def minor(self, amount: Money) -> Fraction:
        """The unrounded worth of an amount in minor units of `quote`.

        Raises:
            Refused: the amount is not in `base`.
        """
        if amount.currency != self.base:
            raise Refused(f"{amount} cannot be converted by a rate from {self.base}")
        return amount.minor * self.minor_factor

    def with_buffer(self, bps: int) -> Conversion:
        """The same conversion made dearer by so many basis points; the identity stays as it is.

        A buffer covers what exchanging costs and what the rate may move before the next reading.

        Raises:
            Refused: the buffer is negative, above 100 %, or there is one already.
        """
        if not 0 <= bps <= _MAX_BUFFER_BPS:
            raise Refused(f"an exchange buffer of {bps} bps is outside 0 to {_MAX_BUFFER_BPS}")
        if self.base == self.quote or bps == 0:
            return self
        if self.buffer_bps:
            raise Refused(f"the rate {self.base}/{self.quote} already carries a buffer")
        return replace(self, factor=self.factor * Fraction(10_000 + bps, 10_000), buffer_bps=bps)


@dataclass(frozen=True, slots=True)
class FxUnavailable:
    """No rate from `base` to `quote` can be used now; `reason` is a sentence for a person."""

    base: str
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class FxTable:
    """Dated rates of many currency pairs, asked for the conversion that holds at a moment.

    `pivot` is the currency a cross rate may go through.
    """

    rates: Sequence[FxRate]
    pivot: str = DEFAULT_PIVOT
    _by_pair: dict[tuple[str, str], tuple[FxRate, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        exponent_of(self.pivot)
        by_pair: dict[tuple[str, str], list[FxRate]] = {}
        for rate in sorted(self.rates, key=lambda rate: rate.as_of):
            by_pair.setdefault((rate.base, rate.quote), []).append(rate)
        object.__setattr__(self, "rates", tuple(self.rates))
        object.__setattr__(self, "_by_pair", {pair: tuple(line) for pair, line in by_pair.items()})

    def conversion(
        self, base: str, quote: str, now: datetime, max_age: timedelta = DEFAULT_MAX_AGE
    ) -> Conversion | FxUnavailable:
        """The newest usable conversion: quoted, else turned round, else through the pivot.

        Rates dated after `now` are ignored. A quoted rate that is too old gives way to a fresh one
        turned round or crossed; only when all are too old is the answer a refusal.
        """
        unknown = next((code for code in (base, quote) if code not in EXPONENTS), None)
        if unknown is not None:
            reason = f"'{unknown}' is not an ISO 4217 currency code, so no rate can exist for it"
            return FxUnavailable(base, quote, reason)
        if base == quote:
            return Conversion.identity(base)
        found = [way for way in self._ways(base, quote, now) if way is not None]
        fresh = next((way for way in found if way.age <= max_age), None)
        if fresh is not None:
            return fresh
        return FxUnavailable(base, quote, _why_none(base, quote, found, max_age))

    def _ways(self, base: str, quote: str, now: datetime) -> list[Conversion | None]:
        ways = [self._quoted(base, quote, now), self._turned(base, quote, now)]
        if self.pivot not in (base, quote):
            ways.append(self._crossed(base, quote, now))
        return ways

    def _quoted(self, base: str, quote: str, now: datetime) -> Conversion | None:
        rate = self._newest(base, quote, now)
        if rate is None:
            return None
        return Conversion(base, quote, Fraction(rate.rate), (rate,), now - rate.as_of)

    def _turned(self, base: str, quote: str, now: datetime) -> Conversion | None:
        rate = self._newest(quote, base, now)
        if rate is None:
            return None
        return Conversion(base, quote, 1 / Fraction(rate.rate), (rate,), now - rate.as_of)

    def _crossed(self, base: str, quote: str, now: datetime) -> Conversion | None:
        first = self._leg(base, self.pivot, now)
        second = self._leg(self.pivot, quote, now)
        if first is None or second is None:
            return None
        factor = first.factor * second.factor
        return Conversion(base, quote, factor, first.legs + second.legs, max(first.age, second.age))

    def _leg(self, base: str, quote: str, now: datetime) -> Conversion | None:
        both = (self._quoted(base, quote, now), self._turned(base, quote, now))
        return min((leg for leg in both if leg), key=lambda leg: leg.age, default=None)

    def _newest(self, base: str, quote: str, now: datetime) -> FxRate | None:
        line = self._by_pair.get((base, quote), ())
        known = bisect_right(line, now, key=lambda rate: rate.as_of)
        return line[known - 1] if known else None


def _why_none(base: str, quote: str, too_old: Sequence[Conversion], max_age: timedelta) -> str:
    if not too_old:
        return f"there is no exchange rate from {base} to {quote}; load one and price again"
    age = min(way.age for way in too_old)
    return (
        f"the newest exchange rate from {base} to {quote} is {_hours(age)} h old, "
        f"more than the {_hours(max_age)} h allowed; load a newer one and price again"
    )


def _hours(span: timedelta) -> int:
    return int(span // timedelta(hours=1))
