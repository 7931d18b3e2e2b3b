from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from zyenta_ops.domain.errors import DeliveryDeferred, DeliveryRefused, NotFound, RecipientGone
from zyenta_ops.domain.notifications import (
    MAX_ATTEMPTS,
    Channel,
    MessageRecord,
    MessageStatus,
    NewMessage,
    OutboundMessage,
)
from zyenta_ops.operations.notifications import DeliveryReport, Notifications
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports import Transport
from zyenta_ops.ports.notifications import Send
from zyenta_ops_tests.conftest import CountingIds, FixedClock


@dataclass
class FakeTransport:
    """Keeps what it is given; raises what a test sets for a recipient, or calls it."""

    faults: dict[str, Exception] = field(default_factory=dict)
    on_send: Callable[[], None] = lambda: None
    sessions: int = 0
    sent: list[str] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[Send]:
        self.sessions += 1
        yield self._send

    def _send(self, message: OutboundMessage) -> None:
        self.on_send()
        if fault := self.faults.get(message.recipient):
            raise fault
        self.sent.append(message.id)


@dataclass
class Post:
    """An outbox with its transports."""

    database: Database
    clock: FixedClock
    new_id: CountingIds
    mail: FakeTransport = field(default_factory=FakeTransport)
    chat: FakeTransport = field(default_factory=FakeTransport)

    @property
    def transports(self) -> Mapping[Channel, Transport]:
        return {Channel.EMAIL: self.mail, Channel.WEBHOOK: self.chat}

    @property
    def notifications(self) -> Notifications:
        return Notifications(self.database, self.transports, self.clock, self.new_id)

    def holds(self, *recipients: str, channel: Channel = Channel.EMAIL) -> None:
        """Put in a due message for each recipient, whose id is the recipient."""
        now = self.clock.now
        messages = [
            NewMessage(each, each, channel, each, "stock-alert", {}, now) for each in recipients
        ]
        with self.database.write() as records:
            records.outbox.enqueue(messages, now)

    def message(self, message_id: str) -> MessageRecord:
        return next(each for each in self.notifications.listed() if each.id == message_id)


@pytest.fixture
def post(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Post:
    return Post(sqlite_database, clock, new_id)


def test_due_messages_are_sent_once_in_one_session_per_channel(post: Post) -> None:
    post.holds("ann", "bob")
    post.holds("team", channel=Channel.WEBHOOK)

    report = post.notifications.deliver()

    assert report == DeliveryReport(sent=3)
    assert (post.mail.sent, post.chat.sent) == (["ann", "bob"], ["team"])
    assert (post.mail.sessions, post.chat.sessions) == (1, 1)
    assert post.message("ann").status is MessageStatus.SENT
    assert post.message("ann").sent_at == post.clock.now
    assert post.notifications.deliver() == DeliveryReport()


def test_a_message_refused_for_good_is_suppressed(post: Post) -> None:
    post.holds("ann", "bob")
    post.mail.faults["ann"] = DeliveryRefused("the mail server refuses the recipient (550)")

    report = post.notifications.deliver()

    assert report == DeliveryReport(sent=1, suppressed=1)
    ann = post.message("ann")
    assert (ann.status, ann.last_error) == (
        MessageStatus.SUPPRESSED,
        "the mail server refuses the recipient (550)",
    )
    post.clock.advance(days=2)
    assert post.notifications.deliver() == DeliveryReport()


def test_a_deferred_message_waits_longer_each_time_and_is_given_up_after_a_day(
    post: Post,
) -> None:
    post.holds("ann")
    post.mail.faults["ann"] = DeliveryDeferred("not now (451)")
    begun, waits = post.clock.now, []

    for _ in range(MAX_ATTEMPTS):
        post.notifications.deliver()
        waits.append(post.message("ann").next_attempt_at - post.clock.now)
        post.clock.now = max(post.clock.now, post.message("ann").next_attempt_at)

    ann = post.message("ann")
    assert (ann.status, ann.attempts) == (MessageStatus.FAILED, MAX_ATTEMPTS)
    assert timedelta(seconds=45) <= waits[0] <= timedelta(seconds=75)
    assert timedelta(minutes=90) <= waits[10] <= timedelta(minutes=150)
    assert timedelta(hours=18) < post.clock.now - begun < timedelta(hours=28)


def test_a_deferred_message_is_sent_when_the_transport_recovers(post: Post) -> None:
    post.holds("ann")
    post.mail.faults["ann"] = DeliveryDeferred("not now (451)")
    assert post.notifications.deliver() == DeliveryReport(deferred=1)
    assert post.notifications.deliver() == DeliveryReport()
    post.mail.faults.clear()
    post.clock.advance(minutes=2)

    assert post.notifications.deliver() == DeliveryReport(sent=1)


def test_a_message_that_breaks_its_transport_does_not_hold_up_the_others(post: Post) -> None:
    post.holds("ann", "bob")
    post.mail.faults["ann"] = ValueError("ann@example.com is in this text")

    report = post.notifications.deliver()

    assert report == DeliveryReport(sent=1, deferred=1)
    assert post.message("ann").last_error == "sending broke with ValueError"


def test_messages_without_a_transport_wait(post: Post) -> None:
    post.holds("team", channel=Channel.WEBHOOK)
    notifications = Notifications(
        post.database, {Channel.EMAIL: post.mail}, post.clock, post.new_id
    )

    assert (notifications.count_due(), notifications.deliver()) == (0, DeliveryReport())
    assert post.message("team").status is MessageStatus.PENDING


def test_the_limit_leaves_the_rest_due(post: Post) -> None:
    post.holds(*[f"r{number:02d}" for number in range(50)])

    report = post.notifications.deliver(limit=30)

    assert report == DeliveryReport(sent=30, left_due=20)
    assert len(post.mail.sent) == 30


def test_nothing_is_begun_after_the_budget_is_spent_and_nothing_is_lost(post: Post) -> None:
    post.holds(*[f"r{number:02d}" for number in range(50)])
    post.mail.on_send = lambda: post.clock.advance(seconds=10)

    report = post.notifications.deliver(budget_seconds=35)

    assert report == DeliveryReport(sent=4, left_due=46)
    assert post.message("r10").attempts == 0


def test_slow_messages_never_outlive_their_lease(post: Post) -> None:
    post.holds(*[f"r{number:02d}" for number in range(12)])
    post.mail.on_send = lambda: post.clock.advance(minutes=2)

    report = post.notifications.deliver(budget_seconds=3_600)

    assert report == DeliveryReport(sent=12)
    assert post.mail.sent == sorted(post.mail.sent)
    assert post.mail.sessions == 1


def test_a_message_whose_processes_keep_dying_is_given_up(post: Post) -> None:
    post.holds("ann")
    for _ in range(MAX_ATTEMPTS):
        with post.database.write() as records:
            until = post.clock.now + timedelta(minutes=1)
            records.outbox.claim([Channel.EMAIL], 1, "the dead", post.clock.now, until)
        post.clock.advance(minutes=1)

    assert post.notifications.deliver() == DeliveryReport(failed=1)
    assert post.mail.sent == []


def test_given_up_messages_can_be_tried_again(post: Post) -> None:
    post.holds("ann", "bob")
    post.mail.faults["ann"] = DeliveryRefused("no such mailbox (550)")
    post.notifications.deliver()
    post.mail.faults.clear()

    assert post.notifications.retry() == 1

    assert post.notifications.deliver() == DeliveryReport(sent=1)
    assert post.mail.sent == ["bob", "ann"]


def test_retrying_a_message_that_was_not_given_up_is_refused_and_retries_none(
    post: Post,
) -> None:
    post.holds("ann", "bob")
    post.mail.faults["ann"] = DeliveryRefused("no such mailbox (550)")
    post.notifications.deliver()

    with pytest.raises(NotFound, match="no given-up message has the id bob"):
        post.notifications.retry(["ann", "bob"])

    assert post.message("ann").status is MessageStatus.SUPPRESSED


def test_a_message_that_became_too_old_is_dropped_and_not_sent_late(post: Post) -> None:
    now = post.clock.now
    with post.database.write() as records:
        records.outbox.enqueue(
            [
                NewMessage(
                    each, each, Channel.EMAIL, each, "order-shipped", {}, now, expires_at=until
                )
                for each, until in (
                    ("ann", now + timedelta(hours=1)),
                    ("bob", now + timedelta(hours=3)),
                )
            ],
            now,
        )
    post.mail.faults = {each: DeliveryDeferred("not now (451)") for each in ("ann", "bob")}
    assert post.notifications.deliver() == DeliveryReport(deferred=2)
    post.mail.faults.clear()
    post.clock.advance(hours=1)

    assert post.notifications.deliver() == DeliveryReport(sent=1, expired=1)

    assert post.mail.sent == ["bob"]
    assert post.message("ann").status is MessageStatus.EXPIRED
    assert post.notifications.retry() == 0


def test_what_follows_a_recipient_that_wants_no_more_is_stored_with_its_message(
    post: Post,
) -> None:
    post.holds("ann", "bob")
    post.mail.faults["ann"] = RecipientGone("answered 410")
    post.mail.faults["bob"] = DeliveryRefused("answered 400")
    gone: list[tuple[str, str]] = []
    notifications = replace(
        post.notifications,
        on_gone=lambda records, message, reason, now: gone.append((message.recipient, reason)),
    )

    assert notifications.deliver() == DeliveryReport(suppressed=2)

    assert gone == [("ann", "answered 410")]


def test_mails_do_not_wait_for_storefronts_that_take_their_time(post: Post) -> None:
    slow = FakeTransport(on_send=lambda: post.clock.advance(seconds=20))
    post.holds(*[f"s{number:02d}" for number in range(30)], channel=Channel.STOREFRONT)
    post.clock.advance(seconds=1)
    post.holds("ann", "bob")
    notifications = replace(
        post.notifications, transports={**post.transports, Channel.STOREFRONT: slow}
    )

    report = notifications.deliver(budget_seconds=100)

    assert report == DeliveryReport(sent=8, left_due=24)
    assert (post.mail.sent, len(slow.sent)) == (["ann", "bob"], 6)
