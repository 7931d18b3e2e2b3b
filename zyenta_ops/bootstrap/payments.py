"""What orders and payments are wired on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zyenta_ops.bootstrap import sortable_id, utc_now
from zyenta_ops.bootstrap.storefronts import Storefronts
from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.entitlements import frequency_within
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.domain.payments import Issue
from zyenta_ops.domain.stores import PlanTier, Store, StoreStatus, SupplierKind, SyncFrequency
from zyenta_ops.operations.alerts import Alerts
from zyenta_ops.operations.fulfillment import Fulfillment
from zyenta_ops.operations.hints import ParcelHints, SupplierHints
from zyenta_ops.operations.inbox import Handler, Inbox
from zyenta_ops.operations.orders import Orders
from zyenta_ops.operations.payments import (
    Derivation,
    Issues,
    PaymentAccounts,
    PaymentEvents,
    Refunds,
    Rests,
    StripeEvents,
)
from zyenta_ops.operations.plans import Plans
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.adapters.payments.stripe import StripeProvider


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
    alerts: Alerts,
    fulfillment: Fulfillment,
    told: Storefronts,
    run_id: str | None,
) -> Payments:
    """Wire what hears of payments on Stripe, if there is a key for it."""
    issues = alerts.settle_issues
    provider = stripe_provider(settings, clock, new_id)
    plans = Plans(database, provider, clock, new_id, cadence_teller(issues))
    derivation = Derivation(
        new_id,
        issues,
        plans.use,
        run_id,
        on_paid=told.announcements.paid,
        on_refunded=told.announcements.refunded,
    )
    accounts = PaymentAccounts(database, provider, clock)
    handlers = supplier_handlers(database, clock) | tracker_handlers(clock)
    if provider is not None:
        handlers[EventSource.STRIPE] = PaymentEvents(
            provider, derivation, plans.take, clock, Rests(clock)
        )

    def tell_parked(
        records: Repositories, number: int, shown: Sequence[str], now: datetime
    ) -> None:
        issues(records, None, "inbox", _parked(number, shown), now)

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
        supplier_orders_of=fulfillment.standings,
    )
    if provider is None:
        return Payments(orders, inbox, plans, accounts, None, None)
    return Payments(
        orders,
        inbox,
        plans,
        accounts,
        StripeEvents(database, provider, inbox.record, derivation, clock),
        Refunds(database, provider, derivation, clock, new_id),
    )


def cadence_teller(issues: Issues) -> Callable[[Repositories, Store, datetime], None]:
    """Tells a store's owner while its plan keeps it from being synced as it asks for."""

    def tell_cadence(records: Repositories, store: Store, now: datetime) -> None:
        tier = store.account.plan_tier
        synced = frequency_within(tier, store.sync_frequency)
        capped = synced is not store.sync_frequency and store.status is not StoreStatus.CLOSED
        found = [_capped(store.sync_frequency, synced, tier)] if capped else []
        issues(records, store.id, f"cadence:{store.id}", found, now)

    return tell_cadence


def supplier_handlers(database: Database, clock: Clock) -> dict[EventSource, Handler]:
    """What is done about suppliers' events."""
    from zyenta_ops.adapters.suppliers.aliexpress import pushes
    from zyenta_ops.adapters.suppliers.cj import webhooks as cj
    from zyenta_ops.adapters.suppliers.printful import webhooks as printful

    readers = {
        EventSource.ALIEXPRESS: (SupplierKind.ALIEXPRESS, pushes.hints),
        EventSource.CJ: (SupplierKind.CJ, cj.hints),
        EventSource.PRINTFUL: (SupplierKind.PRINTFUL, printful.hints),
    }
    return {
        source: SupplierHints(database, kind, read, clock)
        for source, (kind, read) in readers.items()
    }


def tracker_handlers(clock: Clock) -> dict[EventSource, Handler]:
    """What is done about events of parcels."""
    from zyenta_ops.adapters.webhooks import parcels

    return {
        EventSource.SEVENTEEN_TRACK: ParcelHints(parcels.numbers_of_17track, clock),
        EventSource.AFTERSHIP: ParcelHints(parcels.numbers_of_aftership, clock),
        EventSource.SHIP24: ParcelHints(parcels.numbers_of_ship24, clock),
    }


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


def _capped(wanted: SyncFrequency, synced: SyncFrequency, tier: PlanTier) -> Issue:
    return Issue(
        "cadence",
        Severity.LOW,
        "Synced less often than you asked for",
        f"the store asks for the {wanted} cadence and the {tier} plan keeps it at {synced}; the"
        " setting stays and is in force again with a plan that allows it",
    )


def _silence(source: EventSource) -> Issue:
    return Issue(
        "silence",
        Severity.HIGH,
        f"Nothing more is heard of {source}",
        f"{source} sent events often and has gone quiet; look there whether it still delivers to"
        f" the address of `zyenta-ops hooks list`, and why not",
    )


def _parked(number: int, event_ids: Sequence[str]) -> list[Issue]:
    if not number:
        return []
    shown = ", ".join(event_ids) + (", …" if number > len(event_ids) else "")
    return [
        Issue(
            "parked",
            Severity.HIGH,
            f"{number} events could not be acted on",
            f"look at them with `zyenta-ops inbox show` and take them up again with"
            f" `zyenta-ops inbox replay`: {shown}",
        )
    ]
