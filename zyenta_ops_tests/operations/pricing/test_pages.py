"""A store that takes several pages to price, each of them a transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from zyenta_ops.domain.sync import SyncStatus
from zyenta_ops.persistence.schema import sync_log
from zyenta_ops_tests.fakes import DyingDatabase, Killed
from zyenta_ops_tests.operations.pricing.shop import Shop

PRICES = [199, 299, 399, 599, 699, 899, 999]


@pytest.fixture
def variants(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Seven variants in pages of three."""
    monkeypatch.setattr("zyenta_ops.operations.pricing.repricing.PAGE", 3)
    return [shop.add_variant(f"p{number}", f"{number + 1}.00 EUR") for number in range(7)]


@dataclass
class Interrupted:
    """Gives ids, and does something before the nth."""

    shop: Shop
    at: int
    then: Callable[[], object]
    asked: int = 0

    def __call__(self) -> str:
        self.asked += 1
        if self.asked == self.at:
            self.then()
        return self.shop.new_id()


def logged(shop: Shop) -> list[tuple[str, int, int, str | None]]:
    log = sync_log.c
    with shop.database.read() as records:
        rows = records.connection.execute(
            select(log.status, log.processed, log.failed, log.error).order_by(log.id)
        )
        return [tuple(row) for row in rows]


def test_a_store_larger_than_a_page_is_priced_whole(shop: Shop, variants: list[str]) -> None:
    assert shop.reprice_one().priced == 7
    assert [shop.price(each) for each in variants] == PRICES
    assert len(shop.decisions()) == len(shop.moves()) == 7
    assert logged(shop) == [("COMPLETED", 7, 0, None)]


def test_a_budget_that_ends_within_a_store_leaves_the_rest_of_it_due(
    shop: Shop, variants: list[str]
) -> None:
    reports = [shop.reprice(budget_seconds=0) for _ in range(3)]

    assert [(report.stores[0].status, report.stores[0].priced) for report in reports] == [
        (SyncStatus.PARTIAL, 3),
        (SyncStatus.PARTIAL, 3),
        (SyncStatus.COMPLETED, 1),
    ]
    assert [report.left for report in reports] == [1, 1, 0]
    assert [len(report.moves) for report in reports] == [3, 3, 1]
    assert [shop.price(each) for each in variants] == PRICES
    assert logged(shop) == [
        ("PARTIAL", 3, 0, None),
        ("PARTIAL", 3, 0, None),
        ("COMPLETED", 1, 0, None),
    ]


def test_a_store_that_fails_half_way_keeps_the_prices_made_before(
    shop: Shop, variants: list[str]
) -> None:
    def fail() -> None:
        raise RuntimeError("no id for you")

    # The log asks for an id, a page of three for three of decisions and three of changes.
    shop.pricing = replace(shop.pricing, new_id=Interrupted(shop, 8, fail))
    report = shop.reprice()

    assert (report.stores[0].status, report.stores[0].priced) == (SyncStatus.FAILED, 3)
    assert len(report.moves) == 3
    assert [shop.price(each) for each in variants] == [*PRICES[:3], *[None] * 4]
    assert len(shop.decisions()) == len(shop.moves()) == 3
    assert logged(shop) == [("FAILED", 3, 1, "RuntimeError")]
    assert shop.reprice_one().priced == 4
    assert [shop.price(each) for each in variants] == PRICES


@pytest.mark.parametrize(("at_write", "priced"), [(3, 3), (5, 7)])
def test_prices_made_by_a_killed_run_are_on_record_and_the_next_one_closes_it(
    shop: Shop, variants: list[str], at_write: int, priced: int
) -> None:
    alive = shop.pricing
    shop.pricing = replace(alive, database=DyingDatabase(shop.database, at_write))
    with pytest.raises(Killed):
        shop.reprice()

    assert logged(shop) == [("STARTED", priced, 0, None)]
    assert sum(shop.price(each) is not None for each in variants) == priced

    shop.pricing = alive
    shop.reprice()

    died = "the process that did it died; what it had done stays, and the next sync does the rest"
    assert logged(shop) == [("FAILED", priced, 1, died), ("COMPLETED", 7 - priced, 0, None)]
    assert [shop.price(each) for each in variants] == PRICES


def test_a_strategy_changed_half_way_is_followed_by_all(shop: Shop, variants: list[str]) -> None:
    shop.reprice(budget_seconds=0)
    shop.strategy({"value": "100"})

    assert shop.reprice_one().priced == 7
    assert shop.price(variants[0]) == 199
    assert shop.price(variants[6]) == 1399
    assert shop.pricing.suppliers_to_reprice() == []


def test_a_price_of_every_currency_is_made_in_one_run(shop: Shop, variants: list[str]) -> None:
    shop.rate("USD", "EUR", "0.5")
    dollars = shop.add_variant("dollars", "20.00 USD")

    assert shop.reprice_one().priced == 8
    assert (shop.price(dollars), shop.price(variants[6])) == (1499, 999)
