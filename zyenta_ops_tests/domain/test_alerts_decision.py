from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.alerts import (
    AlertPreferences,
    AlertType,
    Cause,
    Change,
    News,
    Subject,
    VariantNow,
    decide,
    is_over,
)
from zyenta_ops.domain.inventory import Availability, ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import ProductStatus

VARIANT = VariantNow(
    variant_id="v1",
    product_id="p1",
    product_title="Bottle",
    variant_title="M",
    product_status=ProductStatus.ACTIVE,
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


def news(variant: VariantNow, *changes: Change, named: AlertType | None = None) -> News:
    listed = {named: {"v1"}} if named else {}
    return decide(changes, {"v1": variant}, listed, DEFAULTS)


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
    assert len(news(replace(low, published_stock=5), change(ChangeKind.STOCK_LOW)).stock_low) == 1


def test_unknown_stock_is_not_low() -> None:
    unknown = replace(VARIANT, published_stock=None)

    assert news(unknown, change(ChangeKind.STOCK_LOW, 20, 5)) == News()


def test_a_change_of_a_variant_that_is_gone_from_the_store_is_ignored() -> None:
    assert decide([change(ChangeKind.STOCK_OUT)], {}, {}, DEFAULTS) == News()


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=12), st.integers(1, 50))
def test_a_cost_is_told_exactly_when_it_left_the_band_around_what_was_told(
    costs: list[int], percent: int
) -> None:
    """However costs move and however they are swept, what was told stays within the threshold."""
    preferences = AlertPreferences(cost_change_percent=percent)
    told = before = 1_000
    for cost in costs:
        now = replace(VARIANT, cost=Money(cost, "USD"), told_cost=Money(told, "USD"))
        found = decide([change(ChangeKind.COST, before, cost)], {"v1": now}, {}, preferences)

        assert bool(found.costs) == (abs(cost - told) * 100 > percent * told)
        ((_, remembered),) = found.told_costs
        told, before = remembered.minor, cost
        assert abs(cost - told) * 100 <= percent * told


SUBJECT = Subject(
    alert_id="a1",
    type=AlertType.STOCK_OUT,
    variant_id="v1",
    cause=Cause.OUT_OF_STOCK,
    cost_before=None,
    now=SOLD_OUT,
)
COSTLY = replace(
    SUBJECT,
    type=AlertType.PRICE_CHANGE,
    cause=Cause.COST_UP,
    cost_before=Money(1_000, "USD"),
    now=replace(VARIANT, cost=Money(1_200, "USD")),
)
LOW = replace(SUBJECT, type=AlertType.STOCK_LOW, now=replace(VARIANT, published_stock=5))


@pytest.mark.parametrize(
    ("subject", "over"),
    [
        (SUBJECT, False),
        (replace(SUBJECT, now=VARIANT), True),
        (replace(SUBJECT, now=None), True),
        (replace(SUBJECT, now=replace(SOLD_OUT, product_status=ProductStatus.ARCHIVED)), True),
        (replace(SUBJECT, now=replace(SOLD_OUT, product_status=ProductStatus.ON_HOLD)), False),
        (replace(SUBJECT, now=replace(SOLD_OUT, availability=Availability.DELISTED)), False),
        (LOW, False),
        (replace(LOW, now=replace(VARIANT, published_stock=6)), True),
        (replace(LOW, now=replace(VARIANT, published_stock=None)), True),
        (replace(LOW, now=SOLD_OUT), True),
        (COSTLY, False),
        (replace(COSTLY, now=replace(VARIANT, cost=Money(1_100, "USD"))), True),
        (replace(COSTLY, now=replace(VARIANT, cost=Money(1_200, "CNY"))), True),
        (replace(COSTLY, now=replace(VARIANT, cost=None)), False),
    ],
)
def test_an_alert_is_over_when_what_it_says_is_no_longer_so(subject: Subject, over: bool) -> None:
    assert is_over(subject, DEFAULTS, retold=()) is over


def test_a_cost_told_by_a_newer_alert_is_over_in_the_older_one() -> None:
    assert is_over(COSTLY, DEFAULTS, retold={"v1"})
    assert not is_over(SUBJECT, DEFAULTS, retold={"v1"})
