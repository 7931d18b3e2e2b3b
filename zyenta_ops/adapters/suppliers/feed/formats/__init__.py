"""Feeds of every format as one thing: named columns and a stream of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zyenta_ops.domain.catalog import Rejection

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
