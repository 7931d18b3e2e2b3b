"""What a payment provider's facts mean for an order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import HoldReason, PaymentStatus
from zyenta_ops.domain.payments import (
    EVENT_TYPES,
    STATES,
    Assessment,
    FactKind,
    FactState,
    PaymentFact,
    Subject,
    assess,
    subject_of,
)

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
TOTAL = Money(4_999, "EUR")


def fact(
    kind: FactKind,
    state: FactState,
    minor: int = 4_999,
    *,
    currency: str = "EUR",
    of: str = "x_1",
    note: str = "",
) -> PaymentFact:
    return PaymentFact(kind, of, "", state, Money(minor, currency), AT, intent_id="pi_1", note=note)


PAID = fact(FactKind.INTENT, FactState.SUCCEEDED, of="pi_1")


def test_an_order_without_facts_is_pending_and_held_by_nothing() -> None:
    assert assess(TOTAL, []) == Assessment()


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([PAID], PaymentStatus.PAID),
        ([fact(FactKind.INTENT, FactState.SUCCEEDED, 5_000)], PaymentStatus.PAID),
        ([fact(FactKind.INTENT, FactState.SUCCEEDED, 4_998)], PaymentStatus.PENDING),
        ([fact(FactKind.INTENT, FactState.AUTHORIZED)], PaymentStatus.AUTHORIZED),
        ([fact(FactKind.INTENT, FactState.AUTHORIZED, 4_998)], PaymentStatus.PENDING),
        ([fact(FactKind.INTENT, FactState.PROCESSING)], PaymentStatus.PENDING),
        ([fact(FactKind.INTENT, FactState.FAILED)], PaymentStatus.PENDING),
        ([fact(FactKind.INTENT, FactState.CANCELLED)], PaymentStatus.ABANDONED),
        ([fact(FactKind.SESSION, FactState.EXPIRED)], PaymentStatus.ABANDONED),
        (
            [fact(FactKind.SESSION, FactState.EXPIRED), fact(FactKind.SESSION, FactState.OPEN)],
            PaymentStatus.PENDING,
        ),
        ([fact(FactKind.SESSION, FactState.EXPIRED), PAID], PaymentStatus.PAID),
        # A completed checkout is paid by its payment, which says how much.
        ([fact(FactKind.SESSION, FactState.SUCCEEDED)], PaymentStatus.PENDING),
        ([PAID, fact(FactKind.REFUND, FactState.SUCCEEDED)], PaymentStatus.REFUNDED),
        (
            [PAID, fact(FactKind.REFUND, FactState.SUCCEEDED, 1_000)],
            PaymentStatus.PARTIALLY_REFUNDED,
        ),
        ([PAID, fact(FactKind.REFUND, FactState.OPEN)], PaymentStatus.PAID),
        ([PAID, fact(FactKind.REFUND, FactState.FAILED)], PaymentStatus.PAID),
        ([PAID, fact(FactKind.DISPUTE, FactState.OPEN)], PaymentStatus.PAID),
        ([PAID, fact(FactKind.DISPUTE, FactState.WON)], PaymentStatus.PAID),
        ([PAID, fact(FactKind.DISPUTE, FactState.LOST)], PaymentStatus.REFUNDED),
    ],
)
def test_the_status_follows_from_the_facts(facts: list[PaymentFact], status: PaymentStatus) -> None:
    assert assess(TOTAL, facts).status is status


def test_money_in_another_currency_pays_nothing_and_holds_the_order() -> None:
    found = assess(TOTAL, [fact(FactKind.INTENT, FactState.SUCCEEDED, 4_999, currency="USD")])

    assert (found.status, found.paid_minor) == (PaymentStatus.PENDING, 0)
    assert [(each.source, each.reason) for each in found.holds] == [
        ("intent:x_1", HoldReason.PAYMENT)
    ]
    assert [each.severity for each in found.issues] == [Severity.CRITICAL]
    assert found.issues[0].message == "paid 49.99 USD where the order is in EUR"


def test_too_little_money_holds_the_order_and_says_how_little() -> None:
    found = assess(TOTAL, [fact(FactKind.INTENT, FactState.SUCCEEDED, 100)])

    assert found.holds[0].note == "paid 1.00 EUR of 49.99 EUR"
    assert found.paid_minor == 100


def test_two_payments_that_together_cover_the_total_pay_it() -> None:
    parts = [
        fact(FactKind.INTENT, FactState.SUCCEEDED, 2_000, of="pi_1"),
        fact(FactKind.INTENT, FactState.SUCCEEDED, 2_999, of="pi_2"),
    ]

    assert assess(TOTAL, parts) == Assessment(PaymentStatus.PAID, 4_999)


def test_an_order_paid_twice_is_paid_and_a_person_is_told() -> None:
    found = assess(TOTAL, [PAID, replace(PAID, external_id="pi_2")])

    assert (found.status, found.paid_minor, found.holds) == (PaymentStatus.PAID, 9_998, ())
    assert found.issues[0].title == "Paid more than once"


def test_an_order_that_costs_nothing_is_paid_once_its_checkout_is_complete() -> None:
    free = Money(0, "EUR")

    assert assess(free, []).status is PaymentStatus.PENDING
    done = fact(FactKind.SESSION, FactState.SUCCEEDED, 0)
    assert assess(free, [done]).status is PaymentStatus.PAID


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        (FactKind.DISPUTE, Severity.CRITICAL),
        (FactKind.WARNING, Severity.CRITICAL),
        (FactKind.REVIEW, Severity.HIGH),
    ],
)
def test_suspicions_hold_the_order_until_they_are_settled(
    kind: FactKind, severity: Severity
) -> None:
    found = assess(TOTAL, [PAID, fact(kind, FactState.OPEN, of="s_1", note="fraudulent")])

    assert [(each.source, each.reason) for each in found.holds] == [
        (f"{kind.lower()}:s_1", HoldReason.FRAUD)
    ]
    assert [each.severity for each in found.issues] == [severity]
    settled = next(iter(STATES[kind] - {FactState.OPEN, FactState.LOST}))
    assert assess(TOTAL, [PAID, fact(kind, settled, of="s_1")]).holds == ()


def test_a_refund_under_way_holds_the_order() -> None:
    found = assess(TOTAL, [PAID, fact(FactKind.REFUND, FactState.OPEN, 500, of="re_1")])

    assert [(each.source, each.note) for each in found.holds] == [
        ("refund:re_1", "a refund of 5.00 EUR is under way")
    ]


def test_a_failed_attempt_is_told_of_until_the_order_is_paid() -> None:
    failed = fact(FactKind.INTENT, FactState.FAILED, of="pi_2", note="insufficient_funds")

    assert [each.severity for each in assess(TOTAL, [failed]).issues] == [Severity.LOW]
    assert assess(TOTAL, [failed, PAID]).issues == ()


def test_a_fact_in_a_state_that_its_kind_never_has_is_refused() -> None:
    with pytest.raises(ValueError, match="a REFUND is never AUTHORIZED"):
        fact(FactKind.REFUND, FactState.AUTHORIZED)


def test_every_event_we_listen_to_has_a_subject_and_no_other_has() -> None:
    assert {subject_of(each) for each in EVENT_TYPES} == set(Subject)
    assert subject_of("customer.created") is None


facts_of_any_kind = st.builds(
    lambda kind, seed, of, minor, currency: fact(
        kind,
        sorted(STATES[kind])[seed % len(STATES[kind])],
        minor,
        of=f"{kind.lower()}_{of}",
        currency=currency,
    ),
    st.sampled_from(FactKind),
    st.integers(0, 20),
    st.integers(1, 3),
    st.integers(0, 9_998),
    st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
)


worlds = st.lists(
    facts_of_any_kind, max_size=8, unique_by=lambda each: (each.kind, each.external_id)
)


@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_facts_never_matters(facts: list[PaymentFact], dice: random.Random) -> None:
    shuffled = list(facts)
    dice.shuffle(shuffled)

    assert assess(TOTAL, shuffled) == assess(TOTAL, facts)


@given(worlds)
def test_never_is_more_refunded_than_paid_nor_an_order_paid_for_less(
    facts: list[PaymentFact],
) -> None:
    found = assess(TOTAL, facts)

    assert 0 <= found.refunded_minor <= found.paid_minor
    settled = (PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED)
    assert (found.status in settled) == (found.paid_minor >= TOTAL.minor)
    assert len({each.source for each in found.holds}) == len(found.holds)
