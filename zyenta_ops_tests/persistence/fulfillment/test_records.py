"""Supplier orders on both engines: read as stored, claimed by one, found by their indexes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment import (
    ActionReason,
    Attempt,
    AttemptKind,
    AttemptOutcome,
    Quote,
    Shipment,
    SpendState,
    Stage,
    SupplierOrder,
)
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.domain.supplier_orders import Parcel, ParcelEvent, ParcelState
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports import Repositories
from zyenta_ops.ports.fulfillment import Claimed
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.domain.fulfillment.making import an_external
from zyenta_ops_tests.operations.fulfillment.planning_shop import planned
from zyenta_ops_tests.operations.fulfillment.shop import Shop

LEASE = timedelta(minutes=10)


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    return Shop(database, clock, new_id)


def stored(shop: Shop, it: SupplierOrder) -> SupplierOrder:
    with shop.database.read() as records:
        found = records.fulfillment.of_order(it.order_id)
    return next(each for each in found if each.id == it.id)


def claim(shop: Shop, limit: int = 10) -> list[Claimed]:
    with shop.database.write() as records:
        now = shop.clock()
        return list(records.fulfillment.claim(limit, now, now + LEASE))


def test_a_supplier_order_is_read_as_it_was_stored(shop: Shop) -> None:
    it = planned(shop)["cj"]
    now = shop.clock()
    event_ = ParcelEvent(now, "Departed", "Shenzhen", ParcelState.IN_TRANSIT)
    parcel = Parcel(
        "A 1", "Carrier", "https://t.example/1", ParcelState.IN_TRANSIT, "x", (event_,), now
    )
    whole = replace(
        it,
        stage=Stage.NEEDS_ACTION,
        reason=ActionReason.LATE_DELIVERY,
        stuck_in=Stage.SHIPPED,
        account_id="login-cj",
        note="late",
        quote=Quote(_usd(25_00), _usd(3_00), _usd(24_00), "SLOW", "Slow", "CN", 20),
        attempts=1,
        failures=2,
        claims=3,
        negatives=1,
        reserves=False,
        version=7,
        external=(an_external(external_id="F1", total=_usd(28_00), pay_until=now, seen_at=now),),
        shipments=(Shipment("s-1", "F1", parcel, now, now),),
        attempt=Attempt(
            1, AttemptKind.PLACE, "hash", {"lines": []}, now, "", now, AttemptOutcome.ACCEPTED
        ),
        **dict.fromkeys(
            (
                *("eligible_at", "sent_at", "unwanted_at", "placed_at", "confirmed_at"),
                *("shipped_at", "delivered_at", "settle_until", "cancel_refused_at"),
                *("next_check_at", "deadline_at", "lease_until"),
            ),
            now,
        ),
    )
    with shop.database.write() as records:
        assert records.fulfillment.save(whole, it.version, now)
        records.fulfillment.put_external(whole, whole.external, now)
        records.fulfillment.put_shipments(whole, whole.shipments, now)
        assert whole.attempt is not None
        records.fulfillment.put_attempt(it.id, whole.attempt)

    assert stored(shop, it) == whole


def test_of_two_who_store_the_same_version_one_does(shop: Shop) -> None:
    it = planned(shop)["cj"]
    with shop.database.write() as records:
        assert records.fulfillment.save(replace(it, version=1, note="a"), 0, shop.clock())
        assert not records.fulfillment.save(replace(it, version=1, note="b"), 0, shop.clock())

    assert stored(shop, it).note == "a"


def test_a_claim_is_nobody_elses_until_its_lease_is_over(shop: Shop) -> None:
    planned(shop)
    first = claim(shop)

    assert len(first) == 2
    assert claim(shop) == []
    shop.clock.advance(minutes=10)
    again = claim(shop)
    assert [each.id for each in again] == [each.id for each in first]
    assert [each.version for each in again] == [each.version + 1 for each in first]
    with shop.database.read() as records:
        (it, _) = records.fulfillment.of_order(first[0].order_id)
    assert it.claims == 2


def test_those_who_claim_at_once_share_out_what_is_due(shop: Shop) -> None:
    for number in range(10):
        planned(shop, str(number))
    start = Barrier(4)

    def take(_: int) -> list[Claimed]:
        start.wait()
        return [*claim(shop, 3), *claim(shop, 3)]

    with ThreadPoolExecutor(4) as pool:
        taken = [each.id for some in pool.map(take, range(4)) for each in some]

    assert len(taken) == len(set(taken))
    assert len(taken) + len(claim(shop, 100)) == 20


def test_what_changes_an_order_wakes_what_is_bought_for_it_and_is_not_over(shop: Shop) -> None:
    mine = planned(shop)
    done = replace(mine["cj"], stage=Stage.DELIVERED, next_check_at=None, version=1)
    waits = replace(mine["aliexpress"], next_check_at=None, version=1)
    with shop.database.write() as records:
        for each in (done, waits):
            assert records.fulfillment.save(each, 0, shop.clock())
        assert records.fulfillment.count_due(shop.clock()) == 0
        records.fulfillment.wake(done.order_id, shop.clock())
        assert records.fulfillment.count_due(shop.clock()) == 1

    assert [each.id for each in claim(shop)] == [waits.id]


def test_a_supplier_order_is_found_by_any_of_its_names(shop: Shop) -> None:
    it = planned(shop)["cj"]
    now = shop.clock()
    with shop.database.write() as records:
        records.fulfillment.put_external(it, [an_external(external_id="F1")], now)
        parcel = Parcel("trk 1")
        records.fulfillment.put_shipments(it, [Shipment("s-1", "F1", parcel, now)], now)
        named = records.fulfillment.wake_named
        for ref in ("F1", it.client_ref, "TRK1"):
            assert named(SupplierKind.CJ, [ref, "stranger"], now) == 1
            assert named(SupplierKind.ALIEXPRESS, [ref], now) == 0
        assert records.fulfillment.wake_parcels(["TRK 1"], now) == 1
        assert records.fulfillment.owner_of("cj", ["F1", "F2"]) == {"F1": it.id}
        assert records.fulfillment.owner_of("aliexpress", ["F1"]) == {}


def test_an_order_at_a_supplier_belongs_to_one_of_ours_for_good(shop: Shop) -> None:
    first, second = planned(shop, "1")["cj"], planned(shop, "2")["cj"]
    with shop.database.write() as records:
        records.fulfillment.put_external(first, [an_external(external_id="F1")], shop.clock())
        records.fulfillment.put_external(second, [an_external(external_id="F1")], shop.clock())
        assert records.fulfillment.owner_of("cj", ["F1"]) == {"F1": first.id}


def test_a_reference_and_a_number_exist_once(shop: Shop) -> None:
    it = planned(shop)["cj"]
    for twin in (
        replace(it, id="twin", seq=9),
        replace(it, id="twin", client_ref="zy-other"),
    ):
        with pytest.raises(IntegrityError), shop.database.write() as records:
            records.fulfillment.add([twin], shop.clock())


def test_what_needs_action_says_why_and_nothing_else_does(shop: Shop) -> None:
    it = planned(shop)["cj"]
    for wrong in (
        replace(it, stage=Stage.NEEDS_ACTION),
        replace(it, reason=ActionReason.ADDRESS),
    ):
        with pytest.raises(IntegrityError), shop.database.write() as records:
            records.fulfillment.save(wrong, 0, shop.clock())


def test_money_is_set_aside_once_and_is_free_again(shop: Shop) -> None:
    it, other = planned(shop)["cj"], planned(shop, "2")["cj"]
    with shop.database.write() as records:
        ledger = records.fulfillment
        for cost in (500, 700):
            ledger.reserve_spend(it, _usd(cost), "2026-11-02", shop.clock())
        ledger.reserve_spend(other, _usd(100), "2026-11-02", shop.clock())
        assert ledger.spent_on(it.store_id, "2026-11-02", "") == 800
        assert ledger.spent_on(it.store_id, "2026-11-02", it.id) == 100
        assert ledger.spent_on(it.store_id, "2026-11-03", "") == 0
        ledger.settle_spend(it.id, SpendState.SPENT, shop.clock())
        ledger.settle_spend(other.id, None, shop.clock())
        assert ledger.spent_on(it.store_id, "2026-11-02", "") == 700


def test_a_policy_that_is_none_is_said_so(shop: Shop) -> None:
    shop.policy(purchases="SOMETIMES")
    said = pytest.raises(Refused, match="automation policy of store store-my-shop")
    with shop.database.read() as records, said:
        records.fulfillment.policy_of("store-my-shop")


def _usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda records, now: records.fulfillment.count_due(now), "ix_supplier_order_due"),
        (lambda records, now: records.fulfillment.count_unplanned(), "ix_order_unplanned"),
        (lambda records, now: records.fulfillment.unplanned(10), "ix_order_unplanned"),
    ],
    ids=["due", "unplanned", "next unplanned"],
)
def test_what_is_asked_all_the_time_is_answered_from_an_index(
    shop: Shop, ask: Callable[[Repositories, Any], object], index: str
) -> None:
    statements: list[tuple[str, Any]] = []

    def remember(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    with shop.database.read() as records:
        connection = records.connection
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        event.listen(shop.database.engine, "before_cursor_execute", remember)
        ask(records, shop.clock())
        event.remove(shop.database.engine, "before_cursor_execute", remember)
        (statement, parameters), *_ = statements
        how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan = connection.exec_driver_sql(f"{how} {statement}", parameters).all()

    assert index in str(plan)
