"""Pushes on their way to a receiver, and what befalls them there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.faults import FaultScript, Rule
from zyenta_ops.sandbox.pushes import Push, Pushes
from zyenta_ops_tests.sandbox.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def pushes(clock: Clock, receiver: Receiver, *rules: Rule, count: int = 3) -> Pushes:
    made = Pushes(clock, FaultScript(list(rules)))
    made.add(
        Push("acme", receiver.url, {}, str(number).encode(), clock(), topic=f"topic.{number}")
        for number in range(1, count + 1)
    )
    return made


def arrived(receiver: Receiver) -> list[int]:
    return [int(body) for _, _, body in receiver.told]


@pytest.mark.parametrize(
    ("fault", "first", "later"),
    [
        ("push_lost", [1, 3], [1, 3]),
        ("push_twice", [1, 2, 2, 3], [1, 2, 2, 3]),
        ("push_last", [1, 3, 2], [1, 3, 2]),
        ("push_late", [1, 3], [1, 3, 2]),
    ],
)
def test_a_push_that_the_script_names_does_not_go_its_usual_way(
    receiver: Receiver, fault: str, first: list[int], later: list[int]
) -> None:
    clock = Clock.standing()
    made = pushes(clock, receiver, Rule(fault, operation="topic.2", seconds=60))

    made.deliver()
    assert arrived(receiver) == first
    clock.advance(timedelta(seconds=60))
    made.deliver()
    assert arrived(receiver) == later


def test_faults_of_calls_do_not_befall_pushes_and_are_not_counted(receiver: Receiver) -> None:
    script = FaultScript([Rule("hang", calls=(1,)), Rule("push_lost", calls=(1,))])
    clock = Clock.standing()
    made = Pushes(clock, script)

    made.add([Push("acme", receiver.url, {}, b"1", clock())])

    assert [rule["seen"] for rule in script.state()] == [0, 1]
    assert list(script.due("acme", "/orders", "GET")) == ["hang"]


def test_the_same_seed_loses_the_same_pushes(receiver: Receiver) -> None:
    lost = []
    for _ in range(2):
        receiver.told.clear()
        made = pushes(Clock.standing(), receiver, Rule("push_lost", probability=0.5), count=20)
        made.deliver()
        lost.append(arrived(receiver))

    assert lost[0] == lost[1]
    assert 0 < len(lost[0]) < 20


def test_each_vendor_says_when_it_tries_again_and_what_it_takes_for_a_yes(
    receiver: Receiver,
) -> None:
    clock = Clock.standing()
    made = Pushes(clock, FaultScript())
    usual = Push("acme", receiver.url, {}, b"1", clock())
    other = Push(
        "acme", receiver.url, {}, b"2", clock(),
        waits=(timedelta(hours=1),), accepted=range(200, 300),
        signature=lambda at: {"signed-at": at.isoformat()},
    )  # fmt: skip
    made.add([usual, other])

    receiver.status = 500
    made.deliver()
    receiver.status = 204
    clock.advance(timedelta(minutes=5))
    made.deliver()
    assert (usual.arrived, other.arrived, arrived(receiver)) == (False, False, [1, 2, 1])
    clock.advance(timedelta(minutes=55))
    made.deliver()

    assert (usual.status, usual.arrived, other.status, other.arrived) == (204, False, 204, True)
    signed = [headers.get("signed-at") for _, headers, body in receiver.told if body == b"2"]
    assert signed == ["2026-11-02T12:00:00+00:00", "2026-11-02T13:00:00+00:00"]


def test_a_push_is_given_up_after_its_last_wait(receiver: Receiver) -> None:
    clock = Clock.standing()
    receiver.status = 500
    made = pushes(clock, receiver, count=1)

    for _ in range(9):
        made.deliver()
        clock.advance(timedelta(minutes=5))

    assert (made.all[0].attempts, made.all[0].settled, made.all[0].arrived) == (4, True, False)
    assert len(receiver.told) == 4
