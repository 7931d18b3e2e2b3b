"""Opening SQLite and PostgreSQL so that both behave alike under several processes."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    RootTransaction,
    String,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, IntegrityError
from sqlalchemy.pool import Pool

from zyenta_ops.domain.errors import DatabaseUnavailable, Refused
from zyenta_ops.persistence.types import StorableText, document_text
from zyenta_ops.persistence.unit_of_work import Repositories

# A promoted first sweep of a million offers holds SQLite's write lock for a minute or more.
BUSY_TIMEOUT_MS = 300_000
# SQLite's own waiting looks up to 100 ms apart, and so would miss the moments, of about 1 ms, at
# which a process that writes page after page lets go of the lock.
LOOK_EVERY_SECONDS = 0.001
# A bigger one only fills as the catalogue grows: 32 MiB made a first sweep of a million offers 4 %
# cheaper and other sweeps no cheaper at all, since the system keeps the file in memory anyway.
_PAGE_CACHE_KIB = 8_192
_PRIMARY_CODE = 0xFF  # SQLite's extended codes carry the plain one in their lowest byte

# PostgreSQL's own default shows every statement another state of the database.
_READ_ONLY: dict[str, dict[str, Any]] = {
    "sqlite": {"zyenta_read_only": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def database_url(url: str) -> URL:
    """A URL with its driver named, since a bare `postgresql://` means psycopg 3 to SQLAlchemy 2.1.

    Raises:
        Refused: not a SQLite or PostgreSQL URL.
    """
    try:
        parsed = make_url(url)
    # ValueError: what follows a stray colon is taken for a port and quoted; it may be a password.
    except (ArgumentError, ValueError):
        raise Refused(
            "the database URL cannot be read; write sqlite:///path or postgresql://user@host/name"
        ) from None
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg2")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg2"):
        raise Refused(
            f"'{parsed.drivername}' databases are not supported; use sqlite or postgresql"
        )
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise Refused(
            "a SQLite database in memory is lost between transactions; write sqlite:///path"
        )
    return parsed


class Database:
    """One database; hands out units of work. Cheap to make, connects on first use.

    Args:
        url: of SQLite or PostgreSQL.
        patience_seconds: how long to wait for others; None = as long as their longest work takes.
            Whoever has a caller waiting would rather be told.

    Raises:
        Refused: not such a URL.
    """

    def __init__(self, url: str, patience_seconds: int | None = None) -> None:
        self.url = database_url(url)
        self.patience_seconds = patience_seconds

    @cached_property
    def engine(self) -> Engine:
        """The engine; SQLite files get their folder made."""
        sqlite = self.url.drivername == "sqlite"
        make = _sqlite_engine if sqlite else _postgresql_engine
        engine = make(self.url, self.patience_seconds)
        engine.dialect.colspecs = {**engine.dialect.colspecs, String: StorableText}
        _engines.add(engine)
        weakref.finalize(self, engine.dispose)
        return engine

    @contextmanager
    def write(self) -> Iterator[Repositories]:
        """A transaction that commits when the block ends well and changes nothing otherwise.

        Raises:
            DatabaseUnavailable: it is locked, lost, damaged or not ours; so for `read`.
        """
        with self._transaction({}) as transaction, transaction:
            yield Repositories(transaction.connection)

    @contextmanager
    def read(self) -> Iterator[Repositories]:
        """A snapshot for reading, which refuses to write and never waits for writers."""
        with self._transaction(_READ_ONLY[self.url.get_backend_name()]) as transaction:
            yield Repositories(transaction.connection)
            transaction.rollback()

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[RootTransaction]:
        with self.in_words(), self.engine.connect() as connection:
            yield connection.execution_options(**options).begin()

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Say in a sentence that the database cannot be used, with no password and no statement.

        A row that contradicts another, or is none, is the fault of who writes it, and passes.
        """
        try:
            yield
        except (IntegrityError, DataError):
            raise
        # Connections are set up by the driver itself, whose errors nobody wraps.
        except (DatabaseError, sqlite3.Error) as error:
            kind = type(error.orig if isinstance(error, DatabaseError) else error).__name__
            shown = self.url.render_as_string(hide_password=True)
            raise DatabaseUnavailable(
                f"the database {shown} cannot be used ({kind});"
                " see what is wrong with `zyenta-ops doctor`"
            ) from error

    def dispose(self) -> None:
        """Close pooled connections."""
        if "engine" in self.__dict__:
            self.engine.dispose()


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()
_of_the_parent: list[Pool] = []


def _leave_to_the_parent() -> None:
    """Open connections anew in a forked process; those it inherited are not its own to close."""
    for engine in _engines:
        _of_the_parent.append(engine.pool)
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_leave_to_the_parent)


@contextmanager
def reshaping(database: Database) -> Iterator[Connection]:
    """A transaction that may copy, drop and rename tables.

    SQLite changes a constraint by making the table anew; dropping the old one would count as
    deleting its rows if foreign keys were watched. They are checked before the end instead.

    Raises:
        Refused: afterwards rows would point nowhere; nothing was changed.
    """
    with database.in_words(), database.engine.connect() as plain:
        plain.detach()  # nobody else gets a connection that does not watch foreign keys
        connection = plain.execution_options(zyenta_reshaping=True)
        with connection.begin():
            yield connection
            if connection.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise Refused(
                        f"rows of the table '{broken[0]}' point to rows that do not exist;"
                        " the database was not migrated, restore it from a backup"
                    )


# Parameters hold addresses and mails, and error texts end up in logs.
_ON_BOTH: Final[dict[str, Any]] = {"hide_parameters": True, "json_serializer": document_text}


def _postgresql_engine(url: URL, patience_seconds: int | None) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=4,
        # Else an UPDATE of many rows is one round trip for each of them.
        executemany_mode="values_plus_batch",
        executemany_batch_page_size=500,
        **_impatient(patience_seconds),
        **_ON_BOTH,
    )


def _impatient(seconds: int | None) -> dict[str, Any]:
    """What makes PostgreSQL, its driver and the pool give up in time."""
    if seconds is None:
        return {}
    limits = " ".join(
        f"-c {name}={seconds * 1_000}" for name in ("lock_timeout", "statement_timeout")
    )
    return {
        "pool_timeout": seconds,
        "connect_args": {"connect_timeout": seconds, "options": limits},
    }


def _sqlite_engine(url: URL, patience_seconds: int | None) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    # Opening a connection reads the whole schema, and closing the last one writes all of the WAL
    # back: together twenty times as long as a short transaction takes.
    limits: dict[str, Any] = (
        {"max_overflow": -1} if patience_seconds is None else {"pool_timeout": patience_seconds}
    )
    engine = create_engine(url, pool_size=4, **limits, **_ON_BOTH)

    def patience_ms() -> int:
        return BUSY_TIMEOUT_MS if patience_seconds is None else patience_seconds * 1_000

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # pysqlite's own BEGIN would come too late
        for pragma in (
            "journal_mode=WAL",
            f"busy_timeout={patience_ms()}",
            "foreign_keys=ON",
            "synchronous=NORMAL",
            f"cache_size=-{_PAGE_CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Taking the write lock at once avoids "database is locked" on lock upgrades, which
        # busy_timeout does not help against.
        options = connection.get_execution_options()
        if options.get("zyenta_read_only", False):
            connection.exec_driver_sql("PRAGMA query_only=ON")
            connection.exec_driver_sql("BEGIN")
            return
        if options.get("zyenta_reshaping", False):
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA query_only=OFF")  # a kept connection has read before
        _begin_immediate(connection, patience_ms())

    return engine


def _begin_immediate(connection: Connection, patience_ms: int) -> None:
    """Take the write lock as soon as it is free, for as long as SQLite itself would wait."""
    plain: Any = connection.connection.dbapi_connection
    give_up = monotonic() + patience_ms / 1_000
    plain.execute("PRAGMA busy_timeout=0")
    try:
        while monotonic() < give_up:
            try:
                plain.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                    break
            sleep(LOOK_EVERY_SECONDS)
        # Fails like any statement, with the error that callers know.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        plain.execute(f"PRAGMA busy_timeout={patience_ms}")
