"""Store products of Printful as items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.items import ItemFault, ItemStatus
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid, Misconfigured, RequestInvalid
from zyenta_ops_tests.adapters.suppliers.printful.service import (
    SHIRT,
    TOKEN,
    PrintfulRig,
    catalogue_variant,
    printful_rig,
    sync_variant,
)
from zyenta_ops_tests.adapters.web_server import status
from zyenta_ops_tests.contracts.supplier_gateway import MARKET, Fault, item_of


@pytest.fixture
def rig() -> Iterator[PrintfulRig]:
    with stamina.set_testing(True, attempts=100, cap=True), printful_rig() as rig:
        yield rig


def offer_of(rig: PrintfulRig, **changes: Any) -> Offer:
    (variant,) = item_of(rig, rig.product(sync_variant(5, **changes))).variants
    return variant.offer


def fault_of(rig: PrintfulRig, *variants: dict[str, Any]) -> str:
    (answer,) = rig.gateway.fetch_items([rig.product(*variants)], MARKET)
    assert isinstance(answer, ItemFault)
    assert isinstance(answer.error, AnswerInvalid)
    return str(answer.error)


def test_a_store_product_is_an_item(rig: PrintfulRig) -> None:
    item = item_of(rig, rig.product(sync_variant(5), sync_variant(6, 4012, size="M")))
    assert (item.status, item.title, item.faults) == (ItemStatus.ON_SALE, "Fox shirt", ())
    assert item.images == ("https://files.example/thumb.png",)
    assert item.raw.count(b"\n") == 1  # the answers of the store and of the catalogue
    assert item.variants[0].offer == Offer(
        product_ref=item.product_ref,
        variant_ref="5",
        order_ref="4011",
        title="Fox shirt / White / S",
        unit_cost=Money(11_69, "USD"),
        stock=None,
        saleable=True,
        sku="FOX-5",
        attributes=(("Color", "White"), ("Size", "S")),
        images=("https://files.example/mockup.png", "https://files.example/shirt.jpg"),
        in_stock=True,
    )
    assert item.variants[1].offer.unit_cost == Money(12_00, "USD")


def test_our_retail_price_is_no_cost(rig: PrintfulRig) -> None:
    assert offer_of(rig, retail_price="999.00").unit_cost == Money(11_69, "USD")


def test_each_placement_of_a_print_adds_its_price_once(rig: PrintfulRig) -> None:
    files = [{"type": "default"}, {"type": "back"}, {"type": "back"}, {"type": "preview"}]
    assert offer_of(rig, files=files).unit_cost == Money(11_69 + 5_95, "USD")


@pytest.mark.parametrize(
    ("changes", "saleable"),
    [
        ({}, True),
        ({"availability_status": None}, True),
        ({"availability_status": "out_of_stock"}, False),
        ({"availability_status": "discontinued"}, False),
        ({"availability_status": "temporary_out_of_stock"}, False),
        ({"synced": False}, False),
        ({"is_ignored": True}, False),
    ],
)
def test_the_store_says_whether_a_variant_is_sold(
    rig: PrintfulRig, changes: dict[str, Any], saleable: bool
) -> None:
    offer = offer_of(rig, **changes)
    assert (offer.saleable, offer.stock) == (saleable, None)


@pytest.mark.parametrize(
    ("listed", "saleable"),
    [
        ({"in_stock": False}, False),
        ({"availability_status": [{"region": "US", "status": "discontinued"}]}, False),
        (
            {
                "availability_status": [
                    {"region": "US", "status": "out_of_stock"},
                    {"region": "JP", "status": "something new"},
                    {"region": "EU", "status": "stocked_on_demand"},
                ]
            },
            True,
        ),
        ({"availability_status": []}, True),
        ({"availability_status": None, "in_stock": None}, True),
    ],
)
def test_the_catalogue_says_whether_a_variant_can_be_made_anywhere(
    rig: PrintfulRig, listed: dict[str, Any], saleable: bool
) -> None:
    rig.service.catalogue[str(SHIRT)]["variants"] = [catalogue_variant(4011, **listed)]
    assert offer_of(rig).saleable is saleable


def test_what_is_discontinued_as_a_whole_is_not_sold(rig: PrintfulRig) -> None:
    rig.service.catalogue[str(SHIRT)]["product"]["is_discontinued"] = True
    assert not offer_of(rig).saleable
    assert item_of(rig, "300").status is ItemStatus.OFF_SALE


def test_a_product_that_is_ignored_is_not_sold(rig: PrintfulRig) -> None:
    assert item_of(rig, rig.product(is_ignored=True)).status is ItemStatus.OFF_SALE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"availability_status": "melted"}, "its availability is 'melted', which is unknown"),
        ({"variant_id": 7777}, "Printful's catalogue does not list what it is made of"),
        ({"variant_id": None, "product": None}, "it names no catalogue variant"),
        ({"id": "x\ud800y"}, "it names no catalogue variant"),
    ],
)
def test_a_variant_that_is_not_understood_is_left_out_with_a_sentence(
    rig: PrintfulRig, changes: dict[str, Any], why: str
) -> None:
    item = item_of(rig, rig.product(sync_variant(5), sync_variant(6, **changes)))
    assert [each.offer.variant_ref for each in item.variants] == ["5"]
    (fault,) = item.faults
    assert why in fault
    assert fault.startswith("variant '")


@pytest.mark.parametrize("price", [None, "", "0.00", "-3.00", "free"])
def test_a_price_that_makes_no_sense_is_no_price(rig: PrintfulRig, price: Any) -> None:
    rig.service.catalogue[str(SHIRT)]["variants"] = [catalogue_variant(4011, price=price)]
    assert fault_of(rig).startswith("no variant of the product can be understood: variant '")


def test_an_unknown_currency_is_no_price(rig: PrintfulRig) -> None:
    rig.service.catalogue[str(SHIRT)]["product"]["currency"] = "ZZZ"
    assert "'ZZZ' is not an ISO 4217 currency code" in fault_of(rig)


def test_a_catalogue_product_is_read_once_for_all_that_is_made_of_it(rig: PrintfulRig) -> None:
    refs = [rig.product() for _ in range(3)]
    with printful_rig(workers=1) as alone:
        alone.service.products = rig.service.products
        list(alone.gateway.fetch_items(refs, MARKET))
        paths = [each.path for each in alone.web.asked]
    assert paths.count(f"/products/{SHIRT}") == 1
    assert len(paths) == 4


def test_a_catalogue_product_that_is_gone_leaves_no_cost(rig: PrintfulRig) -> None:
    rig.service.catalogue.clear()
    assert "does not list what it is made of" in fault_of(rig)


def test_products_go_by_external_id_too(rig: PrintfulRig) -> None:
    rig.service.products["@a/b c"] = rig.service.products[rig.product()]
    assert item_of(rig, "@a/b c").status is ItemStatus.ON_SALE
    assert rig.web.asked[-2].path == "/store/products/@a%2Fb%20c"


@pytest.mark.parametrize("ref", ["", "@", "shirt", "../orders", "12?x=1", "٣"])
def test_a_reference_that_cannot_be_one_is_not_asked_about(rig: PrintfulRig, ref: str) -> None:
    (answer,) = rig.gateway.fetch_items([ref], MARKET)
    assert isinstance(answer, ItemFault)
    assert isinstance(answer.error, RequestInvalid)
    assert rig.web.asked == []


@pytest.mark.parametrize(
    "odd",
    [b"[]", b"{}", b'{"code": 200}', b'{"code": 200, "result": []}', b'{"result": {}}', b'"x"'],
)
def test_an_answer_of_another_shape_is_no_answer(rig: PrintfulRig, odd: bytes) -> None:
    ref = rig.product()
    rig.web.routes[f"/store/products/{ref}"] = status(200, odd)
    (answer,) = rig.gateway.fetch_items([ref], MARKET)
    assert isinstance(answer, ItemFault)
    assert isinstance(answer.error, AnswerInvalid)


def test_a_redirect_is_no_answer(rig: PrintfulRig) -> None:
    rig.web.routes["/store/products/300"] = status(302, b"{}", Location="https://elsewhere.example")
    (answer,) = rig.gateway.fetch_items([rig.product()], MARKET)
    assert isinstance(answer, ItemFault)
    assert isinstance(answer.error, AnswerInvalid)


def test_a_missing_scope_ends_the_reading(rig: PrintfulRig) -> None:
    body = b'{"code": 403, "result": "Forbidden", "error": {"reason": "Forbidden"}}'
    rig.web.routes["/store/products/300"] = status(403, body)
    with pytest.raises(Misconfigured) as caught:
        list(rig.gateway.fetch_items([rig.product()], MARKET))
    assert caught.value.code == "Forbidden"


def test_what_printful_says_of_a_product_is_quoted_without_numbers(rig: PrintfulRig) -> None:
    body = b'{"code": 400, "result": "Bad id 123456789 of a@b.example", "error": {}}'
    rig.web.routes["/store/products/300"] = status(400, body)
    (answer,) = rig.gateway.fetch_items([rig.product()], MARKET)
    assert isinstance(answer, ItemFault)
    assert str(answer.error) == "Printful does not understand the request: Bad id … of …"


def test_every_request_takes_a_slot_of_the_account(rig: PrintfulRig) -> None:
    rig.suffer(Fault.TOO_OFTEN)
    item_of(rig, rig.product())
    key = f"printful:token:{fingerprint(TOKEN)}"
    assert rig.limiter.acquired == [(key,)] * 3
    assert rig.limiter.urgent == []
    assert rig.limiter.penalties == [(key, 0.0)]
