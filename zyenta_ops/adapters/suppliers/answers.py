"""Reading what suppliers answer: JSON of doubtful shape as typed values.

What is absent is None or empty; what is there and makes no sense raises `Refused` with a sentence
that names the field, which a gateway turns into a fault of that variant.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from zyenta_ops.adapters.http.documents import clean, entries, entry, instant, name, words
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import Money

__all__ = [
    "entries",
    "entry",
    "instant",
    "money",
    "name",
    "quotable",
    "shortened",
    "whole",
    "without_request_id",
    "words",
]

# More units or grams than this are a slip of the supplier's.
_MOST: Final = 10**9
_LONG_DIGITS: Final = re.compile(r"\+?[0-9][0-9 ()/.-]{4,}[0-9]")
_MAIL: Final = re.compile(r"\S+@\S+")
# Tokens and keys are words like this; some suppliers quote the one that they were sent.
_LONG_WORD: Final = re.compile(r"\S{16,}")
_QUOTED_LENGTH: Final = 120
# The quotes of a text that holds the like are escaped, and do not match.
_REQUEST_ID: Final = re.compile(rb'("(?:request_id|requestId)"\s*:\s*)"[^"\\]*"')


def without_request_id(body: bytes) -> bytes:
    """An answer without what the supplier calls the request.

    Everything else stays as it came; the same product then gives the same bytes, kept once.
    """
    return _REQUEST_ID.sub(rb'\1""', body)


def whole(value: Any, what: str) -> int | None:
    """A count as a number or as text; None = not said.

    Raises:
        Refused: negative, absurd or no whole number.
    """
    if value is None or value == "":
        return None
    digits = str(value)
    if isinstance(value, bool) or not (digits.isascii() and digits.isdigit()) or len(digits) > 10:
        raise Refused(f"the {what} {shortened(value)} is no count")
    if int(digits) > _MOST:
        raise Refused(f"the {what} {digits} is absurd")
    return int(digits)


def money(amount: Any, currency: Any, what: str) -> Money | None:
    """An amount in decimal text or as a JSON number; None = not said.

    Raises:
        Refused: negative, no amount, or in no known currency.
    """
    if amount is None or amount == "":
        return None
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise Refused(f"the {what} {shortened(amount)} is no amount of money")
    found = Money.of(amount, currency if isinstance(currency, str) else "")
    if found.minor < 0:
        raise Refused(f"the {what} {found} is negative")
    return found


def shortened(value: Any) -> str:
    """A supplier's value as a sentence may quote it."""
    return f"'{clean(str(value))[:40]}'"


def quotable(message: Any) -> str:
    """What a supplier says of a product, fit for an error: no mail address, no token, no number.

    For product calls only; what suppliers say of orders may quote the recipient.
    """
    said = _LONG_DIGITS.sub("…", _LONG_WORD.sub("…", _MAIL.sub("…", words(message))))
    return said[:_QUOTED_LENGTH].rstrip(" .")
