"""What is on sale while a person decides, and what the merchant has locked."""

from zyenta_ops.domain.money import Money
from zyenta_ops_tests.operations.pricing.shop import SUPPLIER, Shop


def test_a_fall_that_is_too_big_leaves_the_price_alone(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "7.00 EUR")
    result = shop.reprice_one()
    assert (result.waiting, result.moved, result.raised) == (1, 0, 0)
    row = shop.variant(shirt)
    assert (row.price_minor, row.floor_minor) == (1499, 700)
    waiting = shop.decisions()[1]
    assert (waiting.status, waiting.previous_minor) == ("WAITING", 1499)
    assert (waiting.price_minor, waiting.published_minor) == (999, 1499)
    assert waiting.steps[-1]["detail"] == "14.99 EUR stays until a person decides"


def test_a_rise_that_is_too_big_is_applied_up_to_the_floor(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "18.00 EUR")
    result = shop.reprice_one()
    assert (result.waiting, result.moved, result.raised, result.below_floor) == (1, 1, 1, 0)
    row = shop.variant(shirt)
    assert (row.price_minor, row.floor_minor) == (1800, 1800)
    waiting = shop.decisions()[1]
    assert (waiting.status, waiting.previous_minor) == ("WAITING", 1499)
    assert (waiting.price_minor, waiting.published_minor) == (2699, 1800)
    assert waiting.steps[-1]["detail"] == (
        "the floor, until a person decides: 14.99 EUR is below it"
    )
    assert shop.moves() == [(None, 1499, "EUR"), (1499, 1800, "EUR")]
    assert shop.pricing.below_floor() == (0, [])


def test_a_cost_too_high_to_believe_never_sells_at_a_loss_and_heals_by_itself(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "1000.00 EUR")
    assert shop.reprice_one().blocked == 1
    assert shop.price(shirt) == 100_000
    shop.cost(shirt, "10.00 EUR")
    result = shop.reprice_one()
    assert (result.unchanged, result.moved) == (1, 1)
    row = shop.variant(shirt)
    assert (row.price_minor, row.floor_minor) == (1499, 1000)
    assert shop.statuses() == ["APPLIED", "SUPERSEDED", "APPLIED"]
    back = shop.decisions()[2]
    assert (back.outcome, back.price_minor) == ("UNCHANGED", 1499)
    assert back.steps[-1]["detail"] == "the agreed 14.99 EUR is back"
    assert shop.moves()[1:] == [(1499, 100_000, "EUR"), (100_000, 1499, "EUR")]


def test_moves_are_measured_from_the_agreed_price_while_one_waits(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "18.00 EUR")
    shop.reprice()
    shop.cost(shirt, "19.00 EUR")
    assert shop.reprice_one().waiting == 1
    newest = shop.decisions()[2]
    assert (newest.previous_minor, newest.price_minor, newest.published_minor) == (
        1499, 2799, 1900,
    )  # fmt: skip
    assert shop.price(shirt) == 1900
    shop.cost(shirt, "11.50 EUR")
    assert shop.reprice_one().applied == 1
    assert shop.price(shirt) == 1699
    assert shop.statuses() == ["APPLIED", "SUPERSEDED", "SUPERSEDED", "APPLIED"]


def test_the_agreed_price_survives_a_rate_that_goes_missing(shop: Shop) -> None:
    shop.rate("EUR", "USD", "1.00")
    shirt = shop.add_variant(cost="10.00 USD")
    shop.reprice()
    shop.cost(shirt, "18.00 USD")
    shop.reprice()
    shop.clock.advance(days=7)
    shop.cost(shirt, "10.10 USD")
    assert shop.reprice_one().rejected == 1
    assert (shop.price(shirt), shop.decisions()[2].previous_minor) == (1800, 1499)
    shop.rate("EUR", "USD", "1.00")
    assert shop.reprice_one().unchanged == 1
    assert shop.price(shirt) == 1499


def test_the_same_waiting_price_is_recorded_once(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "18.00 EUR")
    shop.reprice()
    before = shop.variant(shirt)
    shop.clock.advance(minutes=15)
    assert shop.reprice_one().priced == 0
    assert shop.variant(shirt) == before
    assert shop.statuses() == ["APPLIED", "WAITING"]


def test_a_crossed_out_price_goes_when_the_floor_rises_past_it(shop: Shop) -> None:
    shop.strategy({"compare_at": {"rule": "PERCENT_ABOVE", "percent": "20"}})
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    assert shop.variant(shirt).compare_at_minor == 1799
    shop.cost(shirt, "18.00 EUR")
    shop.reprice()
    row = shop.variant(shirt)
    assert (row.price_minor, row.compare_at_minor) == (1800, None)


def test_a_locked_price_stays_and_its_floor_follows_the_cost(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.lock(shirt)
    shop.cost(shirt, "18.00 EUR")
    result = shop.reprice_one()
    assert (result.locked, result.below_floor, result.moved) == (1, 1, 0)
    row = shop.variant(shirt)
    assert (row.price_minor, row.floor_minor, row.priced_locked) == (1499, 1800, True)
    assert len(shop.decisions()) == 1
    count, (below,) = shop.pricing.below_floor(SUPPLIER)
    assert (count, below.variant_id, below.locked) == (1, shirt, True)
    assert (below.price, below.floor) == (Money(1499, "EUR"), Money(1800, "EUR"))
    assert shop.pricing.below_floor("another") == (0, [])


def test_locking_ends_what_waited_and_unlocking_prices_again(shop: Shop) -> None:
    shirt = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(shirt, "18.00 EUR")
    shop.reprice()
    shop.lock(shirt)
    assert shop.reprice_one().locked == 1
    assert shop.reprice_one().priced == 0
    assert shop.statuses() == ["APPLIED", "SUPERSEDED"]
    shop.lock(shirt, locked=False)
    assert shop.reprice_one().waiting == 1
    assert shop.decisions()[2].previous_minor == 1800


def test_prices_of_paused_stores_and_archived_products_are_not_below_the_floor(shop: Shop) -> None:
    shop.add_store("paused")
    for name in ("my-shop", "paused"):
        shirt = shop.add_variant(cost="10.00 EUR", shop=name)
        shop.reprice()
        shop.lock(shirt)
        shop.cost(shirt, "18.00 EUR")
    shop.reprice()
    assert shop.pricing.below_floor()[0] == 2
    shop.set_status("store", "store-paused", "PAUSED")
    shop.set_status("product", shop.variant("shirt-my-shop").product_id, "ARCHIVED")
    assert shop.pricing.below_floor() == (0, [])


def test_all_prices_below_the_floor_are_counted_and_the_first_shown(shop: Shop) -> None:
    for number in range(3):
        variant = shop.add_variant(f"p{number}", "10.00 EUR")
        shop.reprice()
        shop.lock(variant)
        shop.cost(variant, "18.00 EUR")
    shop.reprice()
    count, shown = shop.pricing.below_floor(limit=2)
    assert (count, [each.variant_id for each in shown]) == (3, ["p0-my-shop", "p1-my-shop"])
