"""The life of a subscription: begun, renewed, overdue, ended; and who is told."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

from zyenta_ops.sandbox.stripe import entitlements, invoices
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.lists import envelope
from zyenta_ops.sandbox.stripe.payment_methods import method_of

STATUSES = (
    "active", "canceled", "incomplete", "incomplete_expired", "past_due", "paused", "trialing",
    "unpaid",
)  # fmt: skip
ENDED = ("canceled", "incomplete_expired")
# docs.stripe.com/billing/subscriptions/overview: a first payment may come within 23 hours.
_FIRST_PAYMENT_WITHIN = timedelta(hours=23)
# When a payment that failed is tried again; after the last time the subscription is cancelled.
_RETRIES = (timedelta(days=3), timedelta(days=5), timedelta(days=7))


def begin(
    ledger: Ledger,
    customer: Document,
    items: list[tuple[Document, int]],
    method: str | None,
    metadata: dict[str, str],
    trial_days: int | None = None,
) -> Document:
    """Subscribe a customer: to a trial, or to what the first payment makes of it."""
    start = ledger.now
    trial = timedelta(days=trial_days or 0)
    made = ledger.add("subscription", _document(ledger, customer, items[0][0], method, metadata))
    end = start + trial if trial else after(start, items[0][0]["recurring"])
    data = [_item(ledger, made, price, quantity, start, end) for price, quantity in items]
    made["items"] = envelope(f"/v1/subscription_items?subscription={made['id']}", data)
    if trial:
        span = {"trial_start": ledger.seconds, "trial_end": int(end.timestamp())}
        made |= {**span, "status": "trialing"}
    period = (int(start.timestamp()), int(end.timestamp()))
    invoice = invoices.make(ledger, made, "subscription_create", period, free=bool(trial))
    made["latest_invoice"] = invoice["id"]
    if invoices.pay(ledger, invoice, paying_method(ledger, made)) and not trial:
        made["status"] = "active"
    ledger.emit("customer.subscription.created", made)
    entitlements.refresh(ledger, customer["id"])
    if made["status"] == "incomplete":
        ledger.later(_FIRST_PAYMENT_WITHIN, lambda: _give_up(ledger, made, invoice))
    else:
        ledger.later(end - start, lambda: _renew(ledger, made, end))
    return made


def set_status(ledger: Ledger, subscription: Document, status: str) -> None:
    """Give a subscription another status, with everything that follows from it."""
    fields: Document = {"status": status}
    if status in ENDED:
        fields |= {"canceled_at": subscription["canceled_at"] or ledger.seconds}
        fields |= {"ended_at": ledger.seconds, "cancel_at_period_end": False}
    before = change(subscription, **fields)
    event = {"canceled": "deleted", "paused": "paused"}.get(status, "updated")
    told = None if event == "deleted" else before
    ledger.emit(f"customer.subscription.{event}", subscription, told)
    entitlements.refresh(ledger, subscription["customer"])


def pay(ledger: Ledger, invoice: Document, method: Document | None) -> bool:
    """Pay an open invoice; a subscription that waits for the money becomes active."""
    subscription = ledger.get("subscription", invoices.subscription_of(invoice))
    if not invoices.pay(ledger, invoice, method or paying_method(ledger, subscription)):
        return False
    waited = subscription["status"]
    if waited in ("incomplete", "past_due", "unpaid"):
        set_status(ledger, subscription, "active")
    if waited == "incomplete":
        end = _end_of(subscription)
        ledger.later(end - ledger.now, lambda: _renew(ledger, subscription, end))
    return True


def paying_method(ledger: Ledger, subscription: Document) -> Document | None:
    """What pays: the subscription's own payment method, else the customer's."""
    customer = ledger.get("customer", subscription["customer"])
    usual = customer["invoice_settings"]["default_payment_method"]
    name = subscription["default_payment_method"] or usual
    return method_of(ledger, name) if name else None


def after(start: datetime, recurring: Document) -> datetime:
    """The end of the period that begins at a time; a day that the month lacks is its last one."""
    count, interval = recurring["interval_count"], recurring["interval"]
    if interval in ("day", "week"):
        return start + timedelta(days=count * (7 if interval == "week" else 1))
    months = start.year * 12 + start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = months // 12, months % 12 + 1
    return start.replace(
        year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1])
    )


def _renew(ledger: Ledger, subscription: Document, start: datetime) -> None:
    """The period is over: bill the next one, or end."""
    if subscription["status"] in (*ENDED, "paused"):
        return
    if subscription["cancel_at_period_end"]:
        set_status(ledger, subscription, "canceled")
        return
    items = subscription["items"]["data"]
    end = after(start, items[0]["price"]["recurring"])
    period = {
        "current_period_start": int(start.timestamp()),
        "current_period_end": int(end.timestamp()),
    }
    before = {"items": {"data": [dict(item) for item in items]}}
    for item in items:
        item |= period
    bounds = (period["current_period_start"], period["current_period_end"])
    invoice = invoices.make(ledger, subscription, "subscription_cycle", bounds)
    before |= change(subscription, latest_invoice=invoice["id"])
    ledger.emit("customer.subscription.updated", subscription, before)
    _collect(ledger, subscription, invoice, 0)
    ledger.later(end - ledger.now, lambda: _renew(ledger, subscription, end))


def _collect(ledger: Ledger, subscription: Document, invoice: Document, tried: int) -> None:
    if invoice["status"] != "open" or subscription["status"] in ENDED:
        return
    wait = _RETRIES[tried] if tried < len(_RETRIES) else None
    invoice["next_payment_attempt"] = wait and int((ledger.now + wait).timestamp())
    if invoices.pay(ledger, invoice, paying_method(ledger, subscription)):
        if subscription["status"] != "active":
            set_status(ledger, subscription, "active")
        return
    if wait is None:
        set_status(ledger, subscription, "canceled")
        return
    if subscription["status"] != "past_due":
        set_status(ledger, subscription, "past_due")
    ledger.later(wait, lambda: _collect(ledger, subscription, invoice, tried + 1))


def _give_up(ledger: Ledger, subscription: Document, invoice: Document) -> None:
    if subscription["status"] == "incomplete":
        invoices.void(ledger, invoice)
        set_status(ledger, subscription, "incomplete_expired")


def _end_of(subscription: Document) -> datetime:
    seconds = subscription["items"]["data"][0]["current_period_end"]
    return datetime.fromtimestamp(seconds, UTC)


def _item(
    ledger: Ledger,
    subscription: Document,
    price: Document,
    quantity: int,
    start: datetime,
    end: datetime,
) -> Document:
    return {
        "id": ledger.new_id("si_"),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": ledger.seconds,
        "current_period_end": int(end.timestamp()),
        "current_period_start": int(start.timestamp()),
        "discounts": [],
        "metadata": {},
        "plan": plan_of(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription["id"],
        "tax_rates": [],
    }


def plan_of(price: Document) -> Document:
    """The price in the words of before there were prices."""
    recurring = price["recurring"]
    same = ("active", "billing_scheme", "created", "currency", "id", "livemode", "metadata")
    return {
        **{name: price[name] for name in (*same, "nickname", "product", "tiers_mode")},
        "object": "plan",
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "meter": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }


def _document(
    ledger: Ledger,
    customer: Document,
    price: Document,
    method: str | None,
    metadata: dict[str, str],
) -> Document:
    empty = (
        "application", "application_fee_percent", "billing_cycle_anchor_config",
        "billing_thresholds", "cancel_at", "canceled_at", "days_until_due", "default_source",
        "description", "ended_at", "latest_invoice", "next_pending_invoice_item_invoice",
        "on_behalf_of", "pause_collection", "pending_invoice_item_interval",
        "pending_setup_intent", "pending_update", "schedule", "test_clock", "transfer_data",
        "trial_end", "trial_start",
    )  # fmt: skip
    return {
        **dict.fromkeys(empty),
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": ledger.seconds,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "currency": price["currency"],
        "customer": customer["id"],
        "default_payment_method": method,
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "metadata": metadata,
        "payment_settings": {
            "payment_method_options": None, "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "start_date": ledger.seconds,
        "status": "incomplete",
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    }  # fmt: skip
