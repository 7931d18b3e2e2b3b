"""Feeds in files of this machine."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from stat import S_ISREG
from urllib.parse import unquote, urlsplit

from zyenta_ops.adapters.suppliers.feed.fetching import Fetched, too_large
from zyenta_ops.domain.catalog import SourceVersion
from zyenta_ops.domain.errors import SourceInvalid, SourceUnavailable


def local_path(location: str) -> Path:
    """The path a location means: a path as it stands, or a file:// address."""
    if location.startswith("file://"):
        parts = urlsplit(location)
        if parts.netloc not in ("", "localhost"):
            raise SourceInvalid("a file:// address must name a file of this machine: file:///path")
        return Path(unquote(parts.path))
    return Path(location).expanduser()


def refuse_unless_file(path: Path) -> os.stat_result:
    """The state of a file that can be read.

    Raises:
        SourceInvalid: there is no such regular file, or it may not be read.
        SourceUnavailable: the disk does not answer.
    """
    try:
        state = path.stat()
        if not S_ISREG(state.st_mode):
            raise SourceInvalid("it is not a regular file; name the feed file itself")
        with path.open("rb"):
            return state
    except (FileNotFoundError, NotADirectoryError):
        raise SourceInvalid("there is no such file; check the path") from None
    except PermissionError:
        raise SourceInvalid("the file may not be read; check its permissions") from None
    except OSError as error:
        raise SourceUnavailable(f"the file could not be read: {error.strerror}") from error


def fetch_file(location: str, most_bytes: int) -> Fetched:
    """Take a file where it stands.

    Raises:
        SourceInvalid: there is no such regular file, it may not be read, or it is too large.
        SourceUnavailable: reading failed; from `check`, the file was rewritten meanwhile.
    """
    path = local_path(location)
    before = refuse_unless_file(path)
    if before.st_size > most_bytes:
        raise too_large(most_bytes)
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise SourceUnavailable(f"the file could not be read: {error.strerror}") from error

    def check() -> None:
        if not path.exists() or _stamp(path.stat()) != _stamp(before):
            raise SourceUnavailable("the file was rewritten while it was read; try again")

    return Fetched(SourceVersion(sha256=digest), path, check)


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
