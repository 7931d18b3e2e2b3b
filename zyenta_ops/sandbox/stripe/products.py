"""Products and prices."""

from __future__ import annotations

from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import invalid
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.money import currency
from zyenta_ops.sandbox.stripe.params import Params

_INTERVALS = ("day", "month", "week", "year")


def create_product(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/products; also the product that comes with the data of a price."""
    asked.require("name")
    name = asked.text("id")
    if name in ledger.objects.get("product", {}):
        raise invalid("Product already exists.", "id", "resource_already_exists")
    made = ledger.add(
        "product",
        {
            "active": True,
            "default_price": None,
            "description": asked.optional("description"),
            "images": [],
            "marketing_features": [],
            "metadata": asked.metadata(),
            "name": asked.text("name"),
            "package_dimensions": None,
            "shippable": None,
            "statement_descriptor": None,
            "tax_code": None,
            "type": "service",
            "unit_label": None,
            "updated": ledger.seconds,
            "url": None,
        },
        name,
    )
    ledger.emit("product.created", made)
    return made


def update_product(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/products/{id}."""
    product = ledger.get("product", name)
    fields: Document = {"metadata": asked.metadata(product["metadata"])}
    fields |= {n: asked.text(n) for n in ("name", "description") if n in asked}
    fields |= {"active": asked.flag("active", product["active"]), "updated": ledger.seconds}
    ledger.emit("product.updated", product, change(product, **fields))
    return product


def create_price(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/prices."""
    asked.require("currency", "unit_amount")
    return make_price(ledger, asked, currency(asked))


def make_price(ledger: Ledger, asked: Params, unit: str) -> Document:
    """A price of a product that exists, or of one that comes with it."""
    amount = asked.number("unit_amount") or 0
    if amount < 0:
        raise invalid("Invalid non-negative integer", asked.named("unit_amount"))
    repeated = _recurring(asked.object("recurring"))
    if "product" in asked:
        product = ledger.get("product", asked.text("product"), asked.named("product"))
    else:
        asked.require("product_data")
        product = create_product(ledger, asked.object("product_data"))
    made = ledger.add(
        "price",
        {
            "active": True,
            "billing_scheme": "per_unit",
            "currency": unit,
            "custom_unit_amount": None,
            "lookup_key": asked.optional("lookup_key"),
            "metadata": asked.metadata(),
            "nickname": asked.optional("nickname"),
            "product": product["id"],
            "recurring": repeated,
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "recurring" if repeated else "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        },
    )
    ledger.emit("price.created", made)
    return made


def _recurring(asked: Params) -> Document | None:
    if not asked.values:
        return None
    asked.require("interval")
    return {
        "interval": asked.choice("interval", _INTERVALS),
        "interval_count": asked.number("interval_count") or 1,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


ENDPOINTS: Endpoints = {
    ("POST", "/v1/products"): takes(create_product, "description id metadata name"),
    ("GET", "/v1/products"): listing("product", "/v1/products"),
    ("GET", "/v1/products/{name}"): retrieving("product"),
    ("POST", "/v1/products/{name}"): takes(update_product, "active description metadata name"),
    ("POST", "/v1/prices"): takes(
        create_price,
        "currency lookup_key metadata nickname product product_data recurring unit_amount",
    ),
    ("GET", "/v1/prices"): listing("price", "/v1/prices", "currency product type"),
    ("GET", "/v1/prices/{name}"): retrieving("price"),
}
