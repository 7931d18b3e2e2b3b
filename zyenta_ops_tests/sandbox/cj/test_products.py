from __future__ import annotations

import pytest

from zyenta_ops.sandbox.cj.products import pid, product_sku, variant_sku, vid
from zyenta_ops.sandbox.products import Product, ProductStatus
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.cj.conftest import CjClient

QUERY = "/product/query"


@pytest.fixture
def product(world: SandboxWorld) -> Product:
    """One with several variants at several prices, in two warehouses."""
    products = world.trades["cj"].catalogue.products.values()
    return next(
        p
        for p in products
        if len({v.price for v in p.variants}) > 1 and len(p.variants[0].stock) > 1
    )


def test_one_call_gives_price_and_stock_of_every_variant(cj: CjClient, product: Product) -> None:
    data = cj.get(QUERY, pid=pid(product), features="enable_inventory,enable_video")

    assert (data["productNameEn"], data["status"]) == (product.title, "3")
    told = [
        (v["vid"], v["variantSku"], v["variantSellPrice"], v["inventories"][0]["totalInventory"])
        for v in data["variants"]
    ]
    assert told == [
        (vid(v), variant_sku(v), v.price / 100, v.stock["CN"]) for v in product.variants
    ]


def test_a_price_range_is_text(cj: CjClient, product: Product) -> None:
    prices = sorted(v.price for v in product.variants)

    shown = cj.get(QUERY, pid=pid(product))["sellPrice"]

    assert shown == f"{prices[0] / 100:.2f} -- {prices[-1] / 100:.2f}"


def test_stock_is_told_only_when_asked_for(cj: CjClient, product: Product) -> None:
    plain = cj.get(QUERY, pid=pid(product))
    german = cj.get(QUERY, pid=pid(product), features="enable_inventory", countryCode="CN")

    assert "inventories" not in plain["variants"][0]
    assert [i["countryCode"] for i in german["variants"][0]["inventories"]] == ["CN"]


def test_a_factory_holds_a_third_of_what_is_in_china(cj: CjClient, product: Product) -> None:
    variant = product.variants[0]
    variant.stock = {"CN": 90, "US": 30}

    inventories = cj.get("/product/stock/queryByVid", vid=vid(variant))

    assert [
        (i["countryCode"], i["totalInventoryNum"], i["cjInventoryNum"], i["factoryInventoryNum"])
        for i in inventories
    ] == [("CN", 90, 60, 30), ("US", 30, 30, 0)]


def test_three_ways_to_ask_for_stock_agree(cj: CjClient, product: Product) -> None:
    variant = product.variants[0]

    by_vid = cj.get("/product/stock/queryByVid", vid=vid(variant))
    by_sku = cj.get("/product/stock/queryBySku", sku=variant_sku(variant))
    by_pid = cj.get("/product/stock/getInventoryByPid", pid=pid(product))

    assert by_sku == by_vid
    mine = next(v for v in by_pid["variantInventories"] if v["vid"] == vid(variant))
    assert [(i["countryCode"], i["totalInventory"]) for i in mine["inventory"]] == [
        (i["countryCode"], i["totalInventoryNum"]) for i in by_vid
    ]
    totals = {i["countryCode"]: i["totalInventoryNum"] for i in by_pid["inventories"]}
    assert totals["CN"] == sum(v.stock["CN"] for v in product.variants)


def test_a_product_is_found_by_sku_and_by_a_variants_sku(cj: CjClient, product: Product) -> None:
    by_sku = cj.get(QUERY, productSku=product_sku(product))
    by_variant = cj.get(QUERY, variantSku=variant_sku(product.variants[-1]))

    assert by_sku["pid"] == by_variant["pid"] == pid(product)


def test_variants_are_asked_for_alone(cj: CjClient, product: Product) -> None:
    variants = cj.get("/product/variant/query", pid=pid(product))

    assert [v["vid"] for v in variants] == [vid(v) for v in product.variants]
    assert cj.get("/product/variant/queryByVid", vid=vid(product.variants[1])) == variants[1]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"pid": "1400000000000099999"}, 1602001),
        ({"pid": "x"}, 1602001),
        ({"productSku": "CJSB999999"}, 1602001),
        ({}, 1600300),
    ],
)
def test_a_product_that_is_not_there_is_said_so(
    cj: CjClient, query: dict[str, str], code: int
) -> None:
    assert cj.code("GET", QUERY, **query) == code


def test_what_is_off_the_shelves_is_refused_or_has_its_status(
    cj: CjClient, world: SandboxWorld
) -> None:
    delisted = world.trades["cj"].catalogue.delist(12)

    answers = [cj.call("GET", QUERY, pid=pid(product)) for product in delisted]

    assert {answer["code"] for answer in answers} == {200, 1602002}
    assert {answer["data"]["status"] for answer in answers if answer["data"]} == {"2"}


def test_a_variant_that_is_gone_is_told_from_one_that_never_was(
    cj: CjClient, product: Product
) -> None:
    product.variants[0].offered = False
    path = "/product/stock/queryByVid"

    assert cj.code("GET", path, vid=vid(product.variants[0])) == 1602003
    assert cj.code("GET", path, vid="1500000000009999999") == 1602000
    product.status = ProductStatus.OFF_SALE
    assert cj.code("GET", path, vid=vid(product.variants[1])) == 1602002


def test_a_list_is_read_page_by_page(cj: CjClient) -> None:
    pages = [cj.get("/product/list", pageNum=page, pageSize=20) for page in (1, 2, 3)]

    assert [len(page["list"]) for page in pages] == [20, 20, 10]
    assert len({p["pid"] for page in pages for p in page["list"]}) == 50
    assert cj.code("GET", "/product/list", pageNum=0) == 1600300


def test_a_search_is_thin_and_some_of_it_has_no_price(cj: CjClient, world: SandboxWorld) -> None:
    found = cj.get("/product/listV2", page=1, size=100)
    word = world.trades["cj"].catalogue.products[1].title.split()[0]
    some = cj.get("/product/listV2", keyWord=word.lower(), size=2)

    (content,) = found["content"]
    assert (found["totalRecords"], len(content["productList"])) == (50, 50)
    assert any(product["sellPrice"] is None for product in content["productList"])
    assert 0 < some["totalRecords"] < 50
    assert some["totalPages"] == -(-some["totalRecords"] // 2)
    assert all(word in p["nameEn"] for p in some["content"][0]["productList"])


def test_freight_is_quoted_from_a_warehouse_to_a_country(cj: CjClient, product: Product) -> None:
    variant = product.variants[0]
    variant.weight_g = 250
    body = {"startCountryCode": "CN", "endCountryCode": "DE",
            "products": [{"vid": vid(variant), "quantity": 2}]}  # fmt: skip

    quotes = cj.post("/logistic/freightCalculate", body)

    assert quotes[0] == {
        "logisticName": "CJPacket Ordinary",
        "logisticPrice": 6.35,
        "logisticPriceCn": 45.72,
        "logisticAging": "7-15",
        "taxesFee": 0.63,
        "clearanceOperationFee": 0,
        "totalPostageFee": 6.98,
    }
    domestic = cj.post("/logistic/freightCalculate", {**body, "startCountryCode": "DE"})
    assert [quote["logisticName"] for quote in domestic] == ["DHL Paket"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"endCountryCode": "AQ"}, 1605002),
        ({"startCountryCode": "FR"}, 1605000),
        ({"endCountryCode": None}, 1600300),
        ({"products": [{"vid": "1500000000009999999", "quantity": 1}]}, 1602000),
        ({"products": [{"vid": "x"}]}, 1600300),
    ],
)
def test_freight_for_nothing_is_refused(
    cj: CjClient, product: Product, change: dict[str, object], code: int
) -> None:
    body = {"startCountryCode": "CN", "endCountryCode": "DE",
            "products": [{"vid": vid(product.variants[0]), "quantity": 1}]}  # fmt: skip

    assert cj.code("POST", "/logistic/freightCalculate", {**body, **change}) == code
