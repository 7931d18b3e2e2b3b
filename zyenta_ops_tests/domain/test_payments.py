"""What a payment provider's facts mean for an order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
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
    told,
)
from zyenta_ops_tests.bank import TOTAL as BANK_TOTAL
from zyenta_ops_tests.bank import Bank, Move, beginnings, moves

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
TOTAL = Money(4_999, "EUR")


def fact(
    kind: FactKind,
    state: FactState,
    minor: int = 4_999,
    *,
    currency: str = "EUR",
    of: str = "x_1",
    intent: str = "pi_1",
    note: str = "",
    after: int = 0,
) -> PaymentFact:
    """A fact whose money moved so many minutes `after` the first."""
    return PaymentFact(
        kind,
        of,
        "",
        state,
        Money(minor, currency),
        AT,
        AT + timedelta(minutes=after),
        intent_id=of if kind is FactKind.INTENT else intent,
        note=note,
    )


def paid(minor: int, of: str = "pi_1", after: int = 0, currency: str = "EUR") -> PaymentFact:
    return fact(FactKind.INTENT, FactState.SUCCEEDED, minor, of=of, after=after, currency=currency)


def refunded(
    minor: int, intent: str = "pi_1", after: int = 5, currency: str = "EUR"
) -> PaymentFact:
    return fact(
        FactKind.REFUND,
        FactState.SUCCEEDED,
        minor,
        of=f"re_{intent}_{after}",
        intent=intent,
        after=after,
        currency=currency,
    )


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
        ("payment:currency", HoldReason.PAYMENT)
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
    assert [(each.key, each.title, each.message) for each in found.issues] == [
        (
            "payment:twice",
            "Paid more than once",
            "2 payments took 99.98 EUR for 49.99 EUR; refund what is too much",
        )
    ]


def test_an_order_paid_twice_and_refunded_once_is_paid_and_nobody_is_told() -> None:
    facts = [paid(4_999), paid(4_999, "pi_2", 1), refunded(4_999, "pi_2")]

    assert assess(TOTAL, facts) == Assessment(PaymentStatus.PAID, 9_998, 4_999)


def test_money_that_went_back_before_the_order_was_paid_pays_nothing() -> None:
    gone = [paid(3_000), refunded(3_000)]
    assert assess(TOTAL, gone) == Assessment(PaymentStatus.PENDING, 3_000, 3_000)

    found = assess(TOTAL, [*gone, paid(1_999, "pi_2", 10)])

    assert (found.status, found.paid_minor, found.refunded_minor) == (
        PaymentStatus.PENDING,
        4_999,
        3_000,
    )
    assert [(each.source, each.note) for each in found.holds] == [
        ("payment:short", "paid 19.99 EUR of 49.99 EUR; 30.00 EUR went back")
    ]
    assert [(each.key, each.severity) for each in found.issues] == [
        ("payment:short", Severity.CRITICAL)
    ]


def test_what_goes_back_of_an_order_paid_in_two_parts_is_a_refund_of_a_paid_order() -> None:
    parts = [paid(3_000), paid(1_999, "pi_2", 1)]

    partly = assess(TOTAL, [*parts, refunded(3_000)])
    assert partly == Assessment(PaymentStatus.PARTIALLY_REFUNDED, 4_999, 3_000)
    wholly = assess(TOTAL, [*parts, refunded(3_000), refunded(1_999, "pi_2", 6)])
    assert wholly == Assessment(PaymentStatus.REFUNDED, 4_999, 4_999)


def test_a_new_payment_of_a_refunded_order_has_to_pay_all_of_it() -> None:
    gone = [paid(4_999), refunded(4_999)]

    short = assess(TOTAL, [*gone, paid(100, "pi_2", 10)])
    assert (short.status, short.holds[0].source) == (PaymentStatus.PENDING, "payment:short")
    again = assess(TOTAL, [*gone, paid(4_999, "pi_2", 10)])
    assert again == Assessment(PaymentStatus.PAID, 9_998, 4_999)


@pytest.mark.parametrize(("gone", "stays"), [("pi_1", "pi_2"), ("pi_2", "pi_1")])
@pytest.mark.parametrize("at", [0, 3])
def test_of_one_second_the_order_is_paid_least(gone: str, stays: str, at: int) -> None:
    facts = [paid(3_000, gone), refunded(3_000, gone, after=at), paid(1_999, stays, at)]

    assert assess(TOTAL, facts).status is PaymentStatus.PENDING


def test_only_what_was_paid_too_much_going_back_leaves_the_order_paid() -> None:
    assert assess(TOTAL, [paid(5_999), refunded(1_000)]).status is PaymentStatus.PAID


def test_a_payment_in_another_currency_is_over_once_it_went_back() -> None:
    wrong = [paid(4_999, currency="USD"), refunded(4_999, currency="USD")]

    found = assess(TOTAL, [*wrong, paid(4_999, "pi_2", 10)])

    assert found == Assessment(PaymentStatus.PAID, 4_999, 0)


def test_two_causes_of_one_kind_make_one_hold() -> None:
    facts = [paid(100), paid(200, "pi_2"), paid(300, "pi_3", 2, "USD"), paid(1, "pi_4", 3, "GBP")]

    found = assess(TOTAL, facts)

    assert [(each.source, each.note) for each in found.holds] == [
        ("payment:currency", "paid 0.01 GBP and 3.00 USD where the order is in EUR"),
        ("payment:short", "paid 3.00 EUR of 49.99 EUR"),
    ]


def test_a_dispute_takes_no_more_than_was_paid() -> None:
    """The amounts differ where exchange rates moved in between."""
    lost = fact(FactKind.DISPUTE, FactState.LOST, 5_200, after=9)

    found = assess(TOTAL, [paid(4_999), refunded(1_000), lost])

    assert found == Assessment(PaymentStatus.REFUNDED, 4_999, 4_999)


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
    settled = next(iter(STATES[kind] - {FactState.ASKED, FactState.OPEN, FactState.LOST}))
    assert assess(TOTAL, [PAID, fact(kind, settled, of="s_1")]).holds == ()


def test_an_inquiry_holds_the_order_and_is_told_anew_once_it_takes_the_money() -> None:
    asked, taken = (
        assess(TOTAL, [PAID, fact(FactKind.DISPUTE, state, of="du_1")])
        for state in (FactState.ASKED, FactState.OPEN)
    )

    assert (asked.status, asked.refunded_minor) == (PaymentStatus.PAID, 0)
    assert [each.source for each in asked.holds] == [each.source for each in taken.holds]
    assert [each.title for each in asked.issues] == ["Payment questioned"]
    assert [each.title for each in taken.issues] == ["Payment disputed"]
    assert asked.issues[0].key != taken.issues[0].key


def test_a_refund_under_way_holds_the_order() -> None:
    found = assess(TOTAL, [PAID, fact(FactKind.REFUND, FactState.OPEN, 500, of="re_1")])

    assert [(each.source, each.note) for each in found.holds] == [
        ("refund:re_1", "a refund of 5.00 EUR is under way")
    ]


def test_a_failed_attempt_is_told_of_until_the_order_is_paid() -> None:
    failed = fact(FactKind.INTENT, FactState.FAILED, of="pi_2", note="insufficient_funds")

    assert [each.severity for each in assess(TOTAL, [failed]).issues] == [Severity.LOW]
    assert assess(TOTAL, [failed, PAID]).issues == ()
    assert assess(TOTAL, [failed, PAID, refunded(4_999)]).issues == ()


def test_a_fact_in_a_state_that_its_kind_never_has_is_refused() -> None:
    with pytest.raises(ValueError, match="a REFUND is never AUTHORIZED"):
        fact(FactKind.REFUND, FactState.AUTHORIZED)


def test_every_event_we_listen_to_has_a_subject_and_no_other_has() -> None:
    assert {subject_of(each) for each in EVENT_TYPES} == set(Subject)
    assert subject_of("customer.created") is None


@pytest.mark.parametrize(
    ("kind", "state"), [(kind, state) for kind in FactKind for state in sorted(STATES[kind])]
)
def test_whatever_happens_is_told_in_plain_words(kind: FactKind, state: FactState) -> None:
    said = told(fact(kind, state, 500, of="xx_1", note="insufficient_funds"))

    assert "xx_1" not in said
    assert "_" not in said
    assert state.value not in said


facts_of_any_kind = st.builds(
    lambda kind, seed, of, intent, minor, currency, after: fact(
        kind,
        sorted(STATES[kind])[seed % len(STATES[kind])],
        minor,
        of=f"pi_{of}" if kind is FactKind.INTENT else f"{kind.lower()}_{of}",
        intent=f"pi_{intent}",
        currency=currency,
        after=after,
    ),
    st.sampled_from(FactKind),
    st.integers(0, 20),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 9_998),
    st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
    st.integers(0, 3),
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
    kept = found.paid_minor - found.refunded_minor
    assert (found.status is PaymentStatus.PAID) == (kept >= TOTAL.minor)
    if found.status is PaymentStatus.PARTIALLY_REFUNDED:
        assert 0 < kept < TOTAL.minor <= found.paid_minor
    if found.status is PaymentStatus.REFUNDED:
        assert kept == 0
        assert found.paid_minor >= TOTAL.minor
    assert len({each.source for each in found.holds}) == len(found.holds)
    assert len({each.key for each in found.issues}) == len(found.issues)


@settings(max_examples=300)
@given(beginnings, st.lists(moves, max_size=12), st.randoms(use_true_random=False))
def test_an_order_is_what_the_books_of_the_bank_say(
    beginning: tuple[Move, ...], history: list[Move], dice: random.Random
) -> None:
    facts: dict[str, PaymentFact] = {}

    def put(
        kind: FactKind, name: str, state: FactState, minor: int, currency: str, intent: str
    ) -> None:
        known = facts.get(name)
        after = bank.played if known is None or kind is FactKind.INTENT else known.moved_at.minute
        facts[name] = fact(
            kind, state, minor, of=name, currency=currency, intent=intent, after=after
        )

    bank = Bank(put)
    for move in (*beginning, *history):
        bank.play(move)
    shuffled = list(facts.values())
    dice.shuffle(shuffled)

    found = assess(Money(BANK_TOTAL, "EUR"), shuffled)

    assert found.paid_minor - found.refunded_minor == sum(bank.kept().values())
    assert bank.allows(found.status)
    held = {each.source for each in found.holds if each.source.startswith("payment:")}
    told = {each.key for each in found.issues if each.key.startswith("payment:")}
    assert told == bank.conditions()
    assert held == bank.conditions() - {"payment:twice"}
