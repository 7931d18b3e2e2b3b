"""Feeds of every format as one thing: named columns and a stream of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.errors import SourceInvalid

# Shopify's widest exports have some hundred columns, with metafields.
MOST_COLUMNS: Final = 1_000
_SAMPLE_ROWS: Final = 1_000
_SAMPLE_CHARACTERS: Final = 32 * 1024**2

Cell = str | int | Decimal | bool
Row = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class UnfitRow(Rejection):
    """A row that is no row of the table, with its cells as far as the columns go.

    What stands before the fault is in its column, so the row may still name its product.
    """

    cells: Sequence[Cell] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The entries of a feed.

    Each row is (where it starts, its cells); the cells stand in the order of `columns`, an absent
    one is "", and one more "" closes every row so that position -1 reads as absent. Where counts
    physical lines (CSV, NDJSON) or items (JSON, XML), from 1. What is no row is a `Rejection`.
    `sample` holds the first rows, which `rows` yields too.
    """

    columns: tuple[str, ...]
    sample: tuple[Row, ...]
    rows: Iterator[Row | Rejection]
    delimiter: str | None = None


_Entry = TypeVar("_Entry")


def sample_of(entries: Iterator[_Entry], length: Callable[[_Entry], int]) -> list[_Entry]:
    """The first entries: enough to tell how a feed is written, however long each of them is.

    Args:
        entries: taken from its beginning; the rest stays in it.
        length: about how many characters an entry holds.
    """
    sample: list[_Entry] = []
    characters = 0
    for entry in entries:
        sample.append(entry)
        characters += length(entry)
        if len(sample) == _SAMPLE_ROWS or characters > _SAMPLE_CHARACTERS:
            break
    return sample


def refuse_many_columns(number: int) -> None:
    """Refuse a table that is wider than any catalogue.

    Raises:
        SourceInvalid: it has more than `MOST_COLUMNS` columns.
    """
    if number > MOST_COLUMNS:
        raise SourceInvalid(
            f"the feed has more than {MOST_COLUMNS:,} columns; no catalogue does: check its"
            " delimiter, or 'item_path'"
        )
