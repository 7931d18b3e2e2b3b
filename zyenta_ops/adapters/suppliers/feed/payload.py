"""A fetched feed on disk, read again and again as uncompressed bytes without ever unpacking it.

Compression is told from the first bytes, never from a name. What an archive holds is counted
while it is read, so a bomb is refused after the limit's worth of work and a fixed buffer of memory.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from zyenta_ops.domain.errors import SourceInvalid

# Deflate cannot exceed 1032:1; feeds stay under 100:1, zeros and bombs reach the maximum.
_BOMB_RATIO: Final = 400
_BOMB_BYTES: Final = 16 * 1024**2
_BUFFER: Final = 1024**2
# The list of what a zip archive holds is read at once; one of a feed and its read-me is short.
_LONGEST_READ: Final = 2 * _BUFFER
# The other ways of packing unpack as much as a packed block holds, and that can be gigabytes.
_BOUNDED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FEED_SUFFIXES: Final = frozenset({".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl", ".xml"})


@dataclass(frozen=True, slots=True)
class Payload:
    """A file and how it is packed. `member` names the file inside a zip archive."""

    path: Path
    compression: str
    member: str | None
    most_bytes: int

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The uncompressed bytes from the start.

        Raises:
            SourceInvalid: while reading, when the archive is damaged, cut short or a bomb.
        """
        with ExitStack() as stack:
            if self.compression == "zip":
                packed: IO[bytes] = stack.enter_context(_ShortReads(self.path))
                archive = stack.enter_context(zipfile.ZipFile(packed))
                plain: IO[bytes] | gzip.GzipFile = stack.enter_context(
                    _member(archive, self.member)
                )
            else:
                packed = plain = stack.enter_context(self.path.open("rb", buffering=_BUFFER))
                if self.compression == "gzip":
                    plain = stack.enter_context(gzip.GzipFile(fileobj=packed))
            yield cast(BinaryIO, io.BufferedReader(_Counted(plain, self, packed), _BUFFER))

    def head(self, size: int) -> bytes:
        """The first `size` uncompressed bytes, fewer when the feed is shorter."""
        with self.open() as stream:
            return stream.read(size)


def payload_of(path: Path, compression: str, most_bytes: int) -> Payload:
    """How a file is packed.

    Args:
        path: the fetched file.
        compression: "auto", or what it has to be: "none", "gzip", "zip".
        most_bytes: how many uncompressed bytes to accept.

    Raises:
        SourceInvalid: it is not packed that way, or the archive holds no single feed file.
    """
    with path.open("rb") as stream:
        magic = stream.read(4)
    found = "gzip" if magic[:2] == b"\x1f\x8b" else "zip" if _is_zip(magic) else "none"
    if compression not in ("auto", found):
        raise SourceInvalid(f"the feed is not compressed with {compression}, as its settings say")
    member = _feed_member(path, most_bytes) if found == "zip" else None
    return Payload(path, found, member, most_bytes)


def _is_zip(magic: bytes) -> bool:
    return magic in (b"PK\x03\x04", b"PK\x05\x06")


def _feed_member(path: Path, most_bytes: int) -> str:
    try:
        with _ShortReads(path) as packed, zipfile.ZipFile(packed) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise SourceInvalid("the zip archive is damaged or cut short") from error
    names = [each.filename for each in files]
    if "[Content_Types].xml" in names:
        raise SourceInvalid("the file is an Excel or Office document; export it as CSV instead")
    files = [each for each in files if not each.filename.startswith("__MACOSX/")]
    if len(files) > 1:
        files = [each for each in files if Path(each.filename).suffix.lower() in _FEED_SUFFIXES]
    if len(files) != 1:
        held = ", ".join(repr(name[:60]) for name in names[:8]) or "nothing"
        raise SourceInvalid(f"the zip archive must hold exactly one feed file; it holds {held}")
    if files[0].flag_bits & 0x1:
        raise SourceInvalid("the zip archive is protected by a password; publish it without one")
    if files[0].compress_type not in _BOUNDED:
        raise SourceInvalid("the zip archive is packed in a way that is not supported; use deflate")
    if files[0].file_size > most_bytes:
        raise _too_large(most_bytes)
    return files[0].filename


def _member(archive: zipfile.ZipFile, name: str | None) -> IO[bytes]:
    try:
        return archive.open(name or "")
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise SourceInvalid("the zip archive is damaged or cut short") from error


class _ShortReads(io.FileIO):
    """A zip archive whose list of members is bounded: it would be read at once, and all of it."""

    def read(self, size: int | None = -1, /) -> bytes:
        asked = _LONGEST_READ + 1 if size is None or size < 0 else min(size, _LONGEST_READ + 1)
        found = super().read(asked) or b""
        if len(found) > _LONGEST_READ:
            raise SourceInvalid("the zip archive holds too many files; it must hold one feed file")
        return found


# What unpacking raises on damaged bytes.
_DAMAGE: Final = (EOFError, OSError, ValueError, zipfile.BadZipFile, zlib.error)


class _Counted(io.RawIOBase):
    """Passes bytes on until they are too many, or too many for the packed bytes they came from."""

    def __init__(
        self, plain: IO[bytes] | gzip.GzipFile, payload: Payload, packed: IO[bytes]
    ) -> None:
        self._plain = plain
        self._payload = payload
        self._packed = packed
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._plain.read(len(buffer))
        except _DAMAGE as error:
            raise SourceInvalid(
                f"the {self._payload.compression} archive is damaged or cut short; "
                "nothing of it was taken over"
            ) from error
        self._count += len(chunk)
        if self._count > self._payload.most_bytes:
            raise _too_large(self._payload.most_bytes)
        if self._count > _BOMB_BYTES:
            self._refuse_bomb(self._packed.tell())
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _refuse_bomb(self, packed_bytes: int) -> None:
        if self._count > _BOMB_RATIO * max(packed_bytes, 1):
            raise SourceInvalid(
                f"the {self._payload.compression} archive unpacks to more than {_BOMB_RATIO} times "
                "its size; no catalogue does, so it was not read"
            )


def _too_large(most_bytes: int) -> SourceInvalid:
    return SourceInvalid(
        f"the feed unpacks to more than {most_bytes:,} bytes; raise its limit "
        "'uncompressed_bytes' if that is intended"
    )
