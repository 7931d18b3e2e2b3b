"""In-memory counterparts that keep the promises of the ports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from zyenta_ops.domain.catalog import Offer, Rejection, SourceVersion
from zyenta_ops.domain.errors import SourceError
from zyenta_ops.ports import CatalogueReading


@dataclass
class FakeCatalogue:
    """A supplier's catalogue whose entries a test sets; satisfies `ports.CatalogueSource`."""

    entries: Sequence[Offer | Rejection] = ()
    fails_with: SourceError | None = None
    fails_after: int | None = None
    opened: int = 0
    known: list[SourceVersion | None] = field(default_factory=list)

    @contextmanager
    def open(self, known: SourceVersion | None) -> Iterator[CatalogueReading]:
        self.opened += 1
        self.known.append(known)
        if self.fails_with is not None and self.fails_after is None:
            raise self.fails_with
        version = SourceVersion(sha256=sha256(repr(tuple(self.entries)).encode()).hexdigest())
        unchanged = known == version
        yield CatalogueReading(version, unchanged, iter(()) if unchanged else self._stream())

    def _stream(self) -> Iterator[Offer | Rejection]:
        for number, entry in enumerate(self.entries):
            if self.fails_with is not None and number == self.fails_after:
                raise self.fails_with
            yield entry
