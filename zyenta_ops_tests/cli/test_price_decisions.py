import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli.prices import prices
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.pricing.shop import Shop


@pytest.fixture
def shop(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    """A shop with two prices that wait and one that is blocked."""
    shop = Shop(sqlite_database, clock, new_id)
    shop.add_store()
    for ref, cost in (("cup", "18.00 EUR"), ("hat", "19.00 EUR"), ("mug", "50.00 EUR")):
        variant = shop.add_variant(ref, "10.00 EUR")
        shop.reprice()
        shop.cost(variant, cost)
    shop.reprice()
    return shop


def call(shop: Shop, *arguments: str) -> Result:
    operations = SimpleNamespace(pricing=shop.pricing)
    wiring = SimpleNamespace(operations=lambda: operations)
    return CliRunner().invoke(prices, list(arguments), obj=wiring)


def open_ids(shop: Shop) -> list[str]:
    return [each.id for each in shop.decisions() if each.status in ("WAITING", "BLOCKED")]


def test_pending_prices_are_listed_for_people(shop: Shop) -> None:
    result = call(shop, "pending")
    assert result.exit_code == 0
    for text in (*open_ids(shop), "my-shop", "WAITING", "BLOCKED", "14.99", "26.99"):
        assert text in result.stdout


def test_pending_prices_are_listed_for_programs(shop: Shop) -> None:
    result = call(shop, "pending", "--store", "my-shop", "--limit", "1", "--json")
    assert result.exit_code == 0
    (listed,) = json.loads(result.stdout)
    assert (listed["store"], listed["product"]) == ("my-shop", "Cup-My-Shop")
    assert listed["decision"]["price"] == {"minor": 2699, "currency": "EUR"}
    assert listed["decision"]["status"] == "WAITING"


def test_pending_says_so_when_nothing_waits(shop: Shop) -> None:
    for decision in open_ids(shop):
        shop.pricing.decline(decision)
    assert call(shop, "pending").stdout == "No price waits for a person.\n"


def test_prices_are_approved_by_id(shop: Shop) -> None:
    cup, _, mug = open_ids(shop)
    result = call(shop, "approve", cup, mug)
    assert result.exit_code == 0
    assert result.stdout == (
        "Cup-My-Shop in my-shop sells at 26.99 EUR now.\n"
        "Mug-My-Shop in my-shop sells at 74.99 EUR now.\n"
    )
    assert (shop.price("cup-my-shop"), shop.price("mug-my-shop")) == (2699, 7499)


def test_a_refusal_comes_after_what_was_approved_before_it(shop: Shop) -> None:
    cup, hat, _ = open_ids(shop)
    result = call(shop, "approve", cup, "nothing", hat)
    assert result.exit_code == 1
    assert result.stdout == "Cup-My-Shop in my-shop sells at 26.99 EUR now.\n"
    assert "there is no price decision 'nothing'" in result.stderr
    assert (shop.price("cup-my-shop"), shop.price("hat-my-shop")) == (2699, 1900)


def test_all_waiting_prices_of_a_store_are_approved(shop: Shop) -> None:
    result = call(shop, "approve", "--all", "--store", "my-shop", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["store"], told["approved"], told["outdated"]) == ("My Shop", 2, 0)
    assert (shop.price("cup-my-shop"), shop.price("mug-my-shop")) == (2699, 5000)


def test_out_of_date_prices_are_counted(shop: Shop) -> None:
    shop.cost("hat-my-shop", "20.00 EUR")
    assert call(shop, "approve", "--all", "--store", "my-shop").stdout == (
        "1 prices of My Shop are on sale now.\n"
        "1 were out of date; the next pricing run decides them anew.\n"
    )


@pytest.mark.parametrize(
    "arguments", [[], ["--all"], ["--store", "my-shop"], ["--all", "--store", "my-shop", "ID"]]
)
def test_approving_wants_ids_or_all_of_a_store(shop: Shop, arguments: list[str]) -> None:
    result = call(shop, "approve", *arguments)
    assert result.exit_code == 2
    assert "Give the IDs of decisions, or --all and a --store." in result.stderr
    assert len(open_ids(shop)) == 3


def test_a_price_is_declined_with_a_note(shop: Shop) -> None:
    decision = open_ids(shop)[0]
    result = call(shop, "decline", decision, "--note", "too dear")
    assert (result.exit_code, result.stdout) == (0, "Cup-My-Shop in my-shop stays at 18.00 EUR.\n")
    (declined,) = [each for each in shop.decisions() if each.id == decision]
    assert (declined.status, declined.note) == ("DECLINED", "too dear")


def test_the_history_of_a_variant_shows_every_step(shop: Shop) -> None:
    result = call(shop, "history", "cup-my-shop")
    assert result.exit_code == 0
    assert result.stdout.index("WAITING") < result.stdout.index("APPLIED")
    assert "the floor, until a person decides: 14.99 EUR is below it" in result.stdout
    told = json.loads(call(shop, "history", "cup-my-shop", "--limit", "1", "--json").stdout)
    assert [each["decision"]["status"] for each in told] == ["WAITING"]
    assert told[0]["decision"]["inputs"]["cost_minor"] == 1800


def test_the_history_of_no_variant_is_refused(shop: Shop) -> None:
    result = call(shop, "history", "nothing")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no variant 'nothing'" in result.stderr


def test_the_history_is_found_by_what_tables_show(shop: Shop) -> None:
    expected = call(shop, "history", "cup-my-shop").stdout
    assert expected.startswith("Cup-My-Shop, M in my-shop: variant cup-my-shop\n")
    for names in ([open_ids(shop)[0]], ["cup-my-shop", "--store", "my-shop"]):
        result = call(shop, "history", *names)
        assert (result.exit_code, result.stdout) == (0, expected)
    result = call(shop, "history", "cup-my-shop", "--store", "my-shp")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no store 'my-shp'; did you mean my-shop?" in result.stderr


def test_ids_of_pending_prices_are_whole(shop: Shop) -> None:
    lines = call(shop, "pending").stdout.splitlines()
    shown = [line.split()[0] for line in lines if line.strip().startswith("id-")]
    assert shown == open_ids(shop)
