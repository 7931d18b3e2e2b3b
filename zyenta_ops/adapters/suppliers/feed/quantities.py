"""Stock and availability as feeds write them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from zyenta_ops.adapters.http.documents import clean
from zyenta_ops.adapters.suppliers.feed.amounts import Unusable

# Beyond this a count is a misplaced column (an EAN, a price), not a warehouse.
_MOST_UNITS: Final = 10**9

_COUNT: Final = re.compile(
    r"[>≥]?\s*(?P<count>[+-]?\d{1,3}(?:[, ]\d{3})+|[+-]?\d+)(?:[.,]0*)?\s*\+?"
)


def _words(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


_YES: Final = _words(
    "true yes y 1 in_stock instock available active published enabled ja oui si "
    "limited_availability low_stock limited auf_lager"
)
_NO: Final = _words(
    "false no n 0 -1 out_of_stock outofstock sold_out soldout unavailable not_available nein non "
    "nicht_auf_lager"
)
_BACKORDER: Final = _words(
    "backorder back_order on_backorder onbackorder available_for_order notify continue"
)
_WITHDRAWN: Final = _words(
    "preorder pre_order discontinued draft archived inactive disabled private pending"
)


_LONGEST_COUNT: Final = 60  # characters; also longer than any phrase that is understood


@lru_cache(maxsize=4096, typed=True)
def stock_of(value: Any) -> int | None:
    """Units on hand, or None when the cell does not say.

    Negative counts (oversold) are 0; ">10" and "10+" are 10; words say whether there is any
    ("no" is 0) but not how many ("yes" is None).

    Raises:
        Unusable: neither a count nor a known word, or more than a warehouse holds.
    """
    text = clean(value)
    if len(text) > _LONGEST_COUNT:
        raise Unusable(f"the stock '{text[:40]}…' is not a number")
    if text.isdigit() and text.isascii():
        return _plausible(int(text), text)
    word = _word(text)
    if not word or word in _YES or word in _BACKORDER:
        return None
    if word in _NO and word not in ("0", "-1"):
        return 0
    found = _COUNT.fullmatch(text)
    if not found:
        raise Unusable(f"the stock '{text[:40]}' is not a number")
    return _plausible(int(Decimal(re.sub(r"[, ]", "", found["count"]))), text)


@lru_cache(maxsize=1024, typed=True)
def apply_availability(stock: int | None, value: Any) -> tuple[int | None, bool]:
    """Stock and saleability after what the feed says in words.

    In stock: the count as given. Out of stock: 0. Backorder: the supplier takes orders anyway, so
    a count of 0 is no limit and becomes unknown. Preorder and discontinued: not for sale now.

    Raises:
        Unusable: not a known word.
    """
    word = _word(clean(value).rpartition("/")[2])
    if not word or word in _YES:
        return stock, True
    if word in _NO:
        return 0, True
    if word in _BACKORDER:
        return stock or None, True
    if word in _WITHDRAWN:
        return stock, False
    if re.fullmatch(r"-?[0-9]{1,18}", word):
        return min(max(int(word), 0), _MOST_UNITS), True
    raise Unusable(f"the availability '{word[:40]}' is not known")


@lru_cache(maxsize=1024, typed=True)
def says_some(value: Any) -> bool:
    """Whether a cell of stock or availability says in words that there is some, or will be."""
    word = _word(clean(value).rpartition("/")[2])
    return word in _YES or word in _BACKORDER


@lru_cache(maxsize=256, typed=True)
def is_yes(value: Any, empty: bool) -> bool:
    """Whether a cell means yes (active, true, published, …); `empty` when it says nothing.

    Raises:
        Unusable: neither yes nor no.
    """
    word = _word(clean(value))
    if not word:
        return empty
    if word in _YES or word in _BACKORDER:
        return True
    if word in _NO or word in _WITHDRAWN or word == "deny":
        return False
    raise Unusable(f"'{word[:40]}' is neither yes nor no")


def _word(text: str) -> str:
    return re.sub(r"[\s_]+|(?<=\w)-(?=\w)", "_", text.lower())


def _plausible(count: int, text: str) -> int:
    if count > _MOST_UNITS:
        raise Unusable(f"the stock {text[:40]} is not plausible")
    return max(count, 0)
