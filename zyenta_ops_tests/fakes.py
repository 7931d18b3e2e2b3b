"""Counterparts that keep the promises of the ports, until they are told not to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from zyenta_ops.domain.catalog import Offer, Rejection, SourceVersion
from zyenta_ops.domain.errors import SourceError
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.unit_of_work import Repositories
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


class Killed(BaseException):
    """Stands for SIGKILL: nothing that goes on after an error goes on after it."""


class DyingDatabase(Database):
    """A database whose process dies when it begins its nth transaction that writes.

    `before_write` is called with the number of each of them, from 1.
    """

    def __init__(
        self, database: Database, at_write: int | None, before_write: Callable[[int], object] = int
    ) -> None:
        super().__init__(database.url.render_as_string(hide_password=False))
        self.at_write, self.before_write, self.writes = at_write, before_write, 0

    @contextmanager
    def write(self) -> Iterator[Repositories]:
        self.writes += 1
        if self.writes == self.at_write:
            self.dispose()
            raise Killed
        self.before_write(self.writes)
        with super().write() as records:
            yield records
