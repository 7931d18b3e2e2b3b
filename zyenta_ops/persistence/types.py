"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Dialect, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

# Never filtered on; what a query needs is a column of its own.
Document = JSON().with_variant(JSONB(), "postgresql")

# SQLite only auto-increments INTEGER and stores any width in it.
Minor = BigInteger().with_variant(Integer(), "sqlite")

# PostgreSQL takes no NUL into text or JSON, and neither engine takes a surrogate without its pair.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with the replacement character for each one that an engine would refuse."""
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


class StorableText(String):
    """Any text, made storable on its way in: what others wrote never breaks a statement.

    Engines are told to use it for every text column and parameter, so that no column is forgotten.
    """

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """What makes a value storable."""
        return _storable_or_nothing


def _storable_or_nothing(value: str | None) -> str | None:
    return value if value is None else storable(value)


def document_text(document: Any) -> str:
    """A document as JSON whose texts are storable."""
    text = json.dumps(document)
    # Most have no such escape; in emoji it stands for half of a pair, and nothing is replaced.
    if "\\u0000" in text or "\\ud" in text:
        return json.dumps(_with_storable_texts(document))
    return text


def _with_storable_texts(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _with_storable_texts(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_storable_texts(each) for each in value]
    return value


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is refused.

    SQLite has no time zones and returns naive values, so there the instant is kept as ISO text of
    fixed width, which also sorts.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, `timestamptz` on PostgreSQL."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Convert to UTC; raises ValueError on a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.isoformat(timespec="microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return an aware datetime in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


def one_of(column: str, choices: type[StrEnum]) -> CheckConstraint:
    """A check that a text column holds one of the enumeration's values."""
    allowed = ", ".join(f"'{choice.value}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_is_known")
