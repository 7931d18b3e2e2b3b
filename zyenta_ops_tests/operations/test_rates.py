from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from zyenta_ops.domain.errors import Refused, SourceInvalid
from zyenta_ops.domain.fx import FxRate
from zyenta_ops.operations.rates import Rates
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports.pricing import SkippedRate
from zyenta_ops_tests.conftest import FixedClock

DAY = datetime(2026, 11, 2, tzinfo=UTC)


class Source:
    """A source of rates whose content a test sets."""

    def __init__(self) -> None:
        self.content: list[FxRate | SkippedRate | Exception] = []
        self.asked: list[str] = []

    def __call__(self, location: str) -> Iterator[FxRate | SkippedRate]:
        self.asked.append(location)
        return self._read()

    def _read(self) -> Iterator[FxRate | SkippedRate]:
        for each in self.content:
            if isinstance(each, Exception):
                raise each
            yield each


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def rates(database: Database, clock: FixedClock, source: Source) -> Rates:
    return Rates(database, clock, source)


def euro(quote: str, number: str, as_of: datetime = DAY) -> FxRate:
    return FxRate("EUR", quote, Decimal(number), as_of, "ECB")


def test_a_rate_set_by_hand_holds_from_now(rates: Rates, clock: FixedClock) -> None:
    new = rates.set_rate("eur", "usd", Decimal("1.0812"))
    assert new == FxRate("EUR", "USD", Decimal("1.0812"), clock.now, "set by hand")
    assert rates.list_rates() == [new]


def test_the_newest_rate_of_every_pair_is_listed(rates: Rates, clock: FixedClock) -> None:
    rates.set_rate("EUR", "USD", Decimal("1.10"))
    rates.set_rate("EUR", "USD", Decimal("1.05"), clock.now - timedelta(days=1))
    rates.set_rate("EUR", "CHF", Decimal("0.93"), clock.now - timedelta(days=1))
    listed = [(rate.quote, str(rate.rate)) for rate in rates.list_rates()]
    assert listed == [("CHF", "0.93"), ("USD", "1.1")]


def test_a_rate_of_the_same_moment_is_replaced(rates: Rates) -> None:
    rates.set_rate("EUR", "USD", Decimal("10.812"))
    rates.set_rate("EUR", "USD", Decimal("1.0812"))
    assert [str(rate.rate) for rate in rates.list_rates()] == ["1.0812"]


@pytest.mark.parametrize(
    ("base", "quote", "number", "reason"),
    [
        ("EUR", "EUR", "1", "the rate EUR/EUR names one currency twice"),
        ("EUR", "XXX", "1", "'XXX' is not an ISO 4217 currency code"),
        ("EUR", "USD", "0", "the rate EUR/USD is 0; it must be a positive number"),
        ("EUR", "USD", "-1", "it must be a positive number"),
        ("EUR", "USD", "NaN", "it must be a positive number"),
        ("EUR", "USD", "1E-41", "the rate EUR/USD has more than 40 digits; round it"),
    ],
)
def test_what_is_no_rate_is_refused(
    rates: Rates, base: str, quote: str, number: str, reason: str
) -> None:
    with pytest.raises(Refused) as refusal:
        rates.set_rate(base, quote, Decimal(number))
    assert reason in str(refusal.value)
    assert rates.list_rates() == []


def test_a_rate_of_the_future_is_refused(rates: Rates, clock: FixedClock) -> None:
    with pytest.raises(Refused, match="is dated 2026-11-02 12:01 UTC, which is yet to come"):
        rates.set_rate("EUR", "USD", Decimal("1.1"), clock.now + timedelta(minutes=1))
    assert rates.list_rates() == []


def test_importing_says_what_was_read_what_is_new_and_what_was_skipped(
    rates: Rates, source: Source
) -> None:
    source.content = [
        euro("USD", "1.0812"),
        SkippedRate("BGL", "BGL is no more"),
        SkippedRate("BGL", "BGL is no more"),
        euro("CHF", "0.9300", DAY - timedelta(days=1)),
    ]
    first = rates.import_rates("rates.xml")
    assert (first.read, first.changed, first.newest) == (2, 2, DAY)
    assert first.skipped == {"BGL is no more": 2}
    source.content.append(euro("JPY", "160"))
    again = rates.import_rates("rates.xml")
    assert (again.read, again.changed) == (3, 1)
    assert source.asked == ["rates.xml", "rates.xml"]


def test_a_source_that_breaks_off_changes_nothing(
    rates: Rates, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zyenta_ops.operations.rates._CHUNK", 1)
    source.content = [euro("USD", "1.0812"), SourceInvalid("rates.xml is cut short")]
    with pytest.raises(SourceInvalid, match="cut short"):
        rates.import_rates("rates.xml")
    assert rates.list_rates() == []


def test_one_rate_of_the_future_refuses_the_whole_source(rates: Rates, source: Source) -> None:
    source.content = [euro("USD", "1.0812"), euro("CHF", "0.93", DAY + timedelta(days=1))]
    with pytest.raises(Refused, match="the rate EUR/CHF is dated 2026-11-03"):
        rates.import_rates("rates.xml")
    assert rates.list_rates() == []
