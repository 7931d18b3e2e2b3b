"""A provider that hangs keeps nobody waiting, and what it owes is not held against its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from zyenta_ops.domain.inbox import (
    MAX_ATTEMPTS,
    EventSource,
    Ignored,
    InboxEvent,
    InboxStatus,
    NewEvent,
    Via,
)
from zyenta_ops.domain.orders import PaymentStatus
from zyenta_ops.domain.payment_errors import (
    PaymentError,
    PaymentLoginRefused,
    PaymentRefused,
    PaymentUnavailable,
)
from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact, Subject
from zyenta_ops.operations.inbox import Effect, Inbox
from zyenta_ops_tests.operations.payments.conftest import Shop


class Noted:
    """Handles the events of another source: they are kept, and that is all."""

    def prepare(self, events: Sequence[InboxEvent], deadline: datetime) -> list[Effect | Exception]:
        return [lambda records: Ignored("is kept") for _ in events]


def tell_of(shop: Shop, number: int, account: str = "", first: int = 0) -> None:
    """Record events of so many payments."""
    for each in range(first, first + number):
        shop.provider.tell("payment_intent.succeeded", f"pi_{each}", account)
    shop.inbox.record(shop.provider.log)


class Hanging:
    """Stands in for the provider's reading of facts: a time-out, or a slow answer."""

    def __init__(self, shop: Shop, fault: PaymentError | None, seconds: float = 10) -> None:
        self.shop, self.fault, self.seconds = shop, fault, seconds
        self.asked: list[str] = []
        self.answer = shop.provider.facts
        shop.provider.facts = self  # type: ignore[method-assign]

    def __call__(self, account: str, subject: Subject, object_id: str) -> Sequence[PaymentFact]:
        self.asked.append(account or object_id)
        self.shop.clock.advance(seconds=self.seconds)
        if self.fault is not None:
            raise self.fault
        return self.answer(account, subject, object_id)


def test_whoever_does_not_answer_is_asked_once_and_again_after_a_minute(shop: Shop) -> None:
    tell_of(shop, 250)
    hanging = Hanging(shop, PaymentUnavailable("no answer from Stripe"))
    start = shop.clock()

    report = shop.inbox.drain()

    assert (report.deferred, report.left_due) == (250, 0)
    assert (hanging.asked, shop.clock() - start) == (["pi_0"], timedelta(seconds=10))
    assert {(each.attempts, each.note) for each in shop.inbox.listed(limit=300)} == {
        (0, "no answer from Stripe")
    }
    shop.clock.advance(seconds=59)
    assert shop.inbox.drain().deferred == 0
    shop.clock.advance(seconds=1)
    shop.inbox.drain()
    assert len(hanging.asked) == 2


def test_the_wait_that_is_asked_for_is_kept(shop: Shop) -> None:
    tell_of(shop, 2)
    hanging = Hanging(shop, PaymentUnavailable("rate_limit", retry_after=300), seconds=0)
    now = shop.clock()

    shop.inbox.drain()
    assert {each.next_attempt_at for each in shop.inbox.listed()} == {now + timedelta(minutes=5)}

    # What comes meanwhile does not ask either.
    shop.clock.advance(minutes=4)
    tell_of(shop, 1, first=2)
    shop.inbox.drain()
    assert {each.next_attempt_at for each in shop.inbox.listed()} == {now + timedelta(minutes=5)}
    assert hanging.asked == ["pi_0"]


def test_nobody_is_left_alone_for_more_than_an_hour_whatever_they_ask_for(shop: Shop) -> None:
    tell_of(shop, 1)
    Hanging(shop, PaymentUnavailable("rate_limit", retry_after=10.0**9), seconds=0)

    shop.inbox.drain()

    (event,) = shop.inbox.listed()
    assert event.next_attempt_at == shop.clock() + timedelta(hours=1)


def test_an_account_that_hangs_does_not_keep_those_that_answer(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    answer = shop.provider.facts

    def facts(account: str, subject: Subject, object_id: str) -> Sequence[PaymentFact]:
        if account:
            raise PaymentUnavailable("no answer from Stripe")
        return answer(account, subject, object_id)

    shop.provider.facts = facts  # type: ignore[method-assign]
    tell_of(shop, 3, account="acct_1", first=5)

    report = shop.inbox.drain()

    assert (report.processed, report.deferred) == (1, 3)
    assert shop.show(order).order.payment_status is PaymentStatus.PAID


def test_what_others_say_is_acted_on_before_the_provider_is_asked(shop: Shop) -> None:
    tell_of(shop, 1)
    hint = NewEvent("h-1", EventSource.CJ, "h-1", "x", b"", Via.HOOK, True, shop.clock())
    handlers = {EventSource.CJ: Noted(), **shop.inbox.handlers}
    inbox = replace(shop.inbox, handlers=handlers)
    inbox.record([hint])
    Hanging(shop, PaymentUnavailable("no answer from Stripe"))
    now = shop.clock()

    inbox.drain()

    assert inbox.show("h-1").processed_at == now


def test_reading_slowly_ends_with_the_budget_and_the_rest_stays_due(shop: Shop) -> None:
    order = shop.order()
    for number in range(9):
        shop.provider.put(FactKind.INTENT, f"pi_{number}", FactState.SUCCEEDED, order=order.id)
    shop.inbox.record(shop.provider.log)
    slow = Hanging(shop, None, seconds=2)

    report = shop.inbox.drain(budget_seconds=5)

    assert (report.processed, report.deferred, report.left_due) == (3, 6, 6)
    assert {each.attempts for each in shop.inbox.listed(status=InboxStatus.RECEIVED)} == {0}
    shop.inbox.drain()
    assert sorted(slow.asked) == [f"pi_{number}" for number in range(9)]
    assert shop.inbox.count_due() == 0


def test_one_sources_reading_makes_room_for_others_every_twenty_seconds(shop: Shop) -> None:
    tell_of(shop, 30)
    Hanging(shop, None, seconds=3)
    start = shop.clock()
    asked: list[timedelta] = []

    class Other(Noted):
        def prepare(
            self, events: Sequence[InboxEvent], deadline: datetime
        ) -> list[Effect | Exception]:
            asked.append(shop.clock() - start)
            arrive()
            return super().prepare(events, deadline)

    def arrive() -> None:
        now, name = shop.clock(), f"h-{len(asked)}"
        hint = NewEvent(name, EventSource.CJ, name, "x", b"", Via.HOOK, True, now)
        shop.inbox.record([hint])

    arrive()
    inbox: Inbox = replace(shop.inbox, handlers={EventSource.CJ: Other(), **shop.inbox.handlers})
    inbox.drain(limit=150, budget_seconds=60)

    waits = [after - before for before, after in pairwise(asked)]
    assert len(asked) > 2
    assert max(waits) <= timedelta(seconds=23)


def test_with_a_wrong_key_events_wait_until_it_works(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.put(FactKind.INTENT, "pi_2", FactState.SUCCEEDED, account="acct_1")
    shop.provider.fault = PaymentLoginRefused("invalid key; check ZYENTA_STRIPE_KEY")
    for _ in range(MAX_ATTEMPTS + 2):
        shop.hear()
        shop.clock.advance(hours=2)

    assert {(each.status, each.attempts, each.note) for each in shop.inbox.listed()} == {
        (InboxStatus.RECEIVED, 0, "invalid key; check ZYENTA_STRIPE_KEY")
    }
    shop.provider.fault = None
    shop.hear()
    assert shop.show(order).order.payment_status is PaymentStatus.PAID


def test_events_of_an_account_that_withdrew_are_parked_in_the_end(shop: Shop) -> None:
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, account="acct_1")
    withdrawn = Hanging(shop, PaymentLoginRefused("acct_1 is not yours"), seconds=0)
    for _ in range(MAX_ATTEMPTS):
        shop.hear()
        shop.clock.advance(hours=2)

    (event,) = shop.inbox.listed()
    assert (event.status, event.note) == (InboxStatus.PARKED, "acct_1 is not yours")
    assert withdrawn.asked == ["acct_1"] * MAX_ATTEMPTS


def test_events_are_parked_and_told_of_a_batch_at_a_time(shop: Shop) -> None:
    tell_of(shop, 250)
    shop.provider.fault = PaymentRefused("this will never work")
    for _ in range(MAX_ATTEMPTS - 1):
        assert shop.inbox.drain().deferred == 250
        shop.clock.advance(hours=2)

    assert (shop.inbox.drain().parked, shop.parkings) == (250, 3)
    assert len(shop.parked) == 5


@pytest.mark.parametrize("fault", [PaymentUnavailable("no answer"), PaymentLoginRefused("no key")])
def test_events_that_wait_for_the_provider_count_as_waiting(
    shop: Shop, fault: PaymentError
) -> None:
    tell_of(shop, 1)
    shop.provider.fault = fault
    shop.inbox.drain()
    shop.clock.advance(seconds=50)

    assert shop.inbox.count_due() == 0
    assert shop.inbox.lag() == timedelta(seconds=50)


def test_events_that_are_being_worked_on_count_as_waiting(shop: Shop) -> None:
    tell_of(shop, 1)
    lags: list[timedelta] = []
    shop.clock.advance(minutes=7)

    def looking(account: str, subject: Subject, object_id: str) -> Sequence[PaymentFact]:
        lags.append(shop.inbox.lag())
        return []

    shop.provider.facts = looking  # type: ignore[method-assign]
    shop.inbox.drain()

    assert lags == [timedelta(minutes=7)]
    assert shop.inbox.lag() == timedelta(0)


def test_an_event_that_failed_by_itself_is_no_sign_of_a_lag(shop: Shop) -> None:
    tell_of(shop, 1)
    shop.provider.fault = PaymentRefused("this will never work")
    shop.inbox.drain()

    assert shop.inbox.lag() == timedelta(0)
