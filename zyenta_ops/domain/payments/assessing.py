"""What the facts of an order come to: its status, its holds, and what a person should know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import HoldReason, PaymentStatus
from zyenta_ops.domain.payments.balances import Balance, Till, balances, till_of
from zyenta_ops.domain.payments.facts import FactKind, FactState, PaymentFact
from zyenta_ops.domain.payments.wording import why

# What an order's payments are like as a whole; there is one hold and one issue for each.
TOO_LITTLE: Final = "payment:short"
OTHER_CURRENCY: Final = "payment:currency"
TOO_OFTEN: Final = "payment:twice"


@dataclass(frozen=True, slots=True)
class WantedHold:
    """A hold that facts give cause for; `source` names the fact, or what all payments are like."""

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
    """What all the facts of an order come to. Amounts are minor units of the order's currency.

    Attributes:
        paid_minor: what came in, in all.
        refunded_minor: what of it went back.
    """

    status: PaymentStatus = PaymentStatus.PENDING
    paid_minor: int = 0
    refunded_minor: int = 0
    holds: tuple[WantedHold, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(slots=True)
class _Findings:
    holds: list[WantedHold] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def hold(self, source: str, reason: HoldReason, note: str) -> None:
        self.holds.append(WantedHold(source, reason, note))

    def tell(self, key: str, severity: Severity, title: str, message: str) -> None:
        self.issues.append(Issue(key, severity, title, message))


def assess(total: Money, facts: Iterable[PaymentFact]) -> Assessment:
    """What the facts of an order come to; the order of the facts does not matter.

    An order is paid while what came in by payments in its own currency, less what went back of
    each, is at least its total. Once paid it is refunded by what goes back. Money in another
    currency, or too little of it, pays nothing and holds the order for as long as we have it.
    """
    known = sorted(facts, key=lambda fact: (fact.kind, fact.external_id))
    standing = balances(known)
    ours = [each for each in standing if each.currency == total.currency]
    till = till_of(total, ours)
    findings = _Findings()
    _look_at_other_currencies(total, standing, findings)
    _look_at_payments(total, till, ours, findings)
    if not till.ever_covered:
        _look_at_attempts(known, findings)
    _look_at_refunds(known, findings)
    _look_at_fraud(known, findings)
    return Assessment(
        _status(total, known, till),
        till.received,
        till.returned,
        tuple(findings.holds),
        tuple(findings.issues),
    )


def _look_at_other_currencies(
    total: Money, standing: Sequence[Balance], findings: _Findings
) -> None:
    foreign: dict[str, int] = {}
    for each in standing:
        if each.currency != total.currency and each.kept:
            foreign[each.currency] = foreign.get(each.currency, 0) + each.kept
    if foreign:
        sums = " and ".join(str(Money(foreign[each], each)) for each in sorted(foreign))
        note = f"paid {sums} where the order is in {total.currency}"
        findings.hold(OTHER_CURRENCY, HoldReason.PAYMENT, note)
        findings.tell(OTHER_CURRENCY, Severity.CRITICAL, "Paid in another currency", note)


def _look_at_payments(
    total: Money, till: Till, ours: Sequence[Balance], findings: _Findings
) -> None:
    kept = Money(till.kept, total.currency)
    if 0 < till.kept < total.minor and not till.covered:
        note = f"paid {kept} of {total}"
        if till.returned:
            note += f"; {Money(till.returned, total.currency)} went back"
        findings.hold(TOO_LITTLE, HoldReason.PAYMENT, note)
        findings.tell(TOO_LITTLE, Severity.CRITICAL, "Paid too little", note)
    payments = sum(each.kept > 0 for each in ours)
    if payments > 1 and till.kept > total.minor:
        note = f"{payments} payments took {kept} for {total}; refund what is too much"
        findings.tell(TOO_OFTEN, Severity.HIGH, "Paid more than once", note)


def _look_at_attempts(facts: Sequence[PaymentFact], findings: _Findings) -> None:
    for fact in facts:
        if _is(fact, FactKind.INTENT, FactState.FAILED):
            note = f"the customer's attempt failed ({why(fact)})"
            findings.tell(_name(fact), Severity.LOW, "Payment failed", note)


def _look_at_refunds(facts: Sequence[PaymentFact], findings: _Findings) -> None:
    for fact in facts:
        if _is(fact, FactKind.REFUND, FactState.OPEN):
            note = f"a refund of {fact.amount} is under way"
            findings.hold(_name(fact), HoldReason.PAYMENT, note)
        elif _is(fact, FactKind.REFUND, FactState.FAILED):
            note = f"the refund of {fact.amount} did not reach the customer ({why(fact)})"
            findings.tell(_name(fact), Severity.HIGH, "Refund failed", note)


def _look_at_fraud(facts: Sequence[PaymentFact], findings: _Findings) -> None:
    for fact in facts:
        if (suspicion := _SUSPICIONS.get((fact.kind, fact.state))) is None:
            continue
        severity, title, sentence = suspicion
        note = sentence.format(amount=fact.amount, reason=why(fact))
        findings.hold(_name(fact), HoldReason.FRAUD, note)
        # An inquiry that becomes a dispute is told anew: it takes the money.
        findings.tell(f"{_name(fact)}:{fact.state.lower()}", severity, title, note)


_SUSPICIONS: Final = {
    (FactKind.DISPUTE, FactState.ASKED): (
        Severity.CRITICAL,
        "Payment questioned",
        "the customer's bank asks about {amount} ({reason}); answer in the Stripe dashboard, or"
        " refund the payment",
    ),
    (FactKind.DISPUTE, FactState.OPEN): (
        Severity.CRITICAL,
        "Payment disputed",
        "the customer disputes {amount} ({reason}); answer it in the Stripe dashboard",
    ),
    (FactKind.WARNING, FactState.OPEN): (
        Severity.CRITICAL,
        "Early fraud warning",
        "the card's issuer warns of fraud ({reason}); refund the payment or release the hold",
    ),
    (FactKind.REVIEW, FactState.OPEN): (
        Severity.HIGH,
        "Payment under review",
        "the payment waits for a review ({reason}); decide it in the Stripe dashboard",
    ),
}


def _status(total: Money, facts: Sequence[PaymentFact], till: Till) -> PaymentStatus:
    if till.kept >= total.minor and (till.kept > 0 or _was_free(total, facts)):
        return PaymentStatus.PAID
    if till.covered and till.kept > 0:
        return PaymentStatus.PARTIALLY_REFUNDED
    if any(
        _is(fact, FactKind.INTENT, FactState.AUTHORIZED)
        and fact.amount.currency == total.currency
        and fact.amount.minor >= total.minor
        for fact in facts
    ):
        return PaymentStatus.AUTHORIZED
    if till.ever_covered and till.kept == 0:
        return PaymentStatus.REFUNDED
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
