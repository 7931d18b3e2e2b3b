"""Where bytes are kept that are too large or too many for the database."""

from __future__ import annotations

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
