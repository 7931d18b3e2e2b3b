"""The check characters of tracking numbers, as their owners publish them.

Each function takes the characters before the check character, digits and capital letters of ASCII
only, and returns the one that has to follow. How well they catch a slip differs:

    GS1, ISO7064    every single wrong character
    S10             all but the 1 in 11 where the sum moves between 0 and 6 modulo 11
    FEDEX           all but where the sum moves between 0 and 10 modulo 11
    UPS             all but digits five apart, where they are doubled
    MOD7            all but digits seven apart
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_S10_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)


class Check(StrEnum):
    """An algorithm by the name of who published it."""

    S10 = "S10"
    UPS = "UPS"
    FEDEX = "FEDEX"
    GS1 = "GS1"
    MOD7 = "MOD7"
    ISO7064 = "ISO7064"


def check_character(check: Check, body: str) -> str:
    """The character that has to follow."""
    return _ALGORITHMS[check](body)


def _s10(body: str) -> str:
    """UPU standard S10, annex: weights, modulo 11; 10 is written 0, and 11 is written 5."""
    total = sum(w * int(digit) for w, digit in zip(_S10_WEIGHTS, body, strict=True))
    return str({10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11))


def _ups(body: str) -> str:
    """UPS: letters count as 2 (A), 3 (B) … modulo 10; every second character is doubled."""
    values = [int(each) if each.isdigit() else (ord(each) - ord("A") + 2) % 10 for each in body]
    return _to_ten(sum(values[0::2]) + 2 * sum(values[1::2]))


def _fedex(body: str) -> str:
    """FedEx: weights 1, 3, 7 from the right, modulo 11; 10 is written 0."""
    return str(_weighted(body, (1, 3, 7)) % 11 % 10)


def _gs1(body: str) -> str:
    """GS1 General Specifications 7.9: weights 3, 1 from the right, up to the next ten."""
    return _to_ten(_weighted(body, (3, 1)))


def _mod7(body: str) -> str:
    """DHL Express and airlines (IATA resolution 600a): the number modulo 7."""
    return str(int(body) % 7)


def _iso7064(body: str) -> str:
    """ISO/IEC 7064, hybrid system MOD 37,36."""
    product = 36
    for each in body:
        total = (product + _ALPHABET.index(each)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def _weighted(body: str, weights: Iterable[int]) -> int:
    cycle = tuple(weights)
    return sum(cycle[place % len(cycle)] * int(digit) for place, digit in enumerate(reversed(body)))


def _to_ten(total: int) -> str:
    return str(-total % 10)


_ALGORITHMS: Final[dict[Check, Callable[[str], str]]] = {
    Check.S10: _s10,
    Check.UPS: _ups,
    Check.FEDEX: _fedex,
    Check.GS1: _gs1,
    Check.MOD7: _mod7,
    Check.ISO7064: _iso7064,
}
