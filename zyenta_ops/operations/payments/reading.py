"""What is done about the provider's events: read again what they are about, then derive."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.inbox import Ignored, InboxEvent
from zyenta_ops.domain.payment_errors import PaymentError, PaymentMissing, PaymentUnavailable
from zyenta_ops.domain.payments import Issue, PaymentFact, Subject, subject_of
from zyenta_ops.operations.payments.asking import LAST_CALL, Rests
from zyenta_ops.operations.payments.deriving import Derivation
from zyenta_ops.operations.payments.standing import note_account
from zyenta_ops.ports import Clock, Repositories
from zyenta_ops.ports.payments import AccountState, PaymentProvider, Plan

Effect = Callable[[Repositories], str | Ignored | None]
# Applies a customer's plan, in the caller's transaction; what it came to, None = nobody's customer.
TakePlan = Callable[[Repositories, Plan], str | None]

_BILLING = (Subject.SUBSCRIPTION, Subject.INVOICE, Subject.ENTITLEMENTS)
_ACCOUNTS = (Subject.ACCOUNT, Subject.DEAUTHORIZED)


@dataclass(frozen=True)
class PaymentEvents:
    """Handles the events of Stripe.

    An event that cannot be reached leaves its object to the next poll or reconciliation; it is
    tried again by the inbox. An account that does not answer is not asked again for a while,
    whichever of its events come.
    """

    provider: PaymentProvider
    derivation: Derivation
    take_plan: TakePlan
    clock: Clock
    rests: Rests

    def prepare(self, events: Sequence[InboxEvent], deadline: datetime) -> list[Effect | Exception]:
        """An effect for each event; what several of them are about is read once.

        What is read of one payment has one effect, so that its order is derived once.
        """
        provider = self.provider.until(deadline + LAST_CALL)
        read: dict[tuple[str, Subject, str], Effect | Exception] = {}
        payments: dict[tuple[str, str], _Payment] = {}
        effects: list[Effect | Exception] = []
        for event in events:
            subject = subject_of(event.type)
            if subject is None:
                effects.append(_nothing)
                continue
            if _is_live(event, self.provider.live) is not self.provider.live:
                effects.append(_other_mode)
                continue
            key = (event.account, subject, _object_id(event, subject))
            if key not in read and self.clock() > deadline:
                # It is due as before; whoever comes next reads on.
                effects.append(PaymentUnavailable("the time for reading was used up", 0))
                continue
            if key not in read:
                try:
                    read[key] = self._effect(provider, *key, payments)
                except PaymentError as error:
                    read[key] = error
            effects.append(read[key])
        return effects

    def _effect(
        self,
        provider: PaymentProvider,
        account: str,
        subject: Subject,
        object_id: str,
        payments: dict[tuple[str, str], _Payment],
    ) -> Effect:
        if subject is Subject.DEAUTHORIZED:
            gone = AccountState(account, False, self.clock(), authorized=False)
            return lambda records: self._note_account(records, gone)
        if subject is Subject.ACCOUNT:
            named = account or object_id
            state = self.rests.ask(provider, "", lambda: provider.account_state(named))
            return lambda records: self._note_account(records, state)
        if subject is Subject.PAYOUT:
            return lambda records: self._note_payout(records, account, object_id)
        if subject in _BILLING:
            plan = self.rests.ask(provider, "", lambda: provider.plan(object_id))
            return lambda records: self.take_plan(records, plan)
        try:
            facts = self.rests.ask(
                provider, account, lambda: provider.facts(account, subject, object_id)
            )
        except PaymentMissing:
            return _nothing
        if not facts:
            return _nothing
        payment = (account, facts[0].payment_id)
        return payments.setdefault(payment, _Payment(self._take)).with_more(facts)

    def _take(self, records: Repositories, facts: Sequence[PaymentFact]) -> str | None:
        orders = self.derivation.take(records, facts, self.clock())
        if orders:
            return ", ".join(f"order {each.number} is {each.payment_status}" for each in orders)
        return "kept for an order that may come" if any(map(_names_order, facts)) else None

    def _note_account(self, records: Repositories, state: AccountState) -> str | None:
        return note_account(records, self.derivation.issues, state, self.clock())

    def _note_payout(self, records: Repositories, account: str, payout_id: str) -> str | None:
        now = self.clock()
        ours = [each for each in records.payments.accounts() if each.external_id == account]
        message = f"Stripe could not pay out {payout_id}; check the bank account in its dashboard"
        issue = Issue(payout_id, Severity.HIGH, "Payout failed", message)
        for store_id in [each.store_id for each in ours] if account else [None]:
            self.derivation.issues(records, store_id, f"payout:{payout_id}", [issue], now)
        return "told" if ours or not account else None


@dataclass(eq=False)
class _Payment:
    """The effect of everything that was read of a payment."""

    take: Callable[[Repositories, Sequence[PaymentFact]], str | None]
    facts: list[PaymentFact] = field(default_factory=list)

    def with_more(self, facts: Sequence[PaymentFact]) -> _Payment:
        self.facts += facts
        return self

    def __call__(self, records: Repositories) -> str | None:
        return self.take(records, self.facts)


def _nothing(records: Repositories) -> None:
    """The event concerns nothing of ours."""


def _other_mode(records: Repositories) -> Ignored:
    """The event's objects do not exist for our key."""
    return Ignored("is of the other mode (live or test) than the key of ZYENTA_STRIPE_KEY")


def _is_live(event: InboxEvent, otherwise: bool) -> bool:
    """Whether real money moved.

    Endpoints of live mode that listen to connected accounts get events of test mode as well
    (docs.stripe.com/connect/webhooks).
    """
    try:
        said = json.loads(event.body)["livemode"]
    except (ValueError, KeyError, TypeError):
        return otherwise
    return said if isinstance(said, bool) else otherwise


def _names_order(fact: PaymentFact) -> bool:
    return bool(fact.order_ref or fact.order_number)


def _object_id(event: InboxEvent, subject: Subject) -> str:
    """What the event is about; "" when it cannot be said, which the provider then refuses."""
    try:
        about: Any = json.loads(event.body)["data"]["object"]
        if subject in _BILLING:
            about = about["customer"]
            return str(about["id"] if isinstance(about, dict) else about)
        return str(about["id"])
    except (ValueError, KeyError, TypeError):
        return ""
