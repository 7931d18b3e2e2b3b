"""Every way that placing can end, and what is done about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from zyenta_ops.domain.fulfillment import ActionReason, AttemptOutcome, Stage, Step
from zyenta_ops.domain.orders import EventKind, FulfillmentStatus, HoldReason
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    LoginRevoked,
    OrderRejected,
    OutcomeUnknown,
    RateLimited,
    RejectionReason,
    RequestInvalid,
    SupplierUnavailable,
    UnknownReference,
    Unsupported,
)
from zyenta_ops.domain.supplier_orders import Placement
from zyenta_ops_tests.operations.fulfillment.shop import Shop

LOST = OutcomeUnknown("nobody knows what became of it")
DOWN = SupplierUnavailable("the supplier cannot be reached")


def rejected(reason: RejectionReason) -> OrderRejected:
    return OrderRejected(f"refused: {reason}", reason=reason)


def test_an_outage_is_waited_out_and_costs_no_try(shop: Shop) -> None:
    shop.fails("place_order", *[DOWN] * 5)
    order = shop.order(shirt=1)
    shop.tick()
    it = shop.of(order)["cj"]
    assert (it.stage, it.attempts, it.failures, it.note) == (Stage.RETRY_WAIT, 0, 1, str(DOWN))
    assert it.next_check_at == shop.clock() + timedelta(seconds=30)
    assert shop.tick().worked_on == 0

    for _ in range(5):
        shop.tick(minutes=30)

    it = shop.of(order)["cj"]
    assert (it.stage, it.attempts, it.failures) == (Stage.CONFIRMED, 1, 0)
    assert shop.placed("cj") == ["F1"]


def test_a_supplier_that_asks_for_patience_gets_it(shop: Shop) -> None:
    shop.fails("place_order", RateLimited("too often", retry_after=3_599.5))
    order = shop.order(shirt=1)
    shop.tick()

    it = shop.of(order)["cj"]
    assert (it.stage, it.attempts) == (Stage.RETRY_WAIT, 0)
    assert it.next_check_at == shop.clock() + timedelta(hours=1)
    shop.tick(hours=1)
    assert shop.stages(order) == {"cj": "CONFIRMED"}


@pytest.mark.parametrize("failing", ["place_order", "quote_shipping"])
def test_a_login_that_is_refused_opens_the_accounts_circuit(shop: Shop, failing: str) -> None:
    shop.fails(failing, LoginRevoked("connect the account again"))
    order = shop.order(shirt=1)
    shop.tick()

    assert shop.refused == ["login-cj"]
    assert shop.stages(order) == {"cj": "RETRY_WAIT"}
    assert shop.placed("cj") == []


def test_nothing_is_sent_when_the_supplier_says_no_price(shop: Shop) -> None:
    shop.fails("quote_shipping", DOWN)
    order = shop.order(shirt=1)
    shop.tick()

    it = shop.of(order)["cj"]
    assert (it.stage, it.attempt, it.attempts) == (Stage.RETRY_WAIT, None, 0)
    shop.tick(minutes=1)
    assert shop.stages(order) == {"cj": "CONFIRMED"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (rejected(RejectionReason.ADDRESS), ActionReason.ADDRESS),
        (rejected(RejectionReason.REGION), ActionReason.REGION),
        (rejected(RejectionReason.ACCOUNT), ActionReason.ACCOUNT),
        (rejected(RejectionReason.UNKNOWN), ActionReason.REJECTED),
        (RequestInvalid("not understood"), ActionReason.REJECTED),
        (UnknownReference("no such variant"), ActionReason.VARIANT_UNKNOWN),
        (Unsupported("do it on its site"), ActionReason.BY_HAND),
    ],
)
def test_what_is_refused_for_good_is_left_to_a_person(
    shop: Shop, error: Exception, reason: ActionReason
) -> None:
    shop.fails("place_order", error)
    order = shop.order()
    shop.tick()

    it = shop.of(order)["cj"]
    assert (it.stage, it.reason, it.note, it.sent_at) == (
        Stage.NEEDS_ACTION, reason, str(error), None,
    )  # fmt: skip
    # Its sibling never noticed.
    assert shop.stages(order)["aliexpress"] == "CONFIRMED"
    assert shop.show(order).fulfillment_status is FulfillmentStatus.INTERVENTION_REQUIRED
    assert shop.told == {f"supplier_order:{it.id}": ["Order 1001 needs a decision"]}
    assert Step.PLACE not in shop.tick(days=3).steps
    assert shop.placed("cj") == []


@pytest.mark.parametrize(
    ("reason", "hold"),
    [
        (RejectionReason.OUT_OF_STOCK, HoldReason.STOCK),
        (RejectionReason.PRICE, HoldReason.MARGIN),
        (RejectionReason.PAYMENT, HoldReason.BALANCE),
    ],
)
def test_what_lacks_goods_or_money_is_held_and_tried_again(
    shop: Shop, reason: RejectionReason, hold: HoldReason
) -> None:
    error = rejected(reason)
    shop.fails("place_order", error)
    order = shop.order()
    shop.tick()

    assert shop.stages(order) == {"cj": "RETRY_WAIT", "aliexpress": "CONFIRMED"}
    assert shop.holds(order) == [(hold, str(error))]

    shop.tick(hours=1)
    assert shop.stages(order)["cj"] == "CONFIRMED"
    assert shop.holds(order) == []
    assert shop.told == {}


def test_a_way_of_sending_that_is_refused_is_quoted_anew_three_times_at_most(shop: Shop) -> None:
    error = rejected(RejectionReason.SHIPPING_METHOD)
    shop.fails("place_order", *[error] * 3)
    order = shop.order(shirt=1)
    for _ in range(5):
        shop.tick(hours=1)

    it = shop.of(order)["cj"]
    assert (it.stage, it.reason) == (Stage.NEEDS_ACTION, ActionReason.ATTEMPTS_SPENT)
    assert it.note == f"tried 3 times: {error}"


@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
def test_a_lost_answer_is_searched_for_and_the_order_placed_once(both: Shop, done: bool) -> None:
    shop = both
    shop.fails("place_order", LOST, after=done)
    order = shop.order(shirt=1)
    shop.tick()
    it = shop.of(order)["cj"]
    assert (it.stage, it.attempts) == (Stage.UNKNOWN, 1)
    assert it.settle_until == shop.clock() + timedelta(minutes=15)
    assert len(shop.placed("cj")) == done

    shop.tick(minutes=1)
    if done:
        assert shop.stages(order) == {"cj": "CONFIRMED"}
    else:
        assert shop.of(order)["cj"].negatives == 0  # before the settle window it means nothing
        for _ in range(20):
            shop.tick(minutes=1)
        assert shop.stages(order) == {"cj": "CONFIRMED"}
        assert shop.of(order)["cj"].attempts == 2
    assert shop.placed("cj") == ["F1"]
    assert shop.suppliers["cj"].charges == {"F1": 1}


def test_one_negative_is_not_enough(shop: Shop) -> None:
    shop.fails("place_order", LOST)
    order = shop.order(shirt=1)
    shop.tick()
    shop.tick(minutes=16)
    assert (shop.of(order)["cj"].stage, shop.of(order)["cj"].negatives) == (Stage.UNKNOWN, 1)

    # A search that fails says nothing, and what was counted begins anew.
    shop.fails("find_order", DOWN)
    shop.tick(minutes=2)
    assert shop.of(order)["cj"].negatives == 0
    shop.tick(minutes=2)
    assert (shop.of(order)["cj"].stage, shop.of(order)["cj"].negatives) == (Stage.UNKNOWN, 1)
    shop.tick(minutes=2)
    assert shop.stages(order) == {"cj": "CONFIRMED"}


@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
def test_the_same_reference_is_sent_again_where_that_places_nothing_twice(
    shop: Shop, done: bool
) -> None:
    shop.can(placement=Placement.IDEMPOTENT_REF, reference_window=timedelta(hours=24))
    shop.fails("place_order", LOST, after=done)
    order = shop.order(shirt=1)
    shop.tick()
    assert shop.stages(order) == {"cj": "UNKNOWN"}

    shop.tick(minutes=1)

    it = shop.of(order)["cj"]
    assert (it.stage, it.attempts) == (Stage.CONFIRMED, 2)
    assert shop.placed("cj") == ["F1"]


def test_what_was_changed_since_is_not_sent_again(shop: Shop) -> None:
    shop.can(placement=Placement.IDEMPOTENT_REF, reference_window=timedelta(hours=24))
    shop.fails("place_order", LOST)
    order = shop.order(shirt=1)
    shop.tick()
    with shop.database.write() as records:
        records.connection.exec_driver_sql(
            "UPDATE \"order\" SET address = json_set(address, '$.line1', 'Elsewhere 2')"
        )
    shop.tick(minutes=1)

    it = shop.of(order)["cj"]
    assert (it.stage, it.reason) == (Stage.NEEDS_ACTION, ActionReason.OUTCOME_UNKNOWN)
    assert shop.placed("cj") == []


@pytest.mark.parametrize(
    "error", [rejected(RejectionReason.OUT_OF_STOCK), DOWN], ids=["refused", "down"]
)
def test_a_second_sending_that_fails_says_only_what_it_says(shop: Shop, error: Exception) -> None:
    shop.can(placement=Placement.IDEMPOTENT_REF, reference_window=timedelta(hours=24))
    shop.fails("place_order", LOST, error)
    order = shop.order(shirt=1)
    shop.tick()
    shop.tick(minutes=1)

    # A refusal means that it is not there; an outage means nothing.
    expected = Stage.UNKNOWN if error is DOWN else Stage.RETRY_WAIT
    assert shop.of(order)["cj"].stage is expected
    for _ in range(4):
        shop.tick(hours=1)
    assert shop.stages(order) == {"cj": "CONFIRMED"}
    assert shop.placed("cj") == ["F1"]


def test_a_blind_supplier_is_left_to_a_person(shop: Shop) -> None:
    shop.can(placement=Placement.BLIND)
    shop.fails("place_order", LOST, after=True)
    order = shop.order(shirt=1)
    shop.tick()

    it = shop.of(order)["cj"]
    assert (it.stage, it.reason) == (Stage.NEEDS_ACTION, ActionReason.OUTCOME_UNKNOWN)
    shop.tick(days=2)
    assert shop.placed("cj") == ["F1"]
    # Not even a refund calls off what may have been placed.
    shop.refund(order, shirt=1)
    shop.tick(minutes=1)
    assert shop.of(order)["cj"].stage is Stage.NEEDS_ACTION


def test_an_error_that_nobody_knows_leaves_the_outcome_unknown(shop: Shop) -> None:
    shop.fails("place_order", ValueError("Ann Buyer, Berlin"), after=True)
    order = shop.order(shirt=1)
    shop.tick()
    it = shop.of(order)["cj"]
    assert (it.stage, it.note) == (Stage.UNKNOWN, "ValueError")

    shop.tick(minutes=1)
    assert shop.stages(order) == {"cj": "CONFIRMED"}
    assert shop.placed("cj") == ["F1"]


@pytest.mark.parametrize("named", ["F1", None])
def test_an_order_that_is_there_already_is_taken_over(shop: Shop, named: str | None) -> None:
    shop.fails("place_order", DuplicateOrder("there is one", external_id=named), after=True)
    order = shop.order(shirt=1)
    shop.tick()
    shop.tick(minutes=1)

    it = shop.of(order)["cj"]
    assert it.stage is Stage.CONFIRMED
    assert [each.external_id for each in it.external] == ["F1"]
    assert shop.suppliers["cj"].charges == {"F1": 1}


def test_an_order_of_another_is_never_taken_over(shop: Shop) -> None:
    first = shop.order(shirt=1)
    shop.tick()
    shop.fails("place_order", DuplicateOrder("there is one", external_id="F1"))
    second = shop.order("1002", shirt=1)
    shop.tick()

    it = shop.of(second)["cj"]
    assert (it.stage, it.reason, it.external) == (
        Stage.NEEDS_ACTION, ActionReason.OUTCOME_UNKNOWN, (),
    )  # fmt: skip
    assert shop.of(first)["cj"].external[0].external_id == "F1"


def test_the_intent_says_what_was_asked_for_and_not_for_whom(shop: Shop) -> None:
    order = shop.order(shirt=1)
    shop.fails("pay_order", rejected(RejectionReason.PAYMENT))
    shop.tick()

    attempt = shop.of(order)["cj"].attempt
    assert attempt is not None
    assert (attempt.number, attempt.kind, attempt.outcome) == (2, "PAY", AttemptOutcome.RETRYABLE)
    with shop.database.read() as records:
        rows = records.connection.exec_driver_sql(
            "SELECT request, request_hash, outcome FROM placement_attempt ORDER BY number"
        ).all()
    assert [row[2] for row in rows] == ["ACCEPTED", "RETRYABLE"]
    assert '"order_ref": "shirt-o"' in rows[0][0]
    assert "Ann" not in str(rows)
    assert len(rows[0][1]) == 64


def test_an_account_that_is_missing_is_waited_for(shop: Shop) -> None:
    with shop.database.write() as records:
        records.connection.exec_driver_sql("UPDATE supplier_account SET account_id = NULL")
    order = shop.order()
    shop.tick()

    assert shop.stages(order) == {"cj": "READY", "aliexpress": "READY"}
    standing = shop.standings(order)["cj"].outlook
    assert standing.why.startswith("the store's owner has no account at the supplier")
    with shop.database.write() as records:
        records.connection.exec_driver_sql(
            "UPDATE supplier_account SET account_id = 'account-my-shop'"
        )
    shop.tick(minutes=15)
    assert shop.stages(order) == {"cj": "CONFIRMED", "aliexpress": "CONFIRMED"}


def test_a_supplier_without_an_api_is_bought_from_by_hand(shop: Shop) -> None:
    with shop.database.write() as records:
        records.connection.exec_driver_sql("UPDATE supplier SET kind = 'FEED' WHERE key = 'cj'")
    order = shop.order()
    shop.tick()

    assert shop.of(order)["cj"].reason is ActionReason.BY_HAND
    assert shop.stages(order)["aliexpress"] == "CONFIRMED"


def test_several_orders_from_one_call_are_all_followed(shop: Shop) -> None:
    order = shop.order(shirt=1)
    shop.tick()
    it = shop.of(order)["cj"]
    with shop.database.write() as records:
        records.orders.hold(order.id)
        second = replace(it.external[0], external_id="F2")
        records.fulfillment.put_external(it, [second], shop.clock())
    shop.suppliers["cj"].orders["F2"] = replace(shop.suppliers["cj"].orders["F1"], external_id="F2")
    shop.suppliers["cj"].ship("F1")
    shop.tick(hours=6)
    assert shop.of(order)["cj"].stage is Stage.PARTIALLY_SHIPPED

    shop.suppliers["cj"].ship("F2")
    shop.tick(hours=6)
    assert shop.of(order)["cj"].stage is Stage.SHIPPED
    assert len(shop.of(order)["cj"].shipments) == 2


def test_a_supplier_order_that_breaks_us_keeps_no_other_and_is_given_up_in_the_end(
    shop: Shop,
) -> None:
    shop.fails("find_order", *[KeyError("odd")] * 9)
    shop.fails("place_order", LOST)
    order = shop.order()
    shop.tick()
    for _ in range(5):
        assert shop.tick(minutes=11).failed == 1
    shop.tick(minutes=11)

    it = shop.of(order)["cj"]
    assert (it.stage, it.reason) == (Stage.NEEDS_ACTION, ActionReason.CRASHES)
    assert shop.stages(order)["aliexpress"] == "CONFIRMED"


def test_a_result_that_comes_too_late_is_kept_and_taken_over(both: Shop) -> None:
    """Whoever placed it was given up; somebody else has looked into it meanwhile."""
    shop = both
    order = shop.order(shirt=1)

    def overtaken() -> None:
        # Its lease ends while it waits for the supplier, and another pass presumes it lost.
        shop.clock.advance(minutes=11)
        shop.fulfillment.advance()
        assert shop.stages(order) == {"cj": "UNKNOWN"}

    shop.meanwhile = overtaken
    shop.tick()

    kinds = [each.kind for each in shop.orders.show(order.id).timeline]
    assert EventKind.LATE_RESULT in kinds
    shop.tick(minutes=1)
    assert shop.stages(order) == {"cj": "CONFIRMED"}
    assert shop.placed("cj") == ["F1"]
