"""WooCommerce product exports: simple products, and variations that refer to a parent row.

A parent ("variable") is no offer; its variations take title, pictures and status from it where
they have none. A variation that stands before its parent waits for it, up to `_MOST_WAITING`
rows; one whose parent never comes is taken as it stands. Grouped and external products cannot be
ordered and are rejected.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final

from zyenta_ops.adapters.suppliers import text
from zyenta_ops.adapters.suppliers.feed.amounts import Unusable
from zyenta_ops.adapters.suppliers.feed.assembly.facts import (
    Cells,
    Facts,
    Located,
    named,
    rejected,
)
from zyenta_ops.adapters.suppliers.feed.columns import C, plain_name
from zyenta_ops.adapters.suppliers.feed.formats import Row
from zyenta_ops.domain.catalog import Offer, Rejection

_MOST_WAITING: Final = 10_000
_REMEMBERED: Final = 20_000
_MORE: Final = re.compile(r"attribute(\d+)(name|values)")


def more_options(columns: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Positions of (name, value) of attributes 4, 5, … in order."""
    found: dict[int, dict[str, int]] = {}
    for position, name in enumerate(columns):
        if (match := _MORE.fullmatch(plain_name(name))) and int(match[1]) > 3:
            found.setdefault(int(match[1]), {})[match[2]] = position
    return tuple(
        (found[number].get("name", -1), found[number]["values"])
        for number in sorted(found)
        if "values" in found[number]
    )


def woocommerce_offers(
    rows: Iterator[Row | Rejection], facts: Facts
) -> Iterator[Located | Rejection]:
    """One offer for each simple product and each variation."""
    parents: OrderedDict[str, Cells] = OrderedDict()
    waiting = _Waiting()
    for row in rows:
        if isinstance(row, Rejection):
            yield named(row, lambda cells: _product(cells, facts))
            continue
        line, cells = row
        kinds = set(facts.says(cells, C.KIND).lower().replace(",", " ").split())
        parent = text.reference(cells[facts.at[C.PARENT]])
        if "variable" in kinds:
            for name in _names(cells, facts):
                _remember(parents, name, cells)
                for each in waiting.release(name):
                    yield _located(each, cells, name, facts)
        elif parent and "variation" in kinds and parent not in parents:
            for name, each in waiting.hold(parent, row):
                yield _located(each, None, name, facts)
        elif kinds & {"grouped", "external"}:
            yield Rejection(
                line,
                _name(cells, facts),
                "grouped and external products have no own stock to order",
            )
        else:
            yield _located(row, parents.get(parent), parent, facts)
    for name, each in waiting.release_all():
        yield _located(each, None, name, facts)


class _Waiting:
    """Variations whose parent has not come yet, by the parent's name; bounded."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, list[Row]] = OrderedDict()
        self._count = 0

    def hold(self, parent: str, row: Row) -> list[tuple[str, Row]]:
        """Keep a row; what is given back has waited too long."""
        self._rows.setdefault(parent, []).append(row)
        self._count += 1
        if self._count <= _MOST_WAITING:
            return []
        name = next(iter(self._rows))
        return [(name, each) for each in self.release(name)]

    def release(self, parent: str) -> list[Row]:
        """The rows that waited for this parent."""
        rows = self._rows.pop(parent, [])
        self._count -= len(rows)
        return rows

    def release_all(self) -> Iterator[tuple[str, Row]]:
        """What is left once the feed has ended."""
        for name in list(self._rows):
            for each in self.release(name):
                yield name, each


def _remember(parents: OrderedDict[str, Cells], name: str, cells: Cells) -> None:
    parents[name] = cells
    if len(parents) > _REMEMBERED:
        parents.popitem(last=False)


def _names(cells: Cells, facts: Facts) -> list[str]:
    """What variations may call this parent: its SKU, or "id:" and its number."""
    number = text.reference(cells[facts.at[C.PRODUCT_REF]])
    sku = text.reference(cells[facts.at[C.SKU]])
    return [name for name in (sku, number and f"id:{number}") if name]


def _product(cells: Cells, facts: Facts) -> str:
    return text.reference(cells[facts.at[C.PARENT]]) or next(iter(_names(cells, facts)), "")


def _name(cells: Cells, facts: Facts) -> str | None:
    names = _names(cells, facts)
    return names[0][:60] if names else None


def _located(row: Row, parent: Cells | None, parent_name: str, facts: Facts) -> Located | Rejection:
    line, cells = row
    try:
        return line, _offer(cells, parent, parent_name, facts)
    except Unusable as error:
        return rejected(line, _name(cells, facts) or "", _product(cells, facts), error)


def _offer(cells: Cells, parent: Cells | None, parent_name: str, facts: Facts) -> Offer:
    at = facts.at
    names = _names(cells, facts)
    if not names:
        raise Unusable("the row names no product: ID and SKU are empty")
    title = text.title(cells[at[C.TITLE]]) or (text.title(parent[at[C.TITLE]]) if parent else "")
    if not title:
        raise Unusable("the name is empty")
    # A variation that draws on its parent's stock says "parent" instead of a count.
    shared = parent is not None and facts.says(cells, C.STOCK).lower() == "parent"
    prices = facts.prices(cells)
    units = facts.units(cells, parent[at[C.STOCK]] if shared and parent else None)
    return Offer(
        product_ref=parent_name or names[0],
        variant_ref=names[0] if parent_name else "default",
        order_ref=names[0],
        title=title,
        unit_cost=prices.unit_cost,
        list_price=prices.list_price,
        stock=units.stock,
        in_stock=units.in_stock,
        saleable=units.saleable
        and facts.listed(cells)
        and (parent is None or facts.listed(parent)),
        sku=text.reference(cells[at[C.SKU]]) or None,
        attributes=facts.attributes(cells, facts.option_names(parent) if parent else None),
        images=text.images(facts.images(cells), facts.images(parent) if parent else ()),
        cost_estimated=prices.estimated,
    )
