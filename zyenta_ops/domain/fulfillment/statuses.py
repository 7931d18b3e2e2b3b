"""Where an order stands, derived from the units of its supplier orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from zyenta_ops.domain.fulfillment.stages import Stage
from zyenta_ops.domain.fulfillment.supplier_order import SupplierOrder
from zyenta_ops.domain.orders import FulfillmentStatus

_ORDERED: Final = frozenset({Stage.CONFIRMED, Stage.CANCEL_REQUESTED})


def fulfillment_status(
    wanted: Mapping[str, int], supplier_orders: Sequence[SupplierOrder]
) -> FulfillmentStatus:
    """The status of an order; never stored by hand.

    Args:
        wanted: units of each item that the customer is still to get.
        supplier_orders: all of the order's, over or not.
    """
    live = [each for each in supplier_orders if each.is_live]
    if not live and (supplier_orders or not any(wanted.values())):
        return FulfillmentStatus.CANCELLED
    if not live:
        return FulfillmentStatus.PENDING
    if any(each.stage is Stage.NEEDS_ACTION for each in live):
        return FulfillmentStatus.INTERVENTION_REQUIRED
    units = Counter[Stage]()
    for each in live:
        units[each.stage] += each.units()
    covered = sum(units.values())
    total = max(covered, sum(wanted.values()))  # what nothing buys yet is open, too
    delivered = units[Stage.DELIVERED]
    sent = delivered + units[Stage.SHIPPED]
    if delivered == total:
        return FulfillmentStatus.DELIVERED
    if delivered:
        return FulfillmentStatus.PARTIALLY_DELIVERED
    if sent == total:
        return FulfillmentStatus.SHIPPED
    if sent or units[Stage.PARTIALLY_SHIPPED]:
        return FulfillmentStatus.PARTIALLY_SHIPPED
    if sum(units[stage] for stage in _ORDERED) == total:
        return FulfillmentStatus.AWAITING_SHIPMENT
    return FulfillmentStatus.PROCESSING
