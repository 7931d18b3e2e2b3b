"""Files of orders: a JSON array, one JSON object, one object a line (NDJSON), or CSV.

A CSV or TSV file has a line for each item. Its first line names the columns, each the path of a
field in the document (`address.city`), those of the item beginning with `item.`. Lines with the
same store and number are one order; what concerns the whole order need only stand in its first one.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.documents import pairs_once, repeated_fields
from zyenta_ops.domain.errors import Refused

ORDER_COLUMNS: Final = (
    "store",
    "number",
    "placed_at",
    "currency",
    "locale",
    "customer.email",
    "customer.name",
    "customer.phone",
    *(f"address.{each.name}" for each in fields(Address)),
    "subtotal_minor",
    "discount_minor",
    "shipping_minor",
    "tax_minor",
    "total_minor",
)
ITEM_COLUMNS: Final = ("item.variant_id", "item.sku", "item.quantity", "item.unit_price_minor")
_DELIMITERS: Final = "\t;,"
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Handed:
    """An order in a file: its document, or the reason why it cannot be read.

    `where` is its place in the file, "line 3" or "order 2".
    """

    where: str
    document: object = field(default=None, repr=False)
    problem: str | None = None


def read_orders(path: Path) -> Iterator[Handed]:
    """Every order in a file, in the order of the file; what cannot be read spoils itself only.

    Raises:
        Refused: the file cannot be read at all, or has columns that say nothing of an order.
    """
    try:
        # Bytes that are no UTF-8 become characters that no field accepts.
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise Refused(f"the orders file {path} cannot be read: {error.strerror}") from None
    if path.suffix.lower() in (".csv", ".tsv"):
        yield from _Table(path, text).orders()
    elif path.suffix.lower() in (".ndjson", ".jsonl") or _is_lines(text):
        yield from _lines(text)
    else:
        yield from _documents(path, text)


def _is_lines(text: str) -> bool:
    """Whether the first line is an object of its own and not the last."""
    first, _, rest = text.lstrip().partition("\n")
    return bool(rest.strip()) and isinstance(_parsed(first)[0], dict)


def _lines(text: str) -> Iterator[Handed]:
    for place, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            document, problem = _parsed(line)
            yield _handed(f"line {place}", document, problem and f"the line {problem}")


def _documents(path: Path, text: str) -> Iterator[Handed]:
    content, problem = _parsed(text)
    if problem:
        raise Refused(f"the orders file {path} {problem}")
    for place, document in enumerate(content if isinstance(content, list) else [content], start=1):
        yield _handed(f"order {place}", document)


def _handed(where: str, document: object, problem: str | None = None) -> Handed:
    if twice := next(repeated_fields(document), None):
        return Handed(where, problem=f"the order gives {twice} twice")
    return Handed(where, document, problem)


def _parsed(text: str) -> tuple[object, str | None]:
    """A JSON document, or why it is none; the reason quotes nothing of it."""
    try:
        return json.loads(text, object_pairs_hook=pairs_once), None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return None, f"is not JSON: {error.msg} in {place}"
    except (ValueError, RecursionError):
        return None, "holds a number or nesting beyond all use"


class _Table:
    """A CSV or TSV file of items."""

    def __init__(self, path: Path, text: str) -> None:
        lines = text.splitlines(keepends=True)
        header = lines[0] if lines else ""
        delimiter = max(_DELIMITERS, key=header.count)
        self._columns = [name.strip().lower() for name in _cells(header, delimiter)]
        self._reader = csv.reader(lines[1:], delimiter=delimiter)
        known = (*ORDER_COLUMNS, *ITEM_COLUMNS)
        if unknown := [name for name in self._columns if name not in known]:
            raise Refused(
                f"the orders file {path} has a column '{unknown[0][:40]}' in its first line;"
                f" columns are {', '.join(known)}"
            )
        if missing := {"number", "item.quantity"} - set(self._columns):
            raise Refused(
                f"the orders file {path} has no column '{min(missing)}' in its first line"
            )

    def orders(self) -> Iterator[Handed]:
        """The orders by their first lines; lines that belong to none stand at the front."""
        by_number: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
        for line, cells in self._rows():
            row = dict(zip(self._columns, (cell.strip() for cell in cells), strict=False))
            if problem := self._problem(cells, row):
                yield Handed(f"line {line}", problem=problem)
            else:
                key = (row.get("store", ""), row["number"])
                by_number.setdefault(key, []).append((line, row))
        for rows in by_number.values():
            yield _order(rows)

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            line = self._reader.line_num + 2
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                cells = []
            if any(cell.strip() for cell in cells):
                yield line, cells

    def _problem(self, cells: Sequence[str], row: dict[str, str]) -> str | None:
        if len(cells) > len(self._columns):
            return f"the line has {len(cells)} cells under {len(self._columns)} columns"
        if not row.get("number"):
            return "the line has no number of an order"
        return None


def _cells(line: str, delimiter: str) -> Iterable[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _order(rows: Sequence[tuple[int, dict[str, str]]]) -> Handed:
    where = f"line {rows[0][0]}"
    document: dict[str, Any] = {"customer": {}, "address": {}, "items": []}
    for column in ORDER_COLUMNS:
        said = {line: row[column] for line, row in rows if row.get(column)}
        if len(set(said.values())) > 1:
            lines = " and ".join(str(line) for line in list(said)[:2])
            return Handed(where, problem=f"{column} differs between lines of the order ({lines})")
        if said:
            _put(document, column, next(iter(said.values())))
    for _, row in rows:
        item: dict[str, Any] = {}
        for column in ITEM_COLUMNS:
            if row.get(column):
                _put(item, column.removeprefix("item."), row[column])
        document["items"].append(item)
    return Handed(where, document)


def _put(document: dict[str, Any], path: str, text: str) -> None:
    part, _, name = path.rpartition(".")
    inside = document[part] if part else document
    counts = name == "quantity" or name.endswith("_minor")
    inside[name] = int(text) if counts and _WHOLE.fullmatch(text) else text
