"""What was paid for the items of an order, and what of it goes back."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.orders import Amounts, Customer, Order, OrderItem
from zyenta_ops.domain.refund_plans import RefundRequest, lines_of, paid_for_items
from zyenta_ops.domain.refunds import Refund, RefundLine, RefundStatus

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def an_order(
    items: list[tuple[int, int]], discount: int = 0, shipping: int = 0, tax: int = 0
) -> Order:
    """An order of items that are each (quantity, unit price)."""
    subtotal = sum(quantity * price for quantity, price in items)
    total = subtotal - discount + shipping + tax
    return Order(
        id="o1",
        store_id="s1",
        number="1001",
        currency="EUR",
        amounts=Amounts(subtotal, shipping, tax, discount, total),
        customer=Customer("ann@example.com", "Ann"),
        address=Address("DE", "Ann", "Street 1", "Berlin"),
        items=tuple(
            OrderItem(f"i{place}", f"v{place}", "Thing", None, quantity, price)
            for place, (quantity, price) in enumerate(items)
        ),
        placed_at=AT,
    )


def made(number: int, lines: tuple[RefundLine, ...], status: RefundStatus) -> Refund:
    return Refund(
        f"r{number}", "o1", number, 1, "EUR", "back", "pi_1", "", status, "test", AT, lines,
        request_key=f"k{number}",
    )  # fmt: skip


def test_the_discount_is_spread_over_the_items_by_what_they_cost() -> None:
    order = an_order([(1, 2_000), (1, 500)], discount=1_000)

    assert paid_for_items(order) == {"i0": 1_200, "i1": 300}


def test_tax_on_top_was_paid_for_the_items_and_shipping_was_not() -> None:
    order = an_order([(2, 1_000), (1, 1_000)], shipping=490, tax=571)

    assert paid_for_items(order) == {"i0": 2_381, "i1": 1_190}


def test_what_cost_nothing_gives_nothing_back() -> None:
    assert paid_for_items(an_order([(1, 0), (1, 700)])) == {"i0": 0, "i1": 700}
    assert paid_for_items(an_order([(1, 0)], shipping=490)) == {"i0": 0}


items = st.lists(st.tuples(st.integers(1, 7), st.integers(0, 5_000)), min_size=1, max_size=5)


@given(items, st.integers(0, 100), st.integers(0, 900), st.integers(0, 900), st.data())
def test_all_units_are_what_was_paid_for_them_however_many_refunds_they_come_in(
    bought: list[tuple[int, int]], percent: int, shipping: int, tax: int, data: st.DataObject
) -> None:
    subtotal = sum(quantity * price for quantity, price in bought)
    tax = tax if subtotal else 0
    order = an_order(bought, subtotal * percent // 100, shipping, tax)
    left = {item.id: item.quantity for item in order.items}
    refunds: list[Refund] = []
    while any(left.values()):
        item = data.draw(st.sampled_from(sorted(name for name in left if left[name])))
        units = data.draw(st.integers(1, left[item]))
        wanted = RefundRequest(f"k{len(refunds)}", "back", quantities=((item, units),))
        lines = lines_of(order, wanted, refunds)
        status = data.draw(st.sampled_from([RefundStatus.SUCCEEDED, RefundStatus.FAILED]))
        refunds.append(made(len(refunds), lines, status))
        if status is RefundStatus.SUCCEEDED:
            left[item] -= units
        elif len(refunds) > 30:
            break

    stands = [each for each in refunds if each.status is RefundStatus.SUCCEEDED]
    back = sum(line.amount_minor for each in stands for line in each.lines)
    if not any(left.values()):
        assert back == order.amounts.total_minor - shipping
    assert back <= order.amounts.total_minor - shipping
