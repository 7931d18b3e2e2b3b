"""What always holds of orders and supplier orders, as queries that find where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, exists, func, or_, select, text

from zyenta_ops.domain.fulfillment.invariants import UNWORKED_FOR, Breach, Invariant
from zyenta_ops.domain.fulfillment.planning import PAID, wanted_units
from zyenta_ops.domain.fulfillment.reasons import ActionReason
from zyenta_ops.domain.fulfillment.stages import BEFORE_PLACED, TERMINAL, Stage
from zyenta_ops.domain.fulfillment.supplier_order import SpendState
from zyenta_ops.domain.fulfillment.timing import LEASE, PLACE_WITHIN
from zyenta_ops.domain.notifications import MessageStatus
from zyenta_ops.domain.orders import FulfillmentStatus
from zyenta_ops.domain.supplier_orders import SupplierOrderState
from zyenta_ops.persistence.orders.whole import whole_orders
from zyenta_ops.persistence.refunds import RefundRecords
from zyenta_ops.persistence.schema import (
    external_order,
    order,
    order_hold,
    order_item,
    outbox_message,
    product_variant,
    spend,
    supplier_order,
    supplier_order_line,
)
from zyenta_ops.persistence.schema.orders import UNPLANNED

_ours, _line = supplier_order.c, supplier_order_line.c
_AT_THE_SUPPLIER: Final = frozenset(Stage) - BEFORE_PLACED - {Stage.NEEDS_ACTION, Stage.CANCELLED}
_SENT: Final = (Stage.PARTIALLY_SHIPPED, Stage.SHIPPED, Stage.DELIVERED)
# What will not arrive; the same units may be bought again.
_GONE: Final = (
    ActionReason.SUPPLIER_CANCELLED,
    ActionReason.PARCEL_LOST,
    ActionReason.PARCEL_RETURNED,
)
_ON_ITS_WAY_OUT: Final = (MessageStatus.PENDING.value, MessageStatus.SENDING.value)
_AT_ONCE: Final = 500


class FulfillmentInvariants:
    """Satisfies `zyenta_ops.ports.fulfillment.FulfillmentInvariants`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def breaches(self, now: datetime, limit: int = 100) -> Sequence[Breach]:
        """One query each, but for what is bought or refunded, which asks for refunds as well."""
        found: list[Breach] = []
        for invariant, query in _QUERIES.items():
            rows = self.connection.execute(query(now).limit(limit))
            found += [Breach(invariant, row[0], row[1], str(row[2] or "")) for row in rows]
        return [*found, *self._not_bought(limit)]

    def _not_bought(self, limit: int) -> Iterator[Breach]:
        """Candidates are items of which fewer units are bought than ordered; most were refunded."""
        candidates = [
            (row.order_id, row.id, row.bought) for row in self.connection.execute(_PARTLY_BOUGHT)
        ]
        told = 0
        for start in range(0, len(candidates), _AT_ONCE):
            some = candidates[start : start + _AT_ONCE]
            wanted = self._wanted({row[0] for row in some})
            for order_id, item_id, bought in some:
                units = wanted.get(item_id, 0)
                if bought < units and told < limit:
                    told += 1
                    detail = f"{bought} of {units} units"
                    kind = Invariant.PAID_IS_BOUGHT_OR_REFUNDED
                    yield Breach(kind, item_id, order_id, detail)

    def _wanted(self, order_ids: Iterable[str]) -> Mapping[str, int]:
        refunds = RefundRecords(self.connection)
        found: dict[str, int] = {}
        for each in whole_orders(
            self.connection, order.c.id.in_(sorted(order_ids)), limit=_AT_ONCE
        ):
            found |= wanted_units(each, refunds.of_order(each.id))
        return found


def _values(words: Iterable[Any]) -> list[str]:
    return sorted(word.value for word in words)


def _beyond_ordered(which: Any) -> Select[Any]:
    units = func.sum(_line.quantity)
    return (
        select(order_item.c.id, order_item.c.order_id, units)
        .join(supplier_order_line, _line.item_id == order_item.c.id)
        .join(supplier_order, _ours.id == _line.supplier_order_id)
        .where(which)
        .group_by(order_item.c.id, order_item.c.order_id, order_item.c.quantity)
        .having(units > order_item.c.quantity)
    )


def _bought_once(now: datetime) -> Select[Any]:
    gone = and_(_ours.reason.is_not(None), _ours.reason.in_(_values(_GONE)))
    return _beyond_ordered(and_(_ours.stage != Stage.CANCELLED.value, ~gone))


def _sent_once(now: datetime) -> Select[Any]:
    return _beyond_ordered(_ours.stage.in_(_values(_SENT)))


def _one_order_each(now: datetime) -> Select[Any]:
    """One attempt may make several orders at the supplier; two attempts must not both have."""
    makers = func.count(external_order.c.attempt.distinct())
    return (
        select(_ours.id, _ours.order_id, makers)
        .join(external_order, external_order.c.supplier_order_id == _ours.id)
        .where(external_order.c.state != SupplierOrderState.CANCELLED.value)
        .group_by(_ours.id, _ours.order_id)
        .having(makers > 1)
    )


def _placed_under_an_id(now: datetime) -> Select[Any]:
    named = exists().where(external_order.c.supplier_order_id == _ours.id)
    return select(_ours.id, _ours.order_id, _ours.stage).where(
        _ours.stage.in_(_values(_AT_THE_SUPPLIER)), ~named
    )


def _placing_is_leased(now: datetime) -> Select[Any]:
    over = or_(_ours.lease_until.is_(None), _ours.lease_until < now - LEASE)
    return select(_ours.id, _ours.order_id, _ours.lease_until).where(
        _ours.stage == Stage.PLACING.value, over
    )


def _paid_is_planned(now: datetime) -> Select[Any]:
    late = order.c.paid_at < now - PLACE_WITHIN
    return select(order.c.id, order.c.id, order.c.paid_at).where(text(UNPLANNED), late)


def _waiting_ends(now: datetime) -> Select[Any]:
    """Payments, people, holds and hints wake what waits for them."""
    held = exists().where(
        order_hold.c.order_id == _ours.order_id,
        order_hold.c.released_at.is_(None),
        or_(order_hold.c.expires_at.is_(None), order_hold.c.expires_at > now),
    )
    return (
        select(_ours.id, _ours.order_id, _ours.stage)
        .join(order, order.c.id == _ours.order_id)
        .where(
            _ours.next_check_at.is_(None),
            _ours.stage.not_in(_values({*TERMINAL, Stage.NEEDS_ACTION})),
            order.c.payment_status.in_(_values(PAID)),
            ~held,
        )
    )


def _due_is_worked_on(now: datetime) -> Select[Any]:
    since = now - UNWORKED_FOR
    return select(_ours.id, _ours.order_id, _ours.next_check_at).where(
        _ours.next_check_at < since, or_(_ours.lease_until.is_(None), _ours.lease_until < since)
    )


def _stock_is_conserved(now: datetime) -> Select[Any]:
    kept = (
        select(_line.variant_id, func.sum(_line.quantity).label("units"))
        .join(supplier_order, _ours.id == _line.supplier_order_id)
        .where(_ours.reserves)
        .group_by(_line.variant_id)
        .subquery()
    )
    reserved = product_variant.c.reserved_units
    return (
        select(product_variant.c.id, text("NULL"), reserved)
        .outerjoin(kept, kept.c.variant_id == product_variant.c.id)
        .where(reserved != func.coalesce(kept.c.units, 0))
    )


def _spending_is_conserved(now: datetime) -> Select[Any]:
    reserved = spend.c.state == SpendState.RESERVED.value
    return (
        select(_ours.id, _ours.order_id, spend.c.state)
        .join(spend, spend.c.supplier_order_id == _ours.id)
        .where(
            or_(
                _ours.stage == Stage.CANCELLED.value,
                and_(reserved, _ours.placed_at.is_not(None)),
                and_(~reserved, _ours.placed_at.is_(None)),
            )
        )
    )


def _messages_leave(now: datetime) -> Select[Any]:
    mine, since = outbox_message.c, now - UNWORKED_FOR
    return select(mine.id, text("NULL"), mine.channel).where(
        mine.status.in_(_ON_ITS_WAY_OUT),
        mine.next_attempt_at < since,
        or_(mine.lease_until.is_(None), mine.lease_until < since),
    )


_QUERIES: Final[Mapping[Invariant, Callable[[datetime], Select[Any]]]] = {
    Invariant.BOUGHT_ONCE: _bought_once,
    Invariant.SENT_ONCE: _sent_once,
    Invariant.ONE_ORDER_EACH: _one_order_each,
    Invariant.PLACED_UNDER_AN_ID: _placed_under_an_id,
    Invariant.PLACING_IS_LEASED: _placing_is_leased,
    Invariant.PAID_IS_PLANNED: _paid_is_planned,
    Invariant.WAITING_ENDS: _waiting_ends,
    Invariant.DUE_IS_WORKED_ON: _due_is_worked_on,
    Invariant.STOCK_IS_CONSERVED: _stock_is_conserved,
    Invariant.SPENDING_IS_CONSERVED: _spending_is_conserved,
    Invariant.MESSAGES_LEAVE: _messages_leave,
}

_BOUGHT: Final = (
    select(_line.item_id, func.sum(_line.quantity).label("units"))
    .join(supplier_order, _ours.id == _line.supplier_order_id)
    .where(_ours.stage != Stage.CANCELLED.value)
    .group_by(_line.item_id)
    .subquery()
)
_bought = func.coalesce(_BOUGHT.c.units, 0)
# Orders that were delivered whole are not among them.
_PARTLY_BOUGHT: Final = (
    select(order_item.c.order_id, order_item.c.id, _bought.label("bought"))
    .join(order, order.c.id == order_item.c.order_id)
    .outerjoin(_BOUGHT, _BOUGHT.c.item_id == order_item.c.id)
    .where(
        order.c.payment_status.in_(_values(PAID)),
        order.c.fulfillment_status.not_in(
            _values({FulfillmentStatus.PENDING, FulfillmentStatus.DELIVERED})
        ),
        _bought < order_item.c.quantity,
    )
    .order_by(order_item.c.order_id, order_item.c.id)
)
