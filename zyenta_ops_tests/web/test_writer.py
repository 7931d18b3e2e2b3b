"""Events of many requests committed together, and nobody answered before."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops.web.writer import MOST_AT_ONCE, NotKept, Writer
from zyenta_ops_tests.builders import THEN


def an_event(number: int) -> NewEvent:
    return NewEvent(
        f"e-{number}", EventSource.CJ, f"m-{number}", "ORDER", b"{}", Via.HOOK, True, THEN
    )


@dataclass
class Store:
    """Where events go; may be slow, or away."""

    commits: list[list[str]] = field(default_factory=list)
    away: bool = False
    free: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.free.set()

    def record(self, events: Sequence[NewEvent]) -> int:
        assert self.free.wait(10)
        if self.away:
            raise OSError("away")
        self.commits.append([each.event_id for each in events])
        return len(events)


async def all_kept(writer: Writer, count: int) -> list[BaseException | None]:
    running = asyncio.create_task(writer.run())
    outcomes = await asyncio.gather(
        *(writer.keep(an_event(number)) for number in range(count)), return_exceptions=True
    )
    writer.close()
    await running
    return outcomes


def test_a_flood_is_committed_in_few_transactions_of_bounded_size() -> None:
    store = Store()
    outcomes = asyncio.run(all_kept(Writer(store.record), 450))
    assert outcomes == [None] * 450
    assert [len(each) for each in store.commits] == [MOST_AT_ONCE, MOST_AT_ONCE, 50]


def test_what_could_not_be_stored_is_not_acknowledged() -> None:
    store = Store(away=True)
    outcomes = asyncio.run(all_kept(Writer(store.record), 3))
    assert [type(each) for each in outcomes] == [NotKept] * 3
    assert store.commits == []


def test_whoever_was_told_to_come_again_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zyenta_ops.web.writer.ANSWER_SECONDS", 0.0)
    store = Store()

    async def scene() -> None:
        writer = Writer(store.record)
        running = asyncio.create_task(writer.run())
        with pytest.raises(NotKept):
            await writer.keep(an_event(1))
        writer.close()
        await running

    asyncio.run(scene())
    assert store.commits == []


def test_what_was_taken_before_the_end_is_committed_and_nothing_after() -> None:
    store = Store()
    store.free.clear()

    async def scene() -> list[BaseException | None]:
        writer = Writer(store.record)
        running = asyncio.create_task(writer.run())
        taken = [asyncio.create_task(writer.keep(an_event(number))) for number in range(2)]
        await asyncio.sleep(0)
        writer.close()
        late = asyncio.create_task(writer.keep(an_event(9)))
        store.free.set()
        await running
        return await asyncio.gather(*taken, late, return_exceptions=True)

    first, second, late = asyncio.run(scene())
    assert (first, second, type(late)) == (None, None, NotKept)
    assert store.commits == [["m-0", "m-1"]]


def test_a_queue_that_is_full_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zyenta_ops.web.writer.MOST_WAITING", 2)
    store = Store()
    outcomes = asyncio.run(all_kept(Writer(store.record), 3))
    assert [type(each) for each in outcomes] == [type(None), type(None), NotKept]
    assert store.commits == [["m-0", "m-1"]]
