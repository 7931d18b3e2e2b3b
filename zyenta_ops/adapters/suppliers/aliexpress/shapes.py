"""The shapes that AliExpress gives to values.

Arrays come bare or wrapped in an object that names their type, numbers and booleans come typed or
as text: both happen in the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from zyenta_ops.adapters.suppliers.answers import entries, name, words


def array(value: Any) -> list[Any]:
    """The elements of an array, bare or wrapped; empty for anything else.

    A wrapped array of one may come as its element.
    """
    if isinstance(value, list):
        return value
    inner = list(value.values()) if isinstance(value, dict) else []
    if len(inner) != 1 or inner[0] is None:
        return []
    return inner[0] if isinstance(inner[0], list) else inner


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of an array, bare or wrapped."""
    return entries(array(value))


def truth(value: Any) -> bool | None:
    """A boolean, typed or as text; None for anything else."""
    return {"true": True, "false": False}.get(words(value).lower())


def moment(value: Any) -> datetime | None:
    """A time in milliseconds since 1970, as a number or as text; None for anything else."""
    digits = name(value)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        return None
    try:
        return datetime.fromtimestamp(int(digits) // 1_000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def decimal(value: Any) -> Decimal | None:
    """A number, typed or as text; None for anything else."""
    try:
        found = Decimal(name(value))
    except ArithmeticError:
        return None
    return found if found.is_finite() else None
