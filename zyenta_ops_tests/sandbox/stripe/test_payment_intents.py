"""PaymentIntents, as Stripe's library meets them."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.stripe.conftest import refused, types

ORDER: Any = {"amount": 4_200, "currency": "usd", "metadata": {"order_id": "o1", "store": "ann"}}


def paid(api: stripe.StripeClient, method: str = "pm_card_visa", **more: Any) -> Any:
    asked: Any = {**ORDER, "payment_method": method, "confirm": True, **more}
    return api.v1.payment_intents.create(asked)


def test_an_intent_is_paid_step_by_step(api: stripe.StripeClient) -> None:
    intents = api.v1.payment_intents
    created = intents.create(ORDER)
    assert (created.status, created.amount_received) == ("requires_payment_method", 0)

    confirmed = intents.confirm(created.id, {"payment_method": "pm_card_visa"})

    assert (confirmed.status, confirmed.amount_received) == ("succeeded", 4_200)
    assert confirmed.metadata.to_dict() == {"order_id": "o1", "store": "ann"}
    read = intents.retrieve(created.id, {"expand": ["latest_charge.payment_intent"]})
    charge: Any = read.latest_charge
    assert (charge.status, charge.captured, charge.amount_captured) == ("succeeded", True, 4_200)
    assert charge.metadata.to_dict() == {"order_id": "o1", "store": "ann"}
    assert charge.payment_intent.id == created.id
    assert types(api) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("method", "code", "reason"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_a_declined_card_leaves_an_intent_that_can_be_paid_again(
    api: stripe.StripeClient, method: str, code: str, reason: str
) -> None:
    intent = api.v1.payment_intents.create(ORDER)

    error: Any = refused(
        lambda: api.v1.payment_intents.confirm(intent.id, {"payment_method": method})
    )

    said = error.json_body["error"]
    assert isinstance(error, stripe.CardError)
    assert (error.http_status, error.code, said["decline_code"]) == (402, code, reason)
    assert said["payment_intent"]["status"] == "requires_payment_method"
    after = api.v1.payment_intents.retrieve(intent.id)
    assert after.last_payment_error is not None
    assert (after.status, after.last_payment_error.decline_code) == (
        "requires_payment_method",
        reason,
    )
    again = api.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (again.status, again.last_payment_error) == ("succeeded", None)
    assert types(api) == [
        "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
        "charge.succeeded", "payment_intent.succeeded",
    ]  # fmt: skip


def test_an_authorised_amount_is_captured_in_part(api: stripe.StripeClient) -> None:
    held = paid(api, capture_method="manual")
    assert (held.status, held.amount_capturable, held.amount_received) == (
        "requires_capture", 4_200, 0,
    )  # fmt: skip

    taken = api.v1.payment_intents.capture(held.id, {"amount_to_capture": 4_000})

    assert (taken.status, taken.amount_capturable, taken.amount_received) == ("succeeded", 0, 4_000)
    assert types(api) == [
        "payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated",
        "charge.captured", "payment_intent.succeeded",
    ]  # fmt: skip


def test_more_than_was_authorised_is_not_captured(api: stripe.StripeClient) -> None:
    held = paid(api, capture_method="manual")

    error = refused(lambda: api.v1.payment_intents.capture(held.id, {"amount_to_capture": 4_201}))

    assert (error.code, error.http_status) == ("amount_too_large", 400)
    assert api.v1.payment_intents.retrieve(held.id).status == "requires_capture"


def test_an_authorisation_that_nobody_captures_expires_after_seven_days(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    held = paid(api, capture_method="manual")

    world.advance(days=7, seconds=-1)
    assert api.v1.payment_intents.retrieve(held.id).status == "requires_capture"
    world.advance(seconds=1)

    after = api.v1.payment_intents.retrieve(held.id)
    assert (after.status, after.cancellation_reason) == ("canceled", "automatic")
    assert types(api)[-2:] == ["charge.expired", "payment_intent.canceled"]


def test_an_authorised_intent_is_cancelled_and_the_hold_let_go(api: stripe.StripeClient) -> None:
    held = paid(api, capture_method="manual")

    ended = api.v1.payment_intents.cancel(held.id, {"cancellation_reason": "abandoned"})

    assert (ended.status, ended.cancellation_reason) == ("canceled", "abandoned")
    charge = api.v1.charges.retrieve(str(ended.latest_charge))
    assert (charge.refunded, charge.amount_captured) == (True, 0)


def test_what_the_status_forbids_is_refused_with_the_intent(api: stripe.StripeClient) -> None:
    done = paid(api)
    intents = api.v1.payment_intents

    for call in (
        lambda: intents.cancel(done.id),
        lambda: intents.capture(done.id),
        lambda: intents.confirm(done.id),
    ):
        error: Any = refused(call)
        assert (error.code, error.http_status) == ("payment_intent_unexpected_state", 400)
        assert error.error.payment_intent["id"] == done.id
    assert intents.retrieve(done.id).status == "succeeded"
    assert len(types(api)) == 3


def test_a_card_may_ask_for_authentication(api: stripe.StripeClient, world: SandboxWorld) -> None:
    waiting = paid(api, "pm_card_authenticationRequired")
    assert (waiting.status, waiting.next_action.type) == ("requires_action", "redirect_to_url")

    failed = world.payers.authenticate("o1", succeeds=False)
    assert failed["status"] == "requires_payment_method"
    api.v1.payment_intents.confirm(waiting.id, {"payment_method": "pm_card_threeDSecure2Required"})
    world.payers.authenticate(waiting.id)

    assert api.v1.payment_intents.retrieve(waiting.id).status == "succeeded"
    assert types(api) == [
        "payment_intent.created", "payment_intent.requires_action",
        "payment_intent.payment_failed", "payment_intent.requires_action", "charge.succeeded",
        "payment_intent.succeeded",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "status", "last"),
    [
        ("pm_usBankAccount_success", "succeeded", "payment_intent.succeeded"),
        (
            "pm_usBankAccount_accountClosed",
            "requires_payment_method",
            "payment_intent.payment_failed",
        ),
    ],
)
def test_a_bank_takes_days_to_pay(
    api: stripe.StripeClient, world: SandboxWorld, method: str, status: str, last: str
) -> None:
    started = paid(api, method, payment_method_types=["us_bank_account"])
    assert (started.status, started.amount_received) == ("processing", 0)
    assert types(api)[-1] == "payment_intent.processing"

    world.advance(days=5)

    assert api.v1.payment_intents.retrieve(started.id).status == status
    newest = api.v1.events.list({"limit": 1}).data[0]
    assert newest.type == last
    assert newest.created == started.created + 4 * 86_400


def test_metadata_is_merged_key_by_key(api: stripe.StripeClient) -> None:
    intent = api.v1.payment_intents.create(ORDER)

    one = api.v1.payment_intents.update(intent.id, {"metadata": {"store": "", "note": "x"}})
    assert one.metadata.to_dict() == {"order_id": "o1", "note": "x"}
    two = api.v1.payment_intents.update(intent.id, {"metadata": ""})
    assert two.metadata.to_dict() == {}


def test_amounts_are_whole_units_where_the_currency_has_no_smaller_ones(
    api: stripe.StripeClient,
) -> None:
    yen: Any = {"amount": 500, "currency": "JPY", "payment_method": "pm_card_visa", "confirm": True}
    intent = api.v1.payment_intents.create(yen)
    assert (intent.amount_received, intent.currency) == (500, "jpy")

    error = refused(lambda: api.v1.refunds.create({"payment_intent": intent.id, "amount": 501}))
    assert str(error.user_message) == (
        "Refund amount (¥501) is greater than unrefunded amount on charge (¥500)"
    )


@pytest.mark.parametrize(
    ("asked", "code", "param", "message"),
    [
        ({"currency": "usd"}, "parameter_missing", "amount", "Missing required param: amount."),
        (
            {"amount": "x", "currency": "usd"},
            "parameter_invalid_integer", "amount", "Invalid integer: x",
        ),
        (
            {"amount": 49, "currency": "usd"},
            "amount_too_small", "amount", "Amount must be at least $0.50 usd",
        ),
        (
            {"amount": 100_000_000, "currency": "usd"},
            "amount_too_large", "amount", "Amount must be no more than $999,999.99",
        ),
        ({"amount": 99, "currency": "xxx"}, None, "currency", "Invalid currency: xxx"),
        (
            {**ORDER, "colour": "red"},
            "parameter_unknown", "colour", "Received unknown parameter: colour",
        ),
        (
            {**ORDER, "transfer_data": {"to": "me"}},
            "parameter_unknown", "transfer_data[to]",
            "Received unknown parameter: transfer_data[to]",
        ),
        (
            {**ORDER, "customer": "cus_none"},
            "resource_missing", "customer", "No such customer: 'cus_none'",
        ),
        (
            {**ORDER, "capture_method": "slow"}, None, "capture_method",
            "Invalid capture_method: must be one of automatic, automatic_async, or manual",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_and_nothing_is_made(
    api: stripe.StripeClient, asked: Any, code: str | None, param: str, message: str
) -> None:
    error: Any = refused(lambda: api.v1.payment_intents.create(asked))

    assert isinstance(error, stripe.InvalidRequestError)
    assert (error.http_status, error.code, error.param) == (400, code, param)
    assert error.user_message == message
    assert str(error.request_id).startswith("req_")
    assert api.v1.payment_intents.list().data == []
    assert types(api) == []


def test_an_intent_that_is_not_there_is_not_found(api: stripe.StripeClient) -> None:
    error = refused(lambda: api.v1.payment_intents.retrieve("pi_none"))

    assert (error.http_status, error.code) == (404, "resource_missing")
    assert error.user_message == "No such payment_intent: 'pi_none'"


def test_intents_are_listed_by_the_time_they_were_created(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    made = []
    for _ in range(3):
        made.append(paid(api))
        world.advance(hours=1)

    listed = api.v1.payment_intents.list({"created": {"gt": made[0].created}})
    assert [each.id for each in listed.data] == [made[2].id, made[1].id]
    exact = api.v1.payment_intents.list({"created": made[1].created})
    assert [each.id for each in exact.data] == [made[1].id]


def test_only_what_is_an_id_can_be_expanded(api: stripe.StripeClient) -> None:
    intent = paid(api)

    error = refused(lambda: api.v1.payment_intents.retrieve(intent.id, {"expand": ["amount"]}))

    assert error.user_message == "This property cannot be expanded (amount)."
    charge = api.v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert charge.refunds is not None
    assert charge.refunds.data == []


def test_an_intent_is_changed_while_it_can_be_paid(api: stripe.StripeClient) -> None:
    intents = api.v1.payment_intents
    intent = intents.create(ORDER)

    more = intents.update(intent.id, {"amount": 5_000, "payment_method": "pm_card_visa"})
    assert (more.amount, more.status) == (5_000, "requires_confirmation")
    assert intents.confirm(intent.id).amount_received == 5_000

    error = refused(lambda: intents.update(intent.id, {"amount": 6_000}))
    assert error.code == "payment_intent_unexpected_state"
    assert intents.retrieve(intent.id).amount == 5_000


def test_an_intent_without_a_payment_method_is_not_confirmed(api: stripe.StripeClient) -> None:
    intent = api.v1.payment_intents.create(ORDER)

    error = refused(lambda: api.v1.payment_intents.confirm(intent.id))

    assert "missing a payment method" in str(error.user_message)
    assert types(api) == ["payment_intent.created"]
    off: Any = {**ORDER, "off_session": True}
    error = refused(lambda: api.v1.payment_intents.create(off))
    assert error.user_message == "You cannot provide off_session unless confirm is true."


def test_a_charge_is_marked_by_people(api: stripe.StripeClient) -> None:
    charge = str(paid(api).latest_charge)

    marked = api.v1.charges.update(
        charge, {"fraud_details": {"user_report": "fraudulent"}, "description": "odd"}
    )

    assert marked.fraud_details is not None
    assert (marked.fraud_details.user_report, marked.description) == ("fraudulent", "odd")
    assert types(api)[-1] == "charge.updated"
