from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from zyenta_ops.adapters.suppliers.feed import Format, Preset
from zyenta_ops.domain.catalog import Offer, Rejection
from zyenta_ops.domain.errors import SourceInvalid
from zyenta_ops.domain.money import Money
from zyenta_ops_tests.adapters.suppliers.feed.conftest import DATA, Read, read_path

HEADER = (
    "Handle,Title,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,"
    "Variant Inventory Policy,Variant Price,Image Src,Status,Cost per item\n"
)


def test_an_export_is_understood_by_itself() -> None:
    found = read_path(DATA / "shopify.csv")
    assert found.understood.format is Format.CSV
    assert found.understood.preset is Preset.SHOPIFY
    assert (found.understood.encoding, found.understood.delimiter) == ("utf-8", ",")
    assert found.rejections == []
    assert [(o.product_ref, o.variant_ref, o.order_ref) for o in found.offers] == [
        ("linen-apron", "Oat / One", "linen-apron / Oat / One"),
        ("linen-apron", "Slate / One", "linen-apron / Slate / One"),
        ("oak-board", "default", "oak-board"),
        ("brass-hook", "BH-01", "BH-01"),
        ("tea-towel", "TT-01", "TT-01"),
    ]


def test_a_variant_has_the_facts_of_its_own_row_and_of_its_product() -> None:
    slate = read_path(DATA / "shopify.csv").offers[1]
    assert slate == Offer(
        product_ref="linen-apron",
        variant_ref="Slate / One",
        order_ref="linen-apron / Slate / One",
        title="Linen Apron",
        unit_cost=Money(2280, "USD"),
        list_price=Money(3800, "USD"),
        stock=0,
        saleable=True,
        sku=None,
        attributes=(("Color", "Slate"), ("Size", "One")),
        images=(
            "https://img.example.com/apron-slate.jpg",
            "https://img.example.com/apron-1.jpg",
            "https://img.example.com/apron-2.jpg",
            "https://img.example.com/apron-3.jpg",
        ),
        cost_estimated=True,
    )


def test_stock_is_as_given_unknown_when_empty_and_no_limit_under_continue() -> None:
    stocks = {o.product_ref: o.stock for o in read_path(DATA / "shopify.csv").offers[2:]}
    assert stocks == {"oak-board": None, "brass-hook": None, "tea-towel": 12}


def test_an_unpublished_product_is_listed_but_not_for_sale() -> None:
    sold = {o.product_ref: o.saleable for o in read_path(DATA / "shopify.csv").offers}
    assert sold == {"linen-apron": True, "oak-board": True, "brass-hook": True, "tea-towel": False}


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_a_status_on_the_first_row_holds_for_every_variant(
    read: Callable[..., Read], status: str
) -> None:
    found = read(HEADER + f"a,A,true,Size,S,,1,deny,5,,{status},\na,,,,M,,1,deny,5,,,\n")
    assert [o.saleable for o in found.offers] == [False, False]


def test_a_row_without_a_cost_is_rejected_in_a_feed_that_states_costs(
    read: Callable[..., Read],
) -> None:
    found = read(HEADER + "a,A,true,,,,1,deny,10,,,3.20\nb,B,true,,,,1,deny,10,,,\n")
    assert [(o.unit_cost.minor, o.cost_estimated) for o in found.offers] == [(320, False)]
    assert found.rejections == [Rejection(3, "b", "no cost is stated", "b")]


def test_a_cost_column_that_is_empty_throughout_is_none(read: Callable[..., Read]) -> None:
    found = read(HEADER + "a,A,true,,,,1,deny,10,,,\nb,B,true,,,,1,deny,20,,,\n")
    assert [(o.unit_cost.minor, o.cost_estimated) for o in found.offers] == [
        (600, True),
        (1200, True),
    ]


def test_costs_that_begin_after_others_were_estimated_refuse_the_feed(
    read: Callable[..., Read],
) -> None:
    rows = "".join(f"p{number},P,true,,,,1,deny,10,,,\n" for number in range(1_500))
    with pytest.raises(SourceInvalid, match="its costs begin far down"):
        read(HEADER + rows + "b,B,true,,,,1,deny,10,,,3.20\n")


def test_without_a_share_a_row_without_cost_is_rejected(read: Callable[..., Read]) -> None:
    found = read(
        HEADER + "a,A,true,,,,1,deny,10,,,3.20\nb,B,true,,,,1,deny,10,,,\n",
        cost_share_percent=None,
    )
    assert [o.product_ref for o in found.offers] == ["a"]
    assert found.reasons == [(3, "no cost is stated")]


def test_a_variants_name_depends_neither_on_row_order_nor_on_price(
    read: Callable[..., Read],
) -> None:
    sizes = ["S", "M", "L"]
    for order in permutations(sizes):
        rows = "".join(
            f"a,{'A' if not n else ''},true,{'Size' if not n else ''},{size},,1,deny,{n + 5},,,\n"
            for n, size in enumerate(order)
        )
        assert {o.variant_ref for o in read(HEADER + rows).offers} == set(sizes)


def test_a_sku_shared_by_variants_names_none_of_them(read: Callable[..., Read]) -> None:
    found = read(HEADER + "a,A,true,Size,S,X1,1,deny,5,,,\na,,,,M,X1,1,deny,5,,,\n")
    assert [(o.variant_ref, o.sku, o.order_ref) for o in found.offers] == [
        ("S", "X1", "X1"),
        ("M", "X1", "X1"),
    ]


def test_a_slash_in_an_option_value_cannot_make_two_variants_alike(
    read: Callable[..., Read],
) -> None:
    header = HEADER.replace("Option1 Value", "Option1 Value,Option2 Value")
    found = read(header + "a,A,true,X,b / c,d,,1,deny,5,,,\na,,,,b,c / d,,1,deny,5,,,\n")
    assert [o.variant_ref for o in found.offers] == ["b // c / d", "b / c // d"]


def test_the_same_variant_twice_counts_once(read: Callable[..., Read]) -> None:
    found = read(HEADER + "a,A,true,Size,S,,1,deny,5,,,\na,,,,S,,9,deny,6,,,\n")
    assert [(o.variant_ref, o.stock) for o in found.offers] == [("S", 1)]
    assert found.reasons == [
        (3, "the variant 'S' of product 'a' is in the feed already; the first one counts")
    ]


def test_rows_that_stand_apart_join_their_product(read: Callable[..., Read]) -> None:
    found = read(
        HEADER
        + "a,Anvil,true,Size,S,,1,deny,5,,draft,\nb,B,true,,,,1,deny,5,,,\na,,,,M,,1,deny,5,,,\n"
    )
    assert [(o.title, o.attributes, o.saleable) for o in found.offers if o.product_ref == "a"] == [
        ("Anvil", (("Size", "S"),), False),
        ("Anvil", (("Size", "M"),), False),
    ]


def test_every_row_that_is_no_offer_says_why_and_where(read: Callable[..., Read]) -> None:
    found = read(
        HEADER
        + 'a,"Two\nlines",true,,,,1,deny,5,,,\n'
        + ",B,true,,,,1,deny,5,,,\n"
        + "c,C,true,,,,1,deny,,,,\n"
        + "d,D,true,,,,1,deny,-5,,,\n"
        + "e,E,true,,,,1,deny,0,,,\n"
        + "f,F,true,,,,many,deny,5,,,\n"
        + "g,G,true,,,,,,,,,\n"
        + "h,H,perhaps,,,,1,deny,5,,,\n"
    )
    assert [(o.product_ref, o.title) for o in found.offers] == [("a", "Two lines")]
    assert found.reasons == [
        (4, "the handle is empty"),
        (5, "the price is empty"),
        (6, "the price '-5' is negative"),
        (7, "the price is zero"),
        (8, "the stock 'many' is not a number"),
        (9, "the row holds neither a variant nor a picture"),
        (10, "'perhaps' is neither yes nor no"),
    ]


REAL = Path(__file__).parents[5] / "shared" / "data" / "feeds"


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "products", "variants", "out_of_stock"),
    [("apparel.csv", 20, 22, 0), ("jewelery.csv", 20, 23, 3)],
)
def test_a_real_export_is_read_without_a_rejected_row(
    name: str, products: int, variants: int, out_of_stock: int
) -> None:
    found = read_path(REAL / name)
    assert found.rejections == []
    assert len(found.offers) == variants
    assert len({o.product_ref for o in found.offers}) == products
    assert sum(o.stock == 0 for o in found.offers) == out_of_stock
    assert all(
        o.unit_cost.minor * 5 // 3 <= o.list_price.minor for o in found.offers if o.list_price
    )
