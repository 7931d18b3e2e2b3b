"""Payment methods, among them Stripe's test cards and what each of them does."""

from __future__ import annotations

from dataclasses import dataclass

from zyenta_ops.sandbox.stripe.endpoints import Endpoints, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import invalid
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger
from zyenta_ops.sandbox.stripe.lists import having, listed
from zyenta_ops.sandbox.stripe.params import Params


@dataclass(frozen=True)
class Card:
    """A test payment method and what it does.

    Attributes:
        decline: code and, for cards, reason of the decline; empty when it pays.
        action: whether the customer must authenticate first.
        later: what becomes of a payment that takes days, `succeeds` or `fails`.
        dispute: reason of the dispute that follows.
        inquiry: whether that dispute is an inquiry only.
        warned: whether the issuer warns of fraud.
        reviewed: whether the payment is put under review.
        refund: what becomes of a refund: `pending` for a while, or `fails` after a while.
    """

    last4: str = "4242"
    kind: str = "card"
    decline: tuple[str, str] | None = None
    action: bool = False
    later: str = ""
    dispute: str = ""
    inquiry: bool = False
    warned: bool = False
    reviewed: bool = False
    refund: str = ""


# docs.stripe.com/testing
CARDS = {
    "pm_card_visa": Card(),
    "pm_card_mastercard": Card("4444"),
    "pm_card_chargeDeclined": Card("0002", decline=("card_declined", "generic_decline")),
    "pm_card_visa_chargeDeclined": Card("0002", decline=("card_declined", "generic_decline")),
    "pm_card_chargeDeclinedInsufficientFunds": Card(
        "9995", decline=("card_declined", "insufficient_funds")
    ),
    "pm_card_chargeDeclinedFraudulent": Card("0019", decline=("card_declined", "fraudulent")),
    "pm_card_chargeDeclinedExpiredCard": Card("0069", decline=("expired_card", "expired_card")),
    "pm_card_authenticationRequired": Card("3184", action=True),
    "pm_card_threeDSecure2Required": Card("3220", action=True),
    "pm_card_createDispute": Card("0259", dispute="fraudulent"),
    "pm_card_createDisputeProductNotReceived": Card("2685", dispute="product_not_received"),
    "pm_card_createDisputeInquiry": Card("1976", dispute="fraudulent", inquiry=True),
    "pm_card_createIssuerFraudRecord": Card("5423", warned=True),
    "pm_card_riskLevelElevated": Card("9235", reviewed=True),
    "pm_card_pendingRefund": Card("7726", refund="pending"),
    "pm_card_refundFail": Card("5126", refund="fails"),
    "pm_usBankAccount_success": Card("6789", "us_bank_account", later="succeeds"),
    "pm_usBankAccount_accountClosed": Card("1111", "us_bank_account", later="fails"),
}
_NOWHERE = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def method_of(ledger: Ledger, name: str, param: str = "payment_method") -> Document:
    """A payment method by id; the name of a test card makes a new one."""
    if name not in CARDS:
        return ledger.get("payment_method", name, param)
    card = CARDS[name]
    made = ledger.add("payment_method", _method(ledger, card))
    ledger.notes[made["id"]] = {"card": card}
    return made


def card_of(ledger: Ledger, method: Document) -> Card:
    """What a payment method does."""
    found: Card = ledger.notes[method["id"]]["card"]
    return found


def attach(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/payment_methods/{id}/attach."""
    asked.require("customer")
    customer = ledger.get("customer", asked.text("customer"), "customer")
    method = method_of(ledger, name, "id")
    if method["customer"] not in (None, customer["id"]):
        raise invalid("This payment method is attached to another customer.", "customer")
    method["customer"] = customer["id"]
    ledger.emit("payment_method.attached", method)
    return method


def methods(ledger: Ledger, asked: Params, name: str) -> Document:
    """GET /v1/customers/{id}/payment_methods."""
    ledger.get("customer", name)
    held = [m for m in ledger.all("payment_method") if m["customer"] == name]
    path = f"/v1/customers/{name}/payment_methods"
    return listed(path, held, asked, "payment_method", having(asked, "type"))


def billing(details: Document | None = None) -> Document:
    """Billing details, empty unless given."""
    return {
        "address": dict(_NOWHERE), "email": None, "name": None, "phone": None, "tax_id": None,
        **(details or {}),
    }  # fmt: skip


def described(card: Card) -> Document:
    """A payment method as its own kind shows it."""
    if card.kind != "card":
        return {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "fingerprint": f"bank{card.last4}",
            "last4": card.last4,
            "routing_number": "110000000",
        }
    return {
        "brand": "visa",
        "checks": {
            "address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass",
        },
        "country": "US",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"card{card.last4}",
        "funding": "credit",
        "last4": card.last4,
        "wallet": None,
    }  # fmt: skip


def _method(ledger: Ledger, card: Card) -> Document:
    return {
        "allow_redisplay": "unspecified",
        "billing_details": billing(),
        "customer": None,
        "metadata": {},
        "type": card.kind,
        card.kind: described(card),
    }


ENDPOINTS: Endpoints = {
    ("GET", "/v1/customers/{name}/payment_methods"): takes(
        methods, "type limit starting_after ending_before"
    ),
    ("GET", "/v1/payment_methods/{name}"): retrieving("payment_method"),
    ("POST", "/v1/payment_methods/{name}/attach"): takes(attach, "customer"),
}
