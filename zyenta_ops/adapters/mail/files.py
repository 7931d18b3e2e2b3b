"""Mail as `.eml` files, which every mail program opens: the transport when no server is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from zyenta_ops.adapters.mail.composition import compose, sender_address
from zyenta_ops.domain.errors import DeliveryDeferred
from zyenta_ops.domain.notifications import OutboundMessage
from zyenta_ops.ports.notifications import Send


@dataclass(frozen=True)
class FileTransport:
    """Writes each mail into `folder`; satisfies `zyenta_ops.ports.Transport`.

    File names sort by the time the message was made. A message delivered twice overwrites its own
    file.
    """

    folder: Path
    sender: str

    def __post_init__(self) -> None:
        sender_address(self.sender)

    @contextmanager
    def open(self) -> Iterator[Send]:
        """A session; the folder is made by the first message."""
        yield self._write

    def _write(self, message: OutboundMessage) -> None:
        mail = compose(message, sender_address(self.sender)).as_bytes()
        made = message.created_at.astimezone(UTC)
        path = self.folder / f"{made:%Y%m%dT%H%M%S}Z-{message.id}.eml"
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(mail)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink()
            raise DeliveryDeferred(
                f"the mail cannot be written to {self.folder}: {error.strerror}"
            ) from None
