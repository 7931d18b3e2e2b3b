"""Objects in a folder of this machine."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from zyenta_ops.adapters.storage import is_name, name_of, packed, path_of
from zyenta_ops.domain.errors import NotFound, Refused


class FolderStore:
    """Satisfies `zyenta_ops.ports.storage.ObjectStore`; makes the folder when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Write beside, then rename: a reader sees the whole object or none."""
        name = name_of(content)
        path = self._folder / path_of(name)
        draft = path.with_name(f".{path.name}.{token_hex(8)}")
        try:
            if path.exists():
                # Put again, it is as new: nobody may delete it as an answer of long ago.
                os.utime(path)
                return name
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(packed(content))
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise self._unwritable(error) from error
        return name

    def get(self, name: str) -> bytes:
        """The object, unpacked."""
        try:
            return gzip.decompress((self._folder / path_of(name)).read_bytes())
        except FileNotFoundError:
            raise NotFound(f"no object {name} is kept in {self._folder}") from None

    def kept_before(self, moment: datetime) -> Iterator[str]:
        """Names of what was last put before a time, folder by folder."""
        for path in self._folder.glob("??/*.gz"):
            name = path.name.removesuffix(".gz")
            # Another process may delete it meanwhile.
            with suppress(FileNotFoundError):
                if is_name(name) and path.stat().st_mtime < moment.timestamp():
                    yield name

    def delete(self, names: Sequence[str]) -> None:
        """Delete the files."""
        try:
            for name in names:
                (self._folder / path_of(name)).unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def check(self) -> None:
        """See that the folder, or where it would be made, can be written to."""
        nearest = next(each for each in (self._folder, *self._folder.parents) if each.exists())
        try:
            with tempfile.TemporaryFile(dir=nearest):
                pass
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> Refused:
        return Refused(
            f"objects cannot be kept in {self._folder}: {error.strerror};"
            " make the folder writable or set ZYENTA_OBJECT_STORE"
        )
