"""From an order to its money and back, with no webhook: polls, sensors and runs alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from zyenta_ops.bootstrap import build
from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.inbox import InboxStatus
from zyenta_ops.domain.orders import EventKind, HoldReason, PaymentStatus
from zyenta_ops.domain.payment_errors import PaymentLoginRefused
from zyenta_ops.domain.refunds import RefundStatus
from zyenta_ops.domain.stores import PlanTier
from zyenta_ops.operations.payments import RefundRequest, Refunds
from zyenta_ops.ports.payments import ChargeModel
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops_tests.adapters.storefronts.reading_signatures import is_genuine
from zyenta_ops_tests.adapters.web_server import LOOPBACK, status, web_server
from zyenta_ops_tests.journeys.till import Till, a_till


@pytest.fixture
def till(home: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    with a_till(home, monkeypatch, sqlite_url) as till:
        yield till


def refunds(till: Till) -> Refunds:
    assert till.operations.refunds is not None
    return till.operations.refunds


def test_a_paid_order_is_paid_once_however_often_sensors_tick(till: Till) -> None:
    order = till.order()
    assert till.due() == ()
    till.pay(order, through="session")

    assert till.poll() == ()
    seen = till.cursor
    assert till.poll() == ()
    assert till.cursor == seen
    # Recording is not acting.
    assert till.show(order).payment_status is PaymentStatus.PENDING
    (request,) = till.due()
    (again,) = till.due()
    assert request.run_config == again.run_config

    till.run_orders(request)
    paid = till.show(order)
    assert (paid.payment_status, paid.paid_minor) == (PaymentStatus.PAID, 4938)
    assert paid.paid_at == till.world.clock()
    assert till.due() == ()

    timeline = till.operations.orders.show(order.id).timeline
    assert [each.kind for each in timeline].count(EventKind.PAYMENT_CHANGED) == 1

    # The run that the second tick asked for, and whatever is polled again, changes nothing.
    till.run_orders(again)
    till.hear()
    assert till.show(order) == paid
    assert till.operations.orders.show(order.id).timeline == timeline
    assert till.issues() == []
    inbox = till.operations.inbox.listed()
    assert {each.status for each in inbox} <= {InboxStatus.PROCESSED, InboxStatus.IGNORED}


def test_a_customer_and_a_storefront_hear_once_that_the_order_is_paid_for(till: Till) -> None:
    with web_server() as system:
        system.routes["POST /hook"] = status(200)
        till.settings = replace(till.settings, private_networks=(LOOPBACK,))
        operations = build(till.settings, clock=till.world.clock)
        operations.stores.set_voice("my-shop", {"locale": "de", "support_email": "help@a.example"})
        secret = operations.storefront_hooks.set("my-shop", system.url("/hook")).secret
        order = till.order()
        till.pay(order, through="session")
        till.hear()
        till.hear()

        assert operations.notifications.deliver().sent == 2
        assert operations.notifications.deliver().sent == 0

    (path,) = till.settings.mail_folder.iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "Ihre Bestellung 1001"
    assert (mail["To"], mail["Reply-To"]) == ("ann@example.com", "help@a.example")
    assert mail["From"].addresses[0].display_name == "My Shop"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Gesamtbetrag: 49,38 EUR" in text.get_content()
    (event,) = system.asked
    assert is_genuine(secret, event.headers, event.body, till.world.clock().timestamp())
    told = json.loads(event.body)
    assert (told["type"], told["data"]["orderNumber"]) == ("order.confirmed", "1001")


def test_a_store_that_muted_the_confirmation_sends_none(till: Till) -> None:
    till.operations.stores.set_voice("my-shop", {"muted": ["order-confirmed"]})
    order = till.order()
    till.pay(order, through="session")
    till.hear()

    assert till.show(order).payment_status is PaymentStatus.PAID
    assert till.operations.notifications.listed() == []


def test_a_payment_that_comes_before_its_order_waits_for_it(till: Till) -> None:
    ghost = till.order("1001")
    metadata = {"store": "my-shop", "order_number": "1002"}
    intent = till.world.payers.pay_order("somewhere", "my-shop", 4938, "eur")
    intent["metadata"] = metadata
    till.hear()
    assert till.show(ghost).payment_status is PaymentStatus.PENDING

    late = till.order("1002")

    assert till.show(late).payment_status is PaymentStatus.PAID


def test_a_dispute_holds_and_shouts_until_it_is_won(till: Till) -> None:
    order = till.order()
    till.pay(order)
    till.hear()
    dispute = till.world.payers.dispute(order.id)
    till.hear()

    (hold,) = till.show(order).holds
    assert (hold.reason, hold.source) == (HoldReason.FRAUD, f"dispute:{dispute['id']}")
    assert till.issues() == [(Severity.CRITICAL, "Payment disputed: order 1001")]

    till.world.payers.close_dispute(dispute["id"], "won")
    till.hear()

    after = till.show(order)
    assert [each.holds_at(till.world.clock()) for each in after.holds] == [False]
    assert after.payment_status is PaymentStatus.PAID
    assert till.issues() == []


def test_a_dispute_that_is_lost_takes_the_money_like_a_refund(till: Till) -> None:
    order = till.order()
    till.pay(order)
    dispute = till.world.payers.dispute(order.id)
    till.hear()
    till.world.payers.close_dispute(dispute["id"], "lost")
    till.hear()

    assert till.show(order).payment_status is PaymentStatus.REFUNDED


def test_money_that_went_back_pays_no_order(till: Till) -> None:
    order = till.order()
    first = till.world.payers.pay_order(order.id, "my-shop", 1_990, "eur")
    till.world.payers.refund(first["id"])
    till.world.payers.pay_order(order.id, "my-shop", 2_948, "eur")
    till.hear()

    short = till.show(order)
    assert (short.payment_status, short.paid_at) == (PaymentStatus.PENDING, None)
    assert [each.holds_at(till.world.clock()) for each in short.holds] == [True]
    assert till.issues() == [(Severity.CRITICAL, "Paid too little: order 1001")]

    till.world.advance(minutes=1)
    till.world.payers.pay_order(order.id, "my-shop", 1_990, "eur")
    till.hear()
    paid = till.show(order)
    assert (paid.payment_status, till.issues()) == (PaymentStatus.PAID, [])

    # Of an order that was paid in two parts more is refunded than either part.
    planned = refunds(till).request(order.id, RefundRequest("k1", "broken", 3_000), "test")
    till.world.advance(minutes=1)
    till.hear()
    till.hear()
    after = till.show(order)
    assert [each.amount_minor for each in planned] == [2_948, 52]
    assert (after.payment_status, after.refunded_minor) == (
        PaymentStatus.PARTIALLY_REFUNDED,
        4_990,
    )
    assert till.issues() == []


def test_an_inquiry_is_answered_by_a_refund(till: Till) -> None:
    order = till.order()
    till.pay(order)
    till.world.payers.dispute(order.id, inquiry=True)
    till.hear()
    assert till.issues() == [(Severity.CRITICAL, "Payment questioned: order 1001")]

    refunds(till).request(order.id, RefundRequest("k1", "as the bank asks"), "test")
    till.hear()
    till.hear()

    assert till.show(order).payment_status is PaymentStatus.REFUNDED


def test_a_warned_payment_is_released_by_refunding_it(till: Till) -> None:
    order = till.order()
    till.pay(order)
    till.world.payers.warn(order.id)
    till.hear()
    assert till.issues() == [(Severity.CRITICAL, "Early fraud warning: order 1001")]

    refunds(till).request(order.id, RefundRequest("k1", "fraud"), "test")
    till.hear()
    till.hear()

    after = till.show(order)
    assert after.payment_status is PaymentStatus.REFUNDED
    assert [each.holds_at(till.world.clock()) for each in after.holds] == [False]
    assert till.issues() == []


def test_a_refund_is_made_once_and_known_on_both_sides(till: Till) -> None:
    order = till.order()
    intent = till.pay(order)
    till.hear()

    first = refunds(till).request(order.id, RefundRequest("k1", "broken", 1000), "test")
    again = refunds(till).request(order.id, RefundRequest("k1", "broken", 1000), "test")
    assert first == again
    till.hear()
    assert till.show(order).payment_status is PaymentStatus.PARTIALLY_REFUNDED
    refunds(till).request(order.id, RefundRequest("k2", "the rest"), "test")
    till.hear()
    till.hear()

    after = till.show(order)
    assert (after.payment_status, after.refunded_minor) == (PaymentStatus.REFUNDED, 4938)
    made = till.world.stripe.platform.all("refund")
    assert sorted(each["amount"] for each in made) == [1000, 3938]
    assert {each["payment_intent"] for each in made} == {intent}
    statuses = {each.status for each in till.operations.orders.show(order.id).refunds}
    assert statuses == {RefundStatus.SUCCEEDED}


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        ("status_after", {"status": 500}),
        ("truncated", {}),
        ("html", {}),
        ("slow_landing", {"seconds": 40}),
    ],
)
def test_a_refund_whose_answer_is_lost_is_made_once(
    till: Till, fault: str, how: dict[str, float]
) -> None:
    order = till.order()
    till.pay(order)
    till.hear()
    where = {"vendor": "stripe", "operation": "/v1/refunds", "method": "POST"}
    if fault == "slow_landing":
        till.world.script.add(Rule("reset_after", **where, times=1))  # type: ignore[arg-type]
    till.world.script.add(Rule(fault, **where, times=1, **how))  # type: ignore[arg-type]
    refunds(till).request(order.id, RefundRequest("k1", "broken", 1000), "test")

    till.hear()
    (refund,) = till.operations.orders.show(order.id).refunds
    assert refund.status is RefundStatus.REQUESTED
    assert refund.error is not None
    till.world.advance(minutes=2)
    till.hear()

    assert [each["amount"] for each in till.world.stripe.platform.all("refund")] == [1000]
    (refund,) = till.operations.orders.show(order.id).refunds
    assert refund.status is RefundStatus.SUCCEEDED
    assert till.show(order).refunded_minor == 1000


def test_events_that_are_gone_for_good_are_made_up_for(till: Till) -> None:
    disputed, unpaid = till.order("1001"), till.order("1002")
    till.pay(disputed)
    till.hear()
    # Nobody polls for six weeks.
    till.world.advance(days=1)
    till.pay(unpaid)
    dispute = till.world.payers.dispute(disputed.id)
    till.world.advance(days=45)

    (request,) = till.poll()
    assert till.poll() == ()
    assert till.operations.inbox.count_due() == 0
    assert till.show(unpaid).payment_status is PaymentStatus.PENDING
    till.reconcile(request)

    assert till.show(unpaid).payment_status is PaymentStatus.PAID
    assert [each.source for each in till.show(disputed).holds] == [f"dispute:{dispute['id']}"]


def test_a_subscription_makes_a_plan_that_ends_after_its_grace(till: Till) -> None:
    plans = till.operations.plans
    (account,) = plans.list()
    plans.set_by_hand(account.id, PlanTier.FREE)
    bought = till.world.payers.subscribe("ann@example.com", "autopilot")
    till.world.advance(seconds=1)
    plans.subscribe(account.id, bought["customer"])
    assert plans.show(account.id).account.plan_tier is PlanTier.AUTOPILOT

    # The card fails; Stripe takes the entitlement away once it gives up.
    till.world.payers.set_subscription(bought["id"], "unpaid")
    till.hear()
    stands = plans.show(account.id)
    assert stands.account.plan_tier is PlanTier.AUTOPILOT
    assert stands.subscriber is not None
    assert stands.subscriber.status == "unpaid"
    assert stands.subscriber.grace_until is not None

    till.world.advance(hours=73)
    assert plans.review() == 1

    assert plans.show(account.id).account.plan_tier is PlanTier.FREE


def test_a_store_that_withdraws_is_told_of_and_the_platform_goes_on(till: Till) -> None:
    account = till.world.payers.connect()["id"]
    till.operations.payment_accounts.choose("my-shop", ChargeModel.DIRECT, account)
    order = till.order()
    intent = till.pay(order, account=account)
    assert intent
    till.hear()
    assert till.show(order).payment_status is PaymentStatus.PAID

    till.world.payers.withdraw(account)
    till.hear()

    assert till.issues() == [(Severity.CRITICAL, "Payments cannot be taken")]
    assert till.operations.stripe_events is not None
    assert till.operations.stripe_events.accounts() == [""]


def test_no_key_and_no_address_is_kept_or_said(till: Till) -> None:
    order = till.order()
    till.pay(order, through="session")
    till.world.script.add(Rule("expired_token", vendor="stripe", calls=(2,)))
    till.hear()
    assert till.operations.stripe_events is not None
    till.world.stripe.keys.clear()
    with pytest.raises(PaymentLoginRefused) as caught:
        till.operations.stripe_events.reconcile()
    till.hear()

    secret = till.settings.stripe_key
    assert secret not in str(caught.value)
    assert secret not in repr(till.settings)
    files = [path for path in till.settings.home.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if secret.encode() in path.read_bytes()] == []
    dagster = [path for path in files if "dagster" in path.parts]
    assert [each.name for each in dagster if b"buyer@example.com" in each.read_bytes()] == []
