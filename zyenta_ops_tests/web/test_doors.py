from __future__ import annotations

import asyncio
from typing import Any, cast

from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.operations.edge.hooks import Door, Hooks
from zyenta_ops.ports.web import Endpoint
from zyenta_ops.web.buckets import Buckets
from zyenta_ops.web.receiving import REMEMBER_SECONDS, Doors
from zyenta_ops_tests.builders import THEN

DOOR = Door(Endpoint("end-1", EventSource.STRIPE, "live", "", "sealed", THEN), ("secret",))


class Looked:
    """Stands for the endpoints; counts who asks."""

    def __init__(self) -> None:
        self.times = 0

    def door(self, token: str) -> Door:
        self.times += 1
        return DOOR


def test_many_who_come_at_once_with_one_token_ask_the_database_once_and_again_after_a_while() -> (
    None
):
    now, hooks = [0.0], Looked()
    doors = Doors(
        cast(Hooks, cast(Any, hooks)), Buckets(1e6, 10_000, lambda: now[0]), lambda: now[0]
    )

    async def crowd() -> list[Door]:
        return await asyncio.gather(*(doors.find(EventSource.STRIPE, "token") for _ in range(50)))

    async def scene() -> list[int]:
        counts = []
        for wait in (0.0, REMEMBER_SECONDS - 0.1, 0.2):
            now[0] += wait
            assert await crowd() == [DOOR] * 50
            counts.append(hooks.times)
        return counts

    assert asyncio.run(scene()) == [1, 1, 2]
