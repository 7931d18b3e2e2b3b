"""Trackers are asked as fast as they allow and never faster."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from zyenta_ops.adapters.carriers.aftership import AfterShip
from zyenta_ops.adapters.carriers.asking import Connections
from zyenta_ops.adapters.carriers.seventeentrack import SeventeenTrack
from zyenta_ops.adapters.carriers.ship24 import Ship24
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.domain.tracking import Registered, TrackedNumber
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import migrate
from zyenta_ops.persistence.rate_limits import RateLimits
from zyenta_ops.ports.tracking import TrackingProvider
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import LOCAL, QUICK

MANY = [TrackedNumber(f"YT22295212721{number:05d}") for number in range(60)]


def providers(world: SandboxWorld, connections: Connections) -> list[TrackingProvider]:
    return [
        kind(DEMO_SECRETS[kind.name]["key"], world.urls[kind.name], connections)
        for kind in (SeventeenTrack, AfterShip, Ship24)
    ]


def test_no_tracker_is_ever_asked_too_often(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/ops.db")
    migrate(database)
    with SandboxWorld(products=1).serving() as world:

        def sleep(seconds: float) -> None:
            world.clock.advance(timedelta(seconds=seconds))

        limiter = RateLimits(database, world.clock, sleep)
        for provider in providers(world, Connections(limiter, LOCAL, QUICK)):
            registered = list(provider.register(MANY))
            assert {each.outcome for each in registered} == {Registered.DONE}
            assert len(list(provider.read(MANY))) == len(MANY)
            provider.close()

        assert world.log.violations() == []
    database.dispose()


@pytest.mark.parametrize("kind", [SeventeenTrack, AfterShip, Ship24])
def test_a_tracker_is_called_as_where_its_events_come_from(
    kind: type[SeventeenTrack | AfterShip | Ship24],
) -> None:
    assert EventSource(kind.name)
