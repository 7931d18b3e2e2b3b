"""What is sent to a supplier, and what is kept of it: everything but the recipient."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from zyenta_ops.domain.fulfillment import Quote, SupplierOrder
from zyenta_ops.domain.fulfillment.guards import LiveLine
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.supplier_orders import OrderLine, OrderRequest
from zyenta_ops.operations.fulfillment.quoting import order_line


def content_of(lines: Sequence[LiveLine], quote: Quote) -> dict[str, object]:
    """What is bought and how it is sent; kept with the attempt, so that it can be sent again."""
    return {
        "lines": [asdict(order_line(each)) for each in lines],
        "service_code": quote.service_code,
        "ships_from": quote.ships_from,
    }


def request_of(it: SupplierOrder, order: Order, content: Mapping[str, Any]) -> OrderRequest:
    """The request for what an attempt keeps."""
    return OrderRequest(
        reference=it.client_ref,
        lines=tuple(OrderLine(**each) for each in content["lines"]),
        address=order.address,
        service_code=content["service_code"],
        ships_from=content["ships_from"],
    )


def digest(request: OrderRequest) -> str:
    """Tells a request from any other, the recipient included."""
    return sha256(json.dumps(asdict(request), sort_keys=True).encode()).hexdigest()
