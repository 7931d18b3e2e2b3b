"""Idempotency keys, faults, and the two together: what nobody knows the outcome of."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.stripe.conftest import Connect, refused
from zyenta_ops_tests.sandbox.stripe.test_payment_intents import ORDER, paid

KEY: Any = {"idempotency_key": "zy:refund:o1:1"}


def fault(world: SandboxWorld, kind: str, **how: Any) -> None:
    how = {"operation": "/v1/refunds", "method": "POST", "times": 1, **how}
    world.script.add(Rule(kind, vendor="stripe", **how))


def code_of(error: Any) -> str:
    """The code in the body; for some statuses the library does not take it over."""
    return str(error.error.code)


def made(api: stripe.StripeClient) -> list[str]:
    return [each.id for each in api.v1.refunds.list().data]


def test_a_key_stands_for_one_refund(api: stripe.StripeClient) -> None:
    intent = paid(api)

    one, two = (
        api.v1.refunds.create({"payment_intent": intent.id, "amount": 100}, KEY) for _ in range(2)
    )

    assert (one.to_dict(), made(api)) == (two.to_dict(), [one.id])
    headers: Any = (one.last_response.headers, two.last_response.headers)  # type: ignore[union-attr]
    assert headers[1]["Idempotent-Replayed"] == "true"
    assert headers[1]["Original-Request"] == headers[0]["Request-Id"] != headers[1]["Request-Id"]


def test_a_key_stands_for_one_request_only(api: stripe.StripeClient) -> None:
    intent = paid(api)
    api.v1.refunds.create({"payment_intent": intent.id, "amount": 100}, KEY)

    error = refused(
        lambda: api.v1.refunds.create({"payment_intent": intent.id, "amount": 101}, KEY)
    )
    assert isinstance(error, stripe.IdempotencyError)
    assert error.http_status == 400
    assert error.user_message == (
        "Keys for idempotent requests can only be used with the same parameters they were first "
        "used with. Try using a key other than 'zy:refund:o1:1' if you meant to execute a "
        "different request."
    )
    error = refused(lambda: api.v1.payment_intents.create(ORDER, KEY))
    assert "same endpoint they were first used for ('/v1/refunds')" in str(error.user_message)
    assert len(made(api)) == 1


def test_a_key_is_kept_for_a_day(api: stripe.StripeClient, world: SandboxWorld) -> None:
    intent = paid(api)
    asked: Any = {"payment_intent": intent.id, "amount": 100}
    one = api.v1.refunds.create(asked, KEY)

    world.advance(hours=24)
    assert api.v1.refunds.create(asked, KEY).id == one.id
    world.advance(seconds=1)

    assert api.v1.refunds.create(asked, KEY).id != one.id
    assert len(made(api)) == 2


def test_each_account_has_its_own_keys(connect: Connect, world: SandboxWorld) -> None:
    merchant = world.payers.connect()["id"]

    ours = connect().v1.payment_intents.create(ORDER, KEY)
    theirs = connect(stripe_account=merchant).v1.payment_intents.create(ORDER, KEY)

    assert ours.id != theirs.id


def test_a_request_that_was_not_understood_leaves_the_key_free(api: stripe.StripeClient) -> None:
    intent = paid(api)
    wrong: Any = {"payment_intent": intent.id, "amount": "much"}
    assert refused(lambda: api.v1.refunds.create(wrong, KEY)).http_status == 400

    api.v1.refunds.create({"payment_intent": intent.id, "amount": 100}, KEY)

    assert len(made(api)) == 1


def test_a_refusal_is_kept_like_any_other_answer(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    intent = api.v1.payment_intents.create(ORDER)
    asked: Any = {"payment_intent": intent.id}
    first = refused(lambda: api.v1.refunds.create(asked, KEY))

    world.payers.pay_order("o1", "ann", 4_200, "usd")
    again = refused(lambda: api.v1.refunds.create(asked, KEY))

    assert (again.user_message, again.headers["Idempotent-Replayed"]) == (  # type: ignore[index]
        first.user_message, "true",
    )  # fmt: skip
    assert made(api) == []


def test_a_fault_after_the_work_is_repeated_by_its_key(
    connect: Connect, world: SandboxWorld
) -> None:
    api = connect(retries=3)
    intent = paid(api)
    fault(world, "status_after", status=500)
    asked: Any = {"payment_intent": intent.id, "amount": 100}

    error = refused(lambda: api.v1.refunds.create(asked, KEY))

    assert (error.http_status, error.headers["Stripe-Should-Retry"]) == (500, "false")  # type: ignore[index]
    assert world.log.operations("stripe").count("/v1/refunds") == 1
    again = refused(lambda: api.v1.refunds.create(asked, KEY))
    assert (again.http_status, again.json_body) == (500, error.json_body)
    assert len(made(api)) == 1


def test_an_answer_that_is_lost_is_given_again(connect: Connect, world: SandboxWorld) -> None:
    api = connect(retries=1)
    intent = paid(api)
    fault(world, "reset_after")

    refund = api.v1.refunds.create({"payment_intent": intent.id, "amount": 100})

    assert made(api) == [refund.id]


def test_an_answer_of_which_half_arrives_is_not_asked_for_again_by_the_library(
    connect: Connect, world: SandboxWorld
) -> None:
    api = connect(retries=3)
    intent = paid(api)
    fault(world, "truncated")
    asked: Any = {"payment_intent": intent.id, "amount": 100}

    with pytest.raises(stripe.APIConnectionError):
        api.v1.refunds.create(asked, KEY)

    assert world.log.operations("stripe").count("/v1/refunds") == 1
    assert made(api) == [api.v1.refunds.create(asked, KEY).id]


def test_a_request_that_is_not_done_yet_blocks_its_key_and_shows_nothing(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    intent = paid(api)
    fault(world, "reset_after")
    fault(world, "slow_landing", seconds=30)
    asked: Any = {"payment_intent": intent.id, "amount": 100}
    with pytest.raises(stripe.APIConnectionError):
        api.v1.refunds.create(asked, KEY)

    error = refused(lambda: api.v1.refunds.create(asked, KEY))
    assert (error.http_status, code_of(error)) == (409, "idempotency_key_in_use")
    assert error.headers["Stripe-Should-Retry"] == "true"  # type: ignore[index]
    assert made(api) == []
    assert api.v1.events.list({"type": "refund.created"}).data == []
    world.advance(seconds=30)

    refund = api.v1.refunds.create(asked, KEY)
    assert made(api) == [refund.id]
    assert len(api.v1.events.list({"type": "refund.created"}).data) == 1


def test_too_many_requests_are_said_in_stripes_words_and_not_repeated(
    connect: Connect, world: SandboxWorld
) -> None:
    api = connect(retries=3)
    intent = paid(api)
    fault(world, "throttled")

    error = refused(lambda: api.v1.refunds.create({"payment_intent": intent.id}))

    assert isinstance(error, stripe.RateLimitError)
    assert (error.http_status, code_of(error)) == (429, "rate_limit")
    assert world.log.operations("stripe").count("/v1/refunds") == 1
    assert made(api) == []


def test_a_fault_before_the_work_is_repeated_by_the_library(
    connect: Connect, world: SandboxWorld
) -> None:
    api = connect(retries=2)
    intent = paid(api)
    fault(world, "status", status=503)
    fault(world, "reset_before", calls=(2,), times=None)

    refund = api.v1.refunds.create({"payment_intent": intent.id})

    assert made(api) == [refund.id]
    assert [e.outcome for e in world.log.all("stripe") if e.method == "POST"][-3:] == [
        "status", "reset_before", "ok",
    ]  # fmt: skip


def test_a_key_has_at_most_255_characters(api: stripe.StripeClient) -> None:
    long: Any = {"idempotency_key": "k" * 256}

    assert refused(lambda: api.v1.payment_intents.create(ORDER, long)).http_status == 400
    assert api.v1.payment_intents.list().data == []
