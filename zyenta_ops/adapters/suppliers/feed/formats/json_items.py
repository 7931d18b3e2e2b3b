"""JSON arrays, JSON objects that hold one, and one JSON object a line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Final, NoReturn, TextIO

from zyenta_ops.adapters.suppliers.feed.formats import Table
from zyenta_ops.adapters.suppliers.feed.formats.items import LONGEST_ITEM, Located, items_table
from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.errors import SourceInvalid

# Usual names of the array of items, preferred to an earlier array of another name.
_USUAL: Final = ("products", "items", "offers", "articles", "catalog", "data", "results", "feed")


def json_table(text: TextIO, sample: str, item_path: str | None) -> Table:
    """Read the items of one array, wherever the document holds it, one at a time.

    Args:
        text: the document.
        sample: its beginning.
        item_path: dotted path to the array; None for the likeliest one.

    Raises:
        SourceInvalid: there is no array of objects; while reading, the document is damaged.
    """
    prefix = f"{item_path}.item" if item_path else _likely_prefix(sample)
    return items_table(_items(_Bytes(text), prefix))


def ndjson_table(text: TextIO) -> Table:
    """Read one JSON object from each line.

    A line that is no JSON is rejected; the last one, when the feed ends inside it, is a feed cut
    short.
    """
    return items_table(_lines(text))


# No number of a product is that long, and the C parser dereferences NULL on integers of thousands
# of digits (ijson 3.6 with yajl2_c).
_LONGEST_NUMBER: Final = 1_000
_ENDLESS_NUMBER: Final = re.compile(rf"[0-9]{{{_LONGEST_NUMBER + 1}}}")


# The parser keeps the path of every level: memory grows with the square of the depth.
_DEEPEST: Final = 2_000
_LOOK_AT: Final = 2_048  # characters; what may open and close again unseen


class _Nesting:
    """How deep a document is nested, near enough: brackets in texts count, until the next item."""

    def __init__(self) -> None:
        self.depth = 0

    def follow(self, text: str) -> None:
        for start in range(0, len(text), _LOOK_AT):
            part = text[start : start + _LOOK_AT]
            opened = part.count("[") + part.count("{")
            self.depth = max(0, self.depth + opened - part.count("]") - part.count("}"))
            if self.depth > _DEEPEST:
                raise SourceInvalid(
                    f"the document is nested more than {_DEEPEST} levels deep; it is damaged"
                )


class _Bytes:
    """A text as the UTF-8 bytes that ijson reads, bounded between items."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._tail = ""
        self._nesting = _Nesting()
        self.since_item = 0

    def begin_item(self) -> None:
        """An item was read: what bounds an item begins anew."""
        self.since_item = self._nesting.depth = 0

    def read(self, size: int = -1) -> bytes:
        try:
            chunk = self._text.read(size)
        except UnicodeError as error:
            raise _not_the_encoding() from error
        _refuse_endless_number(self._tail + chunk)
        self._nesting.follow(chunk)
        self._tail = chunk[-_LONGEST_NUMBER:]
        self.since_item += len(chunk)
        if self.since_item > LONGEST_ITEM:
            raise SourceInvalid("an item of the JSON document is far too long to be a product")
        return chunk.removeprefix("\ufeff").encode("utf-8", errors="replace")


def _items(source: _Bytes, prefix: str) -> Iterator[Located]:
    import ijson

    number = 0
    try:
        for item in ijson.items(source, prefix):
            source.begin_item()
            number += 1
            yield number, item
    except (ijson.JSONError, RecursionError) as error:
        raise SourceInvalid(
            f"the JSON document is damaged or cut short after item {number}"
        ) from error


def _refuse_endless_number(text: str) -> None:
    if _ENDLESS_NUMBER.search(text):
        raise SourceInvalid(
            f"the document holds a number of more than {_LONGEST_NUMBER} digits; it is damaged"
        )


def _likely_prefix(sample: str) -> str:
    import ijson

    _refuse_endless_number(sample)
    _Nesting().follow(sample)
    arrays: list[str] = []
    empty: list[str] = []
    opened: str | None = None
    try:
        for prefix, event, _ in ijson.parse(io.BytesIO(sample.encode("utf-8", "replace"))):
            if opened is not None and event in ("start_map", "end_array"):
                (arrays if event == "start_map" else empty).append(opened)
            opened = prefix if event == "start_array" else None
    except (ijson.JSONError, RecursionError):
        pass  # the sample ends where it ends; a damaged document shows while it is read
    # A catalogue can be empty; an array of that name, or the whole document, then says so.
    arrays = arrays or [path for path in empty if not path or path.lower() in _USUAL]
    if not arrays:
        raise SourceInvalid(
            "the JSON document holds no array of objects near its beginning; name the array's "
            "path under 'item_path'"
        )
    outer = [path for path in arrays if "item" not in path.split(".")] or arrays[:1]
    usual = [path for path in outer if path.rpartition(".")[2].lower() in _USUAL]
    chosen = (usual or outer)[0]
    return f"{chosen}.item" if chosen else "item"


def _lines(text: TextIO) -> Iterator[Located | Rejection]:
    number = 0
    try:
        for line in iter(partial(text.readline, LONGEST_ITEM), ""):
            number += 1
            if len(line) >= LONGEST_ITEM:
                raise SourceInvalid(f"line {number} is far too long to be a product")
            if line.strip("\ufeff \t\r\n"):
                yield _line(number, line)
    except UnicodeError as error:
        raise _not_the_encoding() from error


def _line(number: int, line: str) -> Located | Rejection:
    try:
        item: Any = json.loads(line.strip("\ufeff"), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        if not line.endswith(("\n", "\r")):
            raise SourceInvalid(f"the feed is cut short inside line {number}") from None
        return Rejection(number, None, "the line is not a JSON object")
    return number, item


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _not_the_encoding() -> SourceInvalid:
    return SourceInvalid(
        "the text is not in the expected encoding; name the right one under 'encoding'"
    )
