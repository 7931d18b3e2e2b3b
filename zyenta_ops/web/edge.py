"""What the edge is made of: the operations it calls, and how much it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from zyenta_ops.domain.stores import Document
from zyenta_ops.operations.alerts import Alerts
from zyenta_ops.operations.edge.hooks import Hooks
from zyenta_ops.operations.edge.tokens import Tokens
from zyenta_ops.operations.fulfillment import Operators, Queue
from zyenta_ops.operations.inbox import Inbox
from zyenta_ops.operations.orders import Orders
from zyenta_ops.operations.payments import Refunds
from zyenta_ops.operations.stores import Stores
from zyenta_ops.ports import Clock

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
        refunds: None without a key of the payment provider.
        clock: tells the time.
        monotonic: seconds on a clock that is never set.
        probes: what else `/readyz` tells of, by name.
    """

    hooks: Hooks
    inbox: Inbox
    tokens: Tokens
    stores: Stores
    alerts: Alerts
    orders: Orders
    refunds: Refunds | None
    operators: Operators
    queue: Queue
    clock: Clock
    probes: Mapping[str, Probe] = field(default_factory=dict)
    limits: Limits = Limits()
    monotonic: Callable[[], float] = time.monotonic
