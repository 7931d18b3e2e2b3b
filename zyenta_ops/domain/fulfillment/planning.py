"""Splitting a customer order into supplier orders, with every unit bought once.

Nothing is asked of anybody: an order is split by supplier at first, and by warehouse once the
supplier has said where the lines come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from zyenta_ops.domain.fulfillment.supplier_order import SupplierLine, SupplierOrder
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import Order, PaymentStatus
from zyenta_ops.domain.refunds import Refund, RefundStatus

PAID = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED})
_NO_REFUND = frozenset({RefundStatus.FAILED, RefundStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class Source:
    """An offer that a variant can be bought as; rank 0 is the variant's own.

    `stock` and `saleable` are as last read; a stock of None is not known.
    """

    variant_id: str
    supplier_key: str
    offer_id: str
    product_ref: str
    variant_ref: str
    order_ref: str
    unit_cost: Money
    rank: int = 0
    stock: int | None = None
    saleable: bool = True

    def has(self, units: int) -> bool:
        """Whether so many units can be had, as far as is known."""
        return self.saleable and (self.stock is None or self.stock >= units)


@dataclass(frozen=True, slots=True)
class Draft:
    """A supplier order to be."""

    supplier_key: str
    lines: tuple[SupplierLine, ...]


def wanted_units(order: Order, refunds: Iterable[Refund]) -> dict[str, int]:
    """How many units of each item the customer is still to get.

    Units that are refunded, or about to be, are not bought. A refund that names no items is a
    concession: the goods go out all the same, unless it was of everything.
    """
    if order.payment_status not in PAID:
        gone = order.payment_status is PaymentStatus.REFUNDED
        return {item.id: 0 if gone else item.quantity for item in order.items}
    refunded: dict[str, int] = defaultdict(int)
    for refund in refunds:
        if refund.status not in _NO_REFUND:
            for line in refund.lines:
                refunded[line.item_id] += line.quantity
    return {item.id: max(item.quantity - refunded[item.id], 0) for item in order.items}


def share(
    wanted: Mapping[str, int], supplier_orders: Iterable[SupplierOrder]
) -> dict[str, dict[str, int]]:
    """Which units each live supplier order is to buy, by its id and by item.

    Those that were placed keep theirs; what is not wanted any more is taken from the newest of the
    others.
    """
    left = dict(wanted)
    shares: dict[str, dict[str, int]] = {}
    live = (each for each in supplier_orders if each.is_live)
    for each in sorted(live, key=lambda each: (not each.was_placed, each.seq)):
        mine: dict[str, int] = {}
        for line in each.lines:
            units = min(line.quantity, left.get(line.item_id, 0))
            left[line.item_id] = left.get(line.item_id, 0) - units
            mine[line.item_id] = mine.get(line.item_id, 0) + units
        shares[each.id] = mine
    return shares


def uncovered(
    wanted: Mapping[str, int], supplier_orders: Iterable[SupplierOrder]
) -> dict[str, int]:
    """The units of each item that no supplier order buys; nothing once all is planned."""
    left = dict(wanted)
    for each in supplier_orders:
        if each.is_live:
            for line in each.lines:
                left[line.item_id] = left.get(line.item_id, 0) - line.quantity
    return {item_id: units for item_id, units in left.items() if units > 0}


def revenue_per_unit(order: Order) -> dict[str, int]:
    """What the customer pays for a unit of each item: discount and shipping shared, tax left out.

    Minor units of the order's currency, rounded down.
    """
    amounts = order.amounts
    received = amounts.subtotal_minor - amounts.discount_minor + amounts.shipping_minor
    whole = amounts.subtotal_minor or 1
    return {item.id: max(item.unit_price_minor * received // whole, 0) for item in order.items}


def plan(order: Order, units: Mapping[str, int], sources: Mapping[str, Source]) -> list[Draft]:
    """The supplier orders that buy units of items; one for each supplier.

    Args:
        order: of the customer.
        units: what is to be bought, by item.
        sources: what each variant is bought as, by variant.
    """
    revenue = revenue_per_unit(order)
    by_supplier: dict[str, list[SupplierLine]] = defaultdict(list)
    for item in order.items:
        quantity = units.get(item.id, 0)
        if quantity > 0:
            source = sources[item.variant_id]
            by_supplier[source.supplier_key].append(
                line_of(item.id, source, quantity, revenue[item.id])
            )
    return [Draft(key, tuple(by_supplier[key])) for key in sorted(by_supplier)]


def line_of(item_id: str, source: Source, quantity: int, revenue_minor: int) -> SupplierLine:
    """Units of an item, bought as an offer."""
    return SupplierLine(
        item_id,
        source.variant_id,
        source.offer_id,
        source.product_ref,
        source.variant_ref,
        source.order_ref,
        quantity,
        source.unit_cost,
        revenue_minor,
    )


def trimmed(supplier_order: SupplierOrder, mine: Mapping[str, int]) -> tuple[SupplierLine, ...]:
    """The lines with no more units than wanted; lines of which nothing is wanted are gone."""
    left = dict(mine)
    lines = []
    for line in supplier_order.lines:
        units = min(line.quantity, left.get(line.item_id, 0))
        left[line.item_id] = left.get(line.item_id, 0) - units
        if units:
            lines.append(replace(line, quantity=units))
    return tuple(lines)


def by_warehouse(
    lines: Sequence[SupplierLine], ships_from: Mapping[str, str | None]
) -> list[tuple[SupplierLine, ...]]:
    """The lines by where their offers come from, in the order of their first lines.

    Lines of which it is not said go with the first.
    """
    groups: dict[str | None, list[SupplierLine]] = {}
    first = next(
        (ships_from[line.offer_id] for line in lines if ships_from.get(line.offer_id)), None
    )
    for line in lines:
        groups.setdefault(ships_from.get(line.offer_id) or first, []).append(line)
    return [tuple(group) for group in groups.values()]
