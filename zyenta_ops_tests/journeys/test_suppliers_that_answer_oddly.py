"""Answers that arrive whole and hold less, more or other things than they should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.operations.catalog import SweepReport
from zyenta_ops.sandbox.products import ProductStatus
from zyenta_ops_tests.journeys.vendors import NOW, PRODUCTS, VENDORS, Vendors

both = pytest.mark.parametrize("vendor", VENDORS)

FIELDS = {
    "aliexpress": {
        "ref": "sku_id",
        "price": "offer_sale_price",
        "stock": "sku_available_stock",
        "currency": "currency_code",
    },
    "cj": {"ref": "vid", "price": "variantSellPrice", "stock": "inventories"},
}


def variants_of(vendor: str, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The variants within an answer, to be changed in place."""
    if vendor == "cj":
        found: list[dict[str, Any]] = answer["variants"]
    else:
        found = answer["result"]["ae_item_sku_info_dtos"].items
    return found


def in_last(vendors: Vendors, vendor: str, change: Callable[[list[dict[str, Any]]], object]) -> str:
    """Change the variants in the answers about the last product, which this returns."""
    changed_ref = vendors.refs[vendor][3]

    def changed(answer: dict[str, Any]) -> dict[str, Any]:
        base = answer if vendor == "cj" else answer["result"]["ae_item_base_info_dto"]
        if str(base["pid" if vendor == "cj" else "product_id"]) == changed_ref:
            change(variants_of(vendor, answer))
        return answer

    vendors.rewrite(vendor, changed)
    return changed_ref


def only(report: SweepReport) -> tuple[str | None, str]:
    (rejection,) = report.rejections
    return rejection.reference, rejection.reason


def misses(vendors: Vendors, vendor: str, ref: str) -> list[int]:
    return sorted(row.miss_count for row in vendors.stored(vendor) if row.product_ref == ref)


ODD: dict[str, tuple[str, Any, str]] = {
    "no reference": ("ref", None, "it has no "),
    "a price of nothing": ("price", 0, "price"),
    "a price that is a word": ("price", "free", "is not an amount of money"),
    "a negative price": ("price", "-3.20", "negative"),
    "a price that is a list": ("price", ["1.20"], "price"),
    "an unknown currency": ("currency", "QQQ", "QQQ"),
    "no currency": ("currency", None, "currency"),
    "half a unit": ("stock", "3.5", "the stock '3.5' is no count"),
    "a negative stock": ("stock", -2, "the stock '-2' is no count"),
    "a stock beyond belief": ("stock", 9_999_999_999, "absurd"),
}
ODD_AT = [
    (vendor, what)
    for what, (name, *_) in ODD.items()
    for vendor in VENDORS
    if name in FIELDS[vendor]
]


@pytest.mark.parametrize(("vendor", "what"), ODD_AT)
def test_a_variant_that_makes_no_sense_is_named_and_its_siblings_are_applied(
    vendors: Vendors, vendor: str, what: str
) -> None:
    name, value, reason = ODD[what]

    def spoil(variants: list[dict[str, Any]]) -> None:
        last = variants[-1]
        if name == "stock" and vendor == "cj":
            value_there: Any = [{"countryCode": "CN", "totalInventory": value}]
        else:
            value_there = value
        last[FIELDS[vendor][name]] = value_there

    changed_ref = in_last(vendors, vendor, spoil)

    report = vendors.sweep(vendor)

    reference, said = only(report)
    assert reference == changed_ref
    assert reason in said
    assert (report.status, report.counts.asked) == (SweepStatus.PROMOTED, PRODUCTS)
    stocks = vendors.offers(vendor)
    assert NOW in stocks.pop(changed_ref)
    assert stocks == {ref: {NOW} for ref in vendors.refs[vendor] if ref != changed_ref}
    # What was not understood is not missing.
    assert set(misses(vendors, vendor, changed_ref)) == {0}
    vendors.recovers(vendor)


@both
def test_a_product_of_which_nothing_makes_sense_stays_as_it_was(
    vendors: Vendors, vendor: str
) -> None:
    def spoil(variants: list[dict[str, Any]]) -> None:
        for each in variants:
            each[FIELDS[vendor]["price"]] = "free"

    changed_ref = in_last(vendors, vendor, spoil)

    report = vendors.sweep(vendor)

    reference, said = only(report)
    assert (reference, report.counts.unanswered) == (changed_ref, 1)
    assert "no variant of the product can be understood" in said
    assert vendors.applied(vendor) == [True, True, True, False]
    assert vendors.failures(vendor) == {changed_ref: 1}
    vendors.recovers(vendor)


@both
def test_numbers_written_as_text_are_numbers(vendors: Vendors, vendor: str) -> None:
    def as_text(variants: list[dict[str, Any]]) -> None:
        for each in variants:
            each[FIELDS[vendor]["price"]] = str(each[FIELDS[vendor]["price"]])
            each[FIELDS[vendor]["ref"]] = str(each[FIELDS[vendor]["ref"]])
            if vendor == "aliexpress":
                each["sku_available_stock"] = str(each["sku_available_stock"].value)
            else:
                for place in each["inventories"]:
                    place["totalInventory"] = str(place["totalInventory"])

    in_last(vendors, vendor, as_text)
    before = costs(vendors, vendor)

    report = vendors.sweep(vendor)

    assert (report.rejections, report.is_partial) == ((), False)
    assert costs(vendors, vendor) == before
    vendors.recovers(vendor)


@both
def test_numbers_written_as_numbers_are_the_same(vendors: Vendors, vendor: str) -> None:
    def as_numbers(variants: list[dict[str, Any]]) -> None:
        for each in variants:
            each[FIELDS[vendor]["price"]] = float(each[FIELDS[vendor]["price"]])
            each[FIELDS[vendor]["ref"]] = int(each[FIELDS[vendor]["ref"]])

    in_last(vendors, vendor, as_numbers)
    before = costs(vendors, vendor)

    report = vendors.sweep(vendor)

    assert (report.rejections, report.is_partial) == ((), False)
    assert costs(vendors, vendor) == before
    vendors.recovers(vendor)


def costs(vendors: Vendors, vendor: str) -> dict[str, int]:
    return {row.variant_ref: row.cost_minor for row in vendors.stored(vendor)}


@both
def test_a_sku_that_an_answer_lacks_is_missed_once_and_its_siblings_are_applied(
    vendors: Vendors, vendor: str
) -> None:
    changed_ref = in_last(vendors, vendor, lambda variants: variants.pop())

    report = vendors.sweep(vendor)

    assert (report.counts.missing, report.counts.gone, report.is_partial) == (1, 0, False)
    found = misses(vendors, vendor, changed_ref)
    assert found == [0] * (len(found) - 1) + [1]
    vendors.recovers(vendor)
    assert set(misses(vendors, vendor, changed_ref)) == {0}


@both
def test_a_product_that_is_not_found_is_missed_and_comes_back(
    vendors: Vendors, vendor: str
) -> None:
    third = vendors.refs[vendor][2]
    product = vendors.product(vendor, third)
    product.status = ProductStatus.REMOVED

    report = vendors.sweep(vendor)

    assert (report.status, report.is_partial) == (SweepStatus.PROMOTED, False)
    assert set(misses(vendors, vendor, third)) == {1}
    assert vendors.failures(vendor) == {}
    product.status = ProductStatus.ON_SALE
    vendors.recovers(vendor)
    assert set(misses(vendors, vendor, third)) == {0}


EMPTY: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda answer: None if "variants" in answer else {"rsp_code": 200},
    "an empty object": lambda answer: {},
    "a list": lambda answer: {"result": []} if "result" in answer else [],
}


@both
@pytest.mark.parametrize("what", EMPTY)
def test_good_answers_that_hold_nothing_are_no_empty_world(
    vendors: Vendors, vendor: str, what: str
) -> None:
    answers = iter(range(99))

    def emptied(answer: Any) -> Any:
        return answer if next(answers) == 0 else EMPTY[what](answer)

    vendors.rewrite(vendor, emptied)

    report = vendors.sweep(vendor)

    assert report.counts.unanswered == PRODUCTS - 1
    assert report.counts.missing == 0
    assert vendors.applied(vendor) == [True, False, False, False]
    assert set(vendors.failures(vendor)) == set(vendors.refs[vendor][1:])
    vendors.recovers(vendor)
