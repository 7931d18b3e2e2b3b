"""Subscriptions as the API offers them, and the payment of their invoices."""

from __future__ import annotations

from zyenta_ops.sandbox.stripe import cycles, entitlements
from zyenta_ops.sandbox.stripe.attempts import declined
from zyenta_ops.sandbox.stripe.endpoints import Endpoints, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import invalid, refused
from zyenta_ops.sandbox.stripe.invoices import subscription_of
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.lists import LISTED, having, listed
from zyenta_ops.sandbox.stripe.money import positive
from zyenta_ops.sandbox.stripe.params import Params
from zyenta_ops.sandbox.stripe.payment_methods import card_of, method_of

_BEHAVIOURS = ("allow_incomplete", "default_incomplete", "error_if_incomplete")


def create(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/subscriptions."""
    asked.require("customer", "items")
    customer = ledger.get("customer", asked.text("customer"), "customer")
    items = [_item(ledger, each) for each in asked.objects("items")]
    behaviour = asked.choice("payment_behavior", _BEHAVIOURS, "allow_incomplete")
    trial, metadata = positive(asked, "trial_period_days"), asked.metadata()
    given = asked.text("default_payment_method")
    method = method_of(ledger, given, "default_payment_method") if given else None
    if method is None and not trial and behaviour == "allow_incomplete":
        usual = customer["invoice_settings"]["default_payment_method"]
        if usual is None:
            raise refused(
                "This customer has no attached payment source or default payment method. Please "
                "consider adding a default payment method.",
                "resource_missing",
            )
    if behaviour == "error_if_incomplete" and method and card_of(ledger, method).decline:
        raise declined(card_of(ledger, method))
    paying = method["id"] if method else None
    return cycles.begin(ledger, customer, items, paying, metadata, trial)


def update(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/subscriptions/{id}."""
    subscription = ledger.get("subscription", name)
    if subscription["status"] in cycles.ENDED:
        raise refused("A canceled subscription can only update its cancellation_details.")
    fields: Document = {"metadata": asked.metadata(subscription["metadata"])}
    if "cancel_at_period_end" in asked:
        ends = asked.flag("cancel_at_period_end")
        last = subscription["items"]["data"][0]["current_period_end"]
        fields |= {"cancel_at_period_end": ends, "cancel_at": last if ends else None}
        fields["canceled_at"] = ledger.seconds if ends else None
    if given := asked.text("default_payment_method"):
        fields["default_payment_method"] = method_of(ledger, given)["id"]
    if "items" in asked:
        fields["items"] = _replaced(ledger, subscription, asked)
    ledger.emit("customer.subscription.updated", subscription, change(subscription, **fields))
    entitlements.refresh(ledger, subscription["customer"])
    return subscription


def cancel(ledger: Ledger, asked: Params, name: str) -> Document:
    """DELETE /v1/subscriptions/{id}: at once."""
    subscription = ledger.get("subscription", name)
    if subscription["status"] in cycles.ENDED:
        raise refused(f"No such subscription: '{name}'", "resource_missing", "id")
    details = {**subscription["cancellation_details"], "reason": "cancellation_requested"}
    subscription["cancellation_details"] = details
    cycles.set_status(ledger, subscription, "canceled")
    return subscription


def index(ledger: Ledger, asked: Params) -> Document:
    """GET /v1/subscriptions: those that are over only when they are asked for."""
    status = asked.choice("status", ("all", "ended", *cycles.STATUSES))
    same = having(asked, "customer", "collection_method")
    shown = {
        "": tuple(s for s in cycles.STATUSES if s != "canceled"),
        "all": cycles.STATUSES,
        "ended": cycles.ENDED,
    }.get(status, (status,))

    def wanted(subscription: Document) -> bool:
        return same(subscription) and subscription["status"] in shown

    found = ledger.all("subscription")
    return listed("/v1/subscriptions", found, asked, "subscription", wanted)


def pay(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/invoices/{id}/pay."""
    invoice = ledger.get("invoice", name)
    if invoice["status"] != "open":
        code = "invoice_already_paid" if invoice["status"] == "paid" else "invoice_not_open"
        raise refused(f"Invoice is already {invoice['status']}", code)
    given = asked.text("payment_method")
    method = method_of(ledger, given) if given else None
    if not cycles.pay(ledger, invoice, method):
        owner = ledger.get("subscription", subscription_of(invoice))
        tried = method or cycles.paying_method(ledger, owner)
        if tried is None:
            raise refused("There is no payment method to pay this invoice with.")
        raise declined(card_of(ledger, tried))
    return invoice


def _item(ledger: Ledger, asked: Params) -> tuple[Document, int]:
    asked.require("price")
    price = ledger.get("price", asked.text("price"), asked.named("price"))
    if price["recurring"] is None:
        raise invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices "
            "with `type=recurring`.",
            asked.named("price"),
        )
    return price, positive(asked, "quantity") or 1


def _replaced(ledger: Ledger, subscription: Document, asked: Params) -> Document:
    """The items with other prices or quantities; what is not named stays."""
    items = {each["id"]: dict(each) for each in subscription["items"]["data"]}
    for given in asked.objects("items"):
        item = items.get(given.text("id"))
        if item is None:
            raise invalid(f"No such subscription_item: '{given.text('id')}'", given.named("id"))
        if "price" in given:
            price, _ = _item(ledger, given)
            item |= {"price": price, "plan": cycles.plan_of(price)}
        item["quantity"] = positive(given, "quantity") or item["quantity"]
    return {**subscription["items"], "data": list(items.values())}


_PATH = "/v1/subscriptions"
ENDPOINTS: Endpoints = {
    ("POST", _PATH): takes(
        create,
        "customer default_payment_method items metadata payment_behavior trial_period_days",
    ),
    ("GET", _PATH): takes(index, f"{LISTED} collection_method customer status"),
    ("GET", _PATH + "/{name}"): retrieving("subscription"),
    ("POST", _PATH + "/{name}"): takes(
        update, "cancel_at_period_end default_payment_method items metadata proration_behavior"
    ),
    ("DELETE", _PATH + "/{name}"): takes(cancel, "invoice_now prorate cancellation_details"),
    ("POST", "/v1/invoices/{name}/pay"): takes(pay, "off_session payment_method"),
}
