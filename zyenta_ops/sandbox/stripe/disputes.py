"""Disputes: money that the customer's bank takes back, and what comes of it."""

from __future__ import annotations

from datetime import timedelta

from zyenta_ops.sandbox.stripe import fraud
from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import refused
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.params import Params

OUTCOMES = ("won", "lost", "warning_closed")
REASONS = (
    "bank_cannot_process", "credit_not_processed", "customer_initiated", "debit_not_authorized",
    "duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds",
    "noncompliant", "product_not_received", "product_unacceptable", "subscription_canceled",
    "unrecognized",
)  # fmt: skip
_FEE = 1_500
_ANSWER_WITHIN = timedelta(days=9)
_EVIDENCE = (  # noqa: SIM905
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy "
    "refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation "
    "shipping_tracking_number uncategorized_file uncategorized_text"
).split()


def open_dispute(ledger: Ledger, charge: Document, reason: str, inquiry: bool = False) -> Document:
    """Dispute a charge; an inquiry asks first and takes no money yet."""
    if charge["disputed"]:
        raise refused(f"Charge {charge['id']} is already disputed.")
    made = ledger.add(
        "dispute",
        {
            "amount": charge["amount_captured"] - charge["amount_refunded"],
            "balance_transactions": [],
            "charge": charge["id"],
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": int((ledger.now + _ANSWER_WITHIN).timestamp()),
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "is_charge_refundable": inquiry,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": "visa",
 "case_type": "inquiry" if inquiry else "chargeback",
 "network": "visa",
                    "network_reason_code": "10.4",
                },
            },
            "reason": reason,
            "status": "warning_needs_response" if inquiry else "needs_response",
        },
    )  # fmt: skip
    charge["disputed"] = True
    fraud.settle_warnings(ledger, charge)
    ledger.emit("charge.dispute.created", made)
    if not inquiry:
        _withdraw(ledger, made)
    return made


def escalate(ledger: Ledger, dispute: Document) -> None:
    """Turn an inquiry into a dispute that takes the money."""
    if not dispute["status"].startswith("warning_") or dispute["status"] == "warning_closed":
        raise refused(f"Dispute {dispute['id']} is no open inquiry: it is {dispute['status']}.")
    before = change(dispute, status="needs_response", is_charge_refundable=False)
    ledger.emit("charge.dispute.updated", dispute, before)
    _withdraw(ledger, dispute)


def close_dispute(ledger: Ledger, dispute: Document, outcome: str) -> None:
    """End a dispute; what was withdrawn comes back when it is won."""
    if dispute["status"] in OUTCOMES:
        raise refused(f"This dispute is already closed: its status is {dispute['status']}.")
    if dispute["status"].startswith("warning_") != (outcome == "warning_closed"):
        raise refused("An inquiry ends as warning_closed, a dispute as won or lost.")
    before = change(dispute, status=outcome)
    if outcome == "won":
        dispute["balance_transactions"].append(_moved(ledger, dispute, dispute["amount"]))
        ledger.emit("charge.dispute.funds_reinstated", dispute)
    ledger.emit("charge.dispute.closed", dispute, before)


def concede(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/disputes/{id}/close: the dispute is given up, so it is lost."""
    dispute = ledger.get("dispute", name)
    inquiry = dispute["status"].startswith("warning_")
    close_dispute(ledger, dispute, "warning_closed" if inquiry else "lost")
    return dispute


def update(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/disputes/{id}: evidence is kept, and goes to the bank unless `submit` is false."""
    dispute = ledger.get("dispute", name)
    given = asked.object("evidence")
    given.only(set(_EVIDENCE))
    if dispute["status"] in OUTCOMES and given.values:
        raise refused("This dispute is already closed")
    fields: Document = {"metadata": asked.metadata(dispute["metadata"])}
    if given.values:
        details = {**dispute["evidence_details"], "has_evidence": True}
        fields["evidence"] = {**dispute["evidence"], **given.values}
        if asked.flag("submit", default=True):
            details |= {"submission_count": 1, "submission_method": "manual"}
            fields["status"] = dispute["status"].replace("needs_response", "under_review")
        fields["evidence_details"] = details
    ledger.emit("charge.dispute.updated", dispute, change(dispute, **fields))
    return dispute


def _withdraw(ledger: Ledger, dispute: Document) -> None:
    dispute["balance_transactions"].append(_moved(ledger, dispute, -dispute["amount"], _FEE))
    ledger.emit("charge.dispute.funds_withdrawn", dispute)


def _moved(ledger: Ledger, dispute: Document, amount: int, fee: int = 0) -> Document:
    charged = {
        "amount": fee, "application": None, "currency": dispute["currency"],
        "description": "Dispute fee", "type": "stripe_fee",
    }  # fmt: skip
    return {
        "id": ledger.new_id("txn_"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": ledger.seconds,
        "balance_type": "payments",
        "created": ledger.seconds,
        "currency": dispute["currency"],
        "description": f"Chargeback for {dispute['charge']}",
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [charged] if fee else [],
        "net": amount - fee,
        "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
        "source": dispute["id"],
        "status": "available",
        "type": "adjustment",
    }


ENDPOINTS: Endpoints = {
    ("GET", "/v1/disputes"): listing("dispute", "/v1/disputes", "charge payment_intent"),
    ("GET", "/v1/disputes/{name}"): retrieving("dispute"),
    ("POST", "/v1/disputes/{name}"): takes(update, "evidence metadata submit"),
    ("POST", "/v1/disputes/{name}/close"): takes(concede),
}
