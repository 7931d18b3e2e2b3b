from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.catalog import Market, Offer, offer_id
from zyenta_ops.domain.money import Money

US = Market("US", "USD")

OFFER = Offer(
    product_ref="shirt",
    variant_ref="m",
    order_ref="shirt/m",
    title="Shirt",
    unit_cost=Money(1_000, "USD"),
    list_price=Money(2_000, "USD"),
    stock=5,
    saleable=True,
    sku="S-M",
    attributes=(("Size", "M"),),
    images=("https://images.example/shirt.jpg",),
)

OTHERWISE: dict[str, Any] = {
    "product_ref": "skirt",
    "variant_ref": "l",
    "order_ref": "shirt/l",
    "title": "shirt",
    "unit_cost": Money(1_000, "EUR"),
    "list_price": None,
    "stock": None,
    "saleable": False,
    "sku": None,
    "attributes": (),
    "images": (),
    "in_stock": True,
    "cost_estimated": True,
}


def test_the_content_hash_is_the_same_for_the_same_content() -> None:
    again = replace(OFFER, attributes=(("Size", "M"),), images=tuple(OFFER.images))

    assert again.content_hash() == OFFER.content_hash()


@pytest.mark.parametrize("name", [field.name for field in fields(Offer)])
def test_the_content_hash_changes_with_any_field(name: str) -> None:
    changed = replace(OFFER, **{name: OTHERWISE[name]})

    assert changed.content_hash() != OFFER.content_hash()


def test_unknown_stock_and_zero_stock_hash_differently() -> None:
    assert replace(OFFER, stock=None).content_hash() != replace(OFFER, stock=0).content_hash()


def test_a_list_price_of_zero_is_not_the_absence_of_one() -> None:
    free = replace(OFFER, list_price=Money(0, "USD"))

    assert free.content_hash() != replace(OFFER, list_price=None).content_hash()


def test_the_identity_of_an_offer_never_changes_between_releases() -> None:
    # printf 'my-feed\x1fUS:USD\x1fshirt\x1fm' | b2sum --length 128
    assert offer_id("my-feed", US, "shirt", "m") == "1a6d1b5895f8e09b016f4ec5c744e107"


_REFS = st.text(st.characters(exclude_categories=["C"]), max_size=8)


@given(st.tuples(_REFS, _REFS, _REFS), st.tuples(_REFS, _REFS, _REFS))
def test_different_names_make_different_identities(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    same = offer_id(one[0], US, *one[1:]) == offer_id(other[0], US, *other[1:])

    assert same == (one == other)


def test_the_same_variant_is_another_offer_in_another_market() -> None:
    assert offer_id("my-feed", US, "shirt", "m") != offer_id(
        "my-feed", Market("DE", "EUR"), "shirt", "m"
    )
