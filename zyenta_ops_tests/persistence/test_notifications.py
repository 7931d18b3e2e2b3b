from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from zyenta_ops.domain.notifications import Channel, MessageStatus, NewMessage, OutboundMessage
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import outbox_message
from zyenta_ops_tests.conftest import FixedClock

LEASE = timedelta(minutes=5)


def a_message(clock: FixedClock, number: int = 1, **fields: Any) -> NewMessage:
    values: dict[str, Any] = {
        "id": f"m-{number:03d}",
        "dedupe_key": f"key-{number}",
        "channel": Channel.EMAIL,
        "recipient": "ann@example.com",
        "template": "stock-alert",
        "context": {"title": "Ünïcode 🎿"},
        "due_at": clock.now,
    }
    return NewMessage(**values | fields)


def enqueue(database: Database, clock: FixedClock, *messages: NewMessage) -> int:
    with database.write() as records:
        return records.outbox.enqueue(messages, clock.now)


def claim(
    database: Database, clock: FixedClock, owner: str = "me", limit: int = 10
) -> Sequence[OutboundMessage]:
    with database.write() as records:
        return records.outbox.claim([Channel.EMAIL], limit, owner, clock.now, clock.now + LEASE)


def the_row(database: Database, message_id: str = "m-001") -> dict[str, Any]:
    with database.read() as records:
        row = records.connection.execute(
            select(outbox_message).where(outbox_message.c.id == message_id)
        ).one()
        return dict(row._mapping)


def test_a_message_whose_dedupe_key_is_known_is_not_put_in_again(
    database: Database, clock: FixedClock
) -> None:
    assert enqueue(database, clock, a_message(clock)) == 1

    again = a_message(clock, 2, dedupe_key="key-1")
    assert enqueue(database, clock, again, a_message(clock, 3)) == 1

    assert [each.id for each in claim(database, clock)] == ["m-001", "m-003"]


def test_due_messages_are_claimed_oldest_first_and_not_twice(
    database: Database, clock: FixedClock
) -> None:
    later = clock.now + timedelta(minutes=1)
    enqueue(
        database,
        clock,
        a_message(clock, 1),
        a_message(clock, 2, due_at=clock.now - timedelta(hours=1)),
        a_message(clock, 3, due_at=later),
        a_message(clock, 4, channel=Channel.WEBHOOK),
    )

    claimed = claim(database, clock)

    assert [each.id for each in claimed] == ["m-002", "m-001"]
    assert claimed[0].context == {"title": "Ünïcode 🎿"}
    assert [each.attempts for each in claimed] == [1, 1]
    assert claim(database, clock, "somebody else") == []


def test_a_claim_takes_no_more_than_its_limit(database: Database, clock: FixedClock) -> None:
    enqueue(database, clock, *[a_message(clock, number) for number in range(9)])

    assert [len(claim(database, clock, limit=4)) for _ in range(4)] == [4, 4, 1, 0]


def test_an_expired_claim_passes_to_the_next_who_asks(
    database: Database, clock: FixedClock
) -> None:
    enqueue(database, clock, a_message(clock))
    claim(database, clock, "the dead")
    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert claim(database, clock, "the living") == []
    clock.advance(seconds=1)

    (message,) = claim(database, clock, "the living")

    assert message.attempts == 2
    with database.write() as records:
        settle = records.outbox.settle
        assert not settle("m-001", "the dead", clock.now, MessageStatus.FAILED)
        assert settle("m-001", "the living", clock.now, MessageStatus.SENT)
    assert the_row(database)["status"] == "SENT"


def test_a_released_claim_does_not_count_as_an_attempt(
    database: Database, clock: FixedClock
) -> None:
    enqueue(database, clock, a_message(clock))
    claim(database, clock)

    with database.write() as records:
        records.outbox.release(["m-001"], "me", clock.now)

    row = the_row(database)
    assert (row["status"], row["attempts"], row["lease_owner"]) == ("PENDING", 0, None)


def test_only_messages_that_nobody_tried_to_send_are_withdrawn(
    database: Database, clock: FixedClock
) -> None:
    numbers = range(1, 4)
    enqueue(database, clock, *[a_message(clock, n, regarding="alert:1") for n in numbers])
    enqueue(database, clock, a_message(clock, 4, regarding="alert:2"))
    claim(database, clock, limit=1)

    with database.write() as records:
        assert records.outbox.withdraw(["alert:1"], clock.now) == 2

    statuses = [the_row(database, f"m-00{number}")["status"] for number in range(1, 5)]
    assert statuses == ["SENDING", "WITHDRAWN", "WITHDRAWN", "PENDING"]


def test_what_is_too_old_is_dropped_unless_somebody_is_sending_it(
    database: Database, clock: FixedClock
) -> None:
    soon, late = clock.now + timedelta(minutes=1), clock.now + timedelta(days=1)
    enqueue(
        database,
        clock,
        a_message(clock, 1, expires_at=soon),
        a_message(clock, 2, expires_at=soon, due_at=late),
        a_message(clock, 3, expires_at=late),
        a_message(clock, 4),
        a_message(clock, 5, expires_at=soon, channel=Channel.WEBHOOK),
    )
    claim(database, clock, limit=1)
    clock.now = soon

    def expire() -> int:
        with database.write() as records:
            return records.outbox.expire([Channel.EMAIL], clock.now)

    assert expire() == 1
    statuses = [the_row(database, f"m-00{number}")["status"] for number in range(1, 6)]
    assert statuses == ["SENDING", "EXPIRED", "PENDING", "PENDING", "PENDING"]
    clock.now += LEASE
    assert expire() == 1
    row = the_row(database, "m-001")
    assert (row["status"], row["lease_owner"], row["attempts"]) == ("EXPIRED", None, 1)


def test_only_given_up_messages_are_retried(database: Database, clock: FixedClock) -> None:
    enqueue(database, clock, *[a_message(clock, number) for number in range(1, 4)])
    claim(database, clock, limit=2)
    with database.write() as records:
        records.outbox.settle("m-001", "me", clock.now, MessageStatus.FAILED, error="gave up")
        records.outbox.settle("m-002", "me", clock.now, MessageStatus.SENT)
        assert records.outbox.given_up() == ["m-001"]

        assert records.outbox.retry(["m-001", "m-002", "m-003"], clock.now) == {"m-001"}

    row = the_row(database)
    assert (row["status"], row["attempts"], row["last_error"]) == ("PENDING", 0, "gave up")


@pytest.mark.parametrize("workers", [4])
def test_claimers_at_once_share_the_messages_without_overlap(
    database: Database, clock: FixedClock, workers: int
) -> None:
    enqueue(database, clock, *[a_message(clock, number) for number in range(100)])
    barrier = Barrier(workers)

    def work(number: int) -> list[str]:
        mine = Database(database.url.render_as_string(hide_password=False))
        barrier.wait()
        taken: list[str] = []
        while claimed := claim(mine, clock, f"worker-{number}", limit=7):
            taken += [each.id for each in claimed]
        mine.dispose()
        return taken

    with ThreadPoolExecutor(workers) as pool:
        taken = [each for part in pool.map(work, range(workers)) for each in part]

    assert sorted(taken) == sorted(f"m-{number:03d}" for number in range(100))
