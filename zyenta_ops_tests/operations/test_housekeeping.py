"""What is over is forgotten in time; what anything in force points to never is."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from zyenta_ops.adapters.storage.folder import FolderStore
from zyenta_ops.domain.retention import Remembered
from zyenta_ops.operations.housekeeping import Forgotten, Housekeeping
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    alert,
    alert_subject,
    catalog_sweep,
    inbox_event,
    offer_observation,
    outbox_message,
    price_decision,
    product_change,
    product_variant,
    sync_log,
    watched_product,
)
from zyenta_ops_tests.builders import a_change
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.sweeping import SUPPLIER, Feed, offered, opened, range_of

MY_SHOP = "store-my-shop"
SHIRT = f"{MY_SHOP}:shirt/m"
HAT = f"{MY_SHOP}:hat/m"


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


@pytest.fixture
def objects(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def house(feed: Feed, clock: FixedClock, objects: FolderStore) -> Housekeeping:
    """Batches of two, so that every table takes several."""
    return Housekeeping(feed.database, clock, objects, batch=2)


def forgotten(done: Forgotten) -> dict[str, int]:
    return {name: number for name, number in done.counts.items() if number}


def put(feed: Feed, table: Table, *rows: dict[str, Any]) -> None:
    with feed.database.write() as records:
        for row in rows:
            records.connection.execute(insert(table).values(**row))


def ids(feed: Feed, table: Table, column: str = "id") -> list[str]:
    with feed.database.read() as records:
        return sorted(records.connection.execute(select(table.c[column])).scalars())


def a_decision(feed: Feed, key: str, status: str, at: datetime, **columns: Any) -> None:
    with feed.database.read() as records:
        offer = records.connection.execute(
            select(product_variant.c.offer_id).where(product_variant.c.id == SHIRT)
        ).scalar_one()
    row = {
        "id": key,
        "variant_id": SHIRT,
        "store_id": MY_SHOP,
        "outcome": "APPLIED",
        "status": status,
        "currency": "EUR",
        "reason": "because",
        "inputs": {},
        "steps": [],
        "priced_with": "mark",
        "offer_id": offer,
        "decided_at": at,
    }
    put(feed, price_decision, row | columns)


def observed(feed: Feed) -> list[tuple[int, str]]:
    """(sweep, product) of every observation, sorted."""
    query = select(catalog_sweep.c.sequence, offer_observation.c.product_ref).join(catalog_sweep)
    with feed.database.read() as records:
        return sorted((number, ref) for number, ref in records.connection.execute(query))


def three_sweeps(feed: Feed, clock: FixedClock) -> None:
    """A shirt and a hat that cost more each day, and belts that never changed."""
    for cost in (1_000, 1_100, 1_200):
        feed.offers(
            offered("shirt", cost=cost),
            offered("hat", cost=cost),
            *[offered(f"belt{number}") for number in range(3)],
        )
        clock.advance(days=1)


def test_an_observation_stays_while_an_offer_or_a_decision_is_made_of_it(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    three_sweeps(feed, clock)
    opened(feed)
    a_decision(feed, "in-force", "APPLIED", clock(), offer_revision=2)
    before = observed(feed)
    assert Counter(number for number, _ in before) == {1: 5, 2: 2, 3: 2}

    clock.advance(days=361)
    assert forgotten(house.forget(60)) == {}
    assert observed(feed) == before

    clock.advance(days=10)
    done = house.forget(60)

    assert observed(feed) == [
        (1, "belt0"),
        (1, "belt1"),
        (1, "belt2"),
        (2, "shirt"),
        (3, "hat"),
        (3, "shirt"),
    ]
    assert (forgotten(done), done.left) == ({"offer_observation": 3}, False)
    assert feed.stocks() == dict.fromkeys(feed.stored(), 5)
    assert feed.offers(offered("shirt", cost=1_300)).counts.changed == 1


def test_an_event_is_forgotten_when_it_was_settled_long_ago_and_no_other_ever(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    def event(name: str, status: str, settled_at: datetime | None) -> dict[str, Any]:
        return {
            "id": name,
            "source": "stripe",
            "event_id": name,
            "type": "charge.refunded",
            "body": b"{}",
            "via": "POLL",
            "verified": True,
            "status": status,
            "received_at": clock() - timedelta(days=100),
            "next_attempt_at": clock() - timedelta(days=100),
            "processed_at": settled_at,
        }

    old, late = clock() - timedelta(days=91), clock() - timedelta(days=89)
    put(
        feed,
        inbox_event,
        event("processed", "PROCESSED", old),
        event("ignored", "IGNORED", old),
        event("ignored-too", "IGNORED", old),
        event("processed-late", "PROCESSED", late),
        event("parked", "PARKED", old),
        event("waiting", "RECEIVED", None),
    )

    assert forgotten(house.forget(60)) == {"inbox_event": 3}

    assert ids(feed, inbox_event) == ["parked", "processed-late", "waiting"]


def test_a_sweep_is_forgotten_with_its_last_observation_and_the_last_believed_one_never(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    for stock in (1, 2, 2, 2):
        feed.offers(offered("shirt", stock=stock))
        clock.advance(days=1)
    assert feed.statuses() == ["PROMOTED", "PROMOTED", "UNCHANGED", "UNCHANGED"]

    clock.advance(days=400)
    done = house.forget(60)

    assert forgotten(done) == {"offer_observation": 1, "catalog_sweep": 2}
    assert feed.statuses() == ["PROMOTED", "UNCHANGED"]
    assert observed(feed) == [(2, "shirt")]
    assert feed.sweep().status == "UNCHANGED"


def test_a_catalogue_in_quarantine_waits_and_what_dead_sweeps_staged_goes(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    feed.offers(*range_of(20))
    feed.offers(*range_of(20, stock=0))
    assert feed.statuses() == ["PROMOTED", "QUARANTINED"]
    put(
        feed,
        catalog_sweep,
        *[
            {
                "id": f"dead-{status}",
                "supplier_key": SUPPLIER,
                "sequence": number,
                "base_sequence": 1,
                "status": status,
                "counts": {},
                "reasons": [],
                "rejections": [],
                "started_at": clock(),
                "finished_at": None if status == "RUNNING" else clock(),
            }
            for number, status in ((3, "RUNNING"), (4, "FAILED"))
        ],
    )
    with feed.database.write() as records:
        row = dict(records.connection.execute(select(offer_observation).limit(1)).mappings().one())
        for dead in ("dead-RUNNING", "dead-FAILED"):
            records.connection.execute(insert(offer_observation).values(row | {"sweep_id": dead}))

    assert forgotten(house.forget(60)) == {"offer_observation": 1}
    assert feed.statuses()[1:] == ["QUARANTINED", "RUNNING", "FAILED"]

    clock.advance(days=91)
    assert forgotten(house.forget(60)) == {"offer_observation": 1}
    assert feed.statuses() == ["PROMOTED", "QUARANTINED", "SUPERSEDED", "FAILED"]
    assert Counter(number for number, _ in observed(feed)) == {1: 20, 2: 20}
    assert feed.catalog().accept_quarantined(SUPPLIER).status == "PROMOTED"


def test_the_decision_that_made_the_price_on_sale_stays_and_so_do_open_ones(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    feed.offers(offered("shirt"))
    opened(feed)
    day = timedelta(days=1)
    statuses = ("APPLIED", "SUPERSEDED", "DECLINED", "APPROVED", "DECLINED", "WAITING")
    for number, status in enumerate(statuses):
        a_decision(feed, f"{number}-{status}", status, clock() + number * day)

    clock.advance(days=400)
    done = house.forget(60)

    assert forgotten(done) == {"price_decision": 3}
    assert ids(feed, price_decision) == ["3-APPROVED", "4-DECLINED", "5-WAITING"]


def test_the_last_sync_of_a_store_that_went_well_stays(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    feed.offers(offered("shirt"))
    opened(feed)
    kinds = [
        ("COMPLETED", "INVENTORY"),
        ("FAILED", "INVENTORY"),
        ("PARTIAL", "FULL"),
        ("COMPLETED", "PRICE"),
        ("FAILED", "INVENTORY"),
        ("STARTED", "INVENTORY"),
    ]
    put(
        feed,
        sync_log,
        *[
            {
                "id": f"{number}",
                "store_id": MY_SHOP,
                "supplier_key": SUPPLIER,
                "type": kind,
                "status": status,
                "metadata": {},
                "started_at": clock() + timedelta(days=number),
            }
            for number, (status, kind) in enumerate(kinds)
        ],
    )

    clock.advance(days=100)
    done = house.forget(60)

    assert forgotten(done) == {"sync_log": 2}
    assert ids(feed, sync_log) == ["2", "3", "4", "5"]


def test_alerts_go_with_what_they_name_and_messages_after_their_alert(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    opened(feed)
    times = {"created_at": clock(), "updated_at": clock()}
    statuses = {"over": "RESOLVED", "open": "OPEN", "seen": "ACKNOWLEDGED"}
    for key, status in statuses.items():
        told = {
            "type": "STOCK_OUT",
            "severity": "CRITICAL",
            "dedupe_key": key,
            "title": key,
            "message": key,
            "metadata": {},
            "opened_at": clock(),
        }
        resolved = clock() if status == "RESOLVED" else None
        put(feed, alert, {"id": key, "status": status, "resolved_at": resolved} | told | times)
        for variant in (SHIRT, HAT):
            name = {"alert_id": key, "store_id": MY_SHOP, "supplier_key": SUPPLIER}
            of = {"variant_id": variant, "product_id": variant.removesuffix("/m")}
            put(feed, alert_subject, name | of | {"cause": "OUT_OF_STOCK", "cleared_at": resolved})
    for key, regarding, status in (
        ("sent-over", "alert:over", "SENT"),
        ("sent-open", "alert:open", "SENT"),
        ("digest", "digest:seen", "SENT"),
        ("withdrawn", None, "WITHDRAWN"),
        ("pending", None, "PENDING"),
    ):
        row = {"channel": "EMAIL", "recipient": "a@example.com", "template": "t", "context": {}}
        what = {"id": key, "dedupe_key": key, "regarding": regarding, "status": status}
        put(feed, outbox_message, row | what | {"next_attempt_at": clock()} | times)

    clock.advance(days=89)
    assert forgotten(house.forget(60)) == {}
    clock.advance(days=2)
    done = house.forget(60)

    assert forgotten(done) == {"alert_subject": 2, "alert": 1, "outbox_message": 3}
    assert ids(feed, alert) == ["open", "seen"]
    assert ids(feed, alert_subject, "alert_id") == ["open", "open", "seen", "seen"]
    assert ids(feed, outbox_message) == ["pending", "sent-open"]


def test_a_change_stays_until_it_was_told(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    feed.offers(offered("shirt"))
    opened(feed)
    with feed.database.write() as records:
        for key, told in (("told", clock()), ("untold", None)):
            a_change(records.connection, key, SHIRT, "STOCK_OUT", told_at=told)

    clock.advance(days=400)

    assert forgotten(house.forget(60))["product_change"] == 1
    assert ids(feed, product_change) == ["untold"]


def test_an_answer_stays_while_a_product_points_to_it_or_it_is_recent(
    feed: Feed, clock: FixedClock, house: Housekeeping, objects: FolderStore, tmp_path: Path
) -> None:
    names = {word: objects.put(word.encode()) for word in ("used", "old", "older", "new")}
    row = {"supplier_key": SUPPLIER, "product_ref": "shirt", "added_at": clock()}
    put(feed, watched_product, row | {"raw": names["used"]})
    for word in ("used", "old", "older"):
        long_ago = (clock() - timedelta(days=91)).timestamp()
        os.utime(tmp_path / "objects" / names[word][:2] / f"{names[word]}.gz", (long_ago,) * 2)
    recently = clock().timestamp()
    os.utime(tmp_path / "objects" / names["new"][:2] / f"{names['new']}.gz", (recently,) * 2)

    assert forgotten(house.forget(60)) == {"answers": 2}

    left = {path.name.removesuffix(".gz") for path in (tmp_path / "objects").glob("*/*")}
    assert left == {names["used"], names["new"]}


def test_when_the_time_is_up_the_rest_is_left_to_the_next_run(
    feed: Feed, clock: FixedClock, house: Housekeeping
) -> None:
    three_sweeps(feed, clock)
    clock.advance(days=400)

    first = house.forget(0)
    assert (forgotten(first), first.left) == ({"offer_observation": 2}, True)
    second = house.forget(60)
    assert (forgotten(second), second.left) == ({"offer_observation": 2, "catalog_sweep": 1}, False)
    third = house.forget(60)
    assert (forgotten(third), third.left) == ({}, False)


def test_a_row_that_is_in_force_again_when_it_comes_to_it_stays(
    feed: Feed, clock: FixedClock
) -> None:
    three_sweeps(feed, clock)
    opened(feed)
    clock.advance(days=400)
    what, before = Remembered.OBSERVATIONS, clock() - timedelta(days=365)
    with feed.database.read() as records:
        keys = records.housekeeping.over(what, before, None, 10)
    assert len(keys) == 4
    a_decision(feed, "late", "APPLIED", clock(), offer_revision=1)

    with feed.database.write() as records:
        assert records.housekeeping.forget(what, before, keys) == 3

    assert (1, "shirt") in observed(feed)


def test_a_shorter_memory_is_a_setting(feed: Feed, clock: FixedClock, house: Housekeeping) -> None:
    three_sweeps(feed, clock)
    clock.advance(days=8)
    short = replace(house, retention=replace(house.retention, history=timedelta(days=7)))

    assert forgotten(short.forget(60)) == {"offer_observation": 4}
