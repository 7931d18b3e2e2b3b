"""What fulfilment is wired on."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from zyenta_ops.bootstrap.alerts import order_issues
from zyenta_ops.bootstrap.suppliers import Buying
from zyenta_ops.domain.fulfillment.timing import ROLLS
from zyenta_ops.domain.orders import Order
from zyenta_ops.operations.alerts import Alerts
from zyenta_ops.operations.fulfillment import Desk, Failpoints, Fulfillment, Operators, pass_by
from zyenta_ops.operations.payments import RefundRequest, Refunds
from zyenta_ops.operations.storefronts import Announcements
from zyenta_ops.ports import Clock, Database, NewId, Repositories


def wire_fulfillment(
    database: Database,
    clock: Clock,
    new_id: NewId,
    bought: Buying,
    alerts: Alerts,
    announcements: Announcements,
    *,
    roll: Callable[[], int] = lambda: secrets.randbelow(ROLLS),
    failpoint: Failpoints = pass_by,
) -> Fulfillment:
    """Wire what buys, on the suppliers' gateways, the alerts and what customers are told."""
    return Fulfillment(
        Desk(
            database,
            clock,
            new_id,
            bought.open_gateway,
            bought.capabilities,
            bought.accounts.fail,
            roll,
            order_issues(alerts),
            announcements.moved,
            failpoint,
        )
    )


def wire_operators(desk: Desk, refunds: Refunds | None) -> Operators:
    """Wire what operators do, on the refunds if there is a key of the payment provider."""
    if refunds is None:
        return Operators(desk)

    def refunding(
        records: Repositories,
        order: Order,
        key: str,
        reason: str,
        units: tuple[tuple[str, int], ...],
        by: str,
    ) -> None:
        wanted = RefundRequest(key=key, reason=reason, quantities=units)
        refunds.request_within(records, order, wanted, by)

    return Operators(desk, refunding)
