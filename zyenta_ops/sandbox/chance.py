"""Chance that does not depend on the order of questions: the same words give the same draw.

A stream of random numbers would answer differently when two connections race; a draw from the
words of the question does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def chance(*words: object) -> float:
    """A number from 0 up to 1, always the same for the same words."""
    return int(digest(*words)[:16], 16) / 2**64


def pick(options: Sequence[T], *words: object) -> T:
    """One of the options, always the same for the same words."""
    return options[int(chance(*words) * len(options))]


def between(low: int, high: int, *words: object) -> int:
    """A whole number from low to high, both included."""
    return low + int(chance(*words) * (high - low + 1))


def digest(*words: object) -> str:
    """64 hexadecimal digits, always the same for the same words."""
    text = "\x1f".join(str(word) for word in words)
    return blake2b(text.encode(), digest_size=32).hexdigest()
