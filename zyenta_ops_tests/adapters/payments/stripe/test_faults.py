"""What goes wrong between us and Stripe, and that no text of it tells a secret."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import stripe

from zyenta_ops.adapters.payments.stripe.faults import in_words
from zyenta_ops.domain.payment_errors import (
    PaymentError,
    PaymentLoginRefused,
    PaymentMissing,
    PaymentUnavailable,
)
from zyenta_ops.domain.payments import Subject
from zyenta_ops.sandbox.stripe.gateway import DEMO_KEY
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.payments.stripe.conftest import Connect, fault

WRONG = "sk_test_51WrongKeyOfSomebody"


def read(connect: Connect, world: SandboxWorld, key: str = DEMO_KEY) -> str:
    """The sentence that reading a payment ends in."""
    intent = world.payers.pay_order("o1", "my-shop", 4938, "eur")
    with pytest.raises(PaymentError) as caught:
        connect(key, timeout=0.5).facts("", Subject.INTENT, intent["id"])
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    # Put in by `pytest.raises`' caller: what kind of fault it is.
    return f"{type(caught.value).__name__}: {caught.value}".replace(intent["id"], "PI")


UNAVAILABLE = f"{PaymentUnavailable.__name__}: reading intent PI: "


@pytest.mark.parametrize(
    ("kind", "how", "said"),
    [
        ("reset_before", {}, "no answer from Stripe"),
        ("reset_after", {}, "no answer from Stripe"),
        ("truncated", {}, "no answer from Stripe"),
        ("latency", {"seconds": 3}, "no answer from Stripe"),
        ("html", {}, "Stripe said APIError"),
        ("status", {"status": 503}, "Stripe said APIError"),
        ("status_after", {"status": 500}, "Stripe said APIError"),
    ],
)
def test_what_may_succeed_later_is_said_to_be_unavailable(
    connect: Connect, world: SandboxWorld, kind: str, how: dict[str, Any], said: str
) -> None:
    fault(world, kind, method="GET", **how)

    assert read(connect, world).startswith(UNAVAILABLE + said)


def test_a_fault_that_passes_is_not_seen(connect: Connect, world: SandboxWorld) -> None:
    intent = world.payers.pay_order("o1", "my-shop", 4938, "eur")
    fault(world, "status", status=503, times=1)
    fault(world, "reset_before", calls=(2,))

    assert len(connect().facts("", Subject.INTENT, intent["id"])) == 1
    assert len(world.log.all("stripe")) == 3


def test_too_many_requests_are_not_repeated_at_once(connect: Connect, world: SandboxWorld) -> None:
    fault(world, "status", status=429, retry_after=7)

    assert read(connect, world).startswith(UNAVAILABLE)
    assert len(world.log.all("stripe")) == 1


def test_whoever_does_not_answer_in_time_is_not_asked_again(
    connect: Connect, world: SandboxWorld
) -> None:
    fault(world, "latency", seconds=3)

    assert read(connect, world) == UNAVAILABLE + "no answer from Stripe"
    assert len(world.log.all("stripe")) == 1


def test_after_its_deadline_nobody_is_asked(connect: Connect, world: SandboxWorld) -> None:
    hurried = connect().until(world.clock())

    with pytest.raises(PaymentUnavailable, match="reading intent pi_1: no answer from Stripe"):
        hurried.facts("", Subject.INTENT, "pi_1")
    assert world.log.all("stripe") == []


def test_an_answer_is_waited_for_no_longer_than_until_the_deadline(
    connect: Connect, world: SandboxWorld
) -> None:
    intent = world.payers.pay_order("o1", "my-shop", 4938, "eur")
    fault(world, "latency", seconds=3)
    patient = connect(timeout=60)

    with pytest.raises(PaymentUnavailable):
        patient.until(world.clock() + timedelta(seconds=0.2)).facts(
            "", Subject.INTENT, intent["id"]
        )
    assert len(world.log.all("stripe")) == 1


def test_the_time_to_wait_is_handed_on() -> None:
    said = {"error": {"code": "rate_limit", "message": "Too many requests by ann@example.com"}}
    limited = stripe.RateLimitError(
        "Too many requests by ann@example.com", "", 429, said, {"Retry-After": "7"}
    )

    with pytest.raises(PaymentUnavailable) as caught, in_words("reading intent pi_1"):
        raise limited

    assert caught.value.retry_after == 7
    assert str(caught.value) == "reading intent pi_1: Stripe said rate_limit"


def test_a_rate_limit_in_stripes_words_is_unavailable_too(
    connect: Connect, world: SandboxWorld
) -> None:
    fault(world, "throttled")

    assert read(connect, world).startswith(UNAVAILABLE + "Stripe said rate_limit (request req_")


def test_a_wrong_key_is_a_refused_login_that_does_not_tell_the_key(
    connect: Connect, world: SandboxWorld
) -> None:
    said = read(connect, world, WRONG)

    assert said.startswith(f"{PaymentLoginRefused.__name__}: reading intent PI: ")
    assert "ZYENTA_STRIPE_KEY" in said
    # Stripe's own text shows the ends of the key.
    assert WRONG[-4:] not in said


def test_a_wrong_key_says_nothing_of_a_connected_account(
    connect: Connect, world: SandboxWorld
) -> None:
    account = world.payers.connect()["id"]

    with pytest.raises(PaymentLoginRefused):
        connect(WRONG).account_state(account)


def test_an_account_that_is_not_ours_is_a_refused_login(
    connect: Connect, world: SandboxWorld
) -> None:
    with pytest.raises(PaymentLoginRefused):
        connect().facts("acct_of_somebody", Subject.INTENT, "pi_1")


def test_an_object_of_another_account_is_missing(connect: Connect, world: SandboxWorld) -> None:
    account = world.payers.connect()["id"]
    intent = world.payers.pay_order("o1", "my-shop", 4938, "eur", account=account)

    with pytest.raises(PaymentMissing):
        connect().facts("", Subject.INTENT, intent["id"])
