from __future__ import annotations

from collections.abc import Callable

from zyenta_ops.adapters.suppliers.feed import Preset
from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.money import Money
from zyenta_ops_tests.adapters.suppliers.feed.conftest import DATA, Read, read_path

HEADER = "ID,Type,SKU,Name,Published,In stock?,Stock,Regular price,Parent,Images\n"


def offers() -> dict[str, Offer]:
    return {offer.order_ref: offer for offer in read_path(DATA / "woocommerce.csv").offers}


def test_an_export_is_understood_and_parents_are_no_offers() -> None:
    found = read_path(DATA / "woocommerce.csv")
    assert found.understood.preset is Preset.WOOCOMMERCE
    assert sorted((o.product_ref, o.variant_ref) for o in found.offers) == [
        ("GONE", "RJ-X"),
        ("MUG-1", "default"),
        ("id:20", "RJ-S"),
        ("id:20", "id:21"),
        ("id:50", "default"),
    ]
    assert found.reasons == [(7, "grouped and external products have no own stock to order")]


def test_a_simple_product_has_all_its_facts() -> None:
    assert offers()["MUG-1"] == Offer(
        product_ref="MUG-1",
        variant_ref="default",
        order_ref="MUG-1",
        title="Stoneware Mug",
        unit_cost=Money(840, "USD"),
        list_price=Money(1400, "USD"),
        stock=25,
        saleable=True,
        sku="MUG-1",
        attributes=(("Glaze", "Matt"),),
        images=("https://img.example.com/mug-1.jpg", "https://img.example.com/mug-2.jpg"),
        cost_estimated=True,
    )


def test_a_variation_before_its_parent_still_takes_what_it_lacks_from_it() -> None:
    large = offers()["id:21"]
    assert large.title == "Rain Jacket"
    assert large.images == ("https://img.example.com/jacket.jpg",)
    assert large.attributes == (("Size", "Large"),)
    assert large.stock == 3


def test_a_variation_on_its_parents_stock_has_the_parents_count_or_none() -> None:
    assert offers()["RJ-S"].stock is None


def test_the_cost_is_a_share_of_the_sale_price_and_the_list_price_stays() -> None:
    small = offers()["RJ-S"]
    assert (small.unit_cost, small.list_price) == (Money(1080, "USD"), Money(3000, "USD"))


def test_a_sale_between_dates_does_not_lower_the_estimated_cost(read: Callable[..., Read]) -> None:
    header = HEADER.replace("Parent", "Sale price,Date sale price starts,Parent")
    found = read(header + "1,simple,A,Axe,1,1,5,30,20,2026-01-01,,\n")
    assert found.offers[0].unit_cost == Money(1800, "USD")


def test_a_variation_whose_parent_never_comes_stands_for_itself() -> None:
    orphan = offers()["RJ-X"]
    assert (orphan.product_ref, orphan.title, orphan.stock) == ("GONE", "Orphan Jacket", None)


def test_an_unpublished_parent_takes_its_variations_off_sale(read: Callable[..., Read]) -> None:
    found = read(HEADER + "1,variable,P,Coat,0,1,,,,\n2,variation,P-1,Coat - S,1,1,4,20,P,\n")
    assert [(o.product_ref, o.variant_ref, o.saleable) for o in found.offers] == [
        ("P", "P-1", False)
    ]


def test_a_variation_without_any_name_is_rejected(read: Callable[..., Read]) -> None:
    found = read(HEADER + "2,variation,P-1,,1,1,4,20,P,\n")
    assert found.offers == []
    assert found.reasons == [(2, "the name is empty")]
