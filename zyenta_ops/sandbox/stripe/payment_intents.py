"""PaymentIntents as the API offers them: created, confirmed, captured, cancelled."""

from __future__ import annotations

from typing import Any

from zyenta_ops.sandbox.stripe import attempts
from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import invalid, refused
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.money import chargeable, currency, positive, shown
from zyenta_ops.sandbox.stripe.params import Params
from zyenta_ops.sandbox.stripe.payment_methods import method_of

_WAYS = ("automatic", "automatic_async", "manual")
_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
_CANCELLABLE = (
    "requires_payment_method", "requires_capture", "requires_confirmation", "requires_action",
    "processing",
)  # fmt: skip
_SHARED = (
    "application_fee_amount customer description metadata payment_method receipt_email shipping "
    "setup_future_usage statement_descriptor statement_descriptor_suffix transfer_data "
    "transfer_group"
)
_CONFIRMING = "off_session return_url use_stripe_sdk error_on_requires_action"


def create(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/payment_intents."""
    asked.require("amount", "currency")
    unit = currency(asked)
    amount = chargeable(asked, "amount", unit)
    if asked.flag("off_session") and not asked.flag("confirm"):
        raise invalid("You cannot provide off_session unless confirm is true.", "off_session")
    fields = shared(ledger, asked)
    kinds = asked.texts("payment_method_types") or ["card"]
    automatic = asked.object("automatic_payment_methods").flag("enabled")
    method = method_of(ledger, asked.text("payment_method")) if fields["payment_method"] else None
    intent = begin(
        ledger, amount, unit,
        **{**fields, "payment_method": method and method["id"]},
        payment_method_types=kinds,
        automatic_payment_methods={"enabled": True} if automatic else None,
        status="requires_confirmation" if method else "requires_payment_method",
    )  # fmt: skip
    if asked.flag("confirm"):
        return _confirm(ledger, intent, method)
    return intent


def begin(ledger: Ledger, amount: int, unit: str, **fields: Any) -> Document:
    """Create an intent, for the API or within Stripe."""
    intent = ledger.add(
        "payment_intent",
        {
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic_async",
            "confirmation_method": "automatic",
            "currency": unit,
            "customer": None,
            "description": None,
            "last_payment_error": None,
            "latest_charge": None,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "processing": None,
            "receipt_email": None,
            "review": None,
            "setup_future_usage": None,
            "shipping": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
            **fields,
        },
    )
    intent["client_secret"] = f"{intent['id']}_secret_{ledger.new_id('')}"
    ledger.emit("payment_intent.created", intent)
    return intent


def shared(ledger: Ledger, asked: Params) -> Document:
    """The fields that whoever makes an intent may set, here or through a Checkout Session."""
    customer = asked.optional("customer")
    if customer:
        ledger.get("customer", customer, asked.named("customer"))
    transfer = asked.object("transfer_data")
    if transfer.values:
        transfer.only({"amount", "destination"})
        transfer.require("destination")
        destination = transfer.text("destination")
        ledger.get("account", destination, transfer.named("destination"))
    share = {
        "amount": positive(transfer, "amount"),
        "destination": transfer.optional("destination"),
    }
    words = (
        "description", "on_behalf_of", "payment_method", "receipt_email", "setup_future_usage",
        "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
    )  # fmt: skip
    return {
        **{name: asked.optional(name) for name in words},
        "application_fee_amount": asked.number("application_fee_amount"),
        "capture_method": asked.choice("capture_method", _WAYS, "automatic_async"),
        "customer": customer,
        "metadata": asked.metadata(),
        "shipping": dict(asked.object("shipping").values) or None,
        "transfer_data": {n: v for n, v in share.items() if v is not None} or None,
    }


def update(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/payment_intents/{id}."""
    intent = ledger.get("payment_intent", name, "intent")
    fields = {n: v for n, v in shared(ledger, asked).items() if n in asked}
    if asked.text("payment_method"):
        fields["payment_method"] = method_of(ledger, asked.text("payment_method"))["id"]
        if intent["status"] == "requires_payment_method":
            fields["status"] = "requires_confirmation"
    if "metadata" in asked:
        fields["metadata"] = asked.metadata(intent["metadata"])
    if "amount" in asked:
        if intent["status"] not in attempts.PAYABLE:
            raise attempts.unexpected(
                intent,
                "This PaymentIntent's amount could not be updated because it has a status of "
                f"{intent['status']}.",
            )
        fields["amount"] = chargeable(asked, "amount", intent["currency"])
    change(intent, **fields)
    return intent


def confirm(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/payment_intents/{id}/confirm."""
    intent = ledger.get("payment_intent", name, "intent")
    if intent["status"] not in attempts.PAYABLE:
        raise attempts.unexpected(
            intent,
            "You cannot confirm this PaymentIntent because it has already "
            f"{'been canceled' if intent['status'] == 'canceled' else 'succeeded'} "
            f"or is being carried out: its status is {intent['status']}.",
        )
    given = asked.text("payment_method") or intent["payment_method"]
    return _confirm(ledger, intent, method_of(ledger, given) if given else None)


def capture(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/payment_intents/{id}/capture."""
    intent = ledger.get("payment_intent", name, "intent")
    wanted = positive(asked, "amount_to_capture")
    if intent["status"] != "requires_capture":
        raise attempts.unexpected(
            intent,
            "This PaymentIntent could not be captured because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be "
            "captured: requires_capture.",
        )
    amount, unit = wanted or intent["amount_capturable"], intent["currency"]
    if amount > intent["amount_capturable"]:
        raise refused(
            f"The amount to capture ({shown(amount, unit)}) is more than what can be captured "
            f"({shown(intent['amount_capturable'], unit)}).",
            "amount_too_large",
            "amount_to_capture",
        )
    intent["metadata"] = asked.metadata(intent["metadata"])
    attempts.capture(ledger, intent, amount)
    return intent


def cancel(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/payment_intents/{id}/cancel."""
    intent = ledger.get("payment_intent", name, "intent")
    reason = asked.choice("cancellation_reason", _REASONS)
    if intent["status"] not in _CANCELLABLE:
        raise attempts.unexpected(
            intent,
            "You cannot cancel this PaymentIntent because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be "
            f"canceled: {', '.join(_CANCELLABLE)}.",
        )
    attempts.cancel(ledger, intent, reason or None)
    return intent


def _confirm(ledger: Ledger, intent: Document, method: Document | None) -> Document:
    if method is None:
        raise attempts.unexpected(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method or ConfirmationToken.",
        )
    declined = attempts.attempt(ledger, intent, method)
    if declined is not None:
        raise declined
    return intent


_PATH = "/v1/payment_intents"
ENDPOINTS: Endpoints = {
    ("POST", _PATH): takes(
        create,
        f"{_SHARED} {_CONFIRMING} amount automatic_payment_methods capture_method confirm currency "
        "on_behalf_of payment_method_types",
    ),
    ("GET", _PATH): listing("payment_intent", _PATH, "customer"),
    ("GET", _PATH + "/{name}"): retrieving("payment_intent", "intent"),
    ("POST", _PATH + "/{name}"): takes(update, f"{_SHARED} amount capture_method"),
    ("POST", _PATH + "/{name}/confirm"): takes(
        confirm, f"{_CONFIRMING} payment_method receipt_email shipping setup_future_usage"
    ),
    ("POST", _PATH + "/{name}/capture"): takes(
        capture, "amount_to_capture application_fee_amount final_capture metadata transfer_data"
    ),
    ("POST", _PATH + "/{name}/cancel"): takes(cancel, "cancellation_reason"),
}
