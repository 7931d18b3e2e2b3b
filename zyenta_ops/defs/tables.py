"""Domain values as Dagster metadata: small tables, and plain numbers that plot over time."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

import dagster as dg

from zyenta_ops.domain.accounts import SupplierAccount

Cell = str | int | bool | float | None
MAX_ROWS = 50


def table(rows: Sequence[Mapping[str, Cell]]) -> dg.TableMetadataValue:
    """Rows as a metadata table; the first `MAX_ROWS` of them, all with the first row's columns."""
    columns = list(rows[0]) if rows else ["nothing"]
    records = [
        dg.TableRecord({name: _cell(row.get(name)) for name in columns}) for row in rows[:MAX_ROWS]
    ]
    schema = dg.TableSchema([dg.TableColumn(name, _type(rows, name)) for name in columns])
    return dg.MetadataValue.table(records, schema)


def account_row(account: SupplierAccount) -> dict[str, Cell]:
    """An account at a supplier as a row; nothing in it is secret."""
    return {
        "account": account.label or account.id,
        "supplier": account.supplier_key,
        "owner": account.owner_id or "platform",
        "status": account.status.value,
        "token ends": _moment(account.access_expires_at),
        "renewable until": _moment(account.refresh_expires_at),
        "blocked until": _moment(account.rests_until),
        "reason": account.rest_reason,
    }


def numbers(counts: object) -> dict[str, int]:
    """The integer fields of a dataclass by name, ready to plot."""
    values = {field.name: getattr(counts, field.name) for field in fields(counts)}  # type: ignore[arg-type]
    return {name: value for name, value in values.items() if isinstance(value, int)}


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _cell(value: Cell) -> str | int | float | bool:
    return "" if value is None else value


def _type(rows: Sequence[Mapping[str, Cell]], name: str) -> str:
    kinds = {type(row.get(name)) for row in rows[:MAX_ROWS]}
    return "int" if kinds == {int} else "string"
