from __future__ import annotations

from typing import Any

import pytest

from zyenta_ops.adapters.suppliers.feed.amounts import Unusable
from zyenta_ops.adapters.suppliers.feed.quantities import (
    apply_availability,
    is_yes,
    says_some,
    stock_of,
)


@pytest.mark.parametrize(
    ("cell", "stock"),
    [
        ("", None),
        ("  ", None),
        ("0", 0),
        ("12", 12),
        ("12.00", 12),
        ("1,250", 1250),
        ("-3", 0),
        (">10", 10),
        ("> 10", 10),
        ("100+", 100),
        (7, 7),
        ("yes", None),
        ("In Stock", None),
        ("available", None),
        ("no", 0),
        ("Out of stock", 0),
        ("sold-out", 0),
    ],
)
def test_a_stock_cell_is_a_count_or_unknown(cell: Any, stock: int | None) -> None:
    assert stock_of(cell) == stock


@pytest.mark.parametrize("cell", ["lots", "1/2", "12 pcs of 3", "9999999999999"])
def test_a_stock_that_is_no_count_is_refused(cell: str) -> None:
    with pytest.raises(Unusable, match="the stock"):
        stock_of(cell)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", (5, True)),
        ("in stock", (5, True)),
        ("in_stock", (5, True)),
        ("http://schema.org/InStock", (5, True)),
        ("out of stock", (0, True)),
        ("OutOfStock", (0, True)),
        ("backorder", (5, True)),
        ("preorder", (5, False)),
        ("discontinued", (5, False)),
        ("37", (37, True)),
    ],
)
def test_availability_in_words_bears_on_the_stock(
    word: str, expected: tuple[int | None, bool]
) -> None:
    assert apply_availability(5, word) == expected


def test_a_backorder_at_zero_is_no_limit() -> None:
    assert apply_availability(0, "backorder") == (None, True)


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(Unusable, match="the availability 'maybe' is not known"):
        apply_availability(5, "maybe")
    for word in ("²", "--5", "9" * 5_000):
        with pytest.raises(Unusable, match="is not known"):
            apply_availability(5, word)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("true", True),
        ("ACTIVE", True),
        (1, True),
        ("false", False),
        ("draft", False),
        ("0", False),
        ("deny", False),
        ("continue", True),
        (False, False),
        ("-1", False),
    ],
)
def test_yes_and_no_in_the_words_of_feeds(cell: Any, expected: bool) -> None:
    assert is_yes(cell, empty=False) is expected
    assert is_yes(cell, empty=True) is expected


def test_silence_means_what_the_column_means_by_it() -> None:
    assert is_yes("", empty=True) is True
    assert is_yes(" ", empty=False) is False


@pytest.mark.parametrize("cell", ["in stock", "https://schema.org/InStock", "yes", "backorder"])
def test_words_can_say_that_there_is_some_without_saying_how_much(cell: str) -> None:
    assert says_some(cell)


@pytest.mark.parametrize("cell", ["", "out of stock", "0", "7", "preorder"])
def test_silence_and_counts_are_no_such_words(cell: str) -> None:
    assert not says_some(cell)
