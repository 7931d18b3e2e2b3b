"""Stripe's objects as payment facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from zyenta_ops.adapters.payments.stripe.amounts import from_stripe
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact

# What we put into an object's metadata, and look for in it.
ORDER_ID: Final = "order_id"
STORE: Final = "store"
ORDER_NUMBER: Final = "order_number"
REFUND_ID: Final = "zy_refund_id"

_INTENT: Final = {
    "requires_payment_method": FactState.OPEN,
    "requires_confirmation": FactState.OPEN,
    "requires_action": FactState.OPEN,
    "processing": FactState.PROCESSING,
    "requires_capture": FactState.AUTHORIZED,
    "succeeded": FactState.SUCCEEDED,
    "canceled": FactState.CANCELLED,
}
_CHARGED: Final = frozenset({FactState.SUCCEEDED, FactState.AUTHORIZED, FactState.PROCESSING})
_REFUND: Final = {
    "pending": FactState.OPEN,
    "requires_action": FactState.OPEN,
    "succeeded": FactState.SUCCEEDED,
    "failed": FactState.FAILED,
    "canceled": FactState.CANCELLED,
}
# Everything else is still argued about, appeals included. While a bank only asks, which Stripe
# calls a warning, the money stays and can be refunded (docs.stripe.com/disputes).
_DISPUTE: Final = {
    "warning_needs_response": FactState.ASKED,
    "warning_under_review": FactState.ASKED,
    "won": FactState.WON,
    "warning_closed": FactState.WON,
    "prevented": FactState.WON,
    "lost": FactState.LOST,
}

Wire = Mapping[str, Any]


def intent_fact(wire: Wire, account: str, as_of: datetime) -> PaymentFact:
    """A PaymentIntent, read with its latest charge: received, else capturable, else asked for."""
    state = _INTENT.get(wire["status"], FactState.OPEN)
    failure = wire.get("last_payment_error") or {}
    charge = wire.get("latest_charge") if state in _CHARGED else None
    amount = wire["amount"]
    if state is FactState.SUCCEEDED:
        amount = wire["amount_received"]
    elif state is FactState.AUTHORIZED:
        amount = wire["amount_capturable"]
    elif state is FactState.OPEN and failure:
        state = FactState.FAILED
    return PaymentFact(
        kind=FactKind.INTENT,
        external_id=wire["id"],
        account=account,
        state=state,
        amount=from_stripe(amount, wire["currency"]),
        as_of=as_of,
        moved_at=_created(wire if charge is None else charge),
        intent_id=wire["id"],
        note=failure.get("decline_code") or failure.get("code") or "",
        **_named(wire),
    )


def session_fact(wire: Wire, account: str, as_of: datetime) -> PaymentFact:
    """A Checkout Session; complete but unpaid is a delayed method at work."""
    if wire["status"] == "expired":
        state = FactState.EXPIRED
    elif wire["status"] != "complete":
        state = FactState.OPEN
    elif wire["payment_status"] in ("paid", "no_payment_required"):
        state = FactState.SUCCEEDED
    else:
        state = FactState.PROCESSING
    return PaymentFact(
        kind=FactKind.SESSION,
        external_id=wire["id"],
        account=account,
        state=state,
        amount=from_stripe(wire.get("amount_total") or 0, wire.get("currency") or "usd"),
        as_of=as_of,
        moved_at=_created(wire),
        intent_id=id_of(wire.get("payment_intent")),
        **_named(wire),
    )


def refund_fact(wire: Wire, account: str, as_of: datetime) -> PaymentFact:
    """A refund, ours or one made in the dashboard."""
    return PaymentFact(
        kind=FactKind.REFUND,
        external_id=wire["id"],
        account=account,
        state=_REFUND.get(wire["status"], FactState.OPEN),
        amount=from_stripe(wire["amount"], wire["currency"]),
        as_of=as_of,
        moved_at=_created(wire),
        intent_id=id_of(wire.get("payment_intent")),
        refund_ref=(wire.get("metadata") or {}).get(REFUND_ID, "")[:32],
        note=wire.get("failure_reason") or wire.get("reason") or "",
    )


def dispute_fact(wire: Wire, account: str, as_of: datetime) -> PaymentFact:
    """A dispute or an inquiry."""
    return PaymentFact(
        kind=FactKind.DISPUTE,
        external_id=wire["id"],
        account=account,
        state=_DISPUTE.get(wire["status"], FactState.OPEN),
        amount=from_stripe(wire["amount"], wire["currency"]),
        as_of=as_of,
        moved_at=_created(wire),
        intent_id=id_of(wire.get("payment_intent")),
        note=wire.get("reason") or "",
    )


def warning_fact(wire: Wire, account: str, as_of: datetime) -> PaymentFact:
    """An early fraud warning; over once the payment was refunded or disputed."""
    state = FactState.OPEN if wire["actionable"] else FactState.CLOSED
    return _suspicion(FactKind.WARNING, wire, account, as_of, state, wire.get("fraud_type"))


def review_fact(wire: Wire, account: str, as_of: datetime) -> PaymentFact:
    """A review by the fraud rules or by a person."""
    state = FactState.OPEN if wire["open"] else FactState.CLOSED
    return _suspicion(FactKind.REVIEW, wire, account, as_of, state, wire.get("reason"))


def _suspicion(
    kind: FactKind, wire: Wire, account: str, as_of: datetime, state: FactState, note: str | None
) -> PaymentFact:
    """What is about a whole payment and names no amount of its own."""
    intent = wire.get("payment_intent")
    amount = Money(0, "USD")
    if isinstance(intent, Mapping):
        amount = from_stripe(intent["amount"], intent["currency"])
    return PaymentFact(
        kind=kind,
        external_id=wire["id"],
        account=account,
        state=state,
        amount=amount,
        as_of=as_of,
        moved_at=_created(wire),
        intent_id=id_of(intent),
        note=note or "",
    )


def id_of(reference: Any) -> str:
    """The id of what may be an id, the object itself, or nothing."""
    if not reference:
        return ""
    return str(reference if isinstance(reference, str) else reference["id"])


def _created(wire: Wire) -> datetime:
    return datetime.fromtimestamp(wire["created"], UTC)


def _named(wire: Wire) -> dict[str, str]:
    """What the metadata says of the order; cut to what any of our names can be."""
    metadata = wire.get("metadata") or {}
    return {
        "order_ref": str(metadata.get(ORDER_ID) or "")[:64],
        "store_ref": str(metadata.get(STORE) or "")[:64],
        "order_number": str(metadata.get(ORDER_NUMBER) or "")[:64],
    }
