from __future__ import annotations

from datetime import timedelta

import pytest

from zyenta_ops.sandbox.clock import START, Clock
from zyenta_ops.sandbox.faults import MOVES
from zyenta_ops.sandbox.products import Catalogue


def catalogue(seed: str = "7/cj", products: int = 60) -> Catalogue:
    return Catalogue.from_seed(seed, products, Clock.standing())


def test_the_same_seed_gives_the_same_products_and_the_same_fate() -> None:
    one, two, other = catalogue(), catalogue(), catalogue("8/cj")
    for each in (one, two, other):
        for move in MOVES:
            each.move(move, 3)

    assert one.products == two.products
    assert one.products != other.products


def test_thousands_of_products_are_all_different() -> None:
    made = catalogue(products=5_000).products

    assert len({product.title for product in made.values()}) == 5_000
    numbers = [variant.number for product in made.values() for variant in product.variants]
    assert len(set(numbers)) == len(numbers) > 10_000


def test_a_variant_is_found_by_its_number_while_it_is_offered() -> None:
    made = catalogue()
    product = next(p for p in made.products.values() if len(p.variants) > 1)
    variant = product.variants[1]

    assert made.variant(variant.number) == (product, variant)
    variant.offered = False
    assert made.variant(variant.number) is None


def test_selling_out_and_restocking_touch_as_many_as_asked() -> None:
    made = catalogue()

    sold_out = made.sell_out(4)

    assert [sum(v.units for v in product.variants) for product in sold_out] == [0] * 4
    empty = [p for p in made.on_sale() if not any(v.units for v in p.variants)]
    assert made.restock(1_000) != []
    assert all(any(v.units for v in product.variants) for product in empty)


def test_prices_jump_by_the_percentage_and_the_list_price_stays_above() -> None:
    made = catalogue()
    before = {v.number: v.price for p in made.products.values() for v in p.variants}

    (product,) = made.price_jump(1, 50)

    assert [v.price for v in product.variants] == [
        before[v.number] * 150 // 100 for v in product.variants
    ]
    assert all(v.list_price >= v.price for v in product.variants)


def test_a_change_is_dated_and_noted() -> None:
    clock = Clock.standing()
    made = Catalogue.from_seed("7/cj", 20, clock)
    clock.advance(timedelta(hours=1))

    (product,) = made.delist(1)

    assert product.changed_at == START + timedelta(hours=1)
    assert made.changed == [(product, None, "status")]
    assert product not in made.on_sale()
    assert made.product(product.number) is product


def test_no_more_is_taken_than_there_is() -> None:
    made = catalogue()
    variant = made.products[1].variants[0]
    variant.stock = {"CN": 3}

    assert not made.take(variant, "CN", 4)
    assert not made.take(variant, "US", 1)
    assert variant.stock == {"CN": 3}
    assert made.take(variant, "CN", 3)
    assert variant.stock == {"CN": 0}


@pytest.mark.parametrize("move", MOVES)
def test_a_move_of_nothing_changes_nothing(move: str) -> None:
    made = catalogue()

    assert made.move(move, 0) == []
    assert made.products == catalogue().products
