"""Checkout Sessions, as Stripe's library meets them."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.stripe.conftest import refused, types


def asked(**more: Any) -> Any:
    price = {"currency": "eur", "unit_amount": 1_500, "product_data": {"name": "Lamp"}}
    return {
        "mode": "payment",
        "success_url": "https://shop.example/thanks",
        "client_reference_id": "o1",
        "metadata": {"order_id": "o1"},
        "payment_intent_data": {"metadata": {"order_id": "o1"}},
        "line_items": [{"price_data": price, "quantity": 2}],
        **more,
    }


def test_a_session_is_paid_on_its_page(api: stripe.StripeClient, world: SandboxWorld) -> None:
    sessions = api.v1.checkout.sessions
    made = sessions.create(asked(customer_email="a@a.example"))
    assert (made.status, made.payment_status, made.amount_total, made.payment_intent) == (
        "open", "unpaid", 3_000, None,
    )  # fmt: skip
    assert str(made.url).endswith(made.id)

    world.payers.complete(made.id)

    done: Any = sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.customer_details.email == "a@a.example"
    assert done.payment_intent.metadata.to_dict() == {"order_id": "o1"}
    assert done.payment_intent.latest_charge.amount == 3_000
    assert types(api, types=["payment_intent.*", "charge.*", "checkout.*"]) == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "checkout.session.completed",
    ]  # fmt: skip
    (line,) = sessions.line_items.list(made.id).data
    assert (line.description, line.quantity, line.amount_total) == ("Lamp", 2, 3_000)


def test_a_card_that_is_declined_leaves_the_page_open(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    made = api.v1.checkout.sessions.create(asked())

    world.payers.complete(made.id, "pm_card_chargeDeclined")
    between = api.v1.checkout.sessions.retrieve(made.id)
    assert (between.status, between.payment_status) == ("open", "unpaid")
    world.payers.complete(made.id)

    after = api.v1.checkout.sessions.retrieve(made.id)
    assert (after.status, after.payment_intent) == ("complete", between.payment_intent)
    assert types(api, types=["payment_intent.*", "checkout.*"]) == [
        "payment_intent.created", "payment_intent.payment_failed", "payment_intent.succeeded",
        "checkout.session.completed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "outcome", "payment_status"),
    [
        ("pm_usBankAccount_success", "succeeded", "paid"),
        ("pm_usBankAccount_accountClosed", "failed", "unpaid"),
    ],
)
def test_a_payment_that_takes_days_completes_the_page_first(
    api: stripe.StripeClient, world: SandboxWorld, method: str, outcome: str, payment_status: str
) -> None:
    made = api.v1.checkout.sessions.create(asked())
    world.payers.complete(made.id, method)
    completed = api.v1.events.list({"type": "checkout.session.completed"}).data[0]
    assert completed.data.object["payment_status"] == "unpaid"

    world.advance(days=4)

    newest = api.v1.events.list({"limit": 1}).data[0]
    assert newest.type == f"checkout.session.async_payment_{outcome}"
    assert newest.data.object["payment_status"] == payment_status
    assert api.v1.checkout.sessions.retrieve(made.id).status == "complete"


def test_a_page_for_an_authorisation_counts_as_paid_once_it_is_captured(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    made = api.v1.checkout.sessions.create(asked(payment_intent_data={"capture_method": "manual"}))
    done = world.payers.complete(made.id)
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")

    api.v1.payment_intents.capture(done["payment_intent"])

    assert api.v1.checkout.sessions.retrieve(made.id).payment_status == "paid"
    assert types(api)[-1] == "payment_intent.succeeded"


def test_a_page_expires_after_a_day_or_on_request(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    sessions = api.v1.checkout.sessions
    one, two = sessions.create(asked()), sessions.create(asked())
    world.payers.complete(two.id, "pm_card_chargeDeclined")

    assert sessions.expire(one.id).status == "expired"
    error = refused(lambda: sessions.expire(one.id))
    assert error.user_message == (
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session '
        "has a status of `expired`."
    )
    world.advance(hours=24)

    after: Any = sessions.retrieve(two.id, {"expand": ["payment_intent"]})
    assert (after.status, after.payment_intent.status) == ("expired", "canceled")
    assert types(api, type="checkout.*") == ["checkout.session.expired"] * 2
    with pytest.raises(ValueError, match="is not open: it is expired"):
        world.payers.complete(two.id)


def test_a_page_that_costs_nothing_needs_no_payment(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    free = {"currency": "usd", "unit_amount": 0, "product_data": {"name": "Sticker"}}
    made = api.v1.checkout.sessions.create(asked(line_items=[{"price_data": free}]))

    done = world.payers.complete(made.id)

    assert (done["payment_status"], done["payment_intent"]) == ("no_payment_required", None)


def test_sessions_are_listed_by_what_is_known_of_them(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    sessions = api.v1.checkout.sessions
    one = sessions.create(asked(customer_email="a@a.example"))
    two = sessions.create(asked())
    intent = world.payers.complete(one.id)["payment_intent"]

    def ids(**by: Any) -> list[str]:
        return [each.id for each in sessions.list(by).data]  # type: ignore[arg-type]

    assert ids() == [two.id, one.id]
    assert ids(payment_intent=intent) == [one.id]
    assert ids(status="open") == [two.id]
    assert ids(customer_details={"email": "a@a.example"}) == [one.id]


def test_a_subscription_is_bought_on_a_page(api: stripe.StripeClient, world: SandboxWorld) -> None:
    price = api.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": 2_900,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Autopilot"},
        }
    )
    line = [{"price": price.id, "quantity": 1}]
    error = refused(lambda: api.v1.checkout.sessions.create(asked(line_items=line)))
    assert "passed a recurring price" in str(error.user_message)
    made = api.v1.checkout.sessions.create(
        asked(
            mode="subscription", line_items=line, customer_email="a@a.example",
            payment_intent_data={}, subscription_data={"metadata": {"store": "ann"}},
        )
    )  # fmt: skip

    world.payers.complete(made.id)

    done: Any = api.v1.checkout.sessions.retrieve(made.id, {"expand": ["subscription", "invoice"]})
    assert (done.payment_status, done.subscription.status) == ("paid", "active")
    assert done.subscription.metadata.to_dict() == {"store": "ann"}
    assert (done.invoice.status, done.invoice.amount_paid) == ("paid", 2_900)
    customer: Any = api.v1.customers.retrieve(done.customer)
    assert customer.email == "a@a.example"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"mode": "setup"}, "Invalid mode: must be one of payment, or subscription"),
        ({"line_items": []}, "Missing required param: line_items."),
        ({"mode": "subscription"}, "You must provide at least one recurring price"),
        ({"expires_at": 1}, "must be at least 30 minutes and less than 24 hours"),
        ({"customer": "cus_none"}, "No such customer: 'cus_none'"),
        (
            {"payment_intent_data": {"capture_method": "slow"}},
            "payment_intent_data[capture_method]",
        ),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    api: stripe.StripeClient, more: Any, message: str
) -> None:
    error = refused(lambda: api.v1.checkout.sessions.create(asked(**more)))

    assert message in str(error.user_message)
    assert api.v1.checkout.sessions.list().data == []
