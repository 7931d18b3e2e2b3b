"""What merchants read of payments: amounts and plain words, none of the provider's."""

from __future__ import annotations

from typing import Final

from zyenta_ops.domain.payments.facts import FactKind, FactState, PaymentFact

_TOLD: Final = {
    (FactKind.INTENT, FactState.OPEN): "a payment of {amount} was begun",
    (FactKind.INTENT, FactState.PROCESSING): "a payment of {amount} is on its way",
    (FactKind.INTENT, FactState.FAILED): "a payment of {amount} failed{why}",
    (FactKind.INTENT, FactState.AUTHORIZED): "{amount} is reserved",
    (FactKind.INTENT, FactState.SUCCEEDED): "{amount} was paid",
    (FactKind.INTENT, FactState.CANCELLED): "a payment of {amount} was cancelled",
    (FactKind.SESSION, FactState.OPEN): "a checkout of {amount} was begun",
    (FactKind.SESSION, FactState.PROCESSING): "the checkout is done, its payment on its way",
    (FactKind.SESSION, FactState.SUCCEEDED): "the checkout is done",
    (FactKind.SESSION, FactState.EXPIRED): "the customer left the checkout",
    (FactKind.REFUND, FactState.OPEN): "a refund of {amount} is on its way",
    (FactKind.REFUND, FactState.SUCCEEDED): "{amount} was refunded",
    (FactKind.REFUND, FactState.FAILED): "a refund of {amount} did not reach the customer{why}",
    (FactKind.REFUND, FactState.CANCELLED): "a refund of {amount} was cancelled",
    (FactKind.DISPUTE, FactState.ASKED): "the customer's bank asks about {amount}{why}",
    (FactKind.DISPUTE, FactState.OPEN): "the customer disputes {amount}{why}",
    (FactKind.DISPUTE, FactState.WON): "the dispute of {amount} ended in our favour",
    (FactKind.DISPUTE, FactState.LOST): "the dispute of {amount} was lost",
    (FactKind.WARNING, FactState.OPEN): "the card's issuer warns of fraud{why}",
    (FactKind.WARNING, FactState.CLOSED): "the warning of fraud is over",
    (FactKind.REVIEW, FactState.OPEN): "the payment waits for a review{why}",
    (FactKind.REVIEW, FactState.CLOSED): "the review of the payment is over",
}


def told(fact: PaymentFact) -> str:
    """What happened, as a timeline says it."""
    why = f" ({reason})" if (reason := plain(fact.note)) else ""
    return _TOLD[fact.kind, fact.state].format(amount=fact.amount, why=why)


def why(fact: PaymentFact) -> str:
    """The reason that the provider gave."""
    return plain(fact.note) or "no reason was given"


def plain(word: str) -> str:
    """One of the provider's words ("insufficient_funds") as people write it."""
    return word.replace("_", " ")
