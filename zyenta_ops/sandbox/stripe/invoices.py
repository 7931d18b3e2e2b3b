"""Invoices of subscriptions: made, finalized, paid or not."""

from __future__ import annotations

from zyenta_ops.sandbox.stripe import attempts, payment_intents
from zyenta_ops.sandbox.stripe.endpoints import Endpoints, retrieving, takes
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.lists import LISTED, envelope, having, listed
from zyenta_ops.sandbox.stripe.params import Params


def make(
    ledger: Ledger, subscription: Document, reason: str, period: tuple[int, int], free: bool = False
) -> Document:
    """Bill the items of a subscription for a period; nothing is due when it is free."""
    customer = ledger.get("customer", subscription["customer"])
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] += 1
    invoice = ledger.add("invoice", _document(ledger, subscription, customer, reason, period))
    lines = [_line(ledger, invoice, item, period, free) for item in subscription["items"]["data"]]
    invoice["lines"] = envelope(f"/v1/invoices/{invoice['id']}/lines", lines)
    total = sum(line["amount"] for line in lines)
    sums = ("amount_due", "amount_remaining", "subtotal", "subtotal_excluding_tax", "total")
    invoice |= dict.fromkeys((*sums, "total_excluding_tax"), total)
    ledger.emit("invoice.created", invoice)
    change(
        invoice, status="open", number=f"{customer['invoice_prefix']}-{number:04}",
        effective_at=ledger.seconds,
        status_transitions={**invoice["status_transitions"], "finalized_at": ledger.seconds},
    )  # fmt: skip
    ledger.emit("invoice.finalized", invoice)
    return invoice


def pay(ledger: Ledger, invoice: Document, method: Document | None) -> bool:
    """Try to collect what is due; whether the invoice is paid now."""
    if invoice["amount_remaining"] and not _collected(ledger, invoice, method):
        change(invoice, attempted=True, attempt_count=invoice["attempt_count"] + 1)
        ledger.emit("invoice.payment_failed", invoice)
        return False
    change(
        invoice, status="paid", attempted=True, attempt_count=invoice["attempt_count"] + 1,
        amount_paid=invoice["amount_due"], amount_remaining=0, next_payment_attempt=None,
        status_transitions={**invoice["status_transitions"], "paid_at": ledger.seconds},
    )  # fmt: skip
    ledger.emit("invoice.paid", invoice)
    ledger.emit("invoice.payment_succeeded", invoice)
    return True


def void(ledger: Ledger, invoice: Document) -> None:
    """Give up what is still open."""
    if invoice["status"] == "open":
        voided = {**invoice["status_transitions"], "voided_at": ledger.seconds}
        change(invoice, status="void", next_payment_attempt=None, status_transitions=voided)
        ledger.emit("invoice.voided", invoice)


def subscription_of(invoice: Document) -> str:
    """Id of the subscription that an invoice bills."""
    return str(invoice["parent"]["subscription_details"]["subscription"])


def _collected(ledger: Ledger, invoice: Document, method: Document | None) -> bool:
    intent = ledger.find(ledger.notes.get(invoice["id"], {}).get("payment_intent", ""))
    if intent is None:
        intent = payment_intents.begin(
            ledger, invoice["amount_due"], invoice["currency"], customer=invoice["customer"],
            description=f"Invoice {invoice['number']}", setup_future_usage="off_session",
        )  # fmt: skip
        ledger.notes[invoice["id"]] = {"payment_intent": intent["id"]}
    if method is None:
        return False
    attempts.attempt(ledger, intent, method)
    return bool(intent["status"] == "succeeded")


def _line(
    ledger: Ledger, invoice: Document, item: Document, period: tuple[int, int], free: bool
) -> Document:
    price = item["price"]
    total = 0 if free else price["unit_amount"] * item["quantity"]
    return {
        "id": ledger.new_id("il_"),
        "object": "line_item",
        "amount": total,
        "currency": invoice["currency"],
        "description": ledger.get("product", price["product"])["name"],
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None, "proration": False, "proration_details": None,
                "subscription": item["subscription"], "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "subtotal": total,
        "taxes": [],
    }  # fmt: skip


def _document(
    ledger: Ledger, subscription: Document, customer: Document, reason: str, period: tuple[int, int]
) -> Document:
    empty = (
        "account_tax_ids", "application", "automatically_finalizes_at", "custom_fields",
        "customer_address", "customer_phone", "customer_shipping", "default_payment_method",
        "default_source", "description", "due_date", "effective_at", "footer", "from_invoice",
        "hosted_invoice_url", "invoice_pdf", "last_finalization_error", "latest_revision",
        "next_payment_attempt", "number", "on_behalf_of", "receipt_number", "rendering",
        "shipping_cost", "shipping_details", "statement_descriptor", "test_clock",
        "webhooks_delivered_at",
    )  # fmt: skip
    lists = ("default_tax_rates", "discounts", "total_discount_amounts", "total_taxes")
    zeros = (
        "amount_overpaid", "amount_paid", "amount_shipping", "attempt_count", "ending_balance",
        "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "starting_balance",
    )  # fmt: skip
    return {
        **dict.fromkeys(empty),
        **{name: [] for name in lists},
        **dict.fromkeys(zeros, 0),
        "account_country": "US",
        "account_name": "Sandbox",
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None, "enabled": False, "liability": None, "provider": None,
            "status": None,
        },
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "issuer": {"type": "self"},
        "metadata": {},
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": dict(subscription["metadata"]),
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None, "payment_method_options": None, "payment_method_types": None,
        },
        "period_end": period[1],
        "period_start": period[0],
        "status": "draft",
        "status_transitions": {
            "finalized_at": None, "marked_uncollectible_at": None, "paid_at": None,
            "voided_at": None,
        },
    }  # fmt: skip


def _index(ledger: Ledger, asked: Params) -> Document:
    same = having(asked, "customer", "status", "collection_method")
    owner = asked.text("subscription")

    def wanted(invoice: Document) -> bool:
        return same(invoice) and owner in ("", subscription_of(invoice))

    return listed("/v1/invoices", ledger.all("invoice"), asked, "invoice", wanted)


ENDPOINTS: Endpoints = {
    ("GET", "/v1/invoices"): takes(
        _index, f"{LISTED} collection_method customer status subscription"
    ),
    ("GET", "/v1/invoices/{name}"): retrieving("invoice"),
}
