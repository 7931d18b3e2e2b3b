"""Choosing offers for a store, and the statuses people may give."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.inventory import Availability, Listing
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.products import (
    CatalogueEntry,
    OfferFilter,
    first_status,
    released_status,
)
from zyenta_ops.domain.stores import ProductStatus

SHIRT = CatalogueEntry(
    offer_id="offer",
    product_ref="shirt",
    variant_ref="blue-m",
    title="Größe Shirt",
    sku=None,
    attributes=(("Colour", "Blue"), ("Size", "M")),
    images=(),
    cost=Money(1000, "USD"),
    stock=5,
    saleable=True,
    listing=Listing.LISTED,
)


def test_an_empty_filter_accepts_everything() -> None:
    assert OfferFilter().accepts(replace(SHIRT, stock=0, saleable=False))


@pytest.mark.parametrize(
    ("wanted", "accepted"),
    [
        (OfferFilter(product_refs=("shirt", "mug")), True),
        (OfferFilter(product_refs=("mug",)), False),
        (OfferFilter(title_contains="GRÖSSE"), True),
        (OfferFilter(title_contains="mug"), False),
        (OfferFilter(cost_from=Decimal("10")), True),
        (OfferFilter(cost_from=Decimal("10.01")), False),
        (OfferFilter(cost_to=Decimal("10")), True),
        (OfferFilter(cost_to=Decimal("9.99")), False),
        (OfferFilter(in_stock=True), True),
        (OfferFilter(title_contains="shirt", cost_to=Decimal("1")), False),
    ],
)
def test_every_condition_of_a_filter_must_hold(wanted: OfferFilter, accepted: bool) -> None:
    assert wanted.accepts(SHIRT) is accepted


@pytest.mark.parametrize(
    ("stock", "saleable", "accepted"),
    [(1, True, True), (None, True, True), (0, True, False), (5, False, False)],
)
def test_an_unknown_stock_counts_as_stock_and_an_unsaleable_offer_does_not(
    stock: int | None, saleable: bool, accepted: bool
) -> None:
    entry = replace(SHIRT, stock=stock, saleable=saleable)
    assert OfferFilter(in_stock=True).accepts(entry) is accepted


def test_a_cost_range_is_in_the_offers_own_currency() -> None:
    yen = replace(SHIRT, cost=Money(1000, "JPY"))
    wanted = OfferFilter(cost_from=Decimal("100"))
    assert wanted.accepts(yen)
    assert not wanted.accepts(SHIRT)


@pytest.mark.parametrize("bound", ["-1", "NaN", "Infinity", "1e12"])
def test_a_bound_that_is_no_amount_is_refused(bound: str) -> None:
    with pytest.raises(Refused, match="cannot bound a cost"):
        OfferFilter(cost_to=Decimal(bound))


def test_an_upside_down_range_is_refused() -> None:
    with pytest.raises(Refused, match="no cost is at least 5 and at most 4"):
        OfferFilter(cost_from=Decimal(5), cost_to=Decimal(4))


def test_a_variant_is_titled_by_what_sets_it_apart() -> None:
    assert SHIRT.variant_title == "Blue / M"
    assert replace(SHIRT, attributes=(("Colour", ""),)).variant_title == "Größe Shirt"


@pytest.mark.parametrize("status", list(ProductStatus))
def test_a_product_begins_active_draft_or_on_hold(status: ProductStatus) -> None:
    if status in {"ACTIVE", "DRAFT", "ON_HOLD"}:
        assert first_status(status) is status
        return
    with pytest.raises(Refused) as refusal:
        first_status(status)
    assert str(refusal.value) == (
        f"a product cannot begin as {status}; choose ACTIVE, DRAFT, ON_HOLD"
    )


@pytest.mark.parametrize(
    "held", [ProductStatus.DRAFT, ProductStatus.ON_HOLD, ProductStatus.ARCHIVED]
)
@pytest.mark.parametrize(
    ("availabilities", "status"),
    [
        ([], ProductStatus.ACTIVE),
        ([None, None], ProductStatus.ACTIVE),
        ([None, Availability.OUT_OF_STOCK], ProductStatus.OUT_OF_STOCK),
        ([Availability.AVAILABLE, Availability.OUT_OF_STOCK], ProductStatus.ACTIVE),
        ([Availability.DELISTED], ProductStatus.DELISTED),
    ],
)
def test_a_released_product_takes_the_status_of_its_stock(
    held: ProductStatus, availabilities: list[Availability | None], status: ProductStatus
) -> None:
    assert released_status(held, availabilities) is status


def test_releasing_what_is_not_held_changes_nothing() -> None:
    status = released_status(ProductStatus.OUT_OF_STOCK, [Availability.AVAILABLE])
    assert status is ProductStatus.OUT_OF_STOCK
