"""What all tables share: naming, identifiers, and short forms of usual columns."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    text,
)
from sqlalchemy.types import TypeEngine

from zyenta_ops.persistence.types import UtcDateTime

# Named so that batch migrations on SQLite can drop them again.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(32)
KEY = String(64)
CURRENCY = String(3)
WORD = String(24)
EXTERNAL = String(255)  # a name that others gave
ACTOR = String(200)


def id_column() -> Column[str]:
    """The primary key: a sortable text id."""
    return Column("id", ID, primary_key=True)


def required(name: str, kind: TypeEngine[str] = WORD, default: str | None = None) -> Column[str]:
    """A text column that is never NULL."""
    return Column(name, kind, nullable=False, server_default=default)


def count(name: str) -> Column[int]:
    """An integer column that starts at zero."""
    return Column(name, Integer, nullable=False, server_default=text("0"))


def times() -> tuple[Column[object], Column[object]]:
    """When a row was made and last changed."""
    return (
        Column("created_at", UtcDateTime, nullable=False),
        Column("updated_at", UtcDateTime, nullable=False),
    )
