"""What payments are made with and for: customers, payment methods, products, prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import stripe

from zyenta_ops_tests.sandbox.stripe.conftest import refused, types


def test_a_customer_keeps_payment_methods(api: stripe.StripeClient) -> None:
    customers = api.v1.customers
    who = customers.create({"email": "a@a.example", "metadata": {"store": "ann"}})
    held = api.v1.payment_methods.attach("pm_card_visa", {"customer": who.id})
    api.v1.payment_methods.attach("pm_usBankAccount_success", {"customer": who.id})

    assert (held.type, held.customer) == ("card", who.id)
    cards = customers.payment_methods.list(who.id, {"type": "card"}).data
    assert [each.id for each in cards] == [held.id]
    assert api.v1.payment_methods.retrieve(held.id).to_dict() == held.to_dict()
    other = customers.create({})
    error = refused(lambda: api.v1.payment_methods.attach(held.id, {"customer": other.id}))
    assert "attached to another customer" in str(error.user_message)
    assert api.v1.payment_methods.retrieve(held.id).customer == who.id


def test_a_customer_is_changed_and_found_by_address(api: stripe.StripeClient) -> None:
    who = api.v1.customers.create({"email": "a@a.example", "name": "Ann"})
    api.v1.customers.create({"email": "b@b.example"})

    changed = api.v1.customers.update(who.id, {"name": "Anna", "address": {"country": "DE"}})

    assert (changed.name, changed.email) == ("Anna", "a@a.example")
    assert changed.address is not None
    assert changed.address.country == "DE"
    assert [c.id for c in api.v1.customers.list({"email": "a@a.example"}).data] == [who.id]
    (event,) = api.v1.events.list({"type": "customer.updated"}).data
    assert event.data.previous_attributes is not None
    assert event.data.previous_attributes.to_dict() == {"name": "Ann", "address": None}


def test_products_and_prices_are_made_and_changed(api: stripe.StripeClient) -> None:
    product = api.v1.products.create({"id": "autopilot", "name": "Autopilot"})
    yearly: Any = {"interval": "year"}
    price = api.v1.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": 29_000, "recurring": yearly}
    )

    assert (price.type, price.unit_amount, price.unit_amount_decimal) == (
        "recurring", 29_000, Decimal(29_000),
    )  # fmt: skip
    assert api.v1.products.update("autopilot", {"active": False}).active is False
    assert [each.id for each in api.v1.prices.list({"product": product.id}).data] == [price.id]
    again = refused(lambda: api.v1.products.create({"id": "autopilot", "name": "Other"}))
    assert again.code == "resource_already_exists"
    negative: Any = {"product": product.id, "currency": "usd", "unit_amount": -1}
    assert refused(lambda: api.v1.prices.create(negative)).http_status == 400
    assert types(api) == ["product.created", "price.created", "product.updated"]


def test_a_feature_is_renamed_and_reaches_those_who_subscribed_before(
    api: stripe.StripeClient,
) -> None:
    features = api.v1.entitlements.features
    pro: Any = {"name": "Pro"}
    price = api.v1.prices.create(
        {
            "currency": "usd", "unit_amount": 900, "recurring": {"interval": "week"},
            "product_data": pro,
        }
    )  # fmt: skip
    who = api.v1.customers.create({"payment_method": "pm_card_visa"})
    card = api.v1.customers.payment_methods.list(who.id).data[0].id
    api.v1.subscriptions.create(
        {"customer": who.id, "items": [{"price": price.id}], "default_payment_method": card}
    )
    feature = features.create({"name": "Video", "lookup_key": "autopilot.video"})

    made = api.v1.products.features.create(str(price.product), {"entitlement_feature": feature.id})
    assert features.update(feature.id, {"name": "Videos"}).name == "Videos"

    (attached,) = api.v1.products.features.list(str(price.product)).data
    assert (attached.id, attached.entitlement_feature.name) == (made.id, "Videos")
    (held,) = api.v1.entitlements.active_entitlements.list({"customer": who.id}).data
    read = api.v1.entitlements.active_entitlements.retrieve(held.id, {"expand": ["feature"]})
    assert (read.lookup_key, getattr(read.feature, "name", "")) == ("autopilot.video", "Videos")
