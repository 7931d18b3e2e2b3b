"""Protocols of everything outside: what operations need, said in domain values.

A protocol belongs here when an operation calls it; implementations live in `adapters` and
`persistence` and are chosen in `bootstrap`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from zyenta_ops.domain.catalog import Offer, Rejection, SourceVersion


@dataclass(frozen=True)
class CatalogueReading:
    """An opened catalogue: unchanged since the known version, or a stream to read once.

    `entries` yields every entry of the source as an offer or as the reason why it is none;
    nothing is dropped silently. It is empty when `unchanged`.
    """

    version: SourceVersion
    unchanged: bool
    entries: Iterator[Offer | Rejection]


class CatalogueSource(Protocol):
    """Where a supplier's whole catalogue can be read from."""

    def open(self, known: SourceVersion | None) -> AbstractContextManager[CatalogueReading]:
        """Open the catalogue for one pass.

        Args:
            known: the version last taken over, or None to read in any case.

        Raises:
            SourceUnavailable: trying again later may succeed.
            SourceInvalid: somebody must act first. Both may also be raised while iterating.
        """
        ...
