"""What orders and payments are wired on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from zyenta_ops.bootstrap import sortable_id, utc_now
from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.domain.payments import Issue
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.operations.hints import ProductHints, SetAside
from zyenta_ops.operations.inbox import Handler, Inbox
from zyenta_ops.operations.orders import Orders
from zyenta_ops.operations.payments import (
    Derivation,
    Issues,
    PaymentAccounts,
    PaymentEvents,
    Refunds,
    StripeEvents,
)
from zyenta_ops.operations.plans import Plans
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.adapters.payments.stripe import StripeProvider

_SHOWN: Final = 5


@dataclass(frozen=True)
class Payments:
    """The use cases of orders and payments; without a key of the provider events wait."""

    orders: Orders
    inbox: Inbox
    plans: Plans
    accounts: PaymentAccounts
    stripe_events: StripeEvents | None
    refunds: Refunds | None


def wire_payments(
    settings: Settings,
    database: Database,
    clock: Clock,
    new_id: NewId,
    issues: Issues,
    run_id: str | None,
) -> Payments:
    """Wire what hears of payments on Stripe, if there is a key for it."""
    provider = stripe_provider(settings, clock, new_id)
    plans = Plans(database, provider, clock, new_id)
    derivation = Derivation(new_id, issues, plans.use, run_id)
    accounts = PaymentAccounts(database, provider, clock)
    handlers = supplier_handlers(database) | tracker_handlers()
    if provider is not None:
        handlers[EventSource.STRIPE] = PaymentEvents(provider, derivation, plans.take, clock)

    def tell_parked(records: Repositories, parked: Sequence[str], now: datetime) -> None:
        issues(records, None, "inbox", _parked(parked), now)

    def tell_silent(
        records: Repositories, source: EventSource, silent: bool, now: datetime
    ) -> None:
        issues(records, None, f"silence:{source}", [_silence(source)] if silent else [], now)

    inbox = Inbox(database, handlers, tell_parked, clock, new_id, tell_silent)
    orders = Orders(
        database,
        clock,
        new_id,
        on_received=derivation.receive,
        refunds_of=lambda records, order_id: records.refunds.of_order(order_id),
    )
    if provider is None:
        return Payments(orders, inbox, plans, accounts, None, None)
    return Payments(
        orders,
        inbox,
        plans,
        accounts,
        StripeEvents(database, provider, inbox.record, derivation, clock, new_id),
        Refunds(database, provider, derivation, clock, new_id),
    )


def supplier_handlers(database: Database) -> dict[EventSource, Handler]:
    """What is done about suppliers' events."""
    from zyenta_ops.adapters.suppliers.aliexpress import pushes
    from zyenta_ops.adapters.suppliers.cj import webhooks as cj
    from zyenta_ops.adapters.suppliers.printful import webhooks as printful

    return {
        EventSource.ALIEXPRESS: ProductHints(database, SupplierKind.ALIEXPRESS, pushes.hints),
        EventSource.CJ: ProductHints(database, SupplierKind.CJ, cj.hints),
        EventSource.PRINTFUL: ProductHints(database, SupplierKind.PRINTFUL, printful.hints),
    }


def tracker_handlers() -> dict[EventSource, Handler]:
    """What is done about events of parcels, until parcels are followed."""
    aside = SetAside("is kept; parcels are not tracked yet")
    trackers = (EventSource.SEVENTEEN_TRACK, EventSource.AFTERSHIP, EventSource.SHIP24)
    return dict.fromkeys(trackers, aside)


def stripe_provider(
    settings: Settings,
    clock: Clock = utc_now,
    new_id: NewId = sortable_id,
    **options: Any,
) -> StripeProvider | None:
    """Stripe, if there is a key for it."""
    if not settings.stripe_key:
        return None
    from zyenta_ops.adapters.payments.stripe import StripeProvider

    return StripeProvider(settings.stripe_key, clock, new_id, settings.stripe_url, **options)


def _silence(source: EventSource) -> Issue:
    return Issue(
        "silence",
        Severity.HIGH,
        f"Nothing more is heard of {source}",
        f"{source} sent events often and has gone quiet; look there whether it still delivers to"
        f" the address of `zyenta-ops hooks list`, and why not",
    )


def _parked(event_ids: Sequence[str]) -> list[Issue]:
    if not event_ids:
        return []
    shown = ", ".join(event_ids[:_SHOWN]) + (", …" if len(event_ids) > _SHOWN else "")
    return [
        Issue(
            "parked",
            Severity.HIGH,
            f"{len(event_ids)} events could not be acted on",
            f"look at them with `zyenta-ops inbox show` and take them up again with"
            f" `zyenta-ops inbox replay`: {shown}",
        )
    ]
