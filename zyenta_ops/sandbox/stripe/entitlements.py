"""Entitlements: the features that products give to the customers who subscribe to them."""

from __future__ import annotations

from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import invalid
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.lists import envelope, listed
from zyenta_ops.sandbox.stripe.params import Params

# A subscription that is overdue still gives what was subscribed to.
GIVING = ("active", "past_due", "trialing")
_LONGEST_KEY = 80
_FEATURES = "/v1/entitlements/features"
_ACTIVE = "/v1/entitlements/active_entitlements"


def create(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/entitlements/features: the lookup key can never be changed."""
    asked.require("name", "lookup_key")
    key = asked.text("lookup_key")
    if len(key) > _LONGEST_KEY:
        raise invalid(f"lookup_key can be up to {_LONGEST_KEY} characters.", "lookup_key")
    if any(each["lookup_key"] == key for each in ledger.all("entitlements.feature")):
        raise invalid("A feature with this lookup_key already exists.", "lookup_key")
    fields = {"active": True, "lookup_key": key, "metadata": asked.metadata()}
    return ledger.add("entitlements.feature", {**fields, "name": asked.text("name")})


def update(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/entitlements/features/{id}."""
    feature = ledger.get("entitlements.feature", name)
    change(
        feature,
        active=asked.flag("active", feature["active"]),
        metadata=asked.metadata(feature["metadata"]),
        name=asked.text("name", feature["name"]),
    )
    return feature


def attach(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/products/{id}/features: whoever subscribes to the product has the feature."""
    product = ledger.get("product", name)
    asked.require("entitlement_feature")
    wanted = asked.text("entitlement_feature")
    feature = ledger.get("entitlements.feature", wanted, "entitlement_feature")
    made = ledger.add("product_feature", {"entitlement_feature": feature})
    ledger.notes[made["id"]] = {"product": product["id"]}
    for customer in {each["customer"] for each in ledger.all("subscription")}:
        refresh(ledger, customer)
    return made


def attached(ledger: Ledger, asked: Params, name: str) -> Document:
    """GET /v1/products/{id}/features."""
    ledger.get("product", name)
    found = [f for f in ledger.all("product_feature") if ledger.notes[f["id"]]["product"] == name]
    return listed(f"/v1/products/{name}/features", found, asked, "product_feature")


def active(ledger: Ledger, asked: Params) -> Document:
    """GET /v1/entitlements/active_entitlements of a customer."""
    asked.require("customer")
    customer = ledger.get("customer", asked.text("customer"), "customer")
    return listed(_ACTIVE, _held(ledger, customer["id"]), asked, "active_entitlement")


def refresh(ledger: Ledger, customer: str) -> None:
    """Give and take what the customer's subscriptions say, and tell when that is a change."""
    before = _held(ledger, customer)
    wanted = _deserved(ledger, customer)
    kept = ledger.objects.setdefault("entitlements.active_entitlement", {})
    for held in before:
        if held["feature"] not in wanted:
            del kept[held["id"]]
    for feature in [w for w in wanted if w not in {held["feature"] for held in before}]:
        key = ledger.get("entitlements.feature", feature)["lookup_key"]
        fields = {"feature": feature, "lookup_key": key}
        made = ledger.add("entitlements.active_entitlement", fields)
        ledger.notes[made["id"]] = {"customer": customer}
    after = _held(ledger, customer)
    if after != before:
        _tell(ledger, customer, before, after)


def _tell(ledger: Ledger, customer: str, before: list[Document], after: list[Document]) -> None:
    path = f"/v1/customer/{customer}/entitlements"
    summary = {
        "object": "entitlements.active_entitlement_summary",
        "customer": customer,
        "entitlements": envelope(path, after),
        "livemode": False,
    }
    kind = "entitlements.active_entitlement_summary.updated"
    ledger.emit(kind, summary, {"entitlements": {"data": before}})


def _held(ledger: Ledger, customer: str) -> list[Document]:
    everyone = ledger.all("entitlements.active_entitlement")
    return [each for each in everyone if ledger.notes[each["id"]]["customer"] == customer]


def _deserved(ledger: Ledger, customer: str) -> list[str]:
    """Ids of features, in the order in which they were attached to their products."""
    bought = {
        item["price"]["product"]
        for each in ledger.all("subscription")
        if each["customer"] == customer and each["status"] in GIVING
        for item in each["items"]["data"]
    }
    features = [
        each["entitlement_feature"]["id"]
        for each in reversed(ledger.all("product_feature"))
        if ledger.notes[each["id"]]["product"] in bought
    ]
    return list(dict.fromkeys(features))


_PAGE = "limit starting_after ending_before"
ENDPOINTS: Endpoints = {
    ("POST", _FEATURES): takes(create, "lookup_key metadata name"),
    ("GET", _FEATURES): listing("entitlements.feature", _FEATURES, "lookup_key"),
    ("GET", _FEATURES + "/{name}"): retrieving("entitlements.feature"),
    ("POST", _FEATURES + "/{name}"): takes(update, "active metadata name"),
    ("POST", "/v1/products/{name}/features"): takes(attach, "entitlement_feature"),
    ("GET", "/v1/products/{name}/features"): takes(attached, _PAGE),
    ("GET", _ACTIVE): takes(active, f"{_PAGE} customer"),
    ("GET", _ACTIVE + "/{name}"): retrieving("entitlements.active_entitlement"),
}
