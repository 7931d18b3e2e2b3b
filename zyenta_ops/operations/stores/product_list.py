"""Reading a merchant's product list: CSV or TSV with one product, or one variant, a line.

The first line names the columns: `product_ref`, and if wanted `variant_ref`, `title`,
`price_locked` (yes or no) and `status` (ACTIVE, DRAFT or ON_HOLD). Other columns are ignored.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.products import FIRST_STATUSES, ListedProduct
from zyenta_ops.domain.stores import ProductStatus

_YES: Final = frozenset({"1", "true", "t", "yes", "y"})
_NO: Final = frozenset({"", "0", "false", "f", "no", "n"})
_DELIMITERS: Final = "\t;,"
_LONGEST_REF: Final = 255
# The csv module has a limit too, but one that whatever else runs in the process may have moved.
_LONGEST_CELL: Final = 10_000


def read_product_list(path: Path) -> Iterator[ListedProduct | Rejection]:
    """Every line of a product list as what it asks for, or as the reason why it cannot be read.

    Raises:
        Refused: the file cannot be read at all, or its first line has no column `product_ref`.
    """
    try:
        # Bytes that are no UTF-8 spoil their own line only.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _lines(file, path)
    except OSError as error:
        raise Refused(f"the product list {path} cannot be read: {error.strerror}") from None


def _lines(file: Iterable[str], path: Path) -> Iterator[ListedProduct | Rejection]:
    lines = iter(file)
    header = next(lines, "")
    delimiter = max(_DELIMITERS, key=header.count)
    columns = _columns(header, delimiter)
    if "product_ref" not in columns:
        raise Refused(
            f"the product list {path} has no column 'product_ref' in its first line;"
            " save it as CSV in UTF-8 with that column"
        )
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        line = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejection(line, None, f"the line is no CSV: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield _line(line, columns, cells)


def _columns(header: str, delimiter: str) -> list[str]:
    try:
        names = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [name.strip().lower() for name in names]


def _line(line: int, columns: Sequence[str], cells: Sequence[str]) -> ListedProduct | Rejection:
    row = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    ref = row.setdefault("product_ref", "")
    if reason := _unreadable(columns, cells, row):
        return Rejection(line, ref.encode(errors="replace").decode()[:_LONGEST_REF] or None, reason)
    status = row.get("status", "").upper()
    return ListedProduct(
        line=line,
        product_ref=ref,
        variant_ref=row.get("variant_ref", ""),
        title=row.get("title") or None,
        status=ProductStatus(status) if status else None,
        price_locked=row.get("price_locked", "").lower() in _YES,
    )


def _unreadable(columns: Sequence[str], cells: Sequence[str], row: dict[str, str]) -> str | None:
    """Why a line cannot be taken, or None."""
    if any("\udc80" <= character <= "\udcff" for cell in cells for character in cell):
        return "the line is not UTF-8; save the list as CSV in UTF-8"
    if len(cells) > len(columns):
        return f"the line has {len(cells)} cells under {len(columns)} columns"
    if any(len(cell) > _LONGEST_CELL for cell in cells):
        return f"a cell of the line is longer than {_LONGEST_CELL} characters"
    if not row["product_ref"]:
        return "the line has no product_ref"
    if row.get("price_locked", "").lower() not in _YES | _NO:
        return f"price_locked is '{row['price_locked'][:20]}'; write yes or no"
    if (status := row.get("status", "").upper()) and status not in list(FIRST_STATUSES):
        return f"a product cannot begin as '{status[:20]}'; write {', '.join(FIRST_STATUSES)}"
    return None
