"""What operations may rely on, whichever payment provider answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Protocol

import pytest

from zyenta_ops.domain.inbox import NewEvent
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.payment_errors import (
    PaymentMissing,
    PaymentOutcomeUnknown,
    PaymentRefused,
    PaymentUnavailable,
)
from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact, Subject
from zyenta_ops.domain.refunds import Refund, RefundStatus
from zyenta_ops.ports.payments import PaymentProvider

PRICE = Money(4938, "EUR")


class Rig(Protocol):
    """A provider and the world it answers from; the clock moves only when told."""

    @property
    def provider(self) -> PaymentProvider: ...
    def now(self) -> datetime: ...
    def advance(self, **delta: float) -> None: ...
    def pay(self, order: str, account: str = "") -> str:
        """Let a customer pay 49.38 EUR; the payment's id."""
        ...

    def dispute(self, intent_id: str) -> str: ...
    def win(self, dispute_id: str) -> None: ...
    def connect(self) -> str: ...
    def withdraw(self, account: str) -> None: ...
    def break_reads(self) -> None:
        """From now on nobody answers."""
        ...

    def lose_the_next_answer_to_a_refund(self) -> None:
        """The next refund is made, and nobody hears of it."""
        ...


def a_refund(intent_id: str, minor: int = 1000, number: int = 1) -> Refund:
    return Refund(
        id=f"refund-{number}",
        order_id="o1",
        number=number,
        amount_minor=minor,
        currency="EUR",
        reason="broken",
        intent_id=intent_id,
        account="",
        status=RefundStatus.REQUESTED,
        requested_by="test",
        requested_at=datetime(2026, 11, 2, tzinfo=UTC),
    )


def states(facts: Sequence[PaymentFact]) -> dict[FactKind, FactState]:
    return {fact.kind: fact.state for fact in facts}


def told(provider: PaymentProvider, account: str, since: datetime) -> list[NewEvent]:
    """Every event since then."""
    return [event for stretch in provider.events(account, since) for event in stretch.events]


def times_of(events: Sequence[NewEvent]) -> list[datetime]:
    """When events were created."""
    return [event.occurred_at for event in events if event.occurred_at is not None]


class PaymentProviderContract:
    """Mixed into a test class that has a fixture `rig`."""

    def test_a_payment_is_read_with_its_order_and_the_time_of_reading(self, rig: Rig) -> None:
        intent = rig.pay("o1")
        rig.advance(minutes=3)

        (fact,) = rig.provider.facts("", Subject.INTENT, intent)

        assert (fact.kind, fact.state, fact.amount) == (
            FactKind.INTENT,
            FactState.SUCCEEDED,
            PRICE,
        )
        assert (fact.external_id, fact.intent_id, fact.order_ref) == (intent, intent, "o1")
        assert (fact.account, fact.as_of) == ("", rig.now())

    def test_a_dispute_is_read_with_the_payment_it_is_about(self, rig: Rig) -> None:
        intent = rig.pay("o1")
        dispute = rig.dispute(intent)
        before = rig.provider.facts("", Subject.DISPUTE, dispute)
        rig.win(dispute)

        after = rig.provider.facts("", Subject.DISPUTE, dispute)

        assert states(before) == {
            FactKind.DISPUTE: FactState.OPEN,
            FactKind.INTENT: FactState.SUCCEEDED,
        }
        assert states(after)[FactKind.DISPUTE] is FactState.WON
        assert {fact.intent_id for fact in after} == {intent}

    def test_what_is_not_there_or_on_another_account_is_missing(self, rig: Rig) -> None:
        account = rig.connect()
        intent = rig.pay("o1", account)

        for where, name in (("", intent), (account, "pi_nothing"), ("", "")):
            with pytest.raises(PaymentMissing):
                rig.provider.facts(where, Subject.INTENT, name)
        (fact,) = rig.provider.facts(account, Subject.INTENT, intent)
        assert fact.account == account

    def test_events_are_those_since_a_time_on_one_account_oldest_first(self, rig: Rig) -> None:
        account = rig.connect()
        rig.pay("o1")
        rig.advance(hours=2)
        since = rig.now()
        rig.pay("o2")
        rig.pay("elsewhere", account)
        rig.advance(hours=2)
        rig.pay("o3")

        events = told(rig.provider, "", since)

        times = [event.occurred_at for event in events if event.occurred_at]
        assert times == sorted(times)
        assert set(times) == {since, rig.now()}
        assert {event.account for event in events} == {""}
        assert len({event.event_id for event in events}) == len(events)
        again = {event.event_id for event in told(rig.provider, "", since)}
        assert again == {event.event_id for event in events}

    def test_stretches_of_events_follow_one_another_up_to_now(self, rig: Rig) -> None:
        since = rig.now()
        rig.pay("o1")
        rig.advance(days=3)
        rig.pay("o2")

        stretches = list(rig.provider.events("", since))

        ends = [each.until for each in stretches]
        assert ends == sorted(ends)
        assert ends[-1] >= rig.now()
        for before, after in pairwise(stretches):
            assert max(times_of(before.events), default=before.until) <= before.until
            assert min(times_of(after.events), default=before.until) >= before.until

    def test_payments_since_a_time_are_read_as_they_stand(self, rig: Rig) -> None:
        since = rig.now()
        intent = rig.pay("o1")
        dispute = rig.dispute(intent)
        rig.win(dispute)

        facts = list(rig.provider.payments_since("", since - timedelta(minutes=1)))

        assert {fact.external_id: fact.state for fact in facts} == {
            intent: FactState.SUCCEEDED,
            dispute: FactState.WON,
        }

    def test_a_refund_is_one_however_often_it_is_asked_for(self, rig: Rig) -> None:
        intent = rig.pay("o1")
        refund = a_refund(intent)

        made = [rig.provider.refund(refund).external_id for _ in range(3)]

        assert len(set(made)) == 1
        (fact,) = rig.provider.refunds_of("", intent)
        assert (fact.external_id, fact.refund_ref, fact.amount) == (
            made[0],
            refund.id,
            Money(1000, "EUR"),
        )

    def test_another_key_is_another_refund(self, rig: Rig) -> None:
        intent = rig.pay("o1")
        rig.provider.refund(a_refund(intent))
        rig.provider.refund(replace(a_refund(intent, number=2)))

        assert len(rig.provider.refunds_of("", intent)) == 2

    def test_no_more_is_refunded_than_was_paid(self, rig: Rig) -> None:
        intent = rig.pay("o1")
        rig.provider.refund(a_refund(intent, PRICE.minor))

        with pytest.raises(PaymentRefused):
            rig.provider.refund(a_refund(intent, 1, number=2))

        assert [fact.amount for fact in rig.provider.refunds_of("", intent)] == [PRICE]

    def test_a_lost_answer_is_found_in_the_list(self, rig: Rig) -> None:
        intent = rig.pay("o1")
        rig.lose_the_next_answer_to_a_refund()

        with pytest.raises(PaymentOutcomeUnknown):
            rig.provider.refund(a_refund(intent))

        assert [fact.refund_ref for fact in rig.provider.refunds_of("", intent)] == ["refund-1"]

    def test_an_account_is_open_to_us_until_it_withdraws(self, rig: Rig) -> None:
        account = rig.connect()
        before = rig.provider.account_state(account)
        rig.withdraw(account)

        after = rig.provider.account_state(account)

        assert (before.authorized, before.charges_enabled) == (True, True)
        assert (after.authorized, after.charges_enabled) == (False, False)
        assert after.as_of == rig.now()

    def test_nobody_has_the_plan_of_a_customer_who_is_not_there(self, rig: Rig) -> None:
        plan = rig.provider.plan("cus_nobody")

        assert (plan.lookup_keys, plan.status, plan.as_of) == (frozenset(), "", rig.now())

    def test_whoever_does_not_answer_is_unavailable(self, rig: Rig) -> None:
        intent = rig.pay("o1")
        account = rig.connect()
        rig.break_reads()

        for ask in (
            lambda: rig.provider.facts("", Subject.INTENT, intent),
            lambda: list(rig.provider.events("", rig.now())),
            lambda: list(rig.provider.payments_since("", rig.now())),
            lambda: rig.provider.refunds_of("", intent),
            lambda: rig.provider.account_state(account),
            lambda: rig.provider.plan("cus_1"),
        ):
            with pytest.raises(PaymentUnavailable):
                ask()

    def test_a_provider_with_a_deadline_answers_as_before_until_then(self, rig: Rig) -> None:
        intent = rig.pay("o1")

        hurried = rig.provider.until(rig.now() + timedelta(minutes=1))

        assert hurried.live is rig.provider.live
        assert hurried.facts("", Subject.INTENT, intent) == rig.provider.facts(
            "", Subject.INTENT, intent
        )
