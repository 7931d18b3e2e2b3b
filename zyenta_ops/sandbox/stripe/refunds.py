"""Refunds: whole or in part, at once, later, or failing after all."""

from __future__ import annotations

from datetime import timedelta

from zyenta_ops.sandbox.stripe import fraud
from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import invalid, refused
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.money import positive, shown
from zyenta_ops.sandbox.stripe.params import Params
from zyenta_ops.sandbox.stripe.payment_methods import card_of

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
_TAKES = timedelta(hours=1)


def create(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/refunds."""
    charge = _charge(ledger, asked)
    amount = positive(asked, "amount")
    reason = asked.choice("reason", REASONS) or None
    metadata = asked.metadata()
    reverse, fee = asked.flag("reverse_transfer"), asked.flag("refund_application_fee")
    left = charge["amount_captured"] - charge["amount_refunded"]
    _allow(ledger, charge, left if amount is None else amount, left)
    if reverse and charge["transfer_data"] is None:
        raise refused(
            f"Cannot reverse transfer on charge {charge['id']} because it does not have an "
            "associated transfer.",
            param="reverse_transfer",
        )
    if fee and charge["application_fee"] is None:
        raise refused(
            "Attempting to refund_application_fee on charge "
            f"{charge['id']}, but it has no application fee",
            param="refund_application_fee",
        )
    refund = make(ledger, charge, amount or left, reason, metadata)
    if reverse:
        refund["transfer_reversal"] = ledger.new_id("trr_")
    tell(ledger, refund, charge)
    return refund


def make(
    ledger: Ledger,
    charge: Document,
    amount: int,
    reason: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Document:
    """Give back part of a charge; how it ends depends on the card."""
    card = card_of(ledger, ledger.get("payment_method", charge["payment_method"]))
    refund = ledger.add(
        "refund",
        {
            "amount": amount,
            "balance_transaction": ledger.new_id("txn_"),
            "charge": charge["id"],
            "currency": charge["currency"],
            "destination_details": {
                "type": "card",
                "card": {"type": "refund", "reference_status": "pending"},
            },
            "metadata": metadata or {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending" if card.refund == "pending" else "succeeded",
            "transfer_reversal": None,
        },
    )
    if card.refund == "pending":
        refund["pending_reason"] = "processing"
        ledger.later(_TAKES, lambda: _end_pending(ledger, refund))
    if card.refund == "fails":
        ledger.later(_TAKES, lambda: fail(ledger, refund))
    refunded = charge["amount_refunded"] + amount
    change(charge, amount_refunded=refunded, refunded=refunded == charge["amount_captured"])
    return refund


def tell(ledger: Ledger, refund: Document, charge: Document) -> None:
    """Note that a refund was made, and what it ends."""
    before = {"amount_refunded": charge["amount_refunded"] - refund["amount"]}
    if charge["refunded"]:
        before["refunded"] = False
        fraudulent = refund["reason"] == "fraudulent"
        ended = "refunded_as_fraud" if fraudulent else "refunded"
        fraud.close_open_review(ledger, charge, ended)
        fraud.settle_warnings(ledger, charge)
    ledger.emit("refund.created", refund)
    ledger.emit("charge.refunded", charge, before)


def fail(ledger: Ledger, refund: Document) -> None:
    """Let a refund come back from the bank; the money is the merchant's again."""
    if refund["status"] not in ("pending", "succeeded"):
        raise refused(f"Refund {refund['id']} cannot fail: it is {refund['status']}.")
    refund.pop("pending_reason", None)
    refund["failure_balance_transaction"] = ledger.new_id("txn_")
    before = change(refund, status="failed", failure_reason="expired_or_canceled_card")
    charge = ledger.get("charge", refund["charge"])
    left = charge["amount_refunded"] - refund["amount"]
    change(charge, amount_refunded=left, refunded=False)
    ledger.emit("refund.updated", refund, before)
    ledger.emit("charge.refund.updated", refund, before)
    ledger.emit("refund.failed", refund, before)


def update(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/refunds/{id}: only metadata can be changed."""
    refund = ledger.get("refund", name)
    before = change(refund, metadata=asked.metadata(refund["metadata"]))
    ledger.emit("refund.updated", refund, before)
    ledger.emit("charge.refund.updated", refund, before)
    return refund


def _end_pending(ledger: Ledger, refund: Document) -> None:
    if refund["status"] == "pending":
        del refund["pending_reason"]
        before = change(refund, status="succeeded")
        ledger.emit("refund.updated", refund, before)
        ledger.emit("charge.refund.updated", refund, before)


def _charge(ledger: Ledger, asked: Params) -> Document:
    if "charge" in asked:
        return ledger.get("charge", asked.text("charge"), "charge")
    if "payment_intent" not in asked:
        raise invalid("One of the following params should be provided for this request: "
                      "payment_intent or charge.")  # fmt: skip
    intent = ledger.get("payment_intent", asked.text("payment_intent"), "payment_intent")
    if intent["status"] != "succeeded":
        raise refused(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        )
    return ledger.get("charge", intent["latest_charge"])


def _allow(ledger: Ledger, charge: Document, amount: int, left: int) -> None:
    if not charge["captured"]:
        raise refused(f"Charge {charge['id']} has no captured amount to refund.", param="charge")
    standing = [d for d in ledger.all("dispute") if d["charge"] == charge["id"]]
    if any(not d["is_charge_refundable"] and d["status"] != "won" for d in standing):
        raise refused(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            "charge_disputed",
        )
    if left <= 0:
        raise refused(
            f"Charge {charge['id']} has already been refunded.", "charge_already_refunded"
        )
    if amount > left:
        unit = charge["currency"]
        raise refused(
            f"Refund amount ({shown(amount, unit)}) is greater than unrefunded amount on charge "
            f"({shown(left, unit)})",
            param="amount",
        )


ENDPOINTS: Endpoints = {
    ("POST", "/v1/refunds"): takes(
        create,
        "amount charge metadata payment_intent reason refund_application_fee reverse_transfer",
    ),
    ("GET", "/v1/refunds"): listing("refund", "/v1/refunds", "charge payment_intent"),
    ("GET", "/v1/refunds/{name}"): retrieving("refund"),
    ("POST", "/v1/refunds/{name}"): takes(update, "metadata"),
}
