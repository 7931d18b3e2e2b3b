"""Tables and words for people: narrow, in UTC, with nothing a terminal would take as a command."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import Document

# For output that goes to a file or pipe, where there is no terminal to ask.
_WIDTH_WITHOUT_TERMINAL: Final = 120
# Ids, references and addresses up to here are never broken: a broken one cannot be copied.
_LONGEST_WORD: Final = 40
_GAP: Final = 2


def cell(value: Any) -> str:
    """A value as a cell: "14.99 EUR", "2026-11-02 12:00 UTC", "-" for None."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    # Suppliers choose titles: a control character among them could redraw the terminal.
    return "".join(each if each.isprintable() else " " for each in str(value))


def money_range(amounts: Iterable[Money | None]) -> str:
    """The smallest and the largest amount, "4.00-6.50 USD"; "-" when there is none."""
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return "-"
    if len({amount.currency for amount in known}) > 1:
        return "mixed currencies"
    low, high = min(known), max(known)
    return str(low) if low == high else f"{low.amount}-{high}"


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under headings; a heading that begins with ">" is aligned to the right.

    Text is folded between words to fit the terminal. What stands to the right and words of up to
    40 characters stay whole: where they do not fit, the table is wider than the terminal.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    names = [heading.lstrip(">") for heading in headings]
    kept = [heading.startswith(">") for heading in headings]
    cells = [[cell(value) for value in row] for row in rows]
    terminal = Console(width=None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL)
    frame = _GAP * len(names)
    widths = _widths(list(zip(names, *cells, strict=True)), kept, terminal.width - frame)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, _GAP - 1, 0, 0), pad_edge=False)
    for name, right, width in zip(names, kept, widths, strict=True):
        table.add_column(name, justify="right" if right else "left", width=width, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    paper = Console(width=max(terminal.width, sum(widths) + frame), highlight=False)
    # Printed by click: rich itself ends the process with status 1 when a pipe is closed.
    with paper.capture() as drawn:
        paper.print(table)
    click.echo(drawn.get(), nl=False)


def _widths(columns: Sequence[Sequence[str]], kept: Sequence[bool], room: int) -> list[int]:
    """How wide each column becomes: as it likes, or the widest ones narrowed down to the room."""
    from rich.cells import cell_len

    liked = [max(map(cell_len, column)) for column in columns]
    least = [
        width if whole else _longest_word(column)
        for column, whole, width in zip(columns, kept, liked, strict=True)
    ]
    widths = [max(low, min(width, room)) for low, width in zip(least, liked, strict=True)]
    for _ in range(sum(widths) - max(room, sum(least))):
        width, widest = max((w, place) for place, w in enumerate(widths) if w > least[place])
        widths[widest] = width - 1
    return widths


def _longest_word(column: Sequence[str]) -> int:
    """The length of the longest word that is to stay whole."""
    from rich.cells import cell_len

    words = (cell_len(word) for text in column for word in text.split())
    return min(_LONGEST_WORD, max(words, default=1))


def print_fields(fields: Iterable[tuple[str, Any]]) -> None:
    """Print one thing's fields, a name and a value a line."""
    rows = list(fields)
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        click.echo(f"{name:<{width}}  {cell(value)}")


def document_fields(document: Document, prefix: str = "") -> list[tuple[str, str]]:
    """The fields of a JSON document that say something, for `print_fields`."""
    return [
        (prefix + name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in document.items()
        if value not in (None, "", [], {})
    ]
