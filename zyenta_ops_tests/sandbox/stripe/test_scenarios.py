"""What Stripe's command line can trigger, as far as it concerns us: each ends in its event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.stripe.conftest import types
from zyenta_ops_tests.sandbox.stripe.test_checkout import asked
from zyenta_ops_tests.sandbox.stripe.test_payment_intents import ORDER, paid

Scenario = Callable[[stripe.StripeClient, SandboxWorld], object]


def session(method: str, days: int = 0) -> Scenario:
    def run(api: stripe.StripeClient, world: SandboxWorld) -> None:
        world.payers.complete(api.v1.checkout.sessions.create(asked()).id, method)
        world.advance(days=days)

    return run


def subscription(*steps: Callable[[SandboxWorld, str], object]) -> Scenario:
    def run(api: stripe.StripeClient, world: SandboxWorld) -> None:
        made = world.payers.subscribe("a@a.example", "autopilot")
        for step in steps:
            step(world, made["id"])

    return run


def declined(api: stripe.StripeClient, world: SandboxWorld) -> None:
    world.payers.pay_order("o1", "ann", 4_200, "usd", how="decline")


def refunded(method: str, hours: int = 0) -> Scenario:
    def run(api: stripe.StripeClient, world: SandboxWorld) -> None:
        intent = paid(api, method)
        api.v1.refunds.create({"payment_intent": intent.id})
        world.advance(hours=hours)

    return run


def closed(api: stripe.StripeClient, world: SandboxWorld) -> None:
    paid(api, "pm_card_createDisputeInquiry")
    api.v1.disputes.close(api.v1.disputes.list().data[0].id)


def reinstated(api: stripe.StripeClient, world: SandboxWorld) -> None:
    paid(api, "pm_card_createDispute")
    world.payers.close_dispute(api.v1.disputes.list().data[0].id, "won")


def unpaid_invoice(world: SandboxWorld, name: str) -> None:
    ledger = world.stripe.platform
    customer = ledger.get("customer", ledger.get("subscription", name)["customer"])
    ledger.get("subscription", name)["default_payment_method"] = None
    customer["invoice_settings"]["default_payment_method"] = None
    world.advance(days=31)


SCENARIOS: dict[str, Scenario] = {
    "payment_intent.created": lambda api, world: api.v1.payment_intents.create(ORDER),
    "payment_intent.succeeded": lambda api, world: paid(api),
    "payment_intent.payment_failed": declined,
    "payment_intent.amount_capturable_updated": lambda api, world: paid(
        api, capture_method="manual"
    ),
    "payment_intent.requires_action": lambda api, world: paid(
        api, "pm_card_authenticationRequired"
    ),
    "payment_intent.processing": lambda api, world: paid(api, "pm_usBankAccount_success"),
    "payment_intent.canceled": lambda api, world: api.v1.payment_intents.cancel(
        api.v1.payment_intents.create(ORDER).id
    ),
    "charge.captured": lambda api, world: api.v1.payment_intents.capture(
        paid(api, capture_method="manual").id
    ),
    "charge.succeeded": lambda api, world: paid(api),
    "charge.failed": declined,
    "charge.refunded": refunded("pm_card_visa"),
    "charge.refund.updated": refunded("pm_card_pendingRefund", hours=1),
    "refund.created": refunded("pm_card_visa"),
    "refund.failed": refunded("pm_card_refundFail", hours=1),
    "charge.dispute.created": lambda api, world: paid(api, "pm_card_createDisputeInquiry"),
    "charge.dispute.funds_withdrawn": lambda api, world: paid(api, "pm_card_createDispute"),
    "charge.dispute.funds_reinstated": reinstated,
    "charge.dispute.closed": closed,
    "radar.early_fraud_warning.created": lambda api, world: paid(
        api, "pm_card_createIssuerFraudRecord"
    ),
    "review.opened": lambda api, world: paid(api, "pm_card_riskLevelElevated"),
    "checkout.session.completed": session("pm_card_visa"),
    "checkout.session.async_payment_succeeded": session("pm_usBankAccount_success", 4),
    "checkout.session.async_payment_failed": session("pm_usBankAccount_accountClosed", 4),
    "checkout.session.expired": lambda api, world: api.v1.checkout.sessions.expire(
        api.v1.checkout.sessions.create(asked()).id
    ),
    "customer.subscription.created": subscription(),
    "customer.subscription.updated": subscription(
        lambda world, name: world.payers.set_subscription(name, "past_due")
    ),
    "customer.subscription.paused": subscription(
        lambda world, name: world.payers.set_subscription(name, "paused")
    ),
    "customer.subscription.deleted": subscription(
        lambda world, name: world.payers.set_subscription(name, "canceled")
    ),
    "entitlements.active_entitlement_summary.updated": subscription(),
    "invoice.created": subscription(),
    "invoice.finalized": subscription(),
    "invoice.paid": subscription(),
    "invoice.payment_succeeded": subscription(),
    "invoice.payment_failed": subscription(unpaid_invoice),
}


@pytest.mark.parametrize("event", SCENARIOS)
def test_a_scenario_ends_in_its_event(
    api: stripe.StripeClient, world: SandboxWorld, event: str
) -> None:
    assert event not in types(api)

    SCENARIOS[event](api, world)

    assert event in types(api)
    read: Any = api.v1.events.list({"type": event}).data[0]
    assert (read.type, read.api_version) == (event, stripe.api_version)
