"""What the edge is made of: the operations it calls, and how much it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.orders import Order, OrderEvent, PaymentStatus
from zyenta_ops.domain.refunds import Refund
from zyenta_ops.domain.stores import Document
from zyenta_ops.operations.alerts import Alerts
from zyenta_ops.operations.edge.hooks import Hooks
from zyenta_ops.operations.edge.tokens import Tokens
from zyenta_ops.operations.inbox import Inbox
from zyenta_ops.operations.stores import Stores
from zyenta_ops.ports import Clock


class Received(Protocol):
    """What handing over an order came to."""

    @property
    def order(self) -> Order:
        """The order as it stands."""
        ...

    @property
    def created(self) -> bool:
        """False when it was handed over before."""
        ...


class OrderDesk(Protocol):
    """The use cases of orders. Refusals that name faults carry them as `faults`."""

    def receive(self, store_ref: str, document: Document, actor: str) -> Received:
        """Take an order over, once by its number.

        Raises:
            Refused: with `faults`, when the document is wrong; without, when the number belongs to
                an order with another content.
        """
        ...

    def show(self, order_id: str) -> Order:
        """One order; raises NotFound."""
        ...

    def timeline(self, order_id: str) -> Sequence[OrderEvent]:
        """What happened to an order, oldest first."""
        ...

    def listed(
        self,
        store_ids: Collection[str] | None,
        payment: PaymentStatus | None,
        limit: int,
        before: str | None = None,
    ) -> Sequence[Order]:
        """Orders, newest first; `store_ids` None = of all stores, `before` an order's id."""
        ...

    def hold(self, order_id: str, note: str, actor: str, expires_at: datetime | None) -> Order:
        """Keep an order from being bought, by hand."""
        ...

    def release(self, order_id: str, hold_ids: Collection[str], actor: str) -> Order:
        """Release holds; raises Refused when one of them does not hold."""
        ...


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What to refund: an amount, or units of items by item id; with neither, all that is left.

    `key` is the caller's: asking twice under it refunds once. Minor units.
    """

    key: str
    reason: str
    amount_minor: int | None = None
    quantities: tuple[tuple[str, int], ...] = ()
    shipping_minor: int = 0


# Plans a refund: the order's id, what is wished, and who wishes it.
RefundDesk = Callable[[str, RefundWish, str], Refund]

# Figures of something the edge depends on, for `/readyz`; raises when it cannot be told.
Probe = Callable[[], Document]


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a second in the long run, and at once after a pause."""

    hooks_rate: float = 2_000  # of each endpoint
    hooks_burst: int = 6_000
    calls_rate: float = 50  # of each API token
    calls_burst: int = 200


@dataclass(frozen=True)
class Edge:
    """What the edge calls.

    Attributes:
        clock: tells the time.
        monotonic: seconds on a clock that is never set.
        probes: what else `/readyz` tells of, by name.
    """

    hooks: Hooks
    inbox: Inbox
    tokens: Tokens
    stores: Stores
    alerts: Alerts
    orders: OrderDesk
    refund: RefundDesk
    clock: Clock
    probes: Mapping[str, Probe] = field(default_factory=dict)
    limits: Limits = Limits()
    monotonic: Callable[[], float] = time.monotonic
