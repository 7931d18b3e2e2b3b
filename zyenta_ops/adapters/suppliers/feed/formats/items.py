"""Items with nested fields (JSON objects, XML elements) as rows of one table.

A nested field becomes a column named by its dotted path; a list becomes one cell, its values
between commas. A list of variants inside an item becomes one row for each variant, whose columns
begin with "variants." and repeat the item's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from zyenta_ops.adapters.suppliers.feed.formats import (
    Cell,
    Row,
    Table,
    refuse_many_columns,
    sample_of,
)
from zyenta_ops.domain.catalog import Rejection

Located = tuple[int, Any]

# What one item may occupy; more is not an item but a file without the structure it claims.
LONGEST_ITEM: Final = 32 * 1024**2
_DEEPEST: Final = 5
_VARIANT_LISTS: Final = ("variants", "variations", "skus")


def items_table(items: Iterator[Located | Rejection]) -> Table:
    """A table of items, its columns being the fields of the first ones.

    Args:
        items: (line or number, item) pairs; an item that is no mapping is rejected.

    A document without items is a table without columns: a catalogue can be empty.

    Raises:
        SourceInvalid: the fields are more than a catalogue has columns; also while reading.
    """
    rows = _flat(items)
    first = sample_of(rows, _length)
    found = [entry for entry in first if not isinstance(entry, Rejection)]
    columns = tuple(dict.fromkeys(name for _, fields in found for name in fields))
    refuse_many_columns(len(columns))
    return Table(
        columns=columns,
        sample=tuple(_row(number, fields, columns) for number, fields in found),
        rows=(
            entry if isinstance(entry, Rejection) else _row(*entry, columns)
            for entry in chain(first, rows)
        ),
    )


def _row(number: int, fields: Mapping[str, Cell], columns: tuple[str, ...]) -> Row:
    return number, [*(fields.get(name, "") for name in columns), ""]


def _length(entry: tuple[int, dict[str, Cell]] | Rejection) -> int:
    return 0 if isinstance(entry, Rejection) else sum(len(str(cell)) for cell in entry[1].values())


def _flat(
    items: Iterable[Located | Rejection],
) -> Iterator[tuple[int, dict[str, Cell]] | Rejection]:
    for entry in items:
        if isinstance(entry, Rejection):
            yield entry
            continue
        number, item = entry
        if not isinstance(item, Mapping):
            yield Rejection(number, None, f"the item is not an object: {str(item)[:40]}")
            continue
        for variant in _by_variant(item):
            yield number, dict(_fields(variant, "", 0))


def _by_variant(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The item once for each of its variants, or as it stands when it lists none."""
    for name in _VARIANT_LISTS:
        variants = item.get(name)
        if isinstance(variants, Mapping) and len(variants) == 1:  # XML: <variants><variant>…
            variants = next(iter(variants.values()))
        if isinstance(variants, Mapping):
            variants = [variants]
        if isinstance(variants, list) and variants and isinstance(variants[0], Mapping):
            for variant in variants:
                yield {**item, name: variant}
            return
    yield item


def _fields(value: Any, path: str, depth: int) -> Iterator[tuple[str, Cell]]:
    if isinstance(value, Mapping):
        if depth < _DEEPEST:
            for name, inner in value.items():
                yield from _fields(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list):
        yield from _list_fields(value, path, depth)
    elif value is not None:
        yield path, value if isinstance(value, str | int | Decimal) else str(value)


def _list_fields(values: list[Any], path: str, depth: int) -> Iterator[tuple[str, Cell]]:
    together: dict[str, list[str]] = {}
    for each in values:
        for name, cell in _fields(each, path, depth + 1) if depth < _DEEPEST else ():
            together.setdefault(name, []).append(str(cell))
    for name, cells in together.items():
        yield name, ", ".join(cells)
