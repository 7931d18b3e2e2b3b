"""What a diagnosis says: findings, each with advice where something should be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from zyenta_ops.settings import Settings

# Whoever asks how things stand waits for the answer; a server that is up needs a fraction of it.
CONNECT_SECONDS: Final = 5


class Health(StrEnum):
    """How a finding stands."""

    GOOD = "GOOD"
    WARNING = "WARNING"  # works, and somebody may want it otherwise
    BAD = "BAD"  # does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `advice` is what to do about it."""

    subject: str
    health: Health
    says: str
    advice: str | None = None


Check = Callable[[Settings], Iterator[Finding]]
