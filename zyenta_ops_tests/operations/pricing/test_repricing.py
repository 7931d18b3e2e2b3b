from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.sync import SyncStatus
from zyenta_ops.persistence.schema import sync_log
from zyenta_ops_tests.operations.pricing.shop import SUPPLIER, Shop


def test_a_first_price_is_applied_and_remembered_with_everything_it_was_made_of(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    report = shop.reprice()
    (store,) = report.stores
    assert (store.store, store.status, store.priced, store.applied, store.moved) == (
        "My Shop", SyncStatus.COMPLETED, 1, 1, 1,
    )  # fmt: skip
    row = shop.variant(shirt)
    assert (row.price_minor, row.floor_minor, row.compare_at_minor) == (1499, 1000, None)
    assert (row.priced_cost_minor, row.priced_locked) == (1000, False)
    (decision,) = shop.decisions()
    assert (decision.outcome, decision.status, decision.currency) == ("APPLIED", "APPLIED", "EUR")
    assert (decision.previous_minor, decision.price_minor, decision.published_minor) == (
        None, 1499, 1499,
    )  # fmt: skip
    assert (decision.offer_id, decision.offer_revision, decision.run_id) == (
        row.offer_id,
        1,
        "run-1",
    )
    assert decision.priced_with == row.priced_with
    assert decision.inputs["cost_minor"] == 1000
    assert decision.inputs["cost_currency"] == "EUR"
    assert decision.inputs["rate"] is None
    assert [step["name"] for step in decision.steps] == [
        "cost", "landed cost", "target", "break-even", "floor", "ending", "outcome",
    ]  # fmt: skip
    assert shop.moves() == [(None, 1499, "EUR")]
    (move,) = report.moves
    assert (move.store, move.title) == ("My Shop", "Shirt-My-Shop")
    assert (move.before, move.after) == (None, Money(1499, "EUR"))


def test_pricing_again_touches_nothing(shop: Shop) -> None:
    shirt = shop.add_variant()
    shop.reprice()
    before = shop.variant(shirt)
    shop.clock.advance(minutes=15)
    assert shop.reprice_one().priced == 0
    assert shop.variant(shirt) == before
    assert len(shop.decisions()) == len(shop.moves()) == 1


def test_a_cost_that_moved_moves_the_price(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "11.50 EUR")
    assert shop.reprice_one().applied == 1
    assert shop.price(shirt) == 1699
    assert shop.variant(shirt).floor_minor == 1150
    assert shop.moves() == [(None, 1499, "EUR"), (1499, 1699, "EUR")]


def test_a_variant_that_was_never_synced_gets_no_price(shop: Shop) -> None:
    shirt = shop.add_variant(cost=None)
    assert shop.reprice_one().priced == 0
    assert shop.price(shirt) is None
    assert shop.pricing.suppliers_to_reprice() == []


def test_a_cost_of_zero_is_rejected_once_and_the_price_stays(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "0.00 EUR")
    assert shop.reprice_one().rejected == 1
    assert shop.reprice_one().priced == 0
    row = shop.variant(shirt)
    assert (row.price_minor, row.floor_minor) == (1499, 1000)
    assert shop.statuses() == ["APPLIED", "REJECTED"]
    assert shop.decisions()[1].reason == (
        "the supplier's cost is 0.00 EUR; only a cost above zero can be priced"
    )
    shop.cost(shirt, "10.00 EUR")
    assert shop.reprice_one().unchanged == 1
    assert shop.statuses() == ["APPLIED", "SUPERSEDED"]


def test_an_edited_strategy_prices_everything_again(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    assert shop.pricing.suppliers_to_reprice() == []
    shop.strategy({"value": "60"})
    assert shop.pricing.suppliers_to_reprice() == [SUPPLIER]
    assert shop.reprice_one().applied == 1
    assert shop.price(shirt) == 1599
    assert shop.pricing.suppliers_to_reprice() == []


def test_a_strategy_that_says_the_same_in_other_words_prices_nothing(shop: Shop) -> None:
    shop.add_variant()
    shop.reprice()
    shop.strategy({"kind": "MARKUP", "value": "50.00"})
    assert shop.pricing.suppliers_to_reprice() == []
    assert shop.reprice_one().priced == 0


def test_a_change_inside_the_dead_band_keeps_the_price_and_moves_the_floor(shop: Shop) -> None:
    shop.strategy({"dead_band": {"percent": "10"}})
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "10.60 EUR")
    assert shop.reprice_one().unchanged == 1
    row = shop.variant(shirt)
    assert (row.price_minor, row.floor_minor) == (1499, 1060)
    assert len(shop.decisions()) == 1
    assert shop.reprice_one().priced == 0


def test_a_new_list_price_moves_the_crossed_out_price_alone(shop: Shop) -> None:
    shop.strategy({"compare_at": {"rule": "LIST_PRICE"}})
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "10.00 EUR", list_price=2500)
    assert shop.reprice_one().unchanged == 1
    row = shop.variant(shirt)
    assert (row.price_minor, row.compare_at_minor) == (1499, 2499)
    assert len(shop.moves()) == 1


def test_a_foreign_cost_is_converted_and_the_rate_remembered(shop: Shop) -> None:
    shop.rate("EUR", "USD", "1.25", age=timedelta(hours=20))
    shirt = shop.add_variant(cost="10.00 USD")
    shop.reprice()
    assert shop.price(shirt) == 1199  # 8.00 EUR and half as much again
    (decision,) = shop.decisions()
    assert decision.inputs["rate"] == {
        "factor": "4/5",
        "legs": [
            {
                "base": "EUR",
                "quote": "USD",
                "rate": "1.25",
                "as_of": "2026-11-01T16:00:00+00:00",
                "source": "test",
            }
        ],
    }


def test_a_store_in_yen_prices_costs_in_dollars(shop: Shop) -> None:
    shop.add_store("tokyo", currency="JPY", ship_to_country="JP")
    shop.rate("EUR", "USD", "1.25")
    shop.rate("EUR", "JPY", "160")
    cup = shop.add_variant("cup", "10.00 USD", shop="tokyo")
    (report,) = shop.reprice(store_ids=("store-tokyo",)).stores
    assert report.applied == 1
    assert shop.price(cup) == 1880  # 1,280 yen and half as much again is 1,920
    assert shop.variant(cup).floor_minor == 1280
    assert shop.moves() == [(None, 1880, "JPY")]


def test_a_new_rate_prices_foreign_costs_again_and_no_others(shop: Shop) -> None:
    shop.rate("EUR", "USD", "1.25", age=timedelta(hours=20))
    foreign = shop.add_variant("cup", "10.00 USD")
    domestic = shop.add_variant("shirt", "10.00 EUR")
    shop.reprice()
    shop.rate("EUR", "USD", "1.12")
    assert shop.pricing.suppliers_to_reprice() == [SUPPLIER]
    assert shop.reprice_one().priced == 1
    assert (shop.price(foreign), shop.price(domestic)) == (1299, 1499)
    assert shop.pricing.suppliers_to_reprice() == []


def test_a_rate_confirmed_at_a_later_date_prices_nothing(shop: Shop) -> None:
    shop.rate("EUR", "USD", "1.25", age=timedelta(hours=20))
    shop.add_variant(cost="10.00 USD")
    shop.reprice()
    shop.rate("EUR", "USD", "1.2500")
    assert shop.pricing.suppliers_to_reprice() == []
    assert shop.reprice_one().priced == 0


def test_a_missing_rate_rejects_the_variant_once_until_there_is_one(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 USD")
    assert shop.reprice_one().rejected == 1
    assert shop.reprice_one().priced == 0
    assert shop.pricing.suppliers_to_reprice() == []
    (decision,) = shop.decisions()
    assert (decision.status, decision.price_minor) == ("REJECTED", None)
    assert decision.reason == (
        "there is no exchange rate from USD to EUR; load one and price again"
    )
    assert shop.price(shirt) is None
    shop.rate("EUR", "USD", "1.25")
    assert shop.pricing.suppliers_to_reprice() == [SUPPLIER]
    assert shop.reprice_one().applied == 1
    assert shop.price(shirt) == 1199
    assert shop.statuses() == ["SUPERSEDED", "APPLIED"]


def test_a_rate_grown_old_leaves_prices_alone_and_rejects_what_must_be_priced(shop: Shop) -> None:
    shop.rate("EUR", "USD", "1.25")
    kept, moved = (shop.add_variant(ref, "10.00 USD") for ref in ("cup", "shirt"))
    shop.reprice()
    shop.clock.advance(days=7)
    assert shop.pricing.suppliers_to_reprice() == []
    assert shop.reprice_one().priced == 0
    shop.cost(moved, "11.00 USD")
    assert shop.reprice_one().rejected == 1
    assert (shop.price(kept), shop.price(moved)) == (1199, 1199)
    assert shop.decisions(moved)[1].reason == (
        "the newest exchange rate from USD to EUR is 168 h old, more than the 144 h allowed;"
        " load a newer one and price again"
    )
    shop.rate("EUR", "USD", "1.25")
    assert shop.reprice_one().priced == 1
    assert shop.price(moved) == 1299


def test_only_active_stores_of_the_scope_are_priced(shop: Shop) -> None:
    shop.add_store("fast", sync_frequency="HIGH")
    shop.add_store("paused", status="PAUSED")
    fast, slow, paused = (shop.add_variant(shop=name) for name in ("fast", "my-shop", "paused"))
    report = shop.reprice(store_ids=("store-fast", "store-paused"))
    assert [store.store for store in report.stores] == ["Fast"]
    assert (shop.price(fast), shop.price(slow), shop.price(paused)) == (1499, None, None)
    shop.reprice()
    assert (shop.price(slow), shop.price(paused)) == (1499, None)
    assert shop.pricing.suppliers_to_reprice() == []


def test_stores_beyond_the_time_budget_stay_due(shop: Shop) -> None:
    shop.add_store("fast", sync_frequency="HIGH")
    fast, slow = (shop.add_variant(shop=name) for name in ("fast", "my-shop"))
    shop.pricing = replace(shop.pricing, clock=_Ticking(shop))
    report = shop.reprice(budget_seconds=1)
    assert ([store.store for store in report.stores], report.left) == (["Fast"], 1)
    assert (shop.price(fast), shop.price(slow)) == (1499, None)


def test_a_store_with_an_unreadable_strategy_fails_alone(shop: Shop) -> None:
    shop.add_store("broken", pricing_strategy={"valeu": "50"})
    shirt, broken = (shop.add_variant(shop=name) for name in ("my-shop", "broken"))
    report = shop.reprice()
    outcomes = {store.store: store for store in report.stores}
    assert outcomes["My Shop"].applied == 1
    assert outcomes["Broken"].status is SyncStatus.FAILED
    assert outcomes["Broken"].error == (
        "the pricing strategy of store 'Broken' is not valid: there is no field 'valeu';"
        " correct or remove it; set a new one with `zyenta-ops store strategy`"
    )
    assert report.failed == 1
    assert (shop.price(shirt), shop.price(broken)) == (1499, None)
    assert shop.pricing.suppliers_to_reprice() == []


def test_the_sync_log_tells_what_was_priced(shop: Shop) -> None:
    shop.add_variant()
    shop.reprice()
    with shop.database.read() as records:
        (row,) = records.connection.execute(select(sync_log)).all()
    assert (row.type, row.status, row.processed, row.changed, row.failed, row.run_id) == (
        "PRICE", "COMPLETED", 1, 1, 0, "run-1",
    )  # fmt: skip
    assert row.metadata["applied"] == 1


@dataclass
class _Ticking:
    """A clock that moves a second each time it is asked."""

    shop: Shop

    def __call__(self) -> datetime:
        self.shop.clock.advance(seconds=1)
        return self.shop.clock.now
