"""Charges: the attempts to pay a PaymentIntent, and the balance of what was refunded."""

from __future__ import annotations

from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.lists import envelope
from zyenta_ops.sandbox.stripe.params import Params
from zyenta_ops.sandbox.stripe.payment_methods import Card, billing, card_of, described

_MESSAGES = {
    "generic_decline": "Your card was declined.",
    "fraudulent": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
}
ACCOUNT_CLOSED = "The customer's bank account has been closed."


def make(ledger: Ledger, intent: Document, method: Document, status: str) -> Document:
    """Charge a payment method for an intent; `status` is what became of it."""
    card = card_of(ledger, method)
    captured = status == "succeeded" and intent["capture_method"] != "manual"
    copied = (
        "amount", "application", "application_fee_amount", "currency", "customer", "description",
        "on_behalf_of", "receipt_email", "shipping", "statement_descriptor",
        "statement_descriptor_suffix", "transfer_data", "transfer_group",
    )  # fmt: skip
    charge = ledger.add(
        "charge",
        {
            **{name: intent[name] for name in copied},
            "amount_captured": intent["amount"] if captured else 0,
            "amount_refunded": 0,
            "application_fee": None,
            "balance_transaction": None,
            "billing_details": billing(),
            "calculated_statement_descriptor": "SANDBOX",
            "captured": captured,
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "fraud_details": {},
            "metadata": dict(intent["metadata"]),
            "outcome": _outcome(card, status),
            "paid": status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": {"type": card.kind, card.kind: described(card)},
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "source_transfer": None,
            "status": status,
        },
    )
    ledger.notes[charge["id"]] = {"expandable": {"refunds": lambda: _refunds(ledger, charge)}}
    if card.decline is not None and status == "failed":
        code, reason = card.decline
        charge |= {"failure_code": code, "failure_message": message_of(reason)}
    if captured:
        settle(ledger, charge)
    return charge


def settle(ledger: Ledger, charge: Document) -> None:
    """Book captured money: ours, and what goes on to a connected account."""
    charge["balance_transaction"] = ledger.new_id("txn_")
    if charge["transfer_data"] is not None:
        charge["transfer"] = ledger.new_id("tr_")
    if charge["application_fee_amount"] is not None:
        charge["application_fee"] = ledger.new_id("fee_")


def capture(ledger: Ledger, charge: Document, amount: int) -> None:
    """Take an authorised amount, or part of it; the rest is let go."""
    charge |= {"captured": True, "amount_captured": amount}
    settle(ledger, charge)
    ledger.emit("charge.captured", charge)


def release(ledger: Ledger, charge: Document, event: str) -> None:
    """Let go of an authorisation: nothing was taken, so the whole counts as refunded."""
    change(charge, amount_refunded=charge["amount"], refunded=True)
    ledger.emit(event, charge)


def fail(ledger: Ledger, charge: Document) -> None:
    """Let a charge that was pending fail: the bank account is closed."""
    change(
        charge, status="failed", failure_code="account_closed", failure_message=ACCOUNT_CLOSED,
        outcome={**charge["outcome"], "type": "issuer_declined", "reason": "account_closed"},
    )  # fmt: skip
    ledger.emit("charge.failed", charge)


def succeed(ledger: Ledger, charge: Document) -> None:
    """Let a charge that was pending be paid."""
    change(charge, status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
    settle(ledger, charge)
    ledger.emit("charge.succeeded", charge)


def message_of(reason: str) -> str:
    """What the customer is told of a decline."""
    return _MESSAGES[reason]


def _outcome(card: Card, status: str) -> Document:
    reason = card.decline[1] if card.decline and status == "failed" else None
    level = "elevated" if card.reviewed else "normal"
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if reason else "approved_by_network",
        "reason": reason or ("elevated_risk_level" if card.reviewed else None),
        "risk_level": level,
        "risk_score": 70 if card.reviewed else 20,
        "seller_message": "The bank declined the payment." if reason else "Payment complete.",
        "type": "issuer_declined" if reason else "manual_review" if card.reviewed else "authorized",
    }


def _refunds(ledger: Ledger, charge: Document) -> Document:
    made = [each for each in ledger.all("refund") if each["charge"] == charge["id"]]
    return envelope(f"/v1/charges/{charge['id']}/refunds", made)


def _update(ledger: Ledger, asked: Params, name: str) -> Document:
    charge = ledger.get("charge", name)
    fields: Document = {"metadata": asked.metadata(charge["metadata"])}
    if "description" in asked:
        fields["description"] = asked.optional("description")
    if report := asked.object("fraud_details").text("user_report"):
        fields["fraud_details"] = {"user_report": report}
    ledger.emit("charge.updated", charge, change(charge, **fields))
    return charge


ENDPOINTS: Endpoints = {
    ("GET", "/v1/charges"): listing(
        "charge", "/v1/charges", "customer payment_intent transfer_group"
    ),
    ("GET", "/v1/charges/{name}"): retrieving("charge"),
    ("POST", "/v1/charges/{name}"): takes(_update, "description fraud_details metadata"),
}
