"""Attempts to pay a PaymentIntent, and everything that may come of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from zyenta_ops.sandbox.stripe import charges, disputes, fraud
from zyenta_ops.sandbox.stripe.errors import StripeError, refused
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.payment_methods import Card, card_of

PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
# docs.stripe.com/payments/place-a-hold-on-a-payment-method: most cards hold for seven days.
HELD_FOR = timedelta(days=7)
_BANKS_TAKE = timedelta(days=4)


def attempt(ledger: Ledger, intent: Document, method: Document) -> StripeError | None:
    """Try to pay with a payment method; the refusal when it is declined, else None."""
    card = card_of(ledger, method)
    intent |= {"payment_method": method["id"], "last_payment_error": None}
    if card.decline is not None:
        return _decline(ledger, intent, method, card)
    if card.action and intent["status"] != "requires_action":
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {
                "return_url": None,
                "url": f"https://hooks.stripe.example/authenticate/{intent['id']}",
            },
        }
        ledger.emit(
            "payment_intent.requires_action", intent, change(intent, status="requires_action")
        )
        return None
    intent["next_action"] = None
    if card.later:
        _process(ledger, intent, method, succeeds=card.later == "succeeds")
    else:
        _charge(ledger, intent, method, card)
    return None


def authenticate(ledger: Ledger, intent: Document, succeeds: bool) -> None:
    """Let the customer pass, or fail, the authentication that an intent waits for."""
    if intent["status"] != "requires_action":
        raise refused(f"{intent['id']} waits for no authentication: it is {intent['status']}.")
    if succeeds:
        method = ledger.get("payment_method", intent["payment_method"])
        intent["next_action"] = None
        _charge(ledger, intent, method, card_of(ledger, method))
        return
    error = {
        "code": "payment_intent_authentication_failure",
        "message": "The provided payment method has failed authentication.",
        "type": "invalid_request_error",
    }
    _back(ledger, intent, error)


def capture(ledger: Ledger, intent: Document, amount: int) -> None:
    """Take what was authorised, or part of it."""
    charge = ledger.get("charge", intent["latest_charge"])
    charges.capture(ledger, charge, amount)
    change(intent, status="succeeded", amount_capturable=0, amount_received=amount)
    ledger.emit("payment_intent.succeeded", intent)
    _tell(ledger, intent, succeeds=True)


def cancel(ledger: Ledger, intent: Document, reason: str | None, expired: bool = False) -> None:
    """End an intent; money that was only authorised is let go."""
    if intent["status"] == "requires_capture":
        charge = ledger.get("charge", intent["latest_charge"])
        charges.release(ledger, charge, "charge.expired" if expired else "charge.refunded")
    change(
        intent, status="canceled", canceled_at=ledger.seconds, cancellation_reason=reason,
        amount_capturable=0, next_action=None,
    )  # fmt: skip
    ledger.emit("payment_intent.canceled", intent)


def unexpected(intent: Document, message: str) -> StripeError:
    """The refusal of what the status of an intent does not allow."""
    return refused(message, "payment_intent_unexpected_state", payment_intent=dict(intent))


def declined(card: Card, **more: Any) -> StripeError:
    """The refusal of a card."""
    code, reason = card.decline or ("card_declined", "generic_decline")
    message = charges.message_of(reason)
    return StripeError(
        402, message, kind="card_error", code=code, executed=True, decline_code=reason, **more
    )


def _charge(ledger: Ledger, intent: Document, method: Document, card: Card) -> None:
    charge = charges.make(ledger, intent, method, "succeeded")
    intent["latest_charge"] = charge["id"]
    ledger.emit("charge.succeeded", charge)
    if intent["capture_method"] == "manual":
        change(intent, status="requires_capture", amount_capturable=intent["amount"])
        ledger.emit("payment_intent.amount_capturable_updated", intent)
        ledger.later(HELD_FOR, lambda: _expire(ledger, intent))
    else:
        change(intent, status="succeeded", amount_received=intent["amount"])
        ledger.emit("payment_intent.succeeded", intent)
    if card.reviewed:
        fraud.open_review(ledger, charge)
    if card.warned:
        fraud.warn(ledger, charge)
    if card.dispute:
        disputes.open_dispute(ledger, charge, card.dispute, card.inquiry)


def _decline(ledger: Ledger, intent: Document, method: Document, card: Card) -> StripeError:
    code, reason = card.decline or ("", "")
    charge = charges.make(ledger, intent, method, "failed")
    ledger.emit("charge.failed", charge)
    intent["latest_charge"] = charge["id"]
    said = {
        "charge": charge["id"], "code": code, "decline_code": reason,
        "message": charges.message_of(reason), "payment_method": method, "type": "card_error",
    }  # fmt: skip
    _back(ledger, intent, said)
    return declined(card, charge=charge["id"], payment_intent=dict(intent), payment_method=method)


def _process(ledger: Ledger, intent: Document, method: Document, succeeds: bool) -> None:
    charge = charges.make(ledger, intent, method, "pending")
    change(intent, status="processing", latest_charge=charge["id"])
    ledger.emit("charge.pending", charge)
    ledger.emit("payment_intent.processing", intent)
    ledger.later(_BANKS_TAKE, lambda: conclude(ledger, intent, succeeds))


def conclude(ledger: Ledger, intent: Document, succeeds: bool) -> None:
    """Let a payment that takes days end; nothing when it has ended."""
    if intent["status"] != "processing":
        return
    charge = ledger.get("charge", intent["latest_charge"])
    if succeeds:
        charges.succeed(ledger, charge)
        change(intent, status="succeeded", amount_received=intent["amount"])
        ledger.emit("payment_intent.succeeded", intent)
    else:
        charges.fail(ledger, charge)
        said = {"charge": charge["id"], "code": "account_closed", "type": "invalid_request_error"}
        _back(ledger, intent, {**said, "message": charges.ACCOUNT_CLOSED})
    _tell(ledger, intent, succeeds)


def _tell(ledger: Ledger, intent: Document, succeeds: bool) -> None:
    """Tell whoever waits for the end of an intent, each once."""
    for told in ledger.notes.pop(intent["id"], {}).get("concluded", ()):
        told(succeeds)


def _back(ledger: Ledger, intent: Document, error: Document) -> None:
    """An attempt has failed: the customer may try another payment method."""
    change(
        intent, status="requires_payment_method", payment_method=None, next_action=None,
        last_payment_error=error,
    )  # fmt: skip
    ledger.emit("payment_intent.payment_failed", intent)


def _expire(ledger: Ledger, intent: Document) -> None:
    if intent["status"] == "requires_capture":
        cancel(ledger, intent, "automatic", expired=True)
