"""Events become what their objects say, in whatever order they come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zyenta_ops.domain.inbox import MAX_ATTEMPTS, InboxStatus
from zyenta_ops.domain.orders import EventKind, HoldReason, PaymentStatus
from zyenta_ops.domain.payment_errors import PaymentRefused, PaymentUnavailable
from zyenta_ops.domain.payments import FactKind, FactState
from zyenta_ops.ports.payments import ChargeModel, PaymentAccount
from zyenta_ops_tests.operations.payments.conftest import Shop


def kinds(shop: Shop, order_id: str) -> list[EventKind]:
    return [each.kind for each in shop.orders.show(order_id).timeline]


def test_a_payment_makes_its_order_paid_once(shop: Shop) -> None:
    order = shop.order()
    event = shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)

    shop.hear()

    paid = shop.show(order).order
    assert (paid.payment_status, paid.paid_minor, paid.paid_at) == (
        PaymentStatus.PAID,
        4938,
        shop.clock(),
    )
    timeline = shop.show(order).timeline
    assert [each.kind for each in timeline] == [EventKind.RECEIVED, EventKind.PAYMENT_CHANGED]
    assert timeline[-1].reason == "49.38 EUR was paid"

    # The same event again, and another one of the same payment, change nothing.
    assert shop.inbox.record([event]) == 0
    shop.provider.tell("payment_intent.succeeded", "pi_1")
    shop.clock.advance(minutes=5)
    shop.hear()
    assert shop.show(order).order == paid
    assert shop.show(order).timeline == timeline


@pytest.mark.parametrize("live", [True, False])
def test_an_event_of_the_other_mode_is_kept_and_ignored(shop: Shop, live: bool) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.live = not live
    shop.provider.tell("payment_intent.succeeded", "pi_1")
    shop.provider.live = live
    shop.inbox.record(shop.provider.log[1:])

    report = shop.inbox.drain()

    assert (report.processed, report.ignored, shop.provider.reads) == (0, 1, 0)
    (event,) = shop.inbox.listed()
    assert (event.status, event.note) == (
        InboxStatus.IGNORED,
        "is of the other mode (live or test) than the key of ZYENTA_STRIPE_KEY",
    )
    assert shop.show(order).order == order


def test_a_payment_that_comes_before_its_order_waits_for_it(shop: Shop) -> None:
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, store="my-shop", number="1001")
    shop.hear()

    order = shop.order()

    assert shop.show(order).order.payment_status is PaymentStatus.PAID
    assert shop.inbox.listed()[0].note == "kept for an order that may come"


def test_a_payment_on_another_account_pays_nothing_whatever_its_metadata_says(shop: Shop) -> None:
    with shop.database.write() as records:
        records.payments.set_account(
            PaymentAccount("store-other-shop", "acct_evil", ChargeModel.DIRECT), shop.clock()
        )
    order = shop.order()
    shop.provider.put(
        FactKind.INTENT, "pi_1", FactState.SUCCEEDED, account="acct_evil", order=order.id
    )
    shop.provider.put(
        FactKind.INTENT,
        "pi_2",
        FactState.SUCCEEDED,
        account="acct_evil",
        store="my-shop",
        number="1001",
    )

    shop.hear()

    assert shop.show(order).order.payment_status is PaymentStatus.PENDING
    assert kinds(shop, order.id) == [EventKind.RECEIVED]


def test_a_refund_is_joined_through_its_payment_and_not_through_its_amount(shop: Shop) -> None:
    first, second = shop.order("1001"), shop.order("1002")
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=first.id)
    shop.provider.put(FactKind.INTENT, "pi_2", FactState.SUCCEEDED, order=second.id)
    shop.provider.put(FactKind.REFUND, "re_1", FactState.SUCCEEDED, intent="pi_2")

    shop.hear()

    assert shop.show(first).order.payment_status is PaymentStatus.PAID
    assert shop.show(second).order.payment_status is PaymentStatus.REFUNDED


def test_a_dispute_holds_the_order_until_it_is_won(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.put(FactKind.DISPUTE, "dp_1", FactState.OPEN)
    shop.hear()

    holds = shop.show(order).order.holds
    assert [(each.reason, each.source) for each in holds] == [(HoldReason.FRAUD, "dispute:dp_1")]
    assert holds[0].holds_at(shop.clock())
    assert shop.told.now == {
        ("store-my-shop", f"order:{order.id}"): ["Payment disputed: order 1001"]
    }

    shop.clock.advance(days=3)
    shop.provider.put(FactKind.DISPUTE, "dp_1", FactState.WON)
    shop.hear()

    after = shop.show(order).order
    assert [each.holds_at(shop.clock()) for each in after.holds] == [False]
    assert after.payment_status is PaymentStatus.PAID
    assert shop.told.now == {}
    assert kinds(shop, order.id)[-2:] == [EventKind.PAYMENT_NOTED, EventKind.RELEASED]


def test_a_dispute_that_opens_again_holds_again(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    for state in (FactState.OPEN, FactState.WON, FactState.OPEN):
        shop.clock.advance(hours=1)
        shop.provider.put(FactKind.DISPUTE, "dp_1", state)
        shop.hear()

    assert [each.holds_at(shop.clock()) for each in shop.show(order).order.holds] == [True]


def test_what_a_person_released_is_not_held_again_for_the_same_reason(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.put(FactKind.WARNING, "issfr_1", FactState.OPEN)
    shop.hear()
    shop.orders.release(order.id, "warning:issfr_1", "cli")

    shop.provider.tell("radar.early_fraud_warning.updated", "issfr_1")
    shop.clock.advance(hours=1)
    shop.hear()

    (hold,) = shop.show(order).order.holds
    assert (hold.released_by, hold.holds_at(shop.clock())) == ("cli", False)


def test_what_a_person_released_stays_released_when_one_more_payment_is_too_small(
    shop: Shop,
) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, 1_000, order=order.id)
    shop.hear()
    shop.orders.release(order.id, "payment:short", "cli")
    shop.clock.advance(hours=1)
    shop.provider.put(FactKind.INTENT, "pi_2", FactState.SUCCEEDED, 2_000, order=order.id)

    shop.hear()

    (hold,) = shop.show(order).order.holds
    assert (hold.source, hold.released_by) == ("payment:short", "cli")
    assert shop.told.now == {
        ("store-my-shop", f"order:{order.id}"): ["Paid too little: order 1001"]
    }


def test_too_little_money_that_went_back_holds_and_tells_no_more(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, 1_990, order=order.id)
    shop.hear()
    shop.clock.advance(hours=1)
    shop.provider.put(FactKind.REFUND, "re_1", FactState.SUCCEEDED, 1_990)
    shop.hear()

    after = shop.show(order).order
    assert (after.payment_status, after.paid_at) == (PaymentStatus.PENDING, None)
    assert [each.holds_at(shop.clock()) for each in after.holds] == [False]
    assert shop.told.now == {}

    shop.clock.advance(hours=1)
    shop.provider.put(FactKind.INTENT, "pi_2", FactState.SUCCEEDED, 2_948, order=order.id)
    shop.hear()

    short = shop.show(order).order
    assert (short.payment_status, short.paid_at) == (PaymentStatus.PENDING, None)
    assert [each.holds_at(shop.clock()) for each in short.holds] == [True]


def test_a_timeline_speaks_of_amounts_and_in_plain_words(shop: Shop) -> None:
    order = shop.order()
    for kind, name, state, minor in (
        (FactKind.INTENT, "pi_1", FactState.FAILED, 4938),
        (FactKind.INTENT, "pi_1", FactState.SUCCEEDED, 4938),
        (FactKind.REFUND, "re_1", FactState.SUCCEEDED, 500),
        (FactKind.REFUND, "re_2", FactState.SUCCEEDED, 300),
        (FactKind.DISPUTE, "du_1", FactState.OPEN, 4138),
        (FactKind.DISPUTE, "du_1", FactState.WON, 4138),
    ):
        shop.clock.advance(hours=1)
        shop.provider.put(kind, name, state, minor, order=order.id)
        shop.hear()

    disputed = "the customer disputes 41.38 EUR"
    in_full = f"{disputed} (no reason was given); answer it in the Stripe dashboard"
    assert [each.reason for each in shop.show(order).timeline] == [
        "handed over",
        "a payment of 49.38 EUR failed",
        "49.38 EUR was paid",
        "5.00 EUR was refunded",
        "3.00 EUR was refunded",
        disputed,
        in_full,
        "the dispute of 41.38 EUR ended in our favour",
        f"no more: {in_full}",
    ]


def test_events_of_no_concern_are_ignored_without_asking_the_provider(shop: Shop) -> None:
    shop.provider.tell("customer.created", "cus_1")

    shop.hear()

    assert shop.inbox.listed()[0].status is InboxStatus.IGNORED
    assert shop.provider.reads == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data":null}', b"\xff", b'{"data":{}}'])
def test_an_event_whose_body_names_nothing_is_ignored(sqlite_shop: Shop, body: bytes) -> None:
    event = sqlite_shop.provider.tell("payment_intent.succeeded", "pi_9")
    sqlite_shop.inbox.record([replace(event, body=body)])

    assert sqlite_shop.inbox.drain().ignored == 1


def test_several_events_about_one_payment_read_it_once(sqlite_shop: Shop) -> None:
    order = sqlite_shop.order()
    sqlite_shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    for _ in range(5):
        sqlite_shop.provider.tell("payment_intent.processing", "pi_1")

    sqlite_shop.hear()

    assert sqlite_shop.provider.reads == 1
    assert {each.status for each in sqlite_shop.inbox.listed()} == {InboxStatus.PROCESSED}


def test_a_provider_that_does_not_answer_costs_no_attempt(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.fault = PaymentUnavailable("no answer from Stripe")
    for _ in range(2 * MAX_ATTEMPTS):
        shop.hear()
        shop.clock.advance(minutes=2)

    (event,) = shop.inbox.listed()
    assert (event.status, event.attempts) == (InboxStatus.RECEIVED, 0)
    assert event.note == "no answer from Stripe"
    assert shop.show(order).order.payment_status is PaymentStatus.PENDING

    shop.provider.fault = None
    shop.hear()
    assert shop.show(order).order.payment_status is PaymentStatus.PAID


def test_an_event_that_always_fails_is_parked_and_can_be_replayed(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.fault = PaymentRefused("this will never work")
    for _ in range(MAX_ATTEMPTS + 3):
        shop.hear()
        shop.clock.advance(hours=2)

    (event,) = shop.inbox.listed()
    assert (event.status, event.attempts) == (InboxStatus.PARKED, MAX_ATTEMPTS)
    assert event.note == "this will never work"
    assert shop.parked == [event.id]

    shop.provider.fault = None
    assert shop.inbox.replay() == 1
    assert shop.parked == []
    shop.inbox.drain()
    assert shop.inbox.show(event.id).status is InboxStatus.PROCESSED
    assert shop.show(order).order.payment_status is PaymentStatus.PAID


def test_one_poisoned_event_does_not_keep_the_others(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.broken = {"pi_9"}
    poisoned = shop.provider.tell("payment_intent.succeeded", "pi_9")

    shop.hear()

    assert shop.show(order).order.payment_status is PaymentStatus.PAID
    by_id = {each.event_id: each for each in shop.inbox.listed()}
    assert by_id[poisoned.event_id].status is InboxStatus.RECEIVED
    assert by_id[poisoned.event_id].attempts == 1


def test_a_deauthorised_account_is_told_to_its_stores(shop: Shop) -> None:
    with shop.database.write() as records:
        account = PaymentAccount("store-my-shop", "acct_1", ChargeModel.DIRECT)
        records.payments.set_account(account, shop.clock())
    shop.provider.tell("account.application.deauthorized", "ca_1", "acct_1")

    shop.hear()

    with shop.database.read() as records:
        assert records.payments.account_of("store-my-shop").deauthorized_at == shop.clock()
    assert shop.told.now == {
        ("store-my-shop", "account:acct_1:store-my-shop"): ["Payments cannot be taken"]
    }


def test_a_customer_is_told_of_the_payment_and_of_what_went_back_once_each(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.PROCESSING, order=order.id)
    shop.hear()
    assert shop.announced == []
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.hear()
    shop.provider.tell("payment_intent.succeeded", "pi_1")
    shop.hear()
    assert shop.announced == [("paid", order.id)]

    for number, amount in enumerate((500, 4_438), start=1):
        shop.clock.advance(minutes=1)
        shop.provider.put(FactKind.REFUND, f"re_{number}", FactState.SUCCEEDED, amount)
        shop.hear()
        shop.provider.tell("refund.updated", f"re_{number}")
        shop.hear()

    assert shop.announced[1:] == [
        ("refunded", order.id, 500, 500),
        ("refunded", order.id, 4_438, 4_938),
    ]


def test_a_customer_who_won_a_dispute_is_not_told_that_we_gave_the_money_back(
    shop: Shop,
) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.put(FactKind.DISPUTE, "dp_1", FactState.LOST)

    shop.hear()

    assert shop.show(order).order.payment_status is PaymentStatus.REFUNDED
    assert [each for each in shop.announced if each[0] == "refunded"] == []


def test_an_order_that_was_refunded_before_it_was_heard_of_is_not_confirmed(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.put(FactKind.REFUND, "re_1", FactState.SUCCEEDED)

    shop.hear()

    assert shop.announced == [("refunded", order.id, 4_938, 4_938)]
