"""A plan caps what stores ask for, and changes nothing of it."""

from __future__ import annotations

from zyenta_ops.bootstrap.payments import cadence_teller
from zyenta_ops.domain.stores import Cadence, PlanTier, SweepScope, SyncFrequency
from zyenta_ops.operations.stores import Stores
from zyenta_ops_tests.operations.payments.conftest import Shop

OWNER = "my-shop@example.com"
CAPPED = {("store-my-shop", "cadence:store-my-shop"): ["Synced less often than you asked for"]}


def stores_of(shop: Shop) -> Stores:
    return Stores(
        shop.database,
        shop.clock,
        shop.new_id,
        lambda document: document,
        lambda document: document,
        tell_cadence=cadence_teller(shop.told.settle),
    )


def synced_at(shop: Shop, cadence: Cadence) -> list[str]:
    """The stores that a sync of the cadence serves."""
    with shop.database.read() as records:
        found = records.inventory.stores_due("feed-my-shop", SweepScope(cadence=cadence))
        due = records.inventory.suppliers_due(
            SweepScope(cadence=cadence).frequencies(), shop.clock()
        )
    assert ("feed-my-shop" in due) is bool(found)
    return [each.id for each in found]


def test_a_lapse_of_the_plan_slows_a_store_down_and_keeps_what_it_asked_for(shop: Shop) -> None:
    stores = stores_of(shop)
    stores.set_frequency("my-shop", SyncFrequency.HIGH)
    assert synced_at(shop, Cadence.HIGH) == ["store-my-shop"]
    assert synced_at(shop, Cadence.STANDARD) == []

    shop.plans.set_by_hand(OWNER, PlanTier.FREE)
    assert synced_at(shop, Cadence.HIGH) == []
    assert synced_at(shop, Cadence.STANDARD) == ["store-my-shop"]
    assert synced_at(shop, Cadence.FULL) == ["store-my-shop"]
    assert stores.show("my-shop").sync_frequency is SyncFrequency.HIGH
    assert shop.told.now == CAPPED

    # Another plan that allows no more tells nothing new; one that does ends it.
    shop.plans.set_by_hand(OWNER, PlanTier.STARTER)
    assert shop.told.now == CAPPED
    shop.plans.set_by_hand(OWNER, PlanTier.AUTOPILOT)
    assert synced_at(shop, Cadence.HIGH) == ["store-my-shop"]
    assert shop.told.now == {}


def test_whoever_asks_for_less_is_not_told_of_the_cap_any_more(shop: Shop) -> None:
    stores = stores_of(shop)
    stores.set_frequency("my-shop", SyncFrequency.HIGH)
    shop.plans.set_by_hand(OWNER, PlanTier.FREE)

    stores.set_frequency("my-shop", SyncFrequency.STANDARD)

    assert shop.told.now == {}


def test_a_closed_store_and_those_of_others_are_not_told_of(shop: Shop) -> None:
    stores = stores_of(shop)
    for name in ("my-shop", "other-shop"):
        stores.set_frequency(name, SyncFrequency.HIGH)
    stores.close("my-shop")

    shop.plans.set_by_hand(OWNER, PlanTier.FREE)

    assert shop.told.now == {}
    with shop.database.read() as records:
        due = records.inventory.suppliers_due([SyncFrequency.HIGH], shop.clock())
        (fresh,) = records.reporting.freshness()
    assert due == ["feed-other-shop"]
    assert fresh.sync_frequency == "HIGH"
