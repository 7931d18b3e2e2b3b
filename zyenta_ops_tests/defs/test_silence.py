"""A source of events that has gone quiet is told of for as long as it is so."""

from __future__ import annotations

from zyenta_ops.defs.fulfillment import silent_sources
from zyenta_ops.domain.alerts import AlertStatus
from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops_tests.defs.test_sensors import tick
from zyenta_ops_tests.defs.world import World


def deliver(world: World, count: int) -> None:
    """Events of CJ, all at once."""
    now = world.clock()
    keys = [f"{now:%d-%H-%M}-{number}" for number in range(count)]
    world.operations.inbox.record(
        [NewEvent(key, EventSource.CJ, key, "ORDER", b"{}", Via.HOOK, True, now) for key in keys]
    )


def told(world: World) -> list[tuple[str, AlertStatus, str | None]]:
    return [(each.title, each.status, each.store_id) for each in world.operations.alerts.listed()]


def test_a_source_that_goes_quiet_is_told_of_once_until_it_speaks_again(world: World) -> None:
    title = "Nothing more is heard of cj"
    deliver(world, 84)  # one in two hours of a week; missed after twenty pauses
    world.clock.advance(hours=40)
    assert tick(world, silent_sources).skip_message == "all speak"
    assert told(world) == []

    world.clock.advance(hours=1)
    for _ in range(2):
        assert tick(world, silent_sources).skip_message == "nothing more is heard of cj"
        assert told(world) == [(title, AlertStatus.OPEN, None)]

    deliver(world, 1)
    for _ in range(2):
        assert tick(world, silent_sources).skip_message == "all speak"
        assert told(world) == [(title, AlertStatus.RESOLVED, None)]


def test_a_source_that_never_spoke_often_is_not_missed(world: World) -> None:
    deliver(world, 19)
    world.clock.advance(days=5)
    assert tick(world, silent_sources).skip_message == "all speak"
    assert told(world) == []
