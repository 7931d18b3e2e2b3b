"""Whatever happens, is lost, repeated or comes out of order: the end is the same."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.payments import FactKind, FactState, assess
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import migrate
from zyenta_ops_tests.bank import TOTAL, Bank, Move, beginnings, moves
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.operations.payments.conftest import Shop

Step = Callable[[Shop], None]


@dataclass(frozen=True)
class Deliver:
    """Some of the events sent so far arrive, in some order, some of them again."""

    picks: tuple[int, ...]

    def __call__(self, shop: Shop) -> None:
        log = shop.provider.log
        shop.inbox.record([log[pick % len(log)] for pick in self.picks] if log else [])


@dataclass(frozen=True)
class Drain:
    """A run acts on some of what is due."""

    limit: int

    def __call__(self, shop: Shop) -> None:
        shop.inbox.drain(limit=self.limit)


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    minutes: int

    def __call__(self, shop: Shop) -> None:
        shop.clock.advance(minutes=self.minutes)


deliveries = st.lists(st.integers(0, 30), max_size=6).map(lambda picks: Deliver(tuple(picks)))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "empty.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.dispose()
    return file


steps = st.one_of(
    moves,
    moves,
    moves,
    moves,
    deliveries,
    st.integers(1, 3).map(Drain),
    st.integers(0, 90).map(Wait),
)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(beginnings, st.lists(steps, max_size=16))
def test_every_history_ends_where_the_provider_stands(
    empty: Path, tmp_path: Path, beginning: tuple[Move, ...], history: list[Move | Step]
) -> None:
    file = shutil.copy(empty, tmp_path / f"{uuid.uuid4()}.db")
    database = Database(f"sqlite:///{file}")
    shop = Shop(database, FixedClock())
    order = shop.order()

    def put(
        kind: FactKind, name: str, state: FactState, minor: int, currency: str, intent: str
    ) -> None:
        shop.clock.advance(seconds=1)
        shop.provider.put(
            kind, name, state, minor, currency=currency, intent=intent, order=order.id
        )

    bank = Bank(put)
    for step in (*beginning, *history):
        if isinstance(step, Move):
            bank.play(step)
        else:
            step(shop)

    # In the end every event has arrived, as polling sees to.
    shop.clock.advance(minutes=1)
    shop.inbox.record(shop.provider.log)
    while shop.inbox.count_due():
        shop.inbox.drain()

    stands = shop.show(order)
    wanted = assess(Money(TOTAL, "EUR"), shop.provider.objects.values())
    now = stands.order
    assert bank.allows(now.payment_status)
    assert (now.payment_status, now.paid_minor, now.refunded_minor) == (
        wanted.status,
        wanted.paid_minor,
        wanted.refunded_minor,
    )
    held = {each.source for each in now.holds if each.holds_at(shop.clock())}
    assert held == {each.source for each in wanted.holds}
    assert held >= bank.conditions() - {"payment:twice"}
    titles = [f"{each.title}: order 1001" for each in wanted.issues]
    assert shop.told.now.get(("store-my-shop", f"order:{order.id}"), []) == titles

    # And once more changes nothing at all.
    shop.inbox.replay([each.id for each in shop.inbox.listed(limit=200)])
    shop.inbox.drain()
    assert shop.show(order) == stands
    database.dispose()
    Path(file).unlink()
