"""CJ's products: prices, stock per warehouse, what is on sale, and what cannot be understood."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from zyenta_ops.adapters.suppliers.cj import Found, FoundPage
from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.items import Item, ItemFault, ItemStatus, ItemVariant
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid, RequestInvalid
from zyenta_ops_tests.adapters.suppliers.cj.service import (
    CjRig,
    answered,
    cj_rig,
    failure,
    inventory,
    success,
    variant,
)
from zyenta_ops_tests.contracts.supplier_gateway import MARKET, item_of


def fault_of(rig: CjRig, ref: str) -> Exception:
    (answer,) = rig.gateway.fetch_items([ref], MARKET)
    assert isinstance(answer, ItemFault), answer
    return answer.error


def only_variant(rig: CjRig, *variants: dict[str, Any], **product: Any) -> ItemVariant:
    (found,) = item_of(rig, rig.product(*variants, **product)).variants
    return found


def test_one_request_tells_everything(rig: CjRig) -> None:
    item = item_of(rig, rig.product(variant("2502900")))
    assert (item.status, item.title, item.faults) == (ItemStatus.ON_SALE, "Tea bowl", ())
    assert item.images == ("https://files.example/a.jpg", "https://files.example/b.jpg")
    assert item.variants == (
        ItemVariant(
            Offer(
                product_ref="2502",
                variant_ref="2502900",
                order_ref="2502900@CN",
                title="Tea bowl black large",
                unit_cost=Money(11_09, "USD"),
                stock=100,
                sku="CJYD2502900",
                attributes=(("Color", "Black"), ("Size", "L")),
                images=("https://files.example/bowl-black.jpg",),
            ),
            ships_from="CN",
            firm_stock=30,
            weight_grams=420,
        ),
    )
    (asked,) = rig.web.asked
    assert asked.path == "/product/query?pid=2502&features=enable_inventory"
    assert json.loads(item.raw)["data"]["pid"] == "2502"


class TestStock:
    @pytest.mark.parametrize(
        ("inventories", "stock", "firm"),
        [
            ([inventory(cj=0, factory=0)], 0, 0),
            ([inventory("US"), inventory(cj=5, factory=0)], 5, 5),
            ([inventory("US")], 0, 0),  # others are listed, the warehouse is not
            ([{"countryCode": "CN", "cjInventory": 2, "factoryInventory": 3}], 5, 2),
            ([{"countryCode": "cn", "totalInventoryNum": 9, "cjInventoryNum": 4}], 9, 4),
            ([{"countryCode": "CN", "storageNum": "7"}], 7, None),
            ([{"countryCode": "CN"}], None, None),
            ([], None, None),
            (None, None, None),
        ],
    )
    def test_it_is_that_of_the_warehouse_and_unknown_is_not_zero(
        self, rig: CjRig, inventories: Any, stock: int | None, firm: int | None
    ) -> None:
        found = only_variant(rig, variant("V1", inventories=inventories))
        assert (found.offer.stock, found.firm_stock, found.ships_from) == (stock, firm, "CN")

    @pytest.mark.parametrize(
        ("inventories", "ships_from", "stock"),
        [
            ([inventory("CN"), inventory("US", cj=3, factory=0)], "US", 3),
            ([inventory("CN"), inventory("US", cj=0, factory=0)], "CN", 100),
            ([inventory("CN", cj=0, factory=0)], "US", 0),
            (None, "US", None),
        ],
    )
    def test_the_first_favourite_warehouse_with_stock_sends_it(
        self, inventories: Any, ships_from: str, stock: int | None
    ) -> None:
        with cj_rig(settings={"from_country": "US,CN"}) as rig:
            found = only_variant(rig, variant("V1", inventories=inventories))
            assert (found.ships_from, found.offer.stock) == (ships_from, stock)
            assert found.offer.order_ref == f"V1@{ships_from}"

    def test_the_names_of_the_other_stock_interface_are_understood(self, rig: CjRig) -> None:
        listed = [{"vid": "V1", "inventory": [inventory(cj=1, factory=1)]}]
        found = only_variant(rig, variant("V1", inventories=None), variantInventories=listed)
        assert (found.offer.stock, found.firm_stock) == (2, 1)

    @pytest.mark.parametrize("odd", [-1, "many", True, 10**12, 1.5])
    def test_what_cannot_be_a_stock_is_a_fault_of_the_variant(self, rig: CjRig, odd: Any) -> None:
        sick = variant("V1", inventories=[{**inventory(), "totalInventory": odd}])
        item = item_of(rig, rig.product(sick, variant("V2")))
        assert [each.offer.variant_ref for each in item.variants] == ["V2"]
        assert item.faults[0].startswith("variant 'V1': the stock ")


class TestPrices:
    @pytest.mark.parametrize(
        ("price", "minor"), [(11.09, 11_09), ("3.4", 3_40), (7, 7_00), ("0.125", 13)]
    )
    def test_they_are_exact(self, rig: CjRig, price: Any, minor: int) -> None:
        found = only_variant(rig, variant("V1", variantSellPrice=price))
        assert found.offer.unit_cost == Money(minor, "USD")

    @pytest.mark.parametrize("product_price", ["5.20", "5.20 -- 5.20", 5.2])
    def test_a_variant_without_one_costs_what_the_product_does(
        self, rig: CjRig, product_price: Any
    ) -> None:
        sold = variant("V1", variantSellPrice=None)
        assert only_variant(rig, sold, sellPrice=product_price).offer.unit_cost == Money(520, "USD")

    @pytest.mark.parametrize(
        ("price", "product_price", "sentence"),
        [
            (None, "1.2 -- 3.4", "CJ says a range of prices instead of the variant's own"),
            (None, None, "CJ says no price"),
            (0, None, "CJ says no price"),
            (-1, None, "the price -1.00 USD is negative"),
            ("cheap", None, "'cheap' is not an amount of money"),
            (10**12, None, "1000000000000 USD is too large to be a price"),
            (True, None, "'true' is not an amount of money"),
        ],
    )
    def test_what_cannot_be_one_is_a_fault_of_the_variant(
        self, rig: CjRig, price: Any, product_price: Any, sentence: str
    ) -> None:
        sick = variant("V1", variantSellPrice=price)
        item = item_of(rig, rig.product(sick, variant("V2"), sellPrice=product_price))
        assert [each.offer.variant_ref for each in item.variants] == ["V2"]
        assert item.faults == (f"variant 'V1': {sentence}",)

    def test_a_product_of_which_nothing_is_understood_is_a_fault(self, rig: CjRig) -> None:
        error = fault_of(rig, rig.product(variant("V1", variantSellPrice=0)))
        assert isinstance(error, AnswerInvalid)
        assert str(error) == (
            "no variant of the product can be understood: variant 'V1': CJ says no price"
        )
        assert len(rig.web.asked) == 1


class TestStatus:
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            ("3", ItemStatus.ON_SALE),
            (3, ItemStatus.ON_SALE),
            (None, ItemStatus.ON_SALE),  # not said
            ("2", ItemStatus.OFF_SALE),
            ("1", ItemStatus.OFF_SALE),
            ("whatever", ItemStatus.OFF_SALE),
        ],
    )
    def test_only_three_is_on_sale(self, rig: CjRig, status: Any, expected: ItemStatus) -> None:
        item = item_of(rig, rig.product(status=status))
        assert item.status is expected
        assert [each.offer.saleable for each in item.variants] == [expected is ItemStatus.ON_SALE]

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            (1602001, ItemStatus.NOT_FOUND),
            (1602000, ItemStatus.NOT_FOUND),
            (1602002, ItemStatus.OFF_SALE),
            (1602003, ItemStatus.OFF_SALE),
        ],
    )
    def test_unknown_and_withdrawn_are_two_things(
        self, rig: CjRig, code: int, expected: ItemStatus
    ) -> None:
        rig.web.routes["/product/query"] = answered(failure(code))
        assert item_of(rig, "2502") == Item("2502", expected)

    def test_no_variants_are_nothing_to_sell(self, rig: CjRig) -> None:
        ref = rig.product()
        rig.service.products[ref]["variants"] = None
        assert item_of(rig, ref).status is ItemStatus.OFF_SALE

    @pytest.mark.parametrize("data", [None, [], "x", {}, {"pid": None}])
    def test_an_empty_answer_is_no_missing_product(self, rig: CjRig, data: Any) -> None:
        rig.web.routes["/product/query"] = answered(success(data))
        assert isinstance(fault_of(rig, "2502"), AnswerInvalid)
        assert len(rig.web.asked) == 1

    @pytest.mark.parametrize(
        "document", [[], {"code": None, "data": {}}, {"code": 200, "data": {"pid": "1"}}]
    )
    def test_a_bad_status_with_a_good_code_is_no_answer(self, rig: CjRig, document: Any) -> None:
        rig.web.routes["/product/query"] = answered(document, 400)
        assert isinstance(fault_of(rig, "2502"), AnswerInvalid)

    def test_a_code_is_not_needed(self, rig: CjRig) -> None:
        ref = rig.product()
        rig.web.routes["/product/query"] = answered({"data": rig.service.products[ref]})
        assert item_of(rig, ref).title == "Tea bowl"

    def test_a_refusal_quotes_what_cj_says_without_mails_and_numbers(self, rig: CjRig) -> None:
        rig.web.routes["/product/query"] = answered(
            failure(1600300, "pid bad for me@example.com, call +49 151 2345678")
        )
        error = fault_of(rig, "2502")
        assert isinstance(error, RequestInvalid)
        assert str(error) == (
            "CJ does not understand the request (code 1600300): pid bad for … call …"
        )

    @pytest.mark.parametrize("ref", ["", "é", "a\nb"])
    def test_what_cannot_be_a_product_is_not_asked_about(self, rig: CjRig, ref: str) -> None:
        assert isinstance(fault_of(rig, ref), RequestInvalid)
        assert rig.web.asked == []


class TestDetails:
    @pytest.mark.parametrize(
        ("key", "names", "attributes"),
        [
            ("Black-L", "Color-Size", (("Color", "Black"), ("Size", "L"))),
            ("Black", "Color", (("Color", "Black"),)),
            ("T-Shirt-L", "Color-Size", (("Variant", "T-Shirt-L"),)),
            ("Black", None, (("Variant", "Black"),)),
            (None, "Color", ()),
        ],
    )
    def test_options_get_their_names_where_they_fit(
        self, rig: CjRig, key: Any, names: Any, attributes: tuple[tuple[str, str], ...]
    ) -> None:
        found = only_variant(rig, variant("V1", variantKey=key), productKeyEn=names)
        assert found.offer.attributes == attributes

    @pytest.mark.parametrize(
        ("weight", "grams"),
        [(420.0, 420), ("1.6", 2), (0, None), ("heavy", None), (None, None), ("NaN", None)],
    )
    def test_a_weight_that_makes_no_sense_is_not_said(
        self, rig: CjRig, weight: Any, grams: int | None
    ) -> None:
        assert only_variant(rig, variant("V1", variantWeight=weight)).weight_grams == grams

    @pytest.mark.parametrize(
        ("product_image", "images"),
        [
            ("https://files.example/a.jpg", ("https://files.example/a.jpg",)),
            ("[broken", ()),
            (["//files.example/a.jpg"], ("https://files.example/a.jpg",)),
            (None, ()),
        ],
    )
    def test_images_come_as_text_or_list(
        self, rig: CjRig, product_image: Any, images: tuple[str, ...]
    ) -> None:
        assert item_of(rig, rig.product(productImage=product_image)).images == images

    def test_a_variant_without_an_id_is_a_fault(self, rig: CjRig) -> None:
        item = item_of(rig, rig.product(variant(""), variant("V2")))
        assert item.faults == ("variant '': it has no vid",)


LISTED = {
    "pageNumber": 2,
    "totalRecords": 41,
    "totalPages": 3,
    "content": [
        {
            "productList": [
                {
                    "id": "2502251050461617500",
                    "nameEn": "Retro kiln",
                    "sku": "CJYD2307652",
                    "bigImage": "https://files.example/x.jpg",
                    "sellPrice": "1.2 -- 3.4",
                    "warehouseInventoryNum": 28529,
                },
                {"id": "7", "nameEn": None, "sellPrice": None},
                {"nameEn": "without an id"},
            ]
        }
    ],
}


class TestSearch:
    def test_found_products_can_be_imported(self, rig: CjRig) -> None:
        rig.web.routes["/product/listV2"] = answered(success(LISTED))
        assert rig.gateway.search_items("tea & bowl", 2) == FoundPage(
            (
                Found(
                    "2502251050461617500",
                    "Retro kiln",
                    "CJYD2307652",
                    Money.of(Decimal("1.2"), "USD"),
                    Money.of(Decimal("3.4"), "USD"),
                    28529,
                    "https://files.example/x.jpg",
                ),
                Found("7", ""),
            ),
            page=2,
            pages=3,
            total=41,
        )
        assert rig.web.asked[0].path == "/product/listV2?keyWord=tea+%26+bowl&page=2&size=20"

    def test_nothing_found_is_an_empty_page(self, rig: CjRig) -> None:
        rig.web.routes["/product/listV2"] = answered(success({"content": []}))
        assert rig.gateway.search_items("nothing") == FoundPage((), 1, 0, 0)
