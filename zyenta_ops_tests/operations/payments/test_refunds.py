"""Refunds out: asked for once, whatever becomes of the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from zyenta_ops.domain.entitlements import Feature
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.orders import EventKind, Order, PaymentStatus
from zyenta_ops.domain.payment_errors import (
    PaymentError,
    PaymentLoginRefused,
    PaymentMissing,
    PaymentOutcomeUnknown,
    PaymentRefused,
    PaymentUnavailable,
)
from zyenta_ops.domain.payments import FactKind, FactState
from zyenta_ops.domain.refunds import KEY_LIFE, RefundStatus
from zyenta_ops.operations.payments import RefundRequest
from zyenta_ops.ports.payments import ChargeModel, PaymentAccount
from zyenta_ops_tests.operations.payments.conftest import Shop


def paid_order(shop: Shop) -> Order:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.hear()
    return shop.show(order).order


def all_of_it(key: str = "k1") -> RefundRequest:
    return RefundRequest(key, "the customer changed their mind")


def part(minor: int, key: str = "k1") -> RefundRequest:
    return RefundRequest(key, "damaged", amount_minor=minor)


def test_everything_left_is_refunded_and_the_order_says_so(shop: Shop) -> None:
    order = paid_order(shop)

    (refund,) = shop.refunds.request(order.id, all_of_it(), "cli")
    assert (refund.amount_minor, refund.status) == (4938, RefundStatus.PLANNED)
    assert shop.provider.refunds_made() == []
    report = shop.refunds.carry_out()

    assert (report.settled, report.deferred, report.refused) == (1, 0, 0)
    assert shop.provider.refunds_made() == [4938]
    after = shop.show(order)
    assert after.order.payment_status is PaymentStatus.REFUNDED
    assert [each.status for each in after.refunds] == [RefundStatus.SUCCEEDED]
    assert [each.kind for each in after.timeline][-3:] == [
        EventKind.REFUND_REQUESTED,
        EventKind.PAYMENT_CHANGED,
        EventKind.REFUND_SETTLED,
    ]

    # A second run, and the event of the refund, change nothing.
    assert shop.refunds.count_due() == 0
    shop.hear()
    assert shop.show(order) == after


def test_the_same_key_refunds_once(shop: Shop) -> None:
    order = paid_order(shop)

    (first,) = shop.refunds.request(order.id, part(500), "cli")
    (again,) = shop.refunds.request(order.id, part(500), "api:desk")
    shop.refunds.carry_out()

    assert again.id == first.id
    assert shop.provider.refunds_made() == [500]


def test_the_key_of_one_refund_cannot_ask_for_another(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")

    with pytest.raises(Refused, match="the key k1 belongs to another refund of order 1001"):
        shop.refunds.request(order.id, part(600), "cli")
    assert len(shop.show(order).refunds) == 1


def test_the_same_lines_with_other_postage_are_another_refund(shop: Shop) -> None:
    order = paid_order(shop)
    wanted = RefundRequest("k1", "too small", quantities=((order.items[0].id, 1),))
    shop.refunds.request(order.id, wanted, "cli")

    assert shop.refunds.request(order.id, wanted, "cli") == shop.show(order).refunds
    with pytest.raises(Refused, match="the key k1 belongs to another refund of order 1001"):
        shop.refunds.request(order.id, replace(wanted, shipping_minor=300), "cli")
    assert len(shop.show(order).refunds) == 1


def test_lines_are_refunded_at_what_was_paid_for_them_and_never_more_units_than_were_bought(
    shop: Shop,
) -> None:
    order = paid_order(shop)
    shirt = order.items[0]
    wanted = RefundRequest("k1", "too small", quantities=((shirt.id, 1),))

    (refund,) = shop.refunds.request(order.id, wanted, "cli")
    assert (refund.amount_minor, refund.lines[0].quantity) == (1797, 1)

    two_more = RefundRequest("k2", "too small", quantities=((shirt.id, 2),))
    with pytest.raises(Refused, match=f"1 of item {shirt.id} can be refunded, not 2"):
        shop.refunds.request(order.id, two_more, "cli")
    assert len(shop.show(order).refunds) == 1


@pytest.mark.parametrize("minor", [4939, 0, -1])
def test_no_more_than_was_paid_can_be_refunded(sqlite_shop: Shop, minor: int) -> None:
    order = paid_order(sqlite_shop)

    with pytest.raises(Refused, match=r"49\.38 EUR can be refunded"):
        sqlite_shop.refunds.request(order.id, part(minor), "cli")
    assert sqlite_shop.show(order).refunds == ()


def paid_in_parts(shop: Shop) -> Order:
    """19.90 EUR and 29.48 EUR: 49.38 EUR."""
    order = shop.order()
    for name, minor in (("pi_1", 1_990), ("pi_2", 2_948)):
        shop.provider.put(FactKind.INTENT, name, FactState.SUCCEEDED, minor, order=order.id)
    shop.hear()
    shop.clock.advance(hours=1)
    return shop.show(order).order


def test_everything_is_a_refund_of_each_payment(shop: Shop) -> None:
    order = paid_in_parts(shop)

    planned = shop.refunds.request(order.id, all_of_it(), "cli")
    again = shop.refunds.request(order.id, all_of_it(), "cli")
    shop.refunds.carry_out()

    assert again == planned
    assert [(each.number, each.intent_id, each.amount_minor) for each in planned] == [
        (1, "pi_2", 2_948),
        (2, "pi_1", 1_990),
    ]
    assert sorted(shop.provider.refunds_made()) == [1_990, 2_948]
    after = shop.show(order)
    assert (after.order.payment_status, after.order.refunded_minor) == (
        PaymentStatus.REFUNDED,
        4_938,
    )
    assert {each.status for each in after.refunds} == {RefundStatus.SUCCEEDED}


def test_an_amount_is_taken_from_as_few_payments_as_can_be(shop: Shop) -> None:
    order = paid_in_parts(shop)

    small = shop.refunds.request(order.id, part(1_000), "cli")
    large = shop.refunds.request(order.id, part(2_500, "k2"), "cli")
    shop.refunds.carry_out()

    assert [(each.intent_id, each.amount_minor) for each in small] == [("pi_2", 1_000)]
    assert [(each.intent_id, each.amount_minor) for each in large] == [
        ("pi_1", 1_990),
        ("pi_2", 510),
    ]
    after = shop.show(order).order
    assert (after.payment_status, after.refunded_minor) == (PaymentStatus.PARTIALLY_REFUNDED, 3_500)
    assert [each.holds_at(shop.clock()) for each in after.holds] == [False]
    assert shop.told.now == {}
    with pytest.raises(Refused, match=r"14\.38 EUR can be refunded, not 15\.00 EUR"):
        shop.refunds.request(order.id, part(1_500, "k3"), "cli")
    assert len(shop.show(order).refunds) == 3


def test_lines_that_take_from_two_payments_count_once(shop: Shop) -> None:
    order = paid_in_parts(shop)
    shirt = order.items[0]
    wanted = RefundRequest("k1", "too small", quantities=((shirt.id, 2),))

    planned = shop.refunds.request(order.id, wanted, "cli")

    assert [each.amount_minor for each in planned] == [2_948, 646]
    assert {each.lines for each in planned} == {planned[0].lines}
    assert shop.refunds.request(order.id, wanted, "cli") == planned
    with pytest.raises(Refused, match=f"0 of item {shirt.id} can be refunded, not 1"):
        shop.refunds.request(order.id, replace(wanted, key="k2", quantities=((shirt.id, 1),)), "x")


def test_money_in_another_currency_is_refunded_whole_and_in_it(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(
        FactKind.INTENT, "pi_1", FactState.SUCCEEDED, 5_500, currency="USD", order=order.id
    )
    shop.hear()

    with pytest.raises(Refused, match=r"55\.00 USD in another currency can only be refunded as a"):
        shop.refunds.request(order.id, part(500), "cli")
    (refund,) = shop.refunds.request(order.id, all_of_it("k2"), "cli")

    assert (refund.amount_minor, refund.currency) == (5_500, "USD")


def test_postage_alone_is_not_everything(shop: Shop) -> None:
    order = paid_order(shop)
    wanted = RefundRequest("k1", "late", shipping_minor=490)

    (refund,) = shop.refunds.request(order.id, wanted, "cli")

    assert refund.amount_minor == 490


def test_all_units_in_any_portions_are_what_was_paid_for_them(sqlite_shop: Shop) -> None:
    order = paid_order(sqlite_shop)
    shirt, mug = order.items
    portions = [((mug.id, 1),), ((shirt.id, 1),), ((shirt.id, 1),)]

    refunds = [
        sqlite_shop.refunds.request(
            order.id, RefundRequest(f"k{number}", "back", quantities=units), "cli"
        )
        for number, units in enumerate(portions)
    ]

    # 49.38 EUR less 4.90 EUR of shipping, after a discount of 5.00 EUR.
    assert [each.amount_minor for (each,) in refunds] == [854, 1_797, 1_797]
    (rest,) = sqlite_shop.refunds.request(order.id, all_of_it("rest"), "cli")
    assert rest.amount_minor == 490


def test_a_refunded_order_says_where_its_money_is(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(938), "cli")
    shop.refunds.carry_out()
    shop.refunds.request(order.id, all_of_it("k2"), "cli")

    said = (
        "nothing of order 1001 can be refunded:"
        " 9.38 EUR went back already, 40.00 EUR is on its way back"
    )
    for wanted in (all_of_it("k3"), part(100, "k4")):
        with pytest.raises(Refused, match=said.replace(".", r"\.")):
            shop.refunds.request(order.id, wanted, "cli")
    assert len(shop.show(order).refunds) == 2


def test_a_payment_that_the_bank_only_asks_about_can_be_refunded(shop: Shop) -> None:
    order = paid_order(shop)
    shop.provider.put(FactKind.DISPUTE, "du_1", FactState.ASKED)
    shop.hear()

    shop.refunds.request(order.id, all_of_it(), "cli")

    assert shop.refunds.carry_out().settled == 1
    assert shop.show(order).order.payment_status is PaymentStatus.REFUNDED


def test_a_payment_that_was_charged_back_is_not_refunded(shop: Shop) -> None:
    order = paid_order(shop)
    shop.provider.put(FactKind.DISPUTE, "dp_1", FactState.OPEN)
    shop.hear()

    with pytest.raises(Refused, match=r"49\.38 EUR was charged back by the bank"):
        shop.refunds.request(order.id, part(100), "cli")
    assert shop.show(order).refunds == ()


def test_refunds_under_way_count_before_the_provider_knows_of_them(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(4000), "cli")

    with pytest.raises(Refused, match=r"9\.38 EUR can be refunded, not 10\.00 EUR"):
        shop.refunds.request(order.id, part(1000, "k2"), "cli")


def test_a_refund_made_in_the_dashboard_counts(shop: Shop) -> None:
    order = paid_order(shop)
    shop.provider.put(FactKind.REFUND, "re_9", FactState.SUCCEEDED, 4000)
    shop.hear()

    assert shop.refunds.request(order.id, all_of_it(), "cli")[0].amount_minor == 938


def test_an_order_that_was_not_paid_cannot_be_refunded(sqlite_shop: Shop) -> None:
    order = sqlite_shop.order()

    with pytest.raises(Refused, match="order 1001 was not paid"):
        sqlite_shop.refunds.request(order.id, all_of_it(), "cli")
    with pytest.raises(NotFound):
        sqlite_shop.refunds.request("no-such-order", all_of_it(), "cli")


def test_a_lost_answer_is_looked_for_and_the_refund_not_made_twice(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")
    shop.provider.refund_faults = [(PaymentOutcomeUnknown("no answer"), True)]

    assert shop.refunds.carry_out().deferred == 1
    assert [each.status for each in shop.show(order).refunds] == [RefundStatus.REQUESTED]
    shop.clock.advance(minutes=2)
    assert shop.refunds.carry_out().settled == 1

    assert shop.provider.refunds_made() == [500]
    assert len(shop.provider.by_key) == 1
    assert shop.show(order).order.refunded_minor == 500


@pytest.mark.parametrize(
    "fault",
    [
        PaymentRefused("the list cannot be understood"),
        PaymentMissing("no such payment"),
        PaymentLoginRefused("a wrong key"),
        PaymentUnavailable("no answer"),
    ],
)
def test_a_lost_refund_that_cannot_be_looked_for_is_put_off_and_not_made_twice(
    shop: Shop, fault: PaymentError
) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")
    shop.provider.refund_faults = [(PaymentOutcomeUnknown("no answer"), True)]
    shop.refunds.carry_out()
    shop.clock.advance(minutes=2)
    shop.provider.fault = fault

    report = shop.refunds.carry_out()

    assert (report.deferred, report.refused) == (1, 0)
    (refund,) = shop.show(order).refunds
    assert (refund.status, refund.error) == (RefundStatus.REQUESTED, str(fault))
    with pytest.raises(Refused, match=r"44\.38 EUR can be refunded, not 49\.38 EUR"):
        shop.refunds.request(order.id, part(4938, "k2"), "cli")

    shop.provider.fault = None
    shop.clock.advance(hours=1)
    assert shop.refunds.carry_out().settled == 1
    assert shop.provider.refunds_made() == [500]


def test_a_stored_error_is_asked_again_under_a_new_key_once_it_is_known_that_nothing_was_made(
    shop: Shop,
) -> None:
    order = paid_order(shop)
    (refund,) = shop.refunds.request(order.id, part(500), "cli")
    shop.provider.refund_faults = [(PaymentOutcomeUnknown("a 500", answered=True), False)]
    shop.refunds.carry_out()
    shop.clock.advance(minutes=2)

    assert shop.refunds.carry_out().settled == 1

    assert list(shop.provider.by_key) == [f"zy:refund:{order.id}:1:1"]
    assert refund.idempotency_key == f"zy:refund:{order.id}:1:0"
    assert shop.provider.refunds_made() == [500]


def test_a_stored_error_after_the_refund_was_made_makes_no_second_one(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")
    shop.provider.refund_faults = [(PaymentOutcomeUnknown("a 500", answered=True), True)]
    shop.refunds.carry_out()
    shop.clock.advance(minutes=2)
    shop.refunds.carry_out()

    assert shop.provider.refunds_made() == [500]


def test_a_key_is_not_used_after_the_provider_may_have_forgotten_it(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")
    shop.provider.refund_faults = [(PaymentOutcomeUnknown("no answer"), False)]
    shop.refunds.carry_out()
    shop.clock.advance(seconds=(KEY_LIFE + timedelta(hours=2)).total_seconds())
    shop.refunds.carry_out()

    assert list(shop.provider.by_key) == [f"zy:refund:{order.id}:1:1"]


def test_a_process_that_dies_after_asking_leaves_a_refund_that_is_found(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")

    class Killed(BaseException):
        """The process ends here."""

    settle = shop.derivation.take
    object.__setattr__(shop.derivation, "take", _dying(Killed))
    with pytest.raises(Killed):
        shop.refunds.carry_out()
    object.__setattr__(shop.derivation, "take", settle)
    assert shop.refunds.carry_out() == type(shop.refunds.carry_out())()
    shop.clock.advance(minutes=11)

    assert shop.refunds.carry_out().settled == 1
    assert shop.provider.refunds_made() == [500]


def _dying(error: type[BaseException]) -> object:
    def die(*_: object) -> None:
        raise error

    return die


def test_a_provider_that_is_down_is_asked_later_and_later(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")
    waits = []
    for _ in range(9):
        shop.provider.refund_faults = [(PaymentUnavailable("429"), False)]
        shop.refunds.carry_out()
        due = shop.show(order).refunds[0].next_attempt_at
        assert due is not None
        waits.append((due - shop.clock()) // timedelta(minutes=1))
        shop.clock.now = due

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert shop.refunds.carry_out().settled == 1
    assert shop.provider.refunds_made() == [500]


def test_a_refused_refund_is_failed_and_frees_its_amount(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(4000), "cli")
    shop.provider.refund_faults = [(PaymentRefused("insufficient_funds"), False)]

    assert shop.refunds.carry_out().refused == 1

    (refund,) = shop.show(order).refunds
    assert (refund.status, refund.error) == (RefundStatus.FAILED, "insufficient_funds")
    assert shop.show(order).timeline[-1].reason == (
        "refund 1: 40.00 EUR cannot be refunded, says Stripe"
    )
    assert shop.refunds.request(order.id, all_of_it("k2"), "cli")[0].amount_minor == 4938


def refunds_used(shop: Shop) -> int:
    usage = shop.plans.show("account-my-shop").usage
    return next(each.used for each in usage if each.feature is Feature.REFUNDS)


def test_refunds_that_were_made_are_counted_once(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")
    assert refunds_used(shop) == 0

    # The answer is lost, the refund is heard of by its event, then found.
    shop.provider.refund_faults = [(PaymentOutcomeUnknown("no answer"), True)]
    shop.refunds.carry_out()
    shop.hear()
    assert refunds_used(shop) == 1
    shop.clock.advance(minutes=2)
    shop.refunds.carry_out()
    shop.hear()
    assert refunds_used(shop) == 1

    shop.refunds.request(order.id, part(500, "k2"), "cli")
    shop.provider.refund_faults = [(PaymentRefused("insufficient_funds"), False)]
    shop.refunds.carry_out()
    shop.provider.put(FactKind.REFUND, "re_dashboard", FactState.SUCCEEDED, 100)
    shop.hear()
    assert refunds_used(shop) == 1


def test_the_timeline_names_the_run_that_acted(shop: Shop) -> None:
    order = paid_order(shop)
    shop.refunds.request(order.id, part(500), "cli")
    shop.refunds.carry_out()

    by_run = {(each.kind, each.run_id) for each in shop.show(order).timeline}
    assert by_run == {
        (EventKind.RECEIVED, None),
        (EventKind.PAYMENT_CHANGED, "run-1"),
        (EventKind.REFUND_REQUESTED, "run-1"),
        (EventKind.REFUND_SETTLED, "run-1"),
    }


def test_with_destination_charges_the_share_and_the_fee_are_taken_back(shop: Shop) -> None:
    with shop.database.write() as records:
        account = PaymentAccount("store-my-shop", "acct_1", ChargeModel.DESTINATION)
        records.payments.set_account(account, shop.clock())
    order = paid_order(shop)

    (refund,) = shop.refunds.request(order.id, part(500), "cli")

    assert (refund.account, refund.reverse_transfer, refund.refund_application_fee) == (
        "",
        True,
        True,
    )


def test_a_refund_is_made_where_was_paid_though_the_store_has_another_account_by_now(
    shop: Shop,
) -> None:
    order = paid_order(shop)
    with shop.database.write() as records:
        account = PaymentAccount(order.store_id, "acct_1", ChargeModel.DIRECT)
        records.payments.set_account(account, shop.clock())

    (refund,) = shop.refunds.request(order.id, all_of_it(), "cli")

    assert refund.account == ""
    assert shop.refunds.carry_out().settled == 1
    assert shop.show(order).order.payment_status is PaymentStatus.REFUNDED


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (RefundRequest("k" * 201, "damaged"), "the key of the refund is longer than 200"),
        (RefundRequest("k\x00", "damaged"), "the key of the refund holds control characters"),
        (RefundRequest("k1", " "), "the reason of the refund is missing"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_plans_nothing(
    shop: Shop, wanted: RefundRequest, said: str
) -> None:
    order = paid_order(shop)

    with pytest.raises(Refused, match=said):
        shop.refunds.request(order.id, wanted, "cli")

    assert shop.show(order).refunds == ()
