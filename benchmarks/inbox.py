"""Acting on events that came in: what one costs, and whether one run takes what it is given.

Every order has five events, as Stripe sends them for a checkout: two about its page and three about
its payment, in the order they come when many customers pay at once. The provider answers from
memory, so that the figures are what our own side costs: claiming, deriving orders, settling. What
is read over the wire comes on top; it is told how often the provider was asked. Every step runs in
a process of its own.

The claims: 50,000 events take less than the 240 seconds that a run of `fulfill_orders` has, and an
event costs no more among many than among few.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from catalog_apply import ENGINES, databases
from measure import Report, at_most, in_fresh_process, median, options, peak_mib, timed

BUDGET_SECONDS = 240
EVENTS_AN_ORDER = (
    ("payment_intent.created", "pi"),
    ("payment_intent.processing", "pi"),
    ("payment_intent.succeeded", "pi"),
    ("checkout.session.completed", "cs"),
    ("checkout.session.async_payment_succeeded", "cs"),
)
# Events of so many orders come mixed with each other.
AT_ONCE = 20
START = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Provider:
    """Says of every payment and page that it is paid."""

    asked: int = 0
    live: bool = False

    def until(self, deadline: datetime) -> Provider:
        """Answers at once, whatever the deadline."""
        return self

    def facts(self, account: str, subject: Any, object_id: str) -> Sequence[Any]:
        """What an event is about: the payment, and the page it was made on."""
        from zyenta_ops.domain.money import Money
        from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact

        self.asked += 1
        number = object_id.partition("_")[2]
        price = Money(4938, "EUR")

        def fact(kind: FactKind, name: str) -> PaymentFact:
            return PaymentFact(
                *(kind, f"{name}_{number}", "", FactState.SUCCEEDED, price),
                *(datetime.now(UTC), START),
                intent_id=f"pi_{number}",
                order_ref=f"order-{number}",
            )

        paid = fact(FactKind.INTENT, "pi")
        return [paid] if object_id.startswith("pi") else [fact(FactKind.SESSION, "cs"), paid]


@dataclass
class Step:
    """One step on the database of an address; ids count, as those of real events rise."""

    url: str
    orders: int
    ids: Iterator[int] = field(default_factory=count)

    def prepare(self) -> dict[str, float]:
        """Store the orders and record their events."""
        from zyenta_ops.persistence.engine import Database
        from zyenta_ops.persistence.migrations import migrate
        from zyenta_ops_tests.orders import a_shop

        database = Database(self.url)
        migrate(database)
        with database.write() as records:
            a_shop(records.connection)
        self._hand_over(database)
        seconds = 0.0
        events = self._events()
        while page := [event for _, event in zip(range(100), events, strict=False)]:
            with database.write() as records:
                seconds += timed(lambda page=page: records.inbox.record(page))[0]
        return {"seconds": seconds}

    def drain(self) -> dict[str, float]:
        """Act on everything, as one run does."""
        from zyenta_ops.operations.inbox import Inbox
        from zyenta_ops.operations.payments import Derivation, PaymentEvents, Rests
        from zyenta_ops.persistence.engine import Database

        database = Database(self.url)
        provider = Provider()
        derivation = Derivation(self._id, lambda *said: None, lambda *used: None)
        handler: Any = PaymentEvents(
            provider,  # type: ignore[arg-type]
            derivation,
            lambda records, plan: None,
            _now,
            Rests(_now),
        )
        inbox = Inbox(database, {_stripe(): handler}, lambda *said: None, _now, self._id)
        events = self.orders * len(EVENTS_AN_ORDER)
        seconds, report = timed(lambda: inbox.drain(events, 10 * BUDGET_SECONDS))
        if report.processed != events:
            raise SystemExit(f"{report} where {events} events were to be processed")
        return {"seconds": seconds, "asked": provider.asked, "mib": peak_mib()}

    def _hand_over(self, database: Any) -> None:
        from zyenta_ops.domain.orders import NewOrder
        from zyenta_ops.operations.orders import Orders
        from zyenta_ops_tests.orders import a_document

        first = Orders(database, _now, self._id).receive("my-shop", a_document(), "bench").order
        fields = {name: getattr(first, name) for name in NewOrder.__slots__ if name in _OF_ORDER}
        for start in range(0, self.orders, 500):
            with database.write() as records:
                for number in range(start, min(start + 500, self.orders)):
                    items = tuple(replace(item, id=self._id()) for item in first.items)
                    new = NewOrder(
                        **fields | {"number": f"N{number}", "items": items}, fingerprint="f"
                    )
                    name = f"order-{number:07d}"
                    records.orders.add(name, first.store_id, new, self._id(), START)

    def _events(self) -> Iterator[Any]:
        from zyenta_ops.domain.inbox import NewEvent, Via

        for start in range(0, self.orders, AT_ONCE):
            for kind, prefix in EVENTS_AN_ORDER:
                for number in range(start, min(start + AT_ONCE, self.orders)):
                    name = self._id()
                    body = {"data": {"object": {"id": f"{prefix}_{number:07d}"}}}
                    yield NewEvent(
                        *(name, _stripe(), f"evt_{name}", kind, json.dumps(body).encode()),
                        *(Via.POLL, True, START + timedelta(milliseconds=int(name[2:]))),
                    )

    def _id(self) -> str:
        return f"e-{next(self.ids):012d}"


_OF_ORDER = frozenset(
    ("number", "currency", "amounts", "customer", "address", "items", "placed_at")
)


def _now() -> datetime:
    return datetime.now(UTC)


def _stripe() -> Any:
    from zyenta_ops.domain.inbox import EventSource

    return EventSource.STRIPE


def measure(engine: str, orders: int, runs: int, report: Report) -> None:
    """Both sizes on one engine, in turns."""
    few = max(orders // 10, 100)
    took: dict[tuple[str, int], list[float]] = {}
    last: dict[str, float] = {}
    with databases(engine) as create:
        for _ in range(runs):
            for size in (few, orders):
                url = create()
                recorded = in_fresh_process(__file__, "--step", json.dumps(["prepare", url, size]))
                took.setdefault(("record", size), []).append(recorded["seconds"])
                last = in_fresh_process(__file__, "--step", json.dumps(["drain", url, size]))
                took.setdefault(("drain", size), []).append(last["seconds"])
    events = orders * len(EVENTS_AN_ORDER)

    def each(what: str, size: int) -> float:
        return median(took[what, size]) / (size * len(EVENTS_AN_ORDER)) * 1_000

    report.figures |= {
        f"{engine}: recording an event, ms": each("record", orders),
        f"{engine}: acting on an event, ms": each("drain", orders),
        f"{engine}: acting on one of {events // 10:,}, ms": each("drain", few),
        f"{engine}: questions to the provider per event": last["asked"] / events,
        f"{engine}: peak of the run, MiB": last["mib"],
    }
    report.claims += [
        at_most(
            f"{engine}: {events:,} events in one run",
            median(took["drain", orders]),
            BUDGET_SECONDS,
            "s",
        ),
        at_most(
            f"{engine}: an event among {events:,} / among {events // 10:,}",
            each("drain", orders) / each("drain", few),
            1.3,
        ),
    ]


def main() -> int:
    """Measure, report, and return the exit status."""
    parser = options(__doc__, runs=1)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        work, *where = json.loads(chosen.step)
        print(json.dumps(getattr(Step(*where), work)()))
        return 0
    events = chosen.orders * len(EVENTS_AN_ORDER)
    report = Report(
        f"Acting on {events:,} events of {chosen.orders:,} orders",
        chosen.runs,
        ("sqlalchemy", "psycopg2-binary"),
    )
    for engine in ENGINES if chosen.engine == "both" else (chosen.engine,):
        measure(engine, chosen.orders, chosen.runs, report)
    return report.tell(chosen.json)


if __name__ == "__main__":
    sys.exit(main())
