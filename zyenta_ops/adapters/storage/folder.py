"""Objects in a folder of this machine."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from zyenta_ops.adapters.storage import name_of, packed, path_of
from zyenta_ops.domain.errors import NotFound, Refused


class FolderStore:
    """Satisfies `zyenta_ops.ports.storage.ObjectStore`; makes the folder when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Write beside, then rename: a reader sees the whole object or none."""
        name = name_of(content)
        path = self._folder / path_of(name)
        if path.exists():
            return name
        draft = path.with_name(f".{path.name}.{token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(packed(content))
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise Refused(
                f"objects cannot be kept in {self._folder}: {error.strerror};"
                " make the folder writable or set ZYENTA_OBJECT_STORE"
            ) from error
        return name

    def get(self, name: str) -> bytes:
        """The object, unpacked."""
        try:
            return gzip.decompress((self._folder / path_of(name)).read_bytes())
        except FileNotFoundError:
            raise NotFound(f"no object {name} is kept in {self._folder}") from None
