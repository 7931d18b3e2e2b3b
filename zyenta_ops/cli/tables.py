"""Tables and words for people: narrow, in UTC, with nothing a terminal would take as a command."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import Document

# For output that goes to a file or pipe, where there is no terminal to ask.
_WIDTH_WITHOUT_TERMINAL = 120


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
    """Print rows under headings; a heading that begins with ">" is aligned to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        right = heading.startswith(">")
        table.add_column(heading.lstrip(">"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    Console(width=width, highlight=False).print(table)


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
