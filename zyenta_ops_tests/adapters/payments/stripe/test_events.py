"""Events, oldest first, however many there are; and what was created since a time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from zyenta_ops.adapters.payments.stripe import StripeProvider
from zyenta_ops.domain.inbox import EventSource, Via
from zyenta_ops.domain.payment_errors import PaymentLoginRefused
from zyenta_ops.domain.payments import EVENT_TYPES, FactKind, FactState
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.contracts.payment_provider import told


def test_an_event_is_what_stripe_sent(provider: StripeProvider, world: SandboxWorld) -> None:
    start = world.clock()
    intent = world.payers.pay_order("o1", "my-shop", 4938, "eur")
    world.advance(minutes=1)

    event = told(provider, "", start)[-1]

    body = json.loads(event.body)
    assert (event.source, event.via, event.verified) == (EventSource.STRIPE, Via.POLL, True)
    assert (event.type, event.account) == ("payment_intent.succeeded", "")
    assert (event.event_id, body["data"]["object"]["id"]) == (body["id"], intent["id"])
    assert (event.occurred_at, event.received_at) == (start, start + timedelta(minutes=1))


def test_amounts_of_billing_stay_text_as_on_the_wire(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    start = world.clock()
    world.payers.subscribe("ann@example.com", "autopilot")

    bodies = [json.loads(each.body) for each in told(provider, "", start)]

    sent = {each["id"]: each["data"] for each in world.stripe.platform.events}
    assert {each["type"] for each in bodies} >= {"invoice.paid", "customer.subscription.created"}
    assert all(each["data"] == sent[each["id"]] for each in bodies)


def test_thousands_of_events_come_oldest_first_each_once_and_only_those_of_concern(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    start = world.clock()
    for number in range(900):
        # A burst, a quiet day, and a trickle.
        world.clock.advance(
            timedelta(days=1) if number == 600 else timedelta(seconds=2 if number < 600 else 300)
        )
        world.payers.pay_order(f"o{number}", "my-shop", 4938, "eur")

    events = told(provider, "", start)

    wanted = [each for each in world.stripe.platform.events if each["type"] in EVENT_TYPES]
    assert len(events) == len(wanted) == 1_800
    assert {each.event_id for each in events} == {each["id"] for each in wanted}
    times = [each.occurred_at for each in events if each.occurred_at]
    assert times == sorted(times)
    middle = start + timedelta(hours=1)
    assert len(told(provider, "", middle)) == sum(
        each["created"] >= middle.timestamp() for each in wanted
    )
    # Pages and windows are few: the quiet day costs no more calls than it has to.
    assert len(world.log.operations("stripe")) < 120


def test_events_older_than_thirty_days_are_gone(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    start = world.clock()
    world.payers.pay_order("o1", "my-shop", 4938, "eur")
    world.advance(days=31)

    assert told(provider, "", start) == []


def test_events_of_a_connected_account_are_its_own(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    start = world.clock()
    account = world.payers.connect()["id"]
    world.payers.pay_order("o1", "my-shop", 4938, "eur", account=account)

    assert {each.account for each in told(provider, account, start)} == {account}
    assert [each.type for each in told(provider, "", start)] == []


def test_an_account_that_withdrew_is_refused_and_said_to_be_so(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    account = world.payers.connect()["id"]
    assert provider.account_state(account).authorized
    assert provider.account_state(account).charges_enabled
    world.payers.restrict(account)
    assert not provider.account_state(account).charges_enabled
    world.payers.withdraw(account)

    state = provider.account_state(account)

    assert (state.external_id, state.charges_enabled, state.authorized) == (account, False, False)
    with pytest.raises(PaymentLoginRefused):
        told(provider, account, world.clock())


def test_what_was_created_since_a_time_is_read_as_it_stands(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    world.payers.pay_order("before", "my-shop", 4938, "eur")
    world.advance(hours=1)
    since = world.clock()
    intent = world.payers.pay_order("o1", "my-shop", 4938, "eur")
    page = world.payers.pay_order("o2", "my-shop", 4938, "eur", how="leave", through="session")
    refund = world.payers.refund("o1", 100)
    warning = world.payers.warn("o1")
    review = world.payers.review("o1")
    dispute = world.payers.dispute("before")

    facts = {each.external_id: each for each in provider.payments_since("", since)}

    assert {name: (each.kind, each.state) for name, each in facts.items()} == {
        intent["id"]: (FactKind.INTENT, FactState.SUCCEEDED),
        page["id"]: (FactKind.SESSION, FactState.OPEN),
        refund["id"]: (FactKind.REFUND, FactState.SUCCEEDED),
        warning["id"]: (FactKind.WARNING, FactState.OPEN),
        review["id"]: (FactKind.REVIEW, FactState.OPEN),
        dispute["id"]: (FactKind.DISPUTE, FactState.OPEN),
    }


def test_a_plan_is_what_a_customer_is_entitled_to_now(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    bought = world.payers.subscribe("ann@example.com", "autopilot")
    customer = bought["customer"]

    plan = provider.plan(customer)
    assert (plan.lookup_keys, plan.status, plan.as_of) == (
        frozenset({"autopilot"}),
        "active",
        world.clock(),
    )

    world.payers.set_subscription(bought["id"], "past_due")
    assert provider.plan(customer).status == "past_due"
    world.payers.set_subscription(bought["id"], "canceled")
    assert (provider.plan(customer).lookup_keys, provider.plan(customer).status) == (
        frozenset(),
        "canceled",
    )
    assert (provider.plan("cus_nobody").lookup_keys, provider.plan("cus_nobody").status) == (
        frozenset(),
        "",
    )
