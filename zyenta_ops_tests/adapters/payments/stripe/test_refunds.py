"""Refunds: their flags, their keys, and what is left when an answer is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.adapters.payments.stripe import StripeProvider
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.payment_errors import (
    PaymentOutcomeUnknown,
    PaymentRefused,
    PaymentUnavailable,
)
from zyenta_ops.domain.payments import FactKind, FactState
from zyenta_ops.domain.refunds import Refund, RefundStatus
from zyenta_ops.sandbox.stripe import payment_intents
from zyenta_ops.sandbox.stripe.params import Params
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.payments.stripe.conftest import Connect, fault


def a_refund(intent_id: str, minor: int = 1000, currency: str = "EUR", **changes: Any) -> Refund:
    refund = Refund(
        id="refund-1",
        order_id="o1",
        number=1,
        amount_minor=minor,
        currency=currency,
        reason="broken",
        intent_id=intent_id,
        account="",
        status=RefundStatus.REQUESTED,
        requested_by="test",
        requested_at=datetime(2026, 11, 2, tzinfo=UTC),
    )
    return replace(refund, **changes)


def sold(world: SandboxWorld, **how: Any) -> str:
    return str(world.payers.pay_order("o1", "my-shop", 4938, "eur", **how)["id"])


def made(world: SandboxWorld) -> list[int]:
    return [each["amount"] for each in world.stripe.platform.all("refund")]


def on_refunds(world: SandboxWorld, kind: str, **how: Any) -> None:
    fault(world, kind, **{"operation": "/v1/refunds", "method": "POST", "times": 1, **how})


def test_a_refund_carries_our_id_and_is_found_by_it(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    intent = sold(world)

    fact = provider.refund(a_refund(intent))

    assert (fact.kind, fact.state, fact.amount, fact.refund_ref, fact.intent_id) == (
        FactKind.REFUND,
        FactState.SUCCEEDED,
        Money(1000, "EUR"),
        "refund-1",
        intent,
    )
    assert provider.refunds_of("", intent) == [fact]


def test_asking_again_is_the_same_refund(provider: StripeProvider, world: SandboxWorld) -> None:
    intent = sold(world)

    first, second = (provider.refund(a_refund(intent)) for _ in range(2))

    assert first == second
    assert made(world) == [1000]


def test_more_than_was_paid_is_refused(provider: StripeProvider, world: SandboxWorld) -> None:
    intent = sold(world)

    with pytest.raises(PaymentRefused):
        provider.refund(a_refund(intent, 4939))

    assert made(world) == []


def test_a_refund_on_a_connected_account_is_made_there(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    account = world.payers.connect()["id"]
    intent = sold(world, account=account)

    fact = provider.refund(a_refund(intent, account=account))

    assert (fact.account, fact.state) == (account, FactState.SUCCEEDED)
    assert made(world) == []
    assert [each["amount"] for each in world.stripe.connected[account].all("refund")] == [1000]


def test_those_who_had_a_share_of_the_payment_give_it_back(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    account = world.payers.connect()["id"]
    ledger = world.stripe.platform
    fields: dict[str, Any] = {
        "amount": "4938",
        "currency": "eur",
        "confirm": "true",
        "payment_method": "pm_card_visa",
        "transfer_data": {"destination": account},
        "application_fee_amount": "300",
    }
    intent = payment_intents.create(ledger, Params(fields))

    provider.refund(a_refund(intent["id"], reverse_transfer=True, refund_application_fee=True))

    assert made(world) == [1000]
    (refund,) = ledger.all("refund")
    assert refund["transfer_reversal"] is not None


def test_a_share_that_nobody_had_does_not_keep_the_customer_from_the_refund(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    account = world.payers.connect()["id"]
    intent = sold(world, account=account)
    refund = a_refund(intent, account=account, reverse_transfer=True, refund_application_fee=True)

    assert provider.refund(refund).state is FactState.SUCCEEDED


@pytest.mark.parametrize("kind", ["truncated", "slow"])
def test_an_answer_that_is_lost_after_the_work_leaves_one_refund(
    connect: Connect, world: SandboxWorld, kind: str
) -> None:
    intent = sold(world)
    if kind == "slow":
        on_refunds(world, "latency", seconds=2, times=None)
    else:
        on_refunds(world, kind, times=None)
    provider = connect(timeout=0.2)

    with pytest.raises(PaymentOutcomeUnknown, match="no answer from Stripe") as caught:
        provider.refund(a_refund(intent))

    assert not caught.value.answered
    assert made(world) == [1000]
    world.script.clear()
    assert provider.refund(a_refund(intent)).refund_ref == "refund-1"
    assert made(world) == [1000]


def test_the_library_asks_again_after_a_reset_under_the_same_key(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    intent = sold(world)
    on_refunds(world, "reset_after")

    assert provider.refund(a_refund(intent)).state is FactState.SUCCEEDED
    assert made(world) == [1000]


def test_a_fault_that_stripe_stores_under_the_key_is_told_apart(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    intent = sold(world)
    on_refunds(world, "status_after", status=500)

    for _ in range(2):
        with pytest.raises(PaymentOutcomeUnknown) as caught:
            provider.refund(a_refund(intent))
        assert caught.value.answered
    assert [each.refund_ref for each in provider.refunds_of("", intent)] == ["refund-1"]


@pytest.mark.parametrize(("kind", "how"), [("html", {}), ("status", {"status": 502})])
def test_a_fault_of_a_proxy_in_between_is_not_taken_for_stripes_own(
    provider: StripeProvider, world: SandboxWorld, kind: str, how: dict[str, Any]
) -> None:
    intent = sold(world)
    on_refunds(world, kind, times=None, **how)

    with pytest.raises(PaymentOutcomeUnknown) as caught:
        provider.refund(a_refund(intent))

    assert not caught.value.answered
    assert made(world) == []


def test_a_refund_that_is_still_being_worked_on_is_unknown(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    intent = sold(world)
    on_refunds(world, "reset_after")
    on_refunds(world, "slow_landing", seconds=30)

    with pytest.raises(PaymentOutcomeUnknown) as caught:
        provider.refund(a_refund(intent))

    assert not caught.value.answered
    world.advance(seconds=30)
    assert provider.refund(a_refund(intent)).state is FactState.SUCCEEDED
    assert made(world) == [1000]


def test_too_many_requests_refund_nothing_and_may_be_repeated(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    intent = sold(world)
    on_refunds(world, "throttled")

    with pytest.raises(PaymentUnavailable):
        provider.refund(a_refund(intent))

    assert made(world) == []


@pytest.mark.parametrize("kind", ["html", "truncated", "status"])
def test_a_share_that_cannot_be_looked_up_refuses_no_refund(
    provider: StripeProvider, world: SandboxWorld, kind: str
) -> None:
    intent = sold(world)
    how = {"status": 404} if kind == "status" else {}
    fault(world, kind, operation="/v1/payment_intents*", method="GET", **how)

    with pytest.raises(PaymentUnavailable):
        provider.refund(a_refund(intent, reverse_transfer=True))

    assert made(world) == []
