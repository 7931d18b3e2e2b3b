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
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.payments import STATES, FactKind, FactState, assess
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import migrate
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.operations.payments.conftest import Shop

Step = Callable[[Shop, Order], None]


@dataclass(frozen=True)
class Move:
    """An object of the order's payment changes at the provider."""

    kind: FactKind
    number: int
    seed: int
    minor: int

    def __call__(self, shop: Shop, order: Order) -> None:
        state = sorted(STATES[self.kind])[self.seed % len(STATES[self.kind])]
        known = shop.provider.objects.get("pi_1")
        if self.kind is FactKind.INTENT:
            if known is not None and known.state is FactState.SUCCEEDED:
                return  # a payment that succeeded stays so at Stripe
            shop.provider.put(self.kind, "pi_1", state, order=order.id)
        elif known is not None:
            name = f"{self.kind.lower()}_{self.number}"
            shop.provider.put(self.kind, name, state, self.minor)


@dataclass(frozen=True)
class Deliver:
    """Some of the events sent so far arrive, in some order, some of them again."""

    picks: tuple[int, ...]

    def __call__(self, shop: Shop, order: Order) -> None:
        log = shop.provider.log
        shop.inbox.record([log[pick % len(log)] for pick in self.picks] if log else [])


@dataclass(frozen=True)
class Drain:
    """A run acts on some of what is due."""

    limit: int

    def __call__(self, shop: Shop, order: Order) -> None:
        shop.inbox.drain(limit=self.limit)


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    minutes: int

    def __call__(self, shop: Shop, order: Order) -> None:
        shop.clock.advance(minutes=self.minutes)


moves = st.builds(
    Move, st.sampled_from(FactKind), st.integers(1, 2), st.integers(0, 9), st.integers(1, 6_000)
)
deliveries = st.lists(st.integers(0, 30), max_size=6).map(lambda picks: Deliver(tuple(picks)))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "empty.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.dispose()
    return file


steps = st.one_of(
    moves, moves, deliveries, st.integers(1, 3).map(Drain), st.integers(0, 90).map(Wait)
)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, max_size=16))
def test_every_history_ends_where_the_provider_stands(
    empty: Path, tmp_path: Path, history: list[Step]
) -> None:
    file = shutil.copy(empty, tmp_path / f"{uuid.uuid4()}.db")
    database = Database(f"sqlite:///{file}")
    shop = Shop(database, FixedClock())
    order = shop.order()
    for step in history:
        step(shop, order)

    # In the end every event has arrived, as polling sees to.
    shop.clock.advance(minutes=1)
    shop.inbox.record(shop.provider.log)
    while shop.inbox.count_due():
        shop.inbox.drain()

    stands = shop.show(order)
    wanted = assess(Money(4938, "EUR"), shop.provider.objects.values())
    now = stands.order
    assert (now.payment_status, now.paid_minor, now.refunded_minor) == (
        wanted.status,
        wanted.paid_minor,
        wanted.refunded_minor,
    )
    held = {each.source for each in now.holds if each.holds_at(shop.clock())}
    assert held == {each.source for each in wanted.holds}
    titles = [f"{each.title}: order 1001" for each in wanted.issues]
    assert shop.told.now.get(("store-my-shop", f"order:{order.id}"), []) == titles

    # And once more changes nothing at all.
    shop.inbox.replay([each.id for each in shop.inbox.listed()])
    shop.inbox.drain()
    assert shop.show(order) == stands
    database.dispose()
    Path(file).unlink()
