"""CSV, TSV and their relatives."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final, TextIO

from zyenta_ops.adapters.suppliers.feed.formats import (
    Row,
    Table,
    UnfitRow,
    refuse_many_columns,
    sample_of,
)
from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.errors import SourceInvalid

if TYPE_CHECKING:
    from _csv import Reader as _Reader

# A field longer than this is an unclosed quote that swallows the rest of the file.
_LONGEST_FIELD: Final = 4 * 1024**2
# What all lines of one row may hold: quoted fields with line breaks in them span several.
_LONGEST_ROW: Final = 8 * 1024**2


class _Lines:
    """The lines of a text, bounded row by row, remembering whether they have run out."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.since_row = 0  # characters
        self.ended = False
        self.cut = False  # the line last read has no end of its own

    def __iter__(self) -> Iterator[str]:
        for line in iter(partial(self._text.readline, _LONGEST_ROW), ""):
            self.since_row += len(line)
            if self.since_row >= _LONGEST_ROW:
                raise SourceInvalid("a row of the feed is far too long to be a product")
            self.cut = not line.endswith(("\n", "\r"))
            yield line
        self.ended = True


def delimited_table(text: TextIO, delimiter: str) -> Table:
    """Read delimited text whose first row names the columns.

    Raises:
        SourceInvalid: there is no header, or, while reading, a quote is never closed.
    """
    if csv.field_size_limit() < _LONGEST_FIELD:
        csv.field_size_limit(_LONGEST_FIELD)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    header = _header(reader, lines)
    rows = _rows(reader, lines, len(header))
    first = sample_of(rows, _length)
    return Table(
        columns=tuple(header),
        sample=tuple(row for row in first if not isinstance(row, Rejection)),
        rows=chain(first, rows),
        delimiter=delimiter,
    )


def _header(reader: _Reader, lines: _Lines) -> list[str]:
    try:
        for row in reader:
            # Excel writes "sep=;" above the header to tell itself the delimiter.
            if any(cell.strip() for cell in row) and not row[0].lower().startswith("sep="):
                _refuse_open_quote(lines, 1)
                while row and not row[-1].strip():
                    row.pop()
                refuse_many_columns(len(row))
                return [cell.strip() for cell in row]
    except (csv.Error, UnicodeError) as error:
        raise _broken(error, 1) from error
    raise SourceInvalid("the feed is empty; the last catalogue stays in force")


def _rows(reader: _Reader, lines: _Lines, width: int) -> Iterator[Row | Rejection]:
    start = reader.line_num + 1
    try:
        for cells in reader:
            lines.since_row = 0
            if lines.ended:
                _refuse_open_quote(lines, start)
            if not any(cells):
                pass  # an empty line, or a spreadsheet's row of empty cells
            elif len(cells) == width:
                cells.append("")
                yield start, cells
            else:
                if lines.cut and len(cells) < width:
                    # Its last cell may be half a price.
                    raise SourceInvalid(f"the feed is cut short inside line {start}")
                yield _fitted(start, cells, width)
            start = reader.line_num + 1
    except (csv.Error, UnicodeError) as error:
        raise _broken(error, start) from error


def _length(row: Row | Rejection) -> int:
    return 0 if isinstance(row, Rejection) else sum(len(str(cell)) for cell in row[1])


def _fitted(line: int, cells: list[str], width: int) -> Row | Rejection:
    """A row of the header's width; cells cut off at the end are absent."""
    if any(cells[width:]):
        return UnfitRow(
            line,
            cells[0][:40] or None,
            f"the row has {len(cells)} fields, the header {width}; quote text that holds the "
            "delimiter",
            cells=[*cells[:width], ""],
        )
    return line, [*cells[:width], *[""] * max(width - len(cells), 0), ""]


def _refuse_open_quote(lines: _Lines, line: int) -> None:
    # The reader asks for the line after the last one only while a quote is open.
    if lines.ended:
        raise SourceInvalid(
            f"a quote opened in the row of line {line} is never closed: the feed is cut short or "
            "damaged"
        )


def _broken(error: csv.Error | UnicodeError, line: int) -> SourceInvalid:
    if isinstance(error, UnicodeError):
        return SourceInvalid(
            f"the text near line {line} is not in the expected encoding; name the right one under "
            "'encoding'"
        )
    return SourceInvalid(f"the row of line {line} is not readable as CSV: {error}")
