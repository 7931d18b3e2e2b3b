"""What became of orders that were handed over, and all that is known of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zyenta_ops.domain.documents import Fault
from zyenta_ops.domain.fulfillment.standing import Standing
from zyenta_ops.domain.orders import Order, OrderEvent
from zyenta_ops.domain.refunds import Refund


@dataclass(frozen=True, slots=True)
class Received:
    """An order that was handed over; `created` is False when it was there already."""

    order: Order
    created: bool


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """An order with all that happened to it; `store` is the store's subdomain."""

    order: Order
    store: str
    timeline: tuple[OrderEvent, ...]
    refunds: tuple[Refund, ...]
    supplier_orders: tuple[Standing, ...] = ()


class Outcome(StrEnum):
    """What became of an order in a file."""

    CREATED = "CREATED"
    KNOWN = "KNOWN"  # handed over before
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class ImportedOrder:
    """One order of a file; `order_id` unless it was refused, else `reason` and maybe `faults`."""

    where: str
    outcome: Outcome
    order_id: str | None = None
    reason: str | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the orders of a file, in counts and one by one."""

    created: int
    known: int
    refused: int
    orders: tuple[ImportedOrder, ...]
