"""Early fraud warnings from issuers, and reviews of payments by people."""

from __future__ import annotations

from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import refused
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.params import Params

CLOSED_REASONS = ("approved", "disputed", "refunded", "refunded_as_fraud", "canceled")


def warn(ledger: Ledger, charge: Document) -> Document:
    """Let the issuer report a charge as fraud."""
    made = ledger.add(
        "radar.early_fraud_warning",
        {
            "actionable": not charge["refunded"] and not charge["disputed"],
            "charge": charge["id"],
            "fraud_type": "unauthorized_use_of_card",
            "payment_intent": charge["payment_intent"],
        },
    )
    ledger.emit("radar.early_fraud_warning.created", made)
    return made


def open_review(ledger: Ledger, charge: Document, reason: str = "rule") -> Document:
    """Put a payment under review; it stays charged meanwhile."""
    if charge["review"] is not None:
        raise refused(f"Charge {charge['id']} is already under review.")
    made = ledger.add(
        "review",
        {
            "billing_zip": None,
            "charge": charge["id"],
            "closed_reason": None,
            "ip_address": None,
            "ip_address_location": None,
            "open": True,
            "opened_reason": reason,
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "session": None,
        },
    )
    charge["review"] = made["id"]
    ledger.get("payment_intent", charge["payment_intent"])["review"] = made["id"]
    ledger.emit("review.opened", made)
    return made


def close_review(ledger: Ledger, review: Document, reason: str) -> None:
    """End a review."""
    if not review["open"]:
        raise refused(f"Review {review['id']} is already closed.")
    before = change(review, open=False, closed_reason=reason, reason=reason)
    ledger.emit("review.closed", review, before)


def close_open_review(ledger: Ledger, charge: Document, reason: str) -> None:
    """End the review of a charge that something else has decided, when there is one."""
    review = ledger.find(charge["review"] or "")
    if review is not None and review["open"]:
        close_review(ledger, review, reason)


def settle_warnings(ledger: Ledger, charge: Document) -> None:
    """End what there was to do about a charge's warnings: it is refunded in full, or disputed."""
    for warning in ledger.all("radar.early_fraud_warning"):
        if warning["charge"] == charge["id"] and warning["actionable"]:
            before = change(warning, actionable=False)
            ledger.emit("radar.early_fraud_warning.updated", warning, before)


def approve(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/reviews/{id}/approve."""
    review = ledger.get("review", name)
    close_review(ledger, review, "approved")
    return review


_WARNINGS = "/v1/radar/early_fraud_warnings"
ENDPOINTS: Endpoints = {
    ("GET", _WARNINGS): listing("radar.early_fraud_warning", _WARNINGS, "charge payment_intent"),
    ("GET", _WARNINGS + "/{name}"): retrieving("radar.early_fraud_warning"),
    ("GET", "/v1/reviews"): listing("review", "/v1/reviews"),
    ("GET", "/v1/reviews/{name}"): retrieving("review"),
    ("POST", "/v1/reviews/{name}/approve"): takes(approve),
}
