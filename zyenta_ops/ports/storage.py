"""Where bytes are kept that are too large or too many for the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol


class ObjectStore(Protocol):
    """Content by the SHA-256 of itself: the same content is kept once and never changes."""

    def put(self, content: bytes) -> str:
        """Keep content; returns its name, 64 hexadecimal digits.

        Raises:
            Refused: the store cannot be written to.
        """
        ...

    def get(self, name: str) -> bytes:
        """What is kept under a name.

        Raises:
            NotFound: nothing is.
        """
        ...

    def kept_before(self, moment: datetime) -> Iterator[str]:
        """Names of what was last put before a time; they may be deleted while they are read.

        Raises:
            Refused: the store cannot be listed.
        """
        ...

    def delete(self, names: Sequence[str]) -> None:
        """Keep these no longer; a name that nothing is kept under is passed over.

        Raises:
            Refused: the store cannot be written to.
        """
        ...

    def check(self) -> None:
        """See that content could be kept; nothing is made or changed.

        Raises:
            Refused: it could not, and why.
        """
        ...
