"""What orders and payments are wired on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.domain.payments import Issue
from zyenta_ops.operations.inbox import Handler, Inbox
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
from zyenta_ops.ports.payments import PaymentProvider
from zyenta_ops.settings import Settings

_SHOWN: Final = 5


@dataclass(frozen=True)
class Payments:
    """Everything that hears of payments; without a key of the provider the inbox waits."""

    inbox: Inbox
    derivation: Derivation
    plans: Plans
    accounts: PaymentAccounts
    stripe_events: StripeEvents | None
    refunds: Refunds | None


def wire_payments(
    settings: Settings, database: Database, clock: Clock, new_id: NewId, issues: Issues
) -> Payments:
    """Wire what hears of payments on Stripe, if there is a key for it."""
    provider = _provider(settings, clock, new_id)
    derivation = Derivation(new_id, issues)
    plans = Plans(database, provider, clock, new_id)
    accounts = PaymentAccounts(database, provider, clock)
    handlers: dict[EventSource, Handler] = {}
    if provider is not None:
        handlers[EventSource.STRIPE] = PaymentEvents(provider, derivation, plans.take, clock)

    def tell_parked(records: Repositories, parked: Sequence[str], now: datetime) -> None:
        issues(records, None, "inbox", _parked(parked), now)

    inbox = Inbox(database, handlers, tell_parked, clock, new_id)
    if provider is None:
        return Payments(inbox, derivation, plans, accounts, None, None)
    return Payments(
        inbox,
        derivation,
        plans,
        accounts,
        StripeEvents(database, provider, inbox.record, derivation, clock, new_id),
        Refunds(database, provider, derivation, clock, new_id),
    )


def _provider(settings: Settings, clock: Clock, new_id: NewId) -> PaymentProvider | None:
    if not settings.stripe_key:
        return None
    from zyenta_ops.adapters.payments.stripe import StripeProvider

    return StripeProvider(settings.stripe_key, clock, new_id, settings.stripe_url)


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
