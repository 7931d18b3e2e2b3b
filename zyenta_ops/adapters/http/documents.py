"""Reading JSON of doubtful shape as typed values; what is absent or odd is None or empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

# Control characters, lone surrogates and invisible marks that reorder or hide text. Joiners stay:
# scripts and emoji need them.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff]+"
)
_SPACES: Final = re.compile(r"\s+")


def clean(value: Any) -> str:
    """One line of visible text, trimmed; a JSON boolean reads as "true" or "false"."""
    text = value if isinstance(value, str) else spelt(value)
    if not text:
        return text
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", _UNWANTED.sub("", text)).strip()


def spelt(value: Any) -> str:
    """A value of JSON as text; nothing for null."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def words(value: Any) -> str:
    """Clean text; empty for anything that is no text or number."""
    return clean(value) if isinstance(value, str | int | Decimal) else ""


def name(value: Any) -> str:
    """An identifier, which suppliers write as text or as a number; empty when there is none."""
    return "" if isinstance(value, bool) else words(value)


def entries(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; empty for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def entry(value: Any) -> Mapping[str, Any]:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def instant(value: Any) -> datetime | None:
    """A time as seconds since 1970 or as ISO 8601 with an offset; None for anything else."""
    try:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return datetime.fromtimestamp(int(value), UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return found.astimezone(UTC) if found and found.tzinfo else None
