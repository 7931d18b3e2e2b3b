"""What the provider's events are about.

Source: Stripe's documentation of event types.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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
