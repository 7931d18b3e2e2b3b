"""Getting a feed's bytes onto the local disk, or learning that they have not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from zyenta_ops.domain.catalog import SourceVersion
from zyenta_ops.domain.errors import SourceInvalid

CHUNK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed on disk. `path` is None when the source said that nothing changed.

    `check` is called once everything was read; it raises when the bytes changed meanwhile.
    """

    version: SourceVersion
    path: Path | None
    check: Callable[[], None] = lambda: None


def shown(location: str) -> str:
    """A location fit for messages: no user name, no query, no fragment, no line break."""
    if "://" not in location:
        return location[:200]
    parts = urlsplit(location)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"[:200]


def store(chunks: Iterable[bytes], target: BinaryIO, most_bytes: int) -> str:
    """Write chunks to a file and return their SHA-256.

    Raises:
        SourceInvalid: there are more than `most_bytes`.
    """
    digest = hashlib.sha256()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most_bytes:
            raise too_large(most_bytes)
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    return digest.hexdigest()


def too_large(most_bytes: int) -> SourceInvalid:
    """The refusal of a feed above its size limit."""
    return SourceInvalid(
        f"the feed is larger than {most_bytes:,} bytes; raise its limit 'download_bytes' if that "
        "is intended"
    )
