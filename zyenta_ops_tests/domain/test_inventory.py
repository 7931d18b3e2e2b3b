from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.inventory import (
    Availability,
    ChangeKind,
    Listing,
    StockState,
    product_status,
    stock_change,
    stock_state,
)
from zyenta_ops.domain.stores import ProductStatus

ON_SALE = StockState(Availability.AVAILABLE, 9, 9)
LOW = StockState(Availability.AVAILABLE, 5, 5)
UNKNOWN = StockState(Availability.AVAILABLE, None, None)
SOLD_OUT = StockState(Availability.OUT_OF_STOCK, 0, 0)
WITHDRAWN = StockState(Availability.NOT_SALEABLE, 9, 0)
VARIANT_GONE = StockState(Availability.VARIANT_GONE, 9, 0)
DELISTED = StockState(Availability.DELISTED, 9, 0)

LISTED = Listing.LISTED


def test_unknown_stock_is_on_sale_in_unknown_quantity_whatever_is_reserved() -> None:
    state = stock_state(listing=LISTED, saleable=True, supplier_stock=None, reserved=7, buffer=3)

    assert state == UNKNOWN


def test_zero_stock_is_out_of_stock() -> None:
    assert stock_state(listing=LISTED, saleable=True, supplier_stock=0, reserved=0) == SOLD_OUT


@pytest.mark.parametrize("before", [SOLD_OUT, StockState(Availability.DELISTED, 0, 0)])
def test_unknown_stock_is_no_news_of_what_was_sold_out(before: StockState) -> None:
    state = stock_state(
        listing=LISTED, saleable=True, supplier_stock=None, reserved=0, before=before
    )

    assert state == SOLD_OUT


def test_what_is_out_of_stock_by_reservation_stays_so_while_its_stock_is_unknown() -> None:
    before = StockState(Availability.OUT_OF_STOCK, 2, 0)

    state = stock_state(
        listing=LISTED, saleable=True, supplier_stock=None, reserved=2, before=before
    )

    assert state == before


def test_a_supplier_that_has_some_again_restocks_without_a_count() -> None:
    state = stock_state(
        listing=LISTED,
        saleable=True,
        supplier_stock=None,
        reserved=0,
        in_stock=True,
        before=SOLD_OUT,
    )

    assert state == UNKNOWN


@pytest.mark.parametrize("before", [None, ON_SALE, UNKNOWN, WITHDRAWN])
def test_unknown_stock_publishes_what_was_not_sold_out(before: StockState | None) -> None:
    state = stock_state(
        listing=LISTED, saleable=True, supplier_stock=None, reserved=0, before=before
    )

    assert state == UNKNOWN


def test_reserved_and_buffered_units_are_not_published() -> None:
    state = stock_state(listing=LISTED, saleable=True, supplier_stock=10, reserved=3, buffer=2)

    assert state == StockState(Availability.AVAILABLE, 10, 5)


def test_stock_that_is_all_reserved_is_out_of_stock_and_never_negative() -> None:
    state = stock_state(listing=LISTED, saleable=True, supplier_stock=2, reserved=5)

    assert state == StockState(Availability.OUT_OF_STOCK, 2, 0)


def test_what_the_supplier_does_not_sell_is_not_published() -> None:
    assert stock_state(listing=LISTED, saleable=False, supplier_stock=9, reserved=0) == WITHDRAWN


@pytest.mark.parametrize(
    ("listing", "state"), [(Listing.DELISTED, DELISTED), (Listing.VARIANT_GONE, VARIANT_GONE)]
)
def test_what_is_gone_says_how_it_went(listing: Listing, state: StockState) -> None:
    assert stock_state(listing=listing, saleable=True, supplier_stock=9, reserved=0) == state


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, SOLD_OUT, None),
        (None, LOW, None),
        (ON_SALE, ON_SALE, None),
        (ON_SALE, LOW, ChangeKind.STOCK_LOW),
        (LOW, StockState(Availability.AVAILABLE, 4, 4), None),
        (UNKNOWN, LOW, ChangeKind.STOCK_LOW),
        (LOW, UNKNOWN, None),
        (LOW, ON_SALE, None),
        (ON_SALE, SOLD_OUT, ChangeKind.STOCK_OUT),
        (UNKNOWN, SOLD_OUT, ChangeKind.STOCK_OUT),
        (SOLD_OUT, ON_SALE, ChangeKind.RESTOCKED),
        (SOLD_OUT, LOW, ChangeKind.RESTOCKED),
        (ON_SALE, WITHDRAWN, ChangeKind.WITHDRAWN),
        (SOLD_OUT, WITHDRAWN, ChangeKind.WITHDRAWN),
        (WITHDRAWN, UNKNOWN, ChangeKind.RESTOCKED),
        (SOLD_OUT, DELISTED, ChangeKind.DELISTED),
        (ON_SALE, VARIANT_GONE, ChangeKind.VARIANT_GONE),
        (DELISTED, ON_SALE, ChangeKind.RESTOCKED),
    ],
)
def test_each_step_is_told_by_its_name_once(
    before: StockState | None, after: StockState, change: ChangeKind | None
) -> None:
    assert stock_change(before, after, 5) is change
    assert stock_change(after, after, 5) is None


@pytest.mark.parametrize("before", [WITHDRAWN, VARIANT_GONE, DELISTED])
def test_what_could_not_be_bought_before_does_not_sell_out(before: StockState) -> None:
    assert stock_change(before, SOLD_OUT, 5) is None


def test_a_threshold_of_zero_never_warns() -> None:
    assert stock_change(ON_SALE, StockState(Availability.AVAILABLE, 1, 1), 0) is None


_AVAILABILITIES = st.lists(st.sampled_from(Availability), max_size=4)


@given(_AVAILABILITIES)
def test_a_product_is_on_sale_exactly_when_one_of_its_variants_is(seen: list[Availability]) -> None:
    status = product_status(ProductStatus.OUT_OF_STOCK, seen)

    assert (status is ProductStatus.ACTIVE) == (Availability.AVAILABLE in seen)


@given(
    st.sampled_from([ProductStatus.DRAFT, ProductStatus.ON_HOLD, ProductStatus.ARCHIVED]),
    _AVAILABILITIES,
)
def test_what_a_person_decided_stays(current: ProductStatus, seen: list[Availability]) -> None:
    assert product_status(current, seen) is current


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        ([Availability.DELISTED, Availability.VARIANT_GONE], ProductStatus.DELISTED),
        ([Availability.DELISTED, Availability.OUT_OF_STOCK], ProductStatus.OUT_OF_STOCK),
        ([Availability.NOT_SALEABLE], ProductStatus.OUT_OF_STOCK),
        ([], ProductStatus.OUT_OF_STOCK),
    ],
)
def test_a_product_nobody_can_buy_says_why(seen: list[Availability], status: ProductStatus) -> None:
    assert product_status(ProductStatus.ACTIVE, seen) is status
