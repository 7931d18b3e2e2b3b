"""What the objects of an account become, subject by subject and state by state."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zyenta_ops.adapters.payments.stripe import StripeProvider
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.payment_errors import PaymentMissing, PaymentRefused
from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact, Subject
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.payments.stripe.conftest import by_kind

SALE = ("o1", "my-shop", 4938, "eur")
PRICE = Money(4938, "EUR")


@pytest.mark.parametrize(
    ("how", "state", "note"),
    [
        ("leave", FactState.OPEN, ""),
        ("pay", FactState.SUCCEEDED, ""),
        ("authorize", FactState.AUTHORIZED, ""),
        ("decline", FactState.FAILED, "generic_decline"),
        ("bank", FactState.PROCESSING, ""),
    ],
)
def test_a_payment_is_read_as_it_stands(
    provider: StripeProvider, world: SandboxWorld, how: str, state: FactState, note: str
) -> None:
    intent = world.payers.pay_order(*SALE, how=how)

    (fact,) = provider.facts("", Subject.INTENT, intent["id"])

    assert fact == PaymentFact(
        FactKind.INTENT,
        intent["id"],
        "",
        state,
        PRICE,
        world.clock(),
        world.clock().replace(microsecond=0),
        intent["id"],
        order_ref="o1",
        store_ref="my-shop",
        note=note,
    )


def test_a_bank_transfer_ends_well_or_does_not(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    good = world.payers.pay_order(*SALE, how="bank")
    bad = world.payers.pay_order("o2", "my-shop", 4938, "eur", how="bank")
    world.payers.conclude(good["id"])
    world.payers.conclude(bad["id"], succeeds=False)

    states = [
        by_kind(provider, Subject.INTENT, each["id"])[FactKind.INTENT].state for each in (good, bad)
    ]

    assert states == [FactState.SUCCEEDED, FactState.FAILED]


@pytest.mark.parametrize(
    ("how", "session", "intent"),
    [
        ("pay", FactState.SUCCEEDED, FactState.SUCCEEDED),
        ("bank", FactState.PROCESSING, FactState.PROCESSING),
    ],
)
def test_a_checkout_is_read_together_with_its_payment(
    provider: StripeProvider,
    world: SandboxWorld,
    how: str,
    session: FactState,
    intent: FactState,
) -> None:
    page = world.payers.pay_order(*SALE, how=how, through="session")

    facts = by_kind(provider, Subject.SESSION, page["id"])

    assert {kind: each.state for kind, each in facts.items()} == {
        FactKind.SESSION: session,
        FactKind.INTENT: intent,
    }
    assert facts[FactKind.SESSION].amount == PRICE
    assert {each.payment_id for each in facts.values()} == {page["payment_intent"]}
    assert {each.order_ref for each in facts.values()} == {"o1"}


def test_a_checkout_that_is_left_expires(provider: StripeProvider, world: SandboxWorld) -> None:
    page = world.payers.pay_order(*SALE, how="leave", through="session")
    before = by_kind(provider, Subject.SESSION, page["id"])[FactKind.SESSION]
    world.advance(hours=25)

    after = by_kind(provider, Subject.SESSION, page["id"])[FactKind.SESSION]

    assert (before.state, after.state) == (FactState.OPEN, FactState.EXPIRED)
    assert after.as_of - before.as_of == timedelta(hours=25)


def test_a_refund_is_read_by_itself_and_through_its_charge(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    intent = world.payers.pay_order(*SALE)
    refund = world.payers.refund("o1", 1000)

    for subject, object_id in (
        (Subject.REFUND, refund["id"]),
        (Subject.CHARGE, intent["latest_charge"]),
    ):
        facts = by_kind(provider, subject, object_id)
        assert set(facts) == {FactKind.REFUND, FactKind.INTENT}
        fact = facts[FactKind.REFUND]
        assert (fact.external_id, fact.state, fact.amount, fact.intent_id, fact.refund_ref) == (
            refund["id"],
            FactState.SUCCEEDED,
            Money(1000, "EUR"),
            intent["id"],
            "",
        )


def test_a_refund_that_the_bank_sends_back_has_failed(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    world.payers.pay_order(*SALE)
    refund = world.payers.refund("o1")
    world.payers.fail_refund(refund["id"])

    fact = by_kind(provider, Subject.REFUND, refund["id"])[FactKind.REFUND]

    assert fact.state is FactState.FAILED
    assert fact.note == refund["failure_reason"] != ""


@pytest.mark.parametrize(
    ("inquiry", "outcome", "state"),
    [
        (False, "", FactState.OPEN),
        (True, "", FactState.ASKED),
        (False, "won", FactState.WON),
        (False, "lost", FactState.LOST),
        (True, "warning_closed", FactState.WON),
    ],
)
def test_a_dispute_is_an_inquiry_open_won_or_lost(
    provider: StripeProvider, world: SandboxWorld, inquiry: bool, outcome: str, state: FactState
) -> None:
    intent = world.payers.pay_order(*SALE)
    dispute = world.payers.dispute("o1", inquiry=inquiry)
    if outcome:
        world.payers.close_dispute(dispute["id"], outcome)

    fact = by_kind(provider, Subject.DISPUTE, dispute["id"])[FactKind.DISPUTE]

    assert (fact.state, fact.amount, fact.intent_id, fact.note) == (
        state,
        PRICE,
        intent["id"],
        "fraudulent",
    )


def test_a_warning_is_open_until_the_payment_is_refunded(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    intent = world.payers.pay_order(*SALE)
    warning = world.payers.warn("o1")
    before = by_kind(provider, Subject.WARNING, warning["id"])[FactKind.WARNING]
    world.payers.refund("o1")

    after = by_kind(provider, Subject.WARNING, warning["id"])[FactKind.WARNING]

    assert (before.state, after.state) == (FactState.OPEN, FactState.CLOSED)
    assert (before.amount, before.intent_id, before.note) == (
        PRICE,
        intent["id"],
        "unauthorized_use_of_card",
    )


def test_a_review_is_open_until_it_is_decided(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    world.payers.pay_order(*SALE, how="review")
    (review,) = world.stripe.platform.all("review")
    before = by_kind(provider, Subject.REVIEW, review["id"])[FactKind.REVIEW]
    world.payers.close_review(review["id"])

    after = by_kind(provider, Subject.REVIEW, review["id"])[FactKind.REVIEW]

    assert (before.state, after.state) == (FactState.OPEN, FactState.CLOSED)
    assert before.amount == PRICE


@pytest.mark.parametrize(
    ("currency", "charged", "minor"),
    [
        ("isk", 12_300, 123),  # Stripe counts two decimals, which are zero
        ("ugx", 123_400, 1_234),
        ("mga", 1_234, 123_400),  # Stripe counts none, ISO 4217 two
        ("kwd", 12_340, 12_340),
        ("jpy", 1_234, 1_234),
        ("eur", 1_234, 1_234),
    ],
)
def test_amounts_are_minor_units_of_iso_4217_both_ways(
    provider: StripeProvider, world: SandboxWorld, currency: str, charged: int, minor: int
) -> None:
    from zyenta_ops_tests.adapters.payments.stripe.test_refunds import a_refund

    intent = world.payers.pay_order("o1", "my-shop", charged, currency)

    (fact,) = provider.facts("", Subject.INTENT, intent["id"])
    made = provider.refund(a_refund(intent["id"], minor, currency.upper()))

    assert fact.amount == Money(minor, currency.upper())
    assert made.amount == fact.amount
    (refund,) = world.stripe.platform.all("refund")
    assert refund["amount"] == charged


def test_a_payment_in_a_currency_that_is_no_more_is_refused_in_a_sentence(
    provider: StripeProvider, world: SandboxWorld
) -> None:
    old = world.payers.pay_order("o1", "my-shop", 500, "bgn")
    new = world.payers.pay_order("o2", "my-shop", 500, "eur")

    with pytest.raises(PaymentRefused, match="Stripe's answer cannot be understood"):
        provider.facts("", Subject.INTENT, old["id"])

    # Nor does it keep the others from being read.
    found = [each.external_id for each in provider.payments_since("", world.clock())]
    assert found == [new["id"]]


@pytest.mark.parametrize("object_id", ["", "pi_nothing", "nothing/../../v1/account"])
def test_what_is_not_there_is_missing(provider: StripeProvider, object_id: str) -> None:
    with pytest.raises(PaymentMissing):
        provider.facts("", Subject.INTENT, object_id)
