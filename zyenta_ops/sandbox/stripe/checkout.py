"""Checkout Sessions: a page of Stripe's where a customer pays, or does not."""

from __future__ import annotations

from datetime import timedelta

from zyenta_ops.sandbox.stripe import (
    attempts,
    customers,
    cycles,
    payment_intents,
    payment_methods,
    products,
)
from zyenta_ops.sandbox.stripe.endpoints import Endpoints, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import StripeError, invalid, refused
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.lists import LISTED, envelope, having, listed
from zyenta_ops.sandbox.stripe.money import currency, positive
from zyenta_ops.sandbox.stripe.params import Params
from zyenta_ops.sandbox.stripe.payment_methods import card_of, method_of

_OPEN_FOR = timedelta(hours=24)
_SHORTEST = timedelta(minutes=30)
_NO_TAX = {"enabled": False, "liability": None, "provider": None, "status": None}


def create(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/checkout/sessions, for one payment or for a subscription."""
    mode = asked.choice("mode", ("payment", "subscription"))
    asked.require("mode", "line_items")
    lines = [_line(ledger, line) for line in asked.objects("line_items")]
    units = {line["currency"] for line in lines}
    if len(units) > 1:
        raise invalid("All line items must have the same currency.", "line_items")
    if mode == "payment" and any(line["price"]["recurring"] for line in lines):
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices."
        )
    if mode == "subscription" and not all(line["price"]["recurring"] for line in lines):
        raise invalid("You must provide at least one recurring price in `subscription` mode.")
    customer = asked.optional("customer")
    if customer:
        ledger.get("customer", customer, "customer")
    session = ledger.add("checkout.session", _document(ledger, asked, lines))
    session["url"] = f"https://checkout.stripe.example/c/pay/{session['id']}"
    path = f"/v1/checkout/sessions/{session['id']}/line_items"
    ledger.notes[session["id"]] = {
        "expandable": {"line_items": lambda: envelope(path, lines)},
        "lines": lines,
        "payment": payment_intents.shared(ledger, asked.object("payment_intent_data")),
        "metadata": asked.object("subscription_data").metadata(),
        "trial": asked.object("subscription_data").number("trial_period_days"),
    }
    left = session["expires_at"] - ledger.seconds
    ledger.later(timedelta(seconds=left), lambda: _time_out(ledger, session))
    return session


def index(ledger: Ledger, asked: Params) -> Document:
    """GET /v1/checkout/sessions."""
    same = having(asked, "customer", "payment_intent", "status", "subscription")
    email = asked.object("customer_details").text("email")

    def wanted(session: Document) -> bool:
        details = session["customer_details"] or {}
        return same(session) and email in ("", details.get("email"))

    path = "/v1/checkout/sessions"
    return listed(path, ledger.all("checkout.session"), asked, "checkout.session", wanted)


def lines_of(ledger: Ledger, asked: Params, name: str) -> Document:
    """GET /v1/checkout/sessions/{id}/line_items."""
    ledger.get("checkout.session", name, "session")
    path = f"/v1/checkout/sessions/{name}/line_items"
    return listed(path, ledger.notes[name]["lines"], asked, "item")


def expire(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/checkout/sessions/{id}/expire."""
    session = ledger.get("checkout.session", name, "session")
    if session["status"] != "open":
        raise refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session['status']}`."
        )
    _time_out(ledger, session)
    return session


def complete(ledger: Ledger, session: Document, method: str, email: str) -> StripeError | None:
    """Let the customer pay on the page; the refusal when the method is declined, else None."""
    if session["status"] != "open":
        raise refused(f"Session {session['id']} is not open: it is {session['status']}.")
    if session["mode"] == "subscription":
        declined = _subscribe(ledger, session, method, email)
    else:
        declined = _pay(ledger, session, method, email)
    if declined is None:
        ledger.emit("checkout.session.completed", session)
    return declined


def _pay(ledger: Ledger, session: Document, method: str, email: str) -> StripeError | None:
    payer = session["customer_email"] or email
    if not session["amount_total"]:
        _finish(session, payer, "no_payment_required")
        return None
    intent = ledger.find(session["payment_intent"] or "")
    if intent is None:
        fields = {**ledger.notes[session["id"]]["payment"], "customer": session["customer"]}
        total, unit = session["amount_total"], session["currency"]
        intent = payment_intents.begin(ledger, total, unit, **fields)
    paying = method_of(ledger, method)
    declined = attempts.attempt(ledger, intent, paying)
    # The page keeps the intent of an attempt that failed, and shows it with the next one.
    session["payment_intent"] = intent["id"]
    if declined is not None:
        return declined
    if intent["status"] == "requires_action":
        attempts.authenticate(ledger, intent, succeeds=True)
    waiting = card_of(ledger, paying).later != ""
    held = intent["status"] == "requires_capture"
    _finish(session, payer, "unpaid" if waiting or held else "paid")
    if waiting or held:
        told = (lambda succeeds: _conclude(ledger, session, succeeds, tell=waiting),)
        ledger.notes[intent["id"]] = {"concluded": told}
    return None


def _subscribe(ledger: Ledger, session: Document, method: str, email: str) -> StripeError | None:
    notes = ledger.notes[session["id"]]
    items = [(line["price"], line["quantity"]) for line in notes["lines"]]
    paying = method_of(ledger, method)
    if card_of(ledger, paying).decline is not None:
        return attempts.declined(card_of(ledger, paying))
    customer = ledger.find(session["customer"] or "") or customers.create(
        ledger, Params({"email": session["customer_email"] or email})
    )
    paying["customer"] = customer["id"]
    made = cycles.begin(ledger, customer, items, paying["id"], notes["metadata"], notes["trial"])
    session |= {
        "customer": customer["id"],
        "invoice": made["latest_invoice"],
        "subscription": made["id"],
    }
    _finish(session, customer["email"], "paid")
    return None


def _finish(session: Document, email: str | None, payment_status: str) -> None:
    details = {**payment_methods.billing(), "email": email, "tax_exempt": "none", "tax_ids": []}
    del details["tax_id"]
    details |= {"business_name": None, "individual_name": None}
    change(
        session,
        status="complete",
        url=None,
        payment_status=payment_status,
        customer_details=details,
    )


def _conclude(ledger: Ledger, session: Document, succeeds: bool, tell: bool) -> None:
    if succeeds:
        session["payment_status"] = "paid"
    if tell:
        outcome = "succeeded" if succeeds else "failed"
        ledger.emit(f"checkout.session.async_payment_{outcome}", session)


def _time_out(ledger: Ledger, session: Document) -> None:
    if session["status"] != "open":
        return
    intent = ledger.find(session["payment_intent"] or "")
    if intent is not None and intent["status"] in attempts.PAYABLE:
        attempts.cancel(ledger, intent, "automatic")
    change(session, status="expired", url=None)
    ledger.emit("checkout.session.expired", session)


def _line(ledger: Ledger, asked: Params) -> Document:
    quantity = positive(asked, "quantity") or 1
    if "price" in asked:
        price = ledger.get("price", asked.text("price"), asked.named("price"))
        name = ledger.get("product", price["product"])["name"]
    else:
        asked.require("price_data")
        given = asked.object("price_data")
        given.require("currency", "unit_amount")
        name = given.object("product_data").text("name")
        given.object("product_data").require("name")
        price = products.make_price(ledger, given, currency(given))
    total = price["unit_amount"] * quantity
    return {
        "id": ledger.new_id("li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": name,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def _document(ledger: Ledger, asked: Params, lines: list[Document]) -> Document:
    expires_at = asked.number("expires_at") or int((ledger.now + _OPEN_FOR).timestamp())
    ahead = timedelta(seconds=expires_at - ledger.seconds)
    if not _SHORTEST <= ahead <= _OPEN_FOR:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from "
            "Checkout Session creation.",
            "expires_at",
        )
    total = sum(line["amount_total"] for line in lines)
    words = ("cancel_url", "client_reference_id", "customer", "customer_email", "success_url")
    payment = asked.text("mode") == "payment"
    return {
        **{name: asked.optional(name) for name in words},
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": dict(_NO_TAX),
        "billing_address_collection": None,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "currency": lines[0]["currency"],
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer_creation": "if_required" if payment else "always",
        "customer_details": None,
        "discounts": [],
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": None,
        "locale": None,
        "metadata": asked.metadata(),
        "mode": asked.text("mode"),
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required" if payment else "always",
        "payment_method_options": {},
        "payment_method_types": asked.texts("payment_method_types") or ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "setup_intent": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
    }


_PATH = "/v1/checkout/sessions"
ENDPOINTS: Endpoints = {
    ("POST", _PATH): takes(
        create,
        "cancel_url client_reference_id customer customer_email expires_at line_items metadata "
        "mode payment_intent_data payment_method_types subscription_data success_url",
    ),
    ("GET", _PATH): takes(
        index, f"{LISTED} customer customer_details payment_intent status subscription"
    ),
    ("GET", _PATH + "/{name}"): retrieving("checkout.session", "session"),
    ("GET", _PATH + "/{name}/line_items"): takes(lines_of, "limit starting_after ending_before"),
    ("POST", _PATH + "/{name}/expire"): takes(expire),
}
