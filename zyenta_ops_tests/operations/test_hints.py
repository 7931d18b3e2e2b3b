"""What others say by themselves makes things due, and is believed in nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from zyenta_ops.bootstrap.payments import supplier_handlers, tracker_handlers
from zyenta_ops.domain.dueness import Urgency, Watch
from zyenta_ops.domain.inbox import EventSource, InboxStatus, NewEvent, Via
from zyenta_ops.domain.stores import Cadence
from zyenta_ops.operations.inbox import Inbox
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import watched_product
from zyenta_ops.ports.accounts import Outcome
from zyenta_ops_tests.builders import a_product, a_store, a_supplier, a_variant, an_offer
from zyenta_ops_tests.conftest import CountingIds, FixedClock

NOTHING = "names nothing that is watched or on its way"
NO_PARCEL = "names no parcel that is followed"


class Hints:
    """An inbox, and two suppliers of kind CJ and one of Printful that are asked about products."""

    def __init__(self, database: Database, clock: FixedClock, new_id: CountingIds) -> None:
        self.database, self.clock, self.new_id = database, clock, new_id
        handlers = supplier_handlers(database, clock) | tracker_handlers(clock)
        self.inbox = Inbox(database, handlers, lambda *_: None, clock, new_id)
        with database.write() as records:
            a_store(records.connection)
            for key, kind in (("cj", "CJ"), ("cj-us", "CJ"), ("printful", "PRINTFUL")):
                a_supplier(records.connection, key, kind=kind, config={})
                for ref in ("shirt", "mug"):
                    offer = an_offer(records.connection, ref, f"{ref}-m", supplier_key=key)
                    product = a_product(
                        records.connection, ref, supplier_key=key, id=f"product-{ref}-{key}"
                    )
                    a_variant(records.connection, product, offer, id=f"variant-{ref}-{key}")
                records.watches.add(key, ["shirt", "mug"], clock())
                records.watches.note(key, [Outcome("shirt"), Outcome("mug")], clock())
        clock.advance(minutes=1)

    def hear(self, source: EventSource, message: Any, event_id: str = "e-1") -> Any:
        """What became of an event."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        event = NewEvent(
            self.new_id(), source, event_id, "PUSH", body, Via.HOOK, True, self.clock()
        )
        self.inbox.record([event])
        self.inbox.drain()
        return self.inbox.show(event.id)

    def due(self, cadence: Cadence = Cadence.HIGH) -> list[tuple[str, str]]:
        return [
            (key, each.product_ref)
            for key in ("cj", "cj-us", "printful")
            for each in self.watches(key)
            if each.is_due(cadence, self.clock())
        ]

    def watches(self, key: str) -> list[Watch]:
        with self.database.read() as records:
            return records.watches.every(key)


@pytest.fixture
def hints(database: Database, clock: FixedClock, new_id: CountingIds) -> Hints:
    return Hints(database, clock, new_id)


def cj(kind: str, **params: Any) -> dict[str, Any]:
    return {"messageId": "m-1", "type": kind, "params": params}


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (cj("PRODUCT", pid="shirt"), ["shirt"]),
        (cj("VARIANT", vid="mug-m"), ["mug"]),
        (cj("STOCK", **{"shirt-m": [], "mug-m": [], "stranger": []}), ["mug", "shirt"]),
    ],
)
def test_the_products_that_a_supplier_names_are_due_with_all_of_its_kind(
    hints: Hints, message: dict[str, Any], named: list[str]
) -> None:
    assert hints.due() == []

    event = hints.hear(EventSource.CJ, message)

    assert event.status is InboxStatus.PROCESSED
    assert event.note == f"{2 * len(named)} products will be read again"
    assert hints.due() == [(key, ref) for key in ("cj", "cj-us") for ref in named]
    (watch, *_) = [each for each in hints.watches("cj") if each.product_ref == named[0]]
    assert watch.urgency(hints.clock()) is Urgency.CHANGED


def test_what_was_read_since_the_supplier_spoke_is_not_due(hints: Hints) -> None:
    hints.hear(EventSource.CJ, cj("PRODUCT", pid="shirt"))
    hints.clock.advance(seconds=1)
    with hints.database.write() as records:
        records.watches.note("cj", [Outcome("shirt")], hints.clock())

    assert hints.due() == [("cj-us", "shirt")]


def test_what_no_store_sells_is_not_asked_sooner_for_a_hint(hints: Hints) -> None:
    with hints.database.write() as records:
        records.watches.add("printful", ["7"], hints.clock())
        records.watches.note("printful", [Outcome("7")], hints.clock())
    hints.clock.advance(minutes=1)
    message = {"type": "product_updated", "data": {"sync_product": {"id": 7}}}

    assert hints.hear(EventSource.PRINTFUL, message).note == "1 product will be read again"

    assert hints.due() == []


def test_an_event_that_is_older_than_another_moves_nothing_back(hints: Hints) -> None:
    hints.hear(EventSource.CJ, cj("PRODUCT", pid="shirt"))
    newest = hints.clock()
    hints.clock.now -= timedelta(seconds=30)
    hints.hear(EventSource.CJ, cj("PRODUCT", pid="shirt"), "e-2")
    assert {each.hinted_at for each in hints.watches("cj")} == {newest, None}


def test_what_fails_again_and_again_is_not_asked_sooner_for_a_hint(hints: Hints) -> None:
    with hints.database.write() as records:
        records.connection.execute(update(watched_product).values(failures=3))
    hints.hear(EventSource.CJ, cj("PRODUCT", pid="shirt"))
    assert hints.due() == []


@pytest.mark.parametrize(
    ("source", "message", "note"),
    [
        (EventSource.CJ, cj("PRODUCT", pid="stranger"), NOTHING),
        (EventSource.CJ, cj("PRODUCT"), NOTHING),
        (EventSource.CJ, cj("ORDER", cjOrderId="1"), NOTHING),
        (EventSource.CJ, b"{", "the webhook is not one of CJ's messages"),
        (EventSource.PRINTFUL, {"type": "stock_updated"}, NOTHING),
        (EventSource.PRINTFUL, b"[]", "the webhook is not one of Printful's events"),
        (
            EventSource.ALIEXPRESS,
            {"message_type": 18, "data": {"orderId": 5}},
            NOTHING,
        ),
        (EventSource.ALIEXPRESS, b"\xff", "the push is not one of AliExpress's messages"),
        (EventSource.CJ, {"type": "OTHER", "params": {}}, "speaks of other, which is not followed"),
        (EventSource.SEVENTEEN_TRACK, {}, NO_PARCEL),
        (EventSource.SEVENTEEN_TRACK, b"{", NO_PARCEL),
        (EventSource.AFTERSHIP, {"msg": {"tracking_number": "stranger"}}, NO_PARCEL),
        (EventSource.AFTERSHIP, {}, NO_PARCEL),
        (EventSource.SHIP24, {}, NO_PARCEL),
    ],
)
def test_an_event_that_names_no_product_of_ours_is_kept_and_ignored(
    hints: Hints, source: EventSource, message: Any, note: str
) -> None:
    event = hints.hear(source, message)
    assert (event.status, event.note) == (InboxStatus.IGNORED, note)
    assert hints.due() == []
    assert hints.inbox.count_due() == 0


def test_more_references_than_a_database_takes_at_once_are_looked_up(hints: Hints) -> None:
    many: dict[str, Any] = {f"stranger-{number}": [] for number in range(40_000)}
    event = hints.hear(EventSource.CJ, cj("STOCK", **many, **{"mug-m": []}))
    assert event.note == "2 products will be read again"


def test_every_source_of_events_but_stripe_has_a_handler(
    database: Database, clock: FixedClock
) -> None:
    handled = supplier_handlers(database, clock) | tracker_handlers(clock)
    assert set(EventSource) - set(handled) == {EventSource.STRIPE}
