"""Exchange rates: which one holds at a moment, and when none does."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import DEFAULT_MAX_AGE, Conversion, FxRate, FxTable, FxUnavailable
from zyenta_ops.domain.money import Money

NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)


def rate(base: str, quote: str, value: str, hours_old: int = 1) -> FxRate:
    return FxRate(base, quote, Decimal(value), NOW - timedelta(hours=hours_old), "ECB")


def found(table: FxTable, base: str, quote: str) -> Conversion:
    conversion = table.conversion(base, quote, NOW)
    assert isinstance(conversion, Conversion)
    return conversion


def test_a_quoted_rate_converts_exactly_and_unrounded() -> None:
    conversion = found(FxTable([rate("EUR", "USD", "1.0835", 3)]), "EUR", "USD")
    assert conversion.factor == Fraction(10835, 10000)
    assert conversion.minor(Money(999, "EUR")) == Fraction(999 * 10835, 10000)
    assert conversion.age == timedelta(hours=3)


def test_the_newest_rate_up_to_now_is_taken_and_never_one_from_the_future() -> None:
    table = FxTable(
        [
            rate("EUR", "USD", "1.30", hours_old=-1),
            rate("EUR", "USD", "1.10", hours_old=30),
            rate("EUR", "USD", "1.20", hours_old=0),
        ]
    )
    assert found(table, "EUR", "USD").factor == Fraction(12, 10)
    yesterday = table.conversion("EUR", "USD", NOW - timedelta(hours=1))
    assert isinstance(yesterday, Conversion)
    assert yesterday.factor == Fraction(11, 10)


def test_a_rate_from_the_future_alone_is_no_rate() -> None:
    table = FxTable([rate("EUR", "USD", "1.30", hours_old=-1)])
    assert isinstance(table.conversion("EUR", "USD", NOW), FxUnavailable)


def test_a_currency_converts_into_itself_without_any_rate() -> None:
    conversion = found(FxTable([]), "USD", "USD")
    assert conversion.factor == 1
    assert conversion.age == timedelta(0)
    assert conversion.legs == ()


def test_an_absent_rate_is_turned_round() -> None:
    conversion = found(FxTable([rate("EUR", "USD", "1.25")]), "USD", "EUR")
    assert conversion.factor == Fraction(100, 125)


def test_an_absent_rate_is_crossed_through_the_pivot_and_as_old_as_its_oldest_leg() -> None:
    table = FxTable([rate("EUR", "USD", "1.25", 2), rate("EUR", "JPY", "160", 20)])
    conversion = found(table, "USD", "JPY")
    assert conversion.factor == Fraction(128)
    assert conversion.age == timedelta(hours=20)
    assert [leg.quote for leg in conversion.legs] == ["USD", "JPY"]
    assert conversion.minor_factor == Fraction(128, 100)


def test_a_quoted_rate_is_preferred_to_one_turned_round_or_crossed() -> None:
    table = FxTable(
        [
            rate("USD", "JPY", "150", 10),
            rate("JPY", "USD", "0.01", 1),
            rate("EUR", "USD", "1", 1),
            rate("EUR", "JPY", "1", 1),
        ]
    )
    assert found(table, "USD", "JPY").factor == 150


def test_a_stale_quoted_rate_gives_way_to_a_fresh_one_turned_round() -> None:
    table = FxTable([rate("USD", "JPY", "150", 500), rate("JPY", "USD", "0.008", 1)])
    assert found(table, "USD", "JPY").factor == 125


def test_a_missing_rate_is_a_sentence_and_never_one_to_one() -> None:
    missing = FxTable([rate("EUR", "USD", "1.1")]).conversion("GBP", "USD", NOW)
    assert missing == FxUnavailable(
        "GBP",
        "USD",
        "there is no exchange rate from GBP to USD; load one and price again",
    )


def test_a_rate_older_than_allowed_is_refused_with_its_age() -> None:
    table = FxTable([rate("EUR", "USD", "1.1", hours_old=200)])
    stale = table.conversion("EUR", "USD", NOW)
    assert isinstance(stale, FxUnavailable)
    assert stale.reason == (
        "the newest exchange rate from EUR to USD is 200 h old, more than the 144 h allowed; "
        "load a newer one and price again"
    )
    assert isinstance(table.conversion("EUR", "USD", NOW, timedelta(hours=200)), Conversion)


def test_one_stale_leg_makes_a_crossed_rate_stale() -> None:
    table = FxTable([rate("EUR", "USD", "1.25", 2), rate("EUR", "JPY", "160", 200)])
    stale = table.conversion("USD", "JPY", NOW)
    assert isinstance(stale, FxUnavailable)
    assert "200 h old" in stale.reason


def test_the_default_age_outlives_easter() -> None:
    maundy_thursday = datetime(2026, 4, 2, 0, tzinfo=UTC)
    before_tuesdays_rate = datetime(2026, 4, 7, 14, 59, tzinfo=UTC)
    assert before_tuesdays_rate - maundy_thursday < DEFAULT_MAX_AGE


def test_an_unknown_currency_has_no_rate() -> None:
    missing = FxTable([]).conversion("EUR", "ABC", NOW)
    assert isinstance(missing, FxUnavailable)
    assert "'ABC' is not an ISO 4217" in missing.reason


def test_a_buffer_makes_a_foreign_amount_dearer_and_leaves_the_own_currency_alone() -> None:
    conversion = found(FxTable([rate("EUR", "USD", "1.10")]), "EUR", "USD").with_buffer(150)
    assert conversion.factor == Fraction(110 * 10_150, 100 * 10_000)
    assert conversion.buffer_bps == 150
    own = Conversion.identity("USD")
    assert own.with_buffer(150) is own


@pytest.mark.parametrize("bps", [-1, 10_001])
def test_a_buffer_outside_its_bounds_is_refused(bps: int) -> None:
    conversion = found(FxTable([rate("EUR", "USD", "1.10")]), "EUR", "USD")
    with pytest.raises(Refused, match="exchange buffer"):
        conversion.with_buffer(bps)


def test_a_second_buffer_is_refused() -> None:
    conversion = found(FxTable([rate("EUR", "USD", "1.10")]), "EUR", "USD").with_buffer(100)
    with pytest.raises(Refused, match="already carries a buffer"):
        conversion.with_buffer(100)


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_that_is_no_positive_number_is_refused(value: str) -> None:
    with pytest.raises(Refused, match="must be a positive number"):
        rate("EUR", "USD", value)


def test_a_rate_is_never_a_float() -> None:
    with pytest.raises(TypeError, match="float"):
        FxRate("EUR", "USD", 1.1, NOW, "ECB")  # type: ignore[arg-type]


def test_a_rate_without_a_time_zone_is_refused() -> None:
    with pytest.raises(Refused, match="no time zone"):
        FxRate("EUR", "USD", Decimal("1.1"), NOW.replace(tzinfo=None), "ECB")


def test_a_rate_of_a_currency_to_itself_is_refused() -> None:
    with pytest.raises(Refused, match="names one currency twice"):
        rate("EUR", "EUR", "1")


def test_an_amount_in_another_currency_is_not_converted() -> None:
    conversion = found(FxTable([rate("EUR", "USD", "1.10")]), "EUR", "USD")
    with pytest.raises(Refused, match="cannot be converted"):
        conversion.minor(Money(100, "GBP"))
