"""Customers: who they are, and what pays their invoices."""

from __future__ import annotations

from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.params import Params
from zyenta_ops.sandbox.stripe.payment_methods import method_of

_FIELDS = "address description email invoice_settings metadata name payment_method phone shipping"


def create(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/customers."""
    made = ledger.add(
        "customer",
        {
            "address": _record(asked, "address"),
            "balance": 0,
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "description": asked.optional("description"),
            "email": asked.optional("email"),
            "invoice_prefix": ledger.new_id("")[:8].upper(),
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "metadata": asked.metadata(),
            "name": asked.optional("name"),
            "next_invoice_sequence": 1,
            "phone": asked.optional("phone"),
            "preferred_locales": [],
            "shipping": _record(asked, "shipping"),
            "tax_exempt": "none",
            "test_clock": None,
        },
    )
    _settle_method(ledger, made, asked)
    ledger.emit("customer.created", made)
    return made


def update(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/customers/{id}."""
    customer = ledger.get("customer", name)
    fields: Document = {"metadata": asked.metadata(customer["metadata"])}
    fields |= {
        n: asked.optional(n) for n in ("description", "email", "name", "phone") if n in asked
    }
    fields |= {n: _record(asked, n) for n in ("address", "shipping") if n in asked}
    _settle_method(ledger, customer, asked)
    ledger.emit("customer.updated", customer, change(customer, **fields))
    return customer


def _settle_method(ledger: Ledger, customer: Document, asked: Params) -> None:
    """Attach the method that was given, and remember which one pays invoices."""
    if wanted := asked.text("payment_method"):
        method_of(ledger, wanted)["customer"] = customer["id"]
    if wanted := asked.object("invoice_settings").text("default_payment_method"):
        method = method_of(ledger, wanted, "invoice_settings[default_payment_method]")
        method["customer"] = customer["id"]
        customer["invoice_settings"]["default_payment_method"] = method["id"]


def _record(asked: Params, name: str) -> Document | None:
    return dict(asked.object(name).values) or None


ENDPOINTS: Endpoints = {
    ("POST", "/v1/customers"): takes(create, _FIELDS),
    ("GET", "/v1/customers"): listing("customer", "/v1/customers", "email"),
    ("GET", "/v1/customers/{name}"): retrieving("customer"),
    ("POST", "/v1/customers/{name}"): takes(update, _FIELDS),
}
