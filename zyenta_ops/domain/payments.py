"""What a payment provider's facts mean for an order.

A fact is how one of the provider's objects stood when it was last read. An order's payment is
derived from all its facts by `assess`, a pure function of the set: facts that arrive late, twice or
in another order give the same answer. Events only say which object to read again (`subject_of`).

Sources: Stripe's documentation of events, PaymentIntents, Checkout Sessions, disputes and reviews.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import HoldReason, PaymentStatus


class Subject(StrEnum):
    """What an event is about, and so what is read again before anything is done."""

    SESSION = "SESSION"
    INTENT = "INTENT"
    CHARGE = "CHARGE"
    REFUND = "REFUND"
    DISPUTE = "DISPUTE"
    WARNING = "WARNING"  # an early fraud warning of the card's issuer
    REVIEW = "REVIEW"
    ACCOUNT = "ACCOUNT"  # a connected account
    DEAUTHORIZED = "DEAUTHORIZED"  # a connected account that took our access away
    PAYOUT = "PAYOUT"
    SUBSCRIPTION = "SUBSCRIPTION"
    INVOICE = "INVOICE"
    ENTITLEMENTS = "ENTITLEMENTS"


# Stripe's names of the events that concern us; every other event is kept and ignored.
_SUBJECTS: Final = {
    "checkout.session.completed": Subject.SESSION,
    "checkout.session.async_payment_succeeded": Subject.SESSION,
    "checkout.session.async_payment_failed": Subject.SESSION,
    "checkout.session.expired": Subject.SESSION,
    "payment_intent.created": Subject.INTENT,
    "payment_intent.succeeded": Subject.INTENT,
    "payment_intent.amount_capturable_updated": Subject.INTENT,
    "payment_intent.partially_funded": Subject.INTENT,
    "payment_intent.processing": Subject.INTENT,
    "payment_intent.requires_action": Subject.INTENT,
    "payment_intent.payment_failed": Subject.INTENT,
    "payment_intent.canceled": Subject.INTENT,
    "charge.refunded": Subject.CHARGE,
    "charge.dispute.created": Subject.DISPUTE,
    "charge.dispute.updated": Subject.DISPUTE,
    "charge.dispute.funds_withdrawn": Subject.DISPUTE,
    "charge.dispute.funds_reinstated": Subject.DISPUTE,
    "charge.dispute.closed": Subject.DISPUTE,
    "radar.early_fraud_warning.created": Subject.WARNING,
    "radar.early_fraud_warning.updated": Subject.WARNING,
    "review.opened": Subject.REVIEW,
    "review.closed": Subject.REVIEW,
    "refund.created": Subject.REFUND,
    "refund.updated": Subject.REFUND,
    "refund.failed": Subject.REFUND,
    "account.updated": Subject.ACCOUNT,
    "account.application.deauthorized": Subject.DEAUTHORIZED,
    "payout.failed": Subject.PAYOUT,
    "customer.subscription.created": Subject.SUBSCRIPTION,
    "customer.subscription.updated": Subject.SUBSCRIPTION,
    "customer.subscription.deleted": Subject.SUBSCRIPTION,
    "customer.subscription.paused": Subject.SUBSCRIPTION,
    "customer.subscription.resumed": Subject.SUBSCRIPTION,
    "invoice.paid": Subject.INVOICE,
    "invoice.payment_failed": Subject.INVOICE,
    "entitlements.active_entitlement_summary.updated": Subject.ENTITLEMENTS,
}

EVENT_TYPES: Final = tuple(sorted(_SUBJECTS))


def subject_of(event_type: str) -> Subject | None:
    """What an event of this type is about; None = nothing of ours."""
    return _SUBJECTS.get(event_type)


class FactKind(StrEnum):
    """The provider's objects that decide an order's payment."""

    SESSION = "SESSION"
    INTENT = "INTENT"
    REFUND = "REFUND"
    DISPUTE = "DISPUTE"
    WARNING = "WARNING"
    REVIEW = "REVIEW"


class FactState(StrEnum):
    """How such an object stands; which words a kind uses is said by `STATES`."""

    OPEN = "OPEN"  # still undecided
    PROCESSING = "PROCESSING"
    FAILED = "FAILED"  # the last attempt was; a customer may try again
    AUTHORIZED = "AUTHORIZED"
    SUCCEEDED = "SUCCEEDED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    WON = "WON"  # a dispute closed in our favour, inquiries included
    LOST = "LOST"
    CLOSED = "CLOSED"  # over, with nothing to be done


STATES: Final[dict[FactKind, frozenset[FactState]]] = {
    FactKind.SESSION: frozenset(
        {FactState.OPEN, FactState.PROCESSING, FactState.SUCCEEDED, FactState.EXPIRED}
    ),
    FactKind.INTENT: frozenset(
        {
            FactState.OPEN,
            FactState.PROCESSING,
            FactState.FAILED,
            FactState.AUTHORIZED,
            FactState.SUCCEEDED,
            FactState.CANCELLED,
        }
    ),
    FactKind.REFUND: frozenset(
        {FactState.OPEN, FactState.SUCCEEDED, FactState.FAILED, FactState.CANCELLED}
    ),
    FactKind.DISPUTE: frozenset({FactState.OPEN, FactState.WON, FactState.LOST}),
    FactKind.WARNING: frozenset({FactState.OPEN, FactState.CLOSED}),
    FactKind.REVIEW: frozenset({FactState.OPEN, FactState.CLOSED}),
}


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """How one of the provider's objects stood at `as_of`.

    Attributes:
        kind: what it is.
        external_id: the provider's id of it (pi_…, cs_…, re_…, dp_…).
        account: whose it is at the provider; "" = the platform's own.
        state: how it stands.
        amount: INTENT: received, or capturable while AUTHORIZED, or asked for before; SESSION:
            its total; REFUND and DISPUTE: what goes back.
        as_of: the time just before it was read.
        intent_id: the payment it belongs to; an INTENT names itself.
        order_ref: our order's id, from the object's metadata; "" = it names none.
        store_ref: the store's id or subdomain, from the metadata.
        order_number: the storefront's number, from the metadata; only with `store_ref`.
        refund_ref: our refund's id, from a REFUND's metadata.
        note: the provider's reason in its own word ("fraudulent", "insufficient_funds").
    """

    kind: FactKind
    external_id: str
    account: str
    state: FactState
    amount: Money
    as_of: datetime
    intent_id: str = ""
    order_ref: str = ""
    store_ref: str = ""
    order_number: str = ""
    refund_ref: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATES[self.kind]:
            raise ValueError(f"a {self.kind} is never {self.state}")

    @property
    def payment_id(self) -> str:
        """What facts of one payment share; a checkout without a payment stands for itself."""
        return self.intent_id or self.external_id


@dataclass(frozen=True, slots=True)
class WantedHold:
    """A hold that facts give cause for; `source` names the fact."""

    source: str
    reason: HoldReason
    note: str


@dataclass(frozen=True, slots=True)
class Issue:
    """Something of a payment that a person should know, as long as it is so."""

    key: str
    severity: Severity
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What all the facts of an order come to. Amounts are minor units of the order's currency."""

    status: PaymentStatus = PaymentStatus.PENDING
    paid_minor: int = 0
    refunded_minor: int = 0
    holds: tuple[WantedHold, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(slots=True)
class _Findings:
    holds: list[WantedHold] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def hold(self, fact: PaymentFact, reason: HoldReason, note: str) -> None:
        self.holds.append(WantedHold(_name(fact), reason, note))

    def tell(self, fact: PaymentFact, severity: Severity, title: str, message: str) -> None:
        self.issues.append(Issue(_name(fact), severity, title, message))


def assess(total: Money, facts: Iterable[PaymentFact]) -> Assessment:
    """What the facts of an order come to; the order of the facts does not matter.

    An order is paid when what was received in its own currency is at least its total. Money in
    another currency, or too little of it, pays nothing and holds the order.
    """
    known = sorted(facts, key=lambda fact: (fact.kind, fact.external_id))
    findings = _Findings()
    paid = _received(total, known, findings)
    _look_at_refunds(known, findings)
    _look_at_fraud(known, findings)
    refunded = min(paid, _returned(total.currency, known))
    return Assessment(
        _status(total, known, paid, refunded),
        paid,
        refunded,
        tuple(findings.holds),
        tuple(findings.issues),
    )


def _received(total: Money, facts: Sequence[PaymentFact], findings: _Findings) -> int:
    payments = [fact for fact in facts if _is(fact, FactKind.INTENT, FactState.SUCCEEDED)]
    ours = [fact for fact in payments if fact.amount.currency == total.currency]
    paid = sum(fact.amount.minor for fact in ours)
    for fact in payments:
        if fact not in ours:
            note = f"paid {fact.amount} where the order is in {total.currency}"
            findings.hold(fact, HoldReason.PAYMENT, note)
            findings.tell(fact, Severity.CRITICAL, "Paid in another currency", note)
    if ours and paid < total.minor:
        note = f"paid {Money(paid, total.currency)} of {total}"
        findings.hold(ours[-1], HoldReason.PAYMENT, note)
        findings.tell(ours[-1], Severity.CRITICAL, "Paid too little", note)
    if len(ours) > 1 and paid > total.minor:
        note = f"{len(ours)} payments took {Money(paid, total.currency)} for {total}; refund one"
        findings.tell(ours[-1], Severity.HIGH, "Paid more than once", note)
    if paid < total.minor:
        for fact in facts:
            if _is(fact, FactKind.INTENT, FactState.FAILED):
                note = f"the customer's attempt failed ({fact.note or 'no reason was given'})"
                findings.tell(fact, Severity.LOW, "Payment failed", note)
    return paid


def _look_at_refunds(facts: Sequence[PaymentFact], findings: _Findings) -> None:
    for fact in facts:
        if _is(fact, FactKind.REFUND, FactState.OPEN):
            findings.hold(fact, HoldReason.PAYMENT, f"a refund of {fact.amount} is under way")
        elif _is(fact, FactKind.REFUND, FactState.FAILED):
            reason = fact.note or "no reason was given"
            note = f"the refund of {fact.amount} did not reach the customer ({reason})"
            findings.tell(fact, Severity.HIGH, "Refund failed", note)


def _look_at_fraud(facts: Sequence[PaymentFact], findings: _Findings) -> None:
    for fact in facts:
        if fact.state is not FactState.OPEN or fact.kind not in _SUSPICIONS:
            continue
        severity, title, sentence = _SUSPICIONS[fact.kind]
        note = sentence.format(amount=fact.amount, reason=fact.note or "no reason was given")
        findings.hold(fact, HoldReason.FRAUD, note)
        findings.tell(fact, severity, title, note)


_SUSPICIONS: Final = {
    FactKind.DISPUTE: (
        Severity.CRITICAL,
        "Payment disputed",
        "the customer disputes {amount} ({reason}); answer it in the Stripe dashboard",
    ),
    FactKind.WARNING: (
        Severity.CRITICAL,
        "Early fraud warning",
        "the card's issuer warns of fraud ({reason}); refund the payment or release the hold",
    ),
    FactKind.REVIEW: (
        Severity.HIGH,
        "Payment under review",
        "the payment waits for a review ({reason}); decide it in the Stripe dashboard",
    ),
}


def _returned(currency: str, facts: Sequence[PaymentFact]) -> int:
    """What went back to the customer; a lost dispute takes its amount like a refund."""
    return sum(
        fact.amount.minor
        for fact in facts
        if fact.amount.currency == currency
        and (
            _is(fact, FactKind.REFUND, FactState.SUCCEEDED)
            or _is(fact, FactKind.DISPUTE, FactState.LOST)
        )
    )


def _status(total: Money, facts: Sequence[PaymentFact], paid: int, refunded: int) -> PaymentStatus:
    if paid >= total.minor and (paid > 0 or _was_free(total, facts)):
        if refunded == 0:
            return PaymentStatus.PAID
        return PaymentStatus.REFUNDED if refunded >= paid else PaymentStatus.PARTIALLY_REFUNDED
    if any(
        _is(fact, FactKind.INTENT, FactState.AUTHORIZED)
        and fact.amount.currency == total.currency
        and fact.amount.minor >= total.minor
        for fact in facts
    ):
        return PaymentStatus.AUTHORIZED
    attempts = [fact for fact in facts if fact.kind in (FactKind.INTENT, FactKind.SESSION)]
    if attempts and all(fact.state in _OVER for fact in attempts):
        return PaymentStatus.ABANDONED
    return PaymentStatus.PENDING


_OVER: Final = frozenset({FactState.CANCELLED, FactState.EXPIRED})


def _was_free(total: Money, facts: Sequence[PaymentFact]) -> bool:
    """Nothing to pay, and the customer has completed the checkout."""
    return total.minor == 0 and any(
        _is(fact, FactKind.SESSION, FactState.SUCCEEDED) for fact in facts
    )


def _is(fact: PaymentFact, kind: FactKind, state: FactState) -> bool:
    return fact.kind is kind and fact.state is state


def _name(fact: PaymentFact) -> str:
    return f"{fact.kind.lower()}:{fact.external_id}"
