from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.documents import Fault
from zyenta_ops.domain.money import MAX_MINOR
from zyenta_ops.domain.order_intake import MOST_ITEMS, MOST_UNITS, OrderRefused, Reading, read_order
from zyenta_ops.domain.orders import Amounts, Customer, NewOrder, OrderItem, PayableVariant
from zyenta_ops_tests.conftest import CountingIds
from zyenta_ops_tests.orders import MUG, PERSONAL, SHIRT, a_document, an_address

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
VARIANTS = (PayableVariant(SHIRT, "Shirt (M)", None), PayableVariant(MUG, "Mug", "MUG-1"))


def taken(document: object, variants: tuple[PayableVariant, ...] = VARIANTS) -> NewOrder:
    return read_order(document, "EUR", NOW).order(variants, CountingIds())


def refused(document: object, variants: tuple[PayableVariant, ...] = VARIANTS) -> tuple[Fault, ...]:
    with pytest.raises(OrderRefused) as caught:
        taken(document, variants)
    return caught.value.faults


def test_a_document_becomes_the_order_it_tells_of() -> None:
    reading = read_order(a_document(), "EUR", NOW)

    assert reading.faults == ()
    assert reading.variant_ids == {SHIRT}
    assert reading.skus == {"MUG-1"}
    assert reading.order(VARIANTS, CountingIds()) == NewOrder(
        number="1001",
        currency="EUR",
        amounts=Amounts(
            subtotal_minor=4948,
            shipping_minor=490,
            tax_minor=0,
            discount_minor=500,
            total_minor=4938,
        ),
        customer=Customer("ann@example.com", "Ann Buyer", "+491512345678"),
        address=Address(
            "DE",
            "Ann Buyer",
            "Chausseestraße 1",
            "Berlin",
            postal_code="10115",
            phone="+491512345678",
            email="ann@example.com",
        ),
        items=(
            OrderItem("id-000001", SHIRT, "Shirt (M)", None, 2, 1999),
            OrderItem("id-000002", MUG, "Mug", "MUG-1", 1, 950),
        ),
        placed_at=datetime(2026, 11, 2, 10, 58, tzinfo=UTC),
        fingerprint=reading.fingerprint,
    )


def test_everything_wrong_is_told_at_once_and_nothing_personal_is_quoted() -> None:
    document = a_document(
        currency="USD",
        placed_at="2026-11-02 11:58",
        customer={"email": "ann@example", "name": "Ann Buyer", "phone": "0151 2345678"},
        address=an_address(postal_code="1011", country="DE", city=""),
        items=[
            {"variant_id": "variant-of-others", "quantity": 0, "unit_price_minor": 19.99},
            {"quantity": 1, "unit_price_minor": 1, "colour": "red"},
        ],
        total_minor="4938",
        gift=True,
    )

    faults = refused(document)

    assert faults == (
        Fault("currency", "is not EUR, which the store sells in"),
        Fault(
            "placed_at", "must be a time in ISO 8601 with its zone, such as 2026-11-02T12:00:00Z"
        ),
        Fault("address.city", "is missing"),
        Fault("address.postal_code", "is not one of DE; they look like 11111"),
        Fault("customer.email", "is not an e-mail address such as name@example.com"),
        Fault("customer.phone", "must begin with + and the country's calling code, such as +49"),
        Fault("items[0].quantity", f"must be from 1 to {MOST_UNITS}"),
        Fault("items[0].unit_price_minor", "must be a whole number"),
        Fault("items[1].variant_id", "is missing"),
        Fault("items[1].colour", "is not a field; correct or remove it"),
        Fault("total_minor", "must be a whole number"),
        Fault("gift", "is not a field; correct or remove it"),
        Fault("items[0].variant_id", "names no variant of the store"),
    )
    error = str(OrderRefused("1001", faults))
    assert error == (
        "order '1001' cannot be taken: currency is not EUR, which the store sells in;"
        " placed_at must be a time in ISO 8601 with its zone, such as 2026-11-02T12:00:00Z;"
        " address.city is missing; and 10 more"
    )
    assert not [word for word in PERSONAL if word in error + repr(faults)]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            {"subtotal_minor": 4949, "total_minor": 4939},
            Fault("subtotal_minor", "must be 4948, which the items come to"),
        ),
        (
            {"total_minor": 4937},
            Fault("total_minor", "must be 4938: subtotal - discount + shipping + tax"),
        ),
        ({"total_minor": 4938.0}, Fault("total_minor", "must be a whole number")),
        ({"total_minor": True}, Fault("total_minor", "must be a whole number")),
        ({"tax_minor": -1}, Fault("tax_minor", f"must be from 0 to {MAX_MINOR}")),
        ({"number": "  "}, Fault("number", "is empty")),
        ({"number": "1" * 65}, Fault("number", "is longer than 64 characters")),
        ({"number": 1001}, Fault("number", "must be text")),
        ({"number": "10\x0001"}, Fault("number", "holds control characters")),
        ({"items": []}, Fault("items", f"must hold from 1 to {MOST_ITEMS} entries")),
        ({"items": [{}] * 201}, Fault("items", f"must hold from 1 to {MOST_ITEMS} entries")),
        ({"address": None}, Fault("address", "is missing")),
        ({"customer": "Ann Buyer"}, Fault("customer", "must be a JSON object")),
        (
            {"placed_at": "2026-11-03T12:00:01Z"},
            Fault("placed_at", "is not a time at which an order was placed; check the clock"),
        ),
        (
            {"placed_at": "1970-01-01T00:00:00Z"},
            Fault("placed_at", "is not a time at which an order was placed; check the clock"),
        ),
    ],
)
def test_one_thing_wrong_is_one_fault(change: dict[str, Any], fault: Fault) -> None:
    assert refused(a_document(**change)) == (fault,)


@pytest.mark.parametrize("document", [None, [], "order", 7, [a_document()]])
def test_what_is_no_object_is_one_fault(document: object) -> None:
    assert refused(document) == (Fault("the document", "must be a JSON object"),)


def test_an_item_names_its_variant_in_one_way() -> None:
    document = a_document()
    document["items"][0]["sku"] = "MUG-1"

    assert refused(document) == (Fault("items[0].sku", "must not stand beside a variant_id"),)


def test_a_sku_that_several_variants_have_is_refused() -> None:
    twins = (*VARIANTS, PayableVariant("variant-mug-2", "Mug 2", "MUG-1"))

    assert refused(a_document(), twins) == (
        Fault("items[1].sku", "names 2 variants of the store; give a variant_id"),
    )
    document = a_document()
    document["items"][1] = {"variant_id": MUG, "quantity": 1, "unit_price_minor": 950}
    assert taken(document, twins).items[1].variant_id == MUG


def test_the_recipient_is_reached_as_the_customer_is_unless_told_otherwise() -> None:
    order = taken(a_document(address=an_address(phone="+33 1 42 68 53 00", email="b@example.com")))
    assert (order.address.phone, order.address.email) == ("+33142685300", "b@example.com")

    order = taken(a_document(customer={"email": "ann@example.com"}))
    assert order.customer == Customer("ann@example.com", "Ann Buyer", "")


def test_the_same_order_written_in_another_way_has_the_same_fingerprint() -> None:
    document = a_document()
    other = dict(reversed(document.items()))
    other["placed_at"] = "2026-11-02T10:58:00Z"
    other["tax_minor"] = None
    other["address"] = an_address(postal_code="D-10115", country="de", line2=None)
    other["store"] = "my-shop"

    assert taken(other).fingerprint == taken(document).fingerprint


def test_fingerprints_that_are_stored_stay_valid() -> None:
    assert taken(a_document()).fingerprint == (
        "fb54bfaa820c2bba87dec4034fa285af89e216228084dbda4cacd7b3e8286b5e"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"number": "1002"},
        {"placed_at": "2026-11-02T11:58:01+01:00"},
        {"customer": {"email": "bob@example.com"}},
        {"address": an_address(line1="Chausseestraße 2")},
        {"shipping_minor": 491, "total_minor": 4939},
    ],
)
def test_another_content_has_another_fingerprint(change: dict[str, Any]) -> None:
    assert taken(a_document(**change)).fingerprint != taken(a_document()).fingerprint


amounts = st.integers(0, 10**9)


@given(
    st.lists(st.tuples(st.integers(1, MOST_UNITS), amounts), min_size=1, max_size=5),
    amounts,
    amounts,
    amounts,
    st.integers(-5, 5),
)
def test_only_amounts_that_add_up_are_taken(
    lines: list[tuple[int, int]], discount: int, shipping: int, tax: int, off: int
) -> None:
    subtotal = sum(quantity * price for quantity, price in lines)
    total = subtotal - discount + shipping + tax
    document = a_document(
        items=[
            {"variant_id": SHIRT, "quantity": quantity, "unit_price_minor": price}
            for quantity, price in lines
        ],
        subtotal_minor=subtotal,
        discount_minor=discount,
        shipping_minor=shipping,
        tax_minor=tax,
        total_minor=total + off,
    )

    reading = read_order(document, "EUR", NOW)

    if total >= 0 and max(subtotal, total) <= MAX_MINOR and off == 0:
        assert reading.faults == ()
        assert reading.amounts.sum_minor == reading.amounts.total_minor == total
        assert sum(item.total_minor for item in taken(document).items) == subtotal
    else:
        assert {fault.where for fault in reading.faults} <= {"subtotal_minor", "total_minor"}
        assert reading.faults


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a document."""
    inner: list[tuple[Any, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path] + [each for key, item in inner for each in places(item, (*path, key))]


@given(json_values)
def test_any_json_gives_an_order_or_faults(document: object) -> None:
    assert refused(document)


@given(st.sampled_from(places(a_document())[1:]), json_values)
def test_an_order_with_any_part_exchanged_gives_an_order_or_faults(
    path: tuple[Any, ...], value: object
) -> None:
    document = copy.deepcopy(a_document())
    part: Any = document
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value

    reading = read_order(document, "EUR", NOW)
    if reading.faults or not _names_variants(reading):
        assert refused(document)
    else:
        order = taken(document)
        assert order.amounts.sum_minor == order.amounts.total_minor
        assert order.fingerprint == reading.fingerprint


def _names_variants(reading: Reading) -> bool:
    return reading.variant_ids <= {SHIRT, MUG} and reading.skus <= {"MUG-1"}
