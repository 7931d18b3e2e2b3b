"""Subscriptions, their invoices, and the features that customers have through them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import stripe

from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.stripe.conftest import refused, types

SUMMARY = "entitlements.active_entitlement_summary.updated"


@pytest.fixture
def price(api: stripe.StripeClient) -> stripe.Price:
    """Twenty-nine dollars a month, for the feature `autopilot`."""
    product = api.v1.products.create({"name": "Autopilot"})
    feature = api.v1.entitlements.features.create({"name": "Autopilot", "lookup_key": "autopilot"})
    api.v1.products.features.create(product.id, {"entitlement_feature": feature.id})
    return api.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": 2_900,
            "recurring": {"interval": "month"},
        }
    )


def customer(api: stripe.StripeClient, method: str = "pm_card_visa") -> Any:
    return api.v1.customers.create(
        {"email": "a@a.example", "invoice_settings": {"default_payment_method": method}}
    )


def subscribe(api: stripe.StripeClient, who: Any, price: stripe.Price, **more: Any) -> Any:
    asked: Any = {"customer": who.id, "items": [{"price": price.id}], **more}
    return api.v1.subscriptions.create(asked)


def features(api: stripe.StripeClient, who: Any) -> list[str]:
    held = api.v1.entitlements.active_entitlements.list({"customer": who.id})
    return [each.lookup_key for each in held.data]


def test_a_subscription_that_is_paid_gives_its_features(
    api: stripe.StripeClient, price: stripe.Price
) -> None:
    who = customer(api)

    made = subscribe(api, who, price, expand=["latest_invoice"], metadata={"store": "ann"})

    assert (made.status, made.latest_invoice.status) == ("active", "paid")
    assert features(api, who) == ["autopilot"]
    assert types(api, types=["customer.subscription.*", "invoice.*", SUMMARY]) == [
        "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
        "customer.subscription.created", SUMMARY,
    ]  # fmt: skip
    (event,) = api.v1.events.list({"type": SUMMARY}).data
    summary = event.data.object
    assert (summary["customer"], summary["entitlements"]["data"][0]["lookup_key"]) == (
        who.id, "autopilot",
    )  # fmt: skip


def test_every_month_is_billed(
    api: stripe.StripeClient, world: SandboxWorld, price: stripe.Price
) -> None:
    who = customer(api)
    made = subscribe(api, who, price)

    world.advance(days=62)

    read: Any = api.v1.subscriptions.retrieve(made.id)
    paid = api.v1.invoices.list({"subscription": made.id}).data
    assert [(each.billing_reason, each.status, each.amount_paid) for each in paid] == [
        ("subscription_cycle", "paid", 2_900),
        ("subscription_cycle", "paid", 2_900),
        ("subscription_create", "paid", 2_900),
    ]
    item = read["items"].data[0]
    starts = [each.period_start for each in reversed(paid)]
    assert item.current_period_start == starts[-1]
    # 2 November, 2 December, 2 January, at noon.
    assert [b - a for a, b in pairwise(starts)] == [30 * 86_400, 31 * 86_400]


def test_a_payment_that_fails_makes_it_overdue_and_then_ends_it(
    api: stripe.StripeClient, world: SandboxWorld, price: stripe.Price
) -> None:
    who = customer(api)
    made = subscribe(api, who, price)
    broke: Any = {"invoice_settings": {"default_payment_method": "pm_card_chargeDeclined"}}
    api.v1.customers.update(who.id, broke)

    world.advance(days=30)

    read: Any = api.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (read.status, read.latest_invoice.status) == ("past_due", "open")
    assert read.latest_invoice.next_payment_attempt == read.latest_invoice.created + 3 * 86_400
    assert features(api, who) == ["autopilot"]
    world.advance(days=15)

    assert api.v1.subscriptions.retrieve(made.id).status == "canceled"
    assert features(api, who) == []
    assert types(api, type="invoice.payment_failed") == ["invoice.payment_failed"] * 4
    assert types(api, types=["customer.subscription.*", SUMMARY])[-2:] == [
        "customer.subscription.deleted", SUMMARY,
    ]  # fmt: skip


def test_an_overdue_invoice_that_is_paid_makes_it_active_again(
    api: stripe.StripeClient, world: SandboxWorld, price: stripe.Price
) -> None:
    who = customer(api)
    made = subscribe(api, who, price)
    broke: Any = {"invoice_settings": {"default_payment_method": "pm_card_chargeDeclined"}}
    api.v1.customers.update(who.id, broke)
    world.advance(days=30)
    late = str(api.v1.subscriptions.retrieve(made.id).latest_invoice)

    error: Any = refused(lambda: api.v1.invoices.pay(late))
    assert (error.http_status, error.code) == (402, "card_declined")
    paid = api.v1.invoices.pay(late, {"payment_method": "pm_card_visa"})

    assert (paid.status, api.v1.subscriptions.retrieve(made.id).status) == ("paid", "active")
    assert refused(lambda: api.v1.invoices.pay(late)).code == "invoice_already_paid"


def test_a_first_payment_that_fails_leaves_it_incomplete_for_a_day(
    api: stripe.StripeClient, world: SandboxWorld, price: stripe.Price
) -> None:
    who = customer(api, "pm_card_chargeDeclined")

    made = subscribe(api, who, price)
    assert (made.status, features(api, who)) == ("incomplete", [])
    world.advance(hours=23)

    assert api.v1.subscriptions.retrieve(made.id).status == "incomplete_expired"
    assert api.v1.invoices.retrieve(made.latest_invoice).status == "void"


def test_a_trial_gives_its_features_before_anything_is_paid(
    api: stripe.StripeClient, world: SandboxWorld, price: stripe.Price
) -> None:
    who = customer(api)

    made = subscribe(api, who, price, trial_period_days=14)
    assert (made.status, features(api, who)) == ("trialing", ["autopilot"])
    world.advance(days=14)

    after: Any = api.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (after.status, after.latest_invoice.amount_paid) == ("active", 2_900)


def test_it_is_cancelled_at_once_or_at_the_end_of_the_period(
    api: stripe.StripeClient, world: SandboxWorld, price: stripe.Price
) -> None:
    one, two = customer(api), customer(api)
    now, later = subscribe(api, one, price), subscribe(api, two, price)

    assert api.v1.subscriptions.cancel(now.id).status == "canceled"
    marked = api.v1.subscriptions.update(later.id, {"cancel_at_period_end": True})
    assert (marked.status, marked.cancel_at_period_end) == ("active", True)
    assert (features(api, one), features(api, two)) == ([], ["autopilot"])
    world.advance(days=30)

    assert api.v1.subscriptions.retrieve(later.id).status == "canceled"
    assert features(api, two) == []
    assert api.v1.subscriptions.list().data == []
    assert len(api.v1.subscriptions.list({"status": "all"}).data) == 2


def test_another_price_gives_the_features_of_its_product(
    api: stripe.StripeClient, price: stripe.Price
) -> None:
    who = customer(api)
    made = subscribe(api, who, price)
    plain = api.v1.prices.create(
        {
            "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"},
            "product_data": {"name": "Basic"},
        }
    )  # fmt: skip

    item = made["items"].data[0].id
    changed: Any = {"items": [{"id": item, "price": plain.id}]}
    read: Any = api.v1.subscriptions.update(made.id, changed)

    assert read["items"].data[0].price.id == plain.id
    assert features(api, who) == []


@pytest.mark.parametrize("status", ["past_due", "unpaid", "paused", "canceled"])
def test_its_status_can_be_driven(
    api: stripe.StripeClient, world: SandboxWorld, status: str
) -> None:
    made = world.payers.subscribe("a@a.example", "autopilot")

    world.payers.set_subscription(made["id"], status)

    who = api.v1.customers.retrieve(made["customer"])
    assert api.v1.subscriptions.retrieve(made["id"]).status == status
    assert features(api, who) == (["autopilot"] if status == "past_due" else [])


def test_a_lookup_key_is_used_once_and_is_short(api: stripe.StripeClient) -> None:
    create = api.v1.entitlements.features.create
    create({"name": "Autopilot", "lookup_key": "autopilot"})

    again = refused(lambda: create({"name": "Other", "lookup_key": "autopilot"}))
    long = refused(lambda: create({"name": "Other", "lookup_key": "x" * 81}))

    assert "already exists" in str(again.user_message)
    assert "up to 80 characters" in str(long.user_message)
    assert len(api.v1.entitlements.features.list().data) == 1


def test_somebody_without_a_payment_method_cannot_subscribe(
    api: stripe.StripeClient, price: stripe.Price
) -> None:
    who = api.v1.customers.create({"email": "a@a.example"})

    error = refused(lambda: subscribe(api, who, price))

    assert error.code == "resource_missing"
    waits = subscribe(api, who, price, payment_behavior="default_incomplete")
    assert waits.status == "incomplete"


def test_a_first_payment_that_comes_late_starts_the_months(
    api: stripe.StripeClient, world: SandboxWorld, price: stripe.Price
) -> None:
    who = customer(api, "pm_card_chargeDeclined")
    made = subscribe(api, who, price)
    api.v1.invoices.pay(made.latest_invoice, {"payment_method": "pm_card_visa"})
    good: Any = {"invoice_settings": {"default_payment_method": "pm_card_visa"}}
    api.v1.customers.update(who.id, good)

    world.advance(days=30)

    assert api.v1.subscriptions.retrieve(made.id).status == "active"
    assert len(api.v1.invoices.list({"subscription": made.id, "status": "paid"}).data) == 2


def test_what_has_ended_stays_ended(api: stripe.StripeClient, price: stripe.Price) -> None:
    made = subscribe(api, customer(api), price)
    api.v1.subscriptions.cancel(made.id)
    before = types(api)

    assert refused(lambda: api.v1.subscriptions.cancel(made.id)).code == "resource_missing"
    error = refused(lambda: api.v1.subscriptions.update(made.id, {"metadata": {"a": "b"}}))

    assert "canceled subscription" in str(error.user_message)
    assert types(api) == before


def test_a_payment_that_must_not_stay_open_makes_no_subscription(
    api: stripe.StripeClient, price: stripe.Price
) -> None:
    who, strict = customer(api), {"payment_behavior": "error_if_incomplete"}

    error = refused(
        lambda: subscribe(
            api, who, price, default_payment_method="pm_card_chargeDeclined", **strict
        )
    )

    assert (error.http_status, error.code) == (402, "card_declined")
    assert api.v1.subscriptions.list({"status": "all"}).data == []
