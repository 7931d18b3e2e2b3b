"""Splitting orders: every unit once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.fulfillment import Stage, client_ref, fulfillment_status
from zyenta_ops.domain.fulfillment.planning import (
    Source,
    by_warehouse,
    plan,
    revenue_per_unit,
    share,
    trimmed,
    uncovered,
    wanted_units,
)
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import FulfillmentStatus, PaymentStatus
from zyenta_ops.domain.refunds import Refund, RefundLine, RefundStatus
from zyenta_ops_tests.domain.fulfillment.making import (
    NOW,
    a_line,
    a_supplier_order,
    an_item,
    an_order,
)


def a_refund(status: RefundStatus, *lines: RefundLine) -> Refund:
    return Refund(
        "refund-1", "order-1", 1, 1_999, "EUR", "broken", "pi_1", "", status, "cli", NOW, lines
    )


def sources(by_item: dict[str, str]) -> dict[str, Source]:
    return {
        f"variant-{item}": Source(
            f"variant-{item}", key, f"offer-{item}", item, item, item, Money(800, "USD")
        )
        for item, key in by_item.items()
    }


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["aliexpress", "cj"])), min_size=1),
    st.data(),
)
def test_every_wanted_unit_is_bought_exactly_once(
    items: list[tuple[int, str]], data: st.DataObject
) -> None:
    ordered = [an_item(f"item-{n}", units) for n, (units, _) in enumerate(items)]
    order = an_order(*ordered)
    gone = {each.id: data.draw(st.integers(0, each.quantity)) for each in ordered}
    lines = [RefundLine(item_id, units, units) for item_id, units in gone.items() if units]
    refunds = [a_refund(RefundStatus.PENDING, *lines)]
    wanted = wanted_units(order, refunds)
    found = sources({each.id: key for each, (_, key) in zip(ordered, items, strict=True)})

    drafts = plan(order, wanted, found)

    bought = Counter[str]()
    for draft in drafts:
        for line in draft.lines:
            bought[line.item_id] += line.quantity
            assert found[line.variant_id].supplier_key == draft.supplier_key
    assert +bought == +Counter({i.id: i.quantity - gone[i.id] for i in ordered})
    assert len({draft.supplier_key for draft in drafts}) == len(drafts)


def test_an_order_that_is_planned_leaves_nothing_to_plan() -> None:
    order = an_order(an_item("a", 2), an_item("b", 1))
    planned = a_supplier_order(lines=(a_line(an_item("a", 2)),))

    assert uncovered(wanted_units(order, ()), [planned]) == {"b": 1}
    other = a_supplier_order(id="so-2", seq=2, lines=(a_line(an_item("b", 1)),))
    assert uncovered(wanted_units(order, ()), [planned, other]) == {}
    cancelled = replace(other, stage=Stage.CANCELLED)
    assert uncovered(wanted_units(order, ()), [planned, cancelled]) == {"b": 1}


def test_what_is_refunded_is_taken_from_what_was_not_placed() -> None:
    placed = a_supplier_order(Stage.CONFIRMED, id="so-2", seq=2, lines=(a_line(quantity=1),))
    waiting = a_supplier_order(Stage.READY, lines=(a_line(quantity=2),))

    shares = share({"item-1": 2}, [waiting, placed])

    assert shares == {"so-2": {"item-1": 1}, "so-1": {"item-1": 1}}
    assert [line.quantity for line in trimmed(waiting, shares["so-1"])] == [1]
    assert trimmed(waiting, {"item-1": 0}) == ()


def test_a_refund_that_failed_or_names_no_items_takes_nothing_away() -> None:
    order = an_order()
    line = RefundLine("item-1", 1, 1_999)

    assert wanted_units(order, [a_refund(RefundStatus.FAILED, line)]) == {"item-1": 2}
    assert wanted_units(order, [a_refund(RefundStatus.SUCCEEDED)]) == {"item-1": 2}
    assert wanted_units(order, [a_refund(RefundStatus.PLANNED, line)]) == {"item-1": 1}
    refunded = replace(order, payment_status=PaymentStatus.REFUNDED)
    assert wanted_units(refunded, ()) == {"item-1": 0}


def test_lines_are_split_by_the_warehouse_they_come_from() -> None:
    a, b, c = (a_line(an_item(name)) for name in "abc")

    assert by_warehouse([a, b, c], {"offer-a": "CN", "offer-b": "DE"}) == [(a, c), (b,)]
    assert by_warehouse([a, b], {}) == [(a, b)]
    assert by_warehouse([a, b], {"offer-b": "US"}) == [(a, b)]


def test_discount_and_shipping_are_shared_by_what_the_units_cost() -> None:
    order = an_order(an_item("a", 1, 1_000), an_item("b", 1, 3_000))
    amounts = replace(order.amounts, discount_minor=890)  # 4,000 + 490 - 890 = 3,600

    assert revenue_per_unit(replace(order, amounts=amounts)) == {"a": 900, "b": 2_700}


def test_a_reference_is_plain_short_and_the_same_for_every_attempt() -> None:
    ulid = "01K9ABCDEFGHJKMNPQRSTVWXYZ"

    assert client_ref(ulid, 1) == f"zy-{ulid}-1"
    assert client_ref(ulid, 1) != client_ref(ulid, 2)
    long = client_ref("x" * 32, 1)
    assert len(long) <= 32
    assert long == client_ref("x" * 32, 1) != client_ref("x" * 32, 2)
    assert client_ref("no spaces", 1).isascii()
    assert " " not in client_ref("no spaces", 1)


def test_the_status_of_an_order_follows_from_the_units_of_its_supplier_orders() -> None:
    wanted = {"a": 2, "b": 1}
    status = FulfillmentStatus
    assert fulfillment_status({"a": 0, "b": 0}, ()) is status.CANCELLED  # refunded before
    cases = {
        (): status.PENDING,
        (Stage.PLANNED, Stage.READY): status.PROCESSING,
        (Stage.CONFIRMED, Stage.PLACING): status.PROCESSING,
        (Stage.CONFIRMED, Stage.CONFIRMED): status.AWAITING_SHIPMENT,
        (Stage.SHIPPED, Stage.CONFIRMED): status.PARTIALLY_SHIPPED,
        (Stage.PARTIALLY_SHIPPED, Stage.CONFIRMED): status.PARTIALLY_SHIPPED,
        (Stage.SHIPPED, Stage.SHIPPED): status.SHIPPED,
        (Stage.DELIVERED, Stage.SHIPPED): status.PARTIALLY_DELIVERED,
        (Stage.DELIVERED, Stage.READY): status.PARTIALLY_DELIVERED,
        (Stage.DELIVERED, Stage.DELIVERED): status.DELIVERED,
        (Stage.DELIVERED, Stage.NEEDS_ACTION): status.INTERVENTION_REQUIRED,
        (Stage.CANCELLED, Stage.CANCELLED): status.CANCELLED,
    }
    items = (an_item("a", 2), an_item("b", 1))
    for stages, expected in cases.items():
        orders = [
            a_supplier_order(stage, id=f"so-{n}", lines=(a_line(item),))
            for n, (stage, item) in enumerate(zip(stages, items, strict=False))
        ]
        assert fulfillment_status(wanted, orders) is expected, stages


def test_units_that_nothing_buys_yet_keep_an_order_from_being_done() -> None:
    delivered = a_supplier_order(Stage.DELIVERED, lines=(a_line(an_item("a", 2)),))
    gone = a_supplier_order(Stage.CANCELLED, id="so-2", lines=(a_line(an_item("b", 1)),))

    found = fulfillment_status({"a": 2, "b": 1}, [delivered, gone])
    assert found is FulfillmentStatus.PARTIALLY_DELIVERED
    # Refunded, it is not waited for any more.
    assert fulfillment_status({"a": 2, "b": 0}, [delivered, gone]) is FulfillmentStatus.DELIVERED
