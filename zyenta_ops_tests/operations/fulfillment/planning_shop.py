"""Orders that are planned and no more."""

from __future__ import annotations

from zyenta_ops.domain.fulfillment import SupplierOrder
from zyenta_ops.operations.fulfillment.planning import Planning
from zyenta_ops_tests.operations.fulfillment.shop import Shop


def planned(shop: Shop, number: str = "1001") -> dict[str, SupplierOrder]:
    """The supplier orders of a new order, by supplier."""
    order = shop.order(number)
    assert Planning(shop.desk()).plan(order.id)
    return shop.of(order)
