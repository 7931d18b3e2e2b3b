from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.alerts import (
    AlertPreferences,
    AlertType,
    Cause,
    Change,
    Criteria,
    News,
    PendingPrice,
    Selling,
    Subject,
    VariantNow,
    decide,
    is_over,
)
from zyenta_ops.domain.alerts.costs import cost_move
from zyenta_ops.domain.fx import FxRate, FxTable
from zyenta_ops.domain.inventory import Availability, ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import ProductStatus

VARIANT = VariantNow(
    variant_id="v1",
    product_id="p1",
    product_title="Bottle",
    variant_title="M",
    product_status=ProductStatus.ACTIVE,
    currency="EUR",
    availability=Availability.AVAILABLE,
    published_stock=20,
    cost=Money(1_000, "USD"),
    told_cost=Money(1_000, "USD"),
    price=Money(1_999, "EUR"),
)
SOLD_OUT = replace(
    VARIANT,
    product_status=ProductStatus.OUT_OF_STOCK,
    availability=Availability.OUT_OF_STOCK,
    published_stock=0,
)
DEFAULTS = AlertPreferences()
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
CRITERIA = Criteria(DEFAULTS, NOW, FxTable(()))
WITH_RATE = replace(CRITERIA, rates=FxTable((FxRate("USD", "EUR", Decimal("0.92"), NOW, "test"),)))


def news(variant: VariantNow, *changes: Change, named: AlertType | None = None) -> News:
    listed = {named: {"v1"}} if named else {}
    return decide([variant], changes, listed, CRITERIA)


def change(kind: ChangeKind, before: int | None = None, after: int | None = None) -> Change:
    return Change("v1", kind, before, after, "USD" if kind is ChangeKind.COST else None)


@pytest.mark.parametrize(
    ("kind", "availability", "cause"),
    [
        (ChangeKind.STOCK_OUT, Availability.OUT_OF_STOCK, Cause.OUT_OF_STOCK),
        (ChangeKind.WITHDRAWN, Availability.NOT_SALEABLE, Cause.NOT_SALEABLE),
        (ChangeKind.VARIANT_GONE, Availability.VARIANT_GONE, Cause.VARIANT_GONE),
        (ChangeKind.DELISTED, Availability.DELISTED, Cause.DELISTED),
    ],
)
def test_each_way_of_being_gone_is_named(
    kind: ChangeKind, availability: Availability, cause: Cause
) -> None:
    (found,) = news(replace(SOLD_OUT, availability=availability), change(kind, 7, 0)).stock_out

    assert (found.cause, found.previous_stock) == (cause, 7)


def test_what_is_told_is_how_things_stand_not_how_they_came_about() -> None:
    later = replace(SOLD_OUT, availability=Availability.DELISTED)

    (found,) = news(
        later, change(ChangeKind.STOCK_OUT, 5, 0), change(ChangeKind.DELISTED, 0, 0)
    ).stock_out

    assert (found.cause, found.previous_stock) == (Cause.DELISTED, 5)


def test_stock_before_a_return_is_forgotten() -> None:
    (found,) = news(
        SOLD_OUT,
        change(ChangeKind.STOCK_OUT, 90, 0),
        change(ChangeKind.RESTOCKED, 0, 4),
        change(ChangeKind.STOCK_OUT, 4, 0),
    ).stock_out

    assert found.previous_stock == 4


@pytest.mark.parametrize(
    "status", [ProductStatus.DRAFT, ProductStatus.ON_HOLD, ProductStatus.ARCHIVED]
)
def test_products_a_person_took_off_are_nobodys_news(status: ProductStatus) -> None:
    hidden = replace(SOLD_OUT, product_status=status, cost=Money(9_000, "USD"))

    found = news(hidden, change(ChangeKind.STOCK_OUT, 5, 0), change(ChangeKind.COST, 1_000, 9_000))

    assert found == News()


def test_a_variant_that_is_named_already_is_not_named_again() -> None:
    sold_out = change(ChangeKind.STOCK_OUT, 5, 0)

    assert news(SOLD_OUT, sold_out, named=AlertType.STOCK_OUT).stock_out == ()
    assert len(news(SOLD_OUT, sold_out, named=AlertType.STOCK_LOW).stock_out) == 1


def test_low_stock_is_judged_by_the_threshold_of_today() -> None:
    low = replace(VARIANT, published_stock=6)

    assert news(low, change(ChangeKind.STOCK_LOW, 20, 6)).stock_low == ()
    assert len(news(replace(low, published_stock=5)).stock_low) == 1


def test_unknown_stock_is_not_low() -> None:
    unknown = replace(VARIANT, published_stock=None)

    assert news(unknown, change(ChangeKind.STOCK_LOW, 20, 5)) == News()


def test_a_change_of_a_variant_that_is_gone_from_the_store_is_ignored() -> None:
    assert decide([], [change(ChangeKind.STOCK_OUT)], {}, CRITERIA) == News()


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=12), st.integers(1, 50))
def test_a_cost_is_told_exactly_when_it_left_the_band_around_what_was_told(
    costs: list[int], percent: int
) -> None:
    """However costs move and however they are swept, what was told stays within the threshold."""
    criteria = replace(CRITERIA, preferences=AlertPreferences(cost_change_percent=percent))
    told = before = 1_000
    for cost in costs:
        now = replace(VARIANT, cost=Money(cost, "USD"), told_cost=Money(told, "USD"))
        found = decide([now], [change(ChangeKind.COST, before, cost)], {}, criteria)

        assert bool(found.costs) == (abs(cost - told) * 100 > percent * told)
        ((_, remembered),) = found.told_costs
        told, before = remembered.minor, cost
        assert abs(cost - told) * 100 <= percent * told


SUBJECT = Subject("a1", AlertType.STOCK_OUT, True, "v1", Cause.OUT_OF_STOCK)
COSTLY = Subject("a1", AlertType.PRICE_CHANGE, True, "v1", Cause.COST_UP, Money(1_000, "USD"))
LOW = Subject("a1", AlertType.STOCK_LOW, True, "v1", Cause.STOCK_LOW)
UNPRICED = Subject("a1", AlertType.PRICE_MISSING, True, "v1", Cause.NO_RATE)

NO_PRICE = replace(
    VARIANT, price=None, pending=PendingPrice(Selling.UNPRICED, None, "there is no rate")
)
FIVE_LEFT = replace(VARIANT, published_stock=5)


def costing(minor: int, currency: str = "USD") -> VariantNow:
    return replace(VARIANT, cost=Money(minor, currency))


@pytest.mark.parametrize(
    ("subject", "now", "over"),
    [
        (SUBJECT, SOLD_OUT, False),
        (SUBJECT, VARIANT, True),
        (SUBJECT, replace(SOLD_OUT, product_status=ProductStatus.ARCHIVED), True),
        (SUBJECT, replace(SOLD_OUT, product_status=ProductStatus.ON_HOLD), False),
        (SUBJECT, replace(SOLD_OUT, availability=Availability.DELISTED), False),
        (LOW, FIVE_LEFT, False),
        (LOW, replace(VARIANT, published_stock=6), True),
        (LOW, replace(VARIANT, published_stock=None), True),
        (LOW, SOLD_OUT, True),
        (LOW, replace(FIVE_LEFT, product_status=ProductStatus.ON_HOLD), True),
        (COSTLY, costing(1_200), False),
        (COSTLY, costing(1_100), True),
        (COSTLY, costing(1_200, "EUR"), False),
        (COSTLY, replace(VARIANT, cost=None), False),
        (UNPRICED, NO_PRICE, False),
        (UNPRICED, VARIANT, True),
        (UNPRICED, replace(NO_PRICE, product_status=ProductStatus.ON_HOLD), True),
        (UNPRICED, replace(NO_PRICE, availability=Availability.OUT_OF_STOCK), True),
    ],
)
def test_an_alert_is_over_when_what_it_says_is_no_longer_so(
    subject: Subject, now: VariantNow, over: bool
) -> None:
    assert is_over(subject, now, CRITERIA, retold=()) is over


def test_a_cost_told_by_a_newer_alert_is_over_in_the_older_one() -> None:
    assert is_over(COSTLY, costing(1_200), CRITERIA, retold={"v1"})
    assert not is_over(SUBJECT, SOLD_OUT, CRITERIA, retold={"v1"})


@pytest.mark.parametrize(
    ("criteria", "before", "after", "cause", "beyond", "percent"),
    [
        (CRITERIA, "10.00 USD", "10.00 USD", Cause.COST_DOWN, False, "0.0"),
        (CRITERIA, "10.00 USD", "11.01 USD", Cause.COST_UP, True, "10.1"),
        (CRITERIA, "10.00 USD", "8.99 USD", Cause.COST_DOWN, True, "-10.1"),
        (CRITERIA, "0.00 USD", "0.01 USD", Cause.COST_UP, True, None),
        (CRITERIA, "10.00 USD", "9.20 EUR", Cause.COST_CURRENCY, True, None),
        (CRITERIA, "10.00 USD", "1500 JPY", Cause.COST_CURRENCY, True, None),
        (WITH_RATE, "10.00 USD", "9.20 EUR", Cause.COST_DOWN, False, "0.0"),
        (WITH_RATE, "10.00 USD", "10.12 EUR", Cause.COST_UP, False, "10.0"),
        (WITH_RATE, "10.00 USD", "10.13 EUR", Cause.COST_UP, True, "10.1"),
        (WITH_RATE, "9.20 EUR", "8.00 USD", Cause.COST_DOWN, True, "-20.0"),
    ],
)
def test_how_far_a_cost_has_moved_is_told_in_its_new_currency(
    criteria: Criteria, before: str, after: str, cause: Cause, beyond: bool, percent: str | None
) -> None:
    first, second = (Money.of(*text.split()) for text in (before, after))

    move = cost_move(first, second, criteria)

    assert (move.cause, move.beyond) == (cause, beyond)
    assert move.percent == (None if percent is None else Decimal(percent))


def test_a_cost_of_a_variant_on_sale_that_gives_no_price_is_news() -> None:
    (found,) = decide([NO_PRICE], [], {}, CRITERIA).unpriced

    assert (found.cause, found.reason) == (Cause.NO_RATE, "there is no rate")
    (found,) = decide([NO_PRICE], [], {}, WITH_RATE).unpriced
    assert found.cause is Cause.NO_PRICE


@pytest.mark.parametrize(
    "variant",
    [
        VARIANT,
        replace(VARIANT, price=None),
        replace(NO_PRICE, price=Money(1_999, "EUR")),
        replace(NO_PRICE, pending=PendingPrice(Selling.AWAITS_APPROVAL, None)),
        replace(NO_PRICE, product_status=ProductStatus.ON_HOLD),
        replace(NO_PRICE, availability=Availability.OUT_OF_STOCK),
        replace(NO_PRICE, cost=None),
    ],
)
def test_what_has_a_price_or_waits_for_its_first_is_not_unpriced(variant: VariantNow) -> None:
    assert decide([variant], [], {}, CRITERIA).unpriced == ()
