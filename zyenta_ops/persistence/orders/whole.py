"""Reading orders with their customers, items and holds: three queries for any number of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Table, select

from zyenta_ops.domain.orders import Order
from zyenta_ops.persistence.orders.rows import hold_value, item_value, order_value
from zyenta_ops.persistence.schema import customer, order, order_hold, order_item

Value = TypeVar("Value")

_WITH_CUSTOMER = select(order, customer.c.email, customer.c.name, customer.c.phone).join(
    customer, customer.c.id == order.c.customer_id
)


def whole_orders(
    connection: Connection, *wanted: ColumnElement[bool], limit: int
) -> Sequence[Order]:
    """The orders wanted, newest first."""
    rows = connection.execute(
        _WITH_CUSTOMER.where(*wanted).order_by(order.c.id.desc()).limit(limit)
    ).all()
    ids = [row.id for row in rows]
    items = _by_order(connection, order_item, order_item.c.position, ids, item_value)
    holds = _by_order(connection, order_hold, order_hold.c.id, ids, hold_value)
    return [order_value(row, items[row.id], holds[row.id]) for row in rows]


def _by_order(
    connection: Connection,
    table: Table,
    order_by: ColumnElement[Any],
    ids: Sequence[str],
    value: Callable[[Row[Any]], Value],
) -> Mapping[str, Sequence[Value]]:
    found: dict[str, list[Value]] = defaultdict(list)
    for row in connection.execute(
        select(table).where(table.c.order_id.in_(ids)).order_by(order_by)
    ):
        found[row.order_id].append(value(row))
    return found
