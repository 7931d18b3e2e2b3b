from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from sqlite3 import ProgrammingError
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from zyenta_ops.domain.errors import DatabaseUnavailable, Refused
from zyenta_ops.persistence.engine import Database, database_url
from zyenta_ops.persistence.schema import fx_rate, product, supplier
from zyenta_ops_tests.builders import THEN, a_store, a_supplier

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("url", "drivername"),
    [
        ("postgres://ann:pw@db/zyenta", "postgresql+psycopg2"),
        ("postgresql://ann:pw@db/zyenta", "postgresql+psycopg2"),
        ("postgresql+psycopg2://ann:pw@db/zyenta", "postgresql+psycopg2"),
        ("sqlite:////var/lib/zyenta.db", "sqlite"),
    ],
)
def test_the_driver_of_a_url_is_always_named(url: str, drivername: str) -> None:
    parsed = database_url(url)

    assert parsed.drivername == drivername
    assert parsed.host in (None, "db")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:hunter2@db/zyenta",
        "postgresql+psycopg://ann:hunter2@db/zyenta",
        "postgresql+asyncpg://ann:hunter2@db/zyenta",
        "postgresql://ann@db:hunter2/zyenta",
        "hunter2",
        "",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_any_other_url_is_refused_in_a_sentence_without_its_password(url: str) -> None:
    with pytest.raises(Refused) as refused:
        database_url(url)

    assert "hunter2" not in str(refused.value)
    assert "sqlite" in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_connection_that_fails_does_not_tell_the_password() -> None:
    database = Database("postgresql://ann:hunter2@127.0.0.1:1/zyenta")

    with pytest.raises(DatabaseUnavailable) as failed, database.read():
        pass

    assert str(failed.value) == (
        "the database postgresql+psycopg2://ann:***@127.0.0.1:1/zyenta cannot be used"
        " (OperationalError); see what is wrong with `zyenta-ops doctor`"
    )
    assert "hunter2" not in repr(database.url)


def pragma(database: Database, name: str) -> Any:
    with database.write() as records:
        return records.connection.execute(text(f"PRAGMA {name}")).scalar_one()


def test_sqlite_is_opened_for_several_processes(sqlite_database: Database) -> None:
    assert pragma(sqlite_database, "journal_mode") == "wal"
    assert pragma(sqlite_database, "foreign_keys") == 1
    assert pragma(sqlite_database, "busy_timeout") == 300_000
    assert pragma(sqlite_database, "synchronous") == 1


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/folder/zyenta.db")

    with database.read() as records:
        records.connection.execute(text("SELECT 1"))

    assert (tmp_path / "new" / "folder").is_dir()


def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    row = {"id": "p", "store_id": "no-store", "supplier_key": "none", "product_ref": "x"}
    with pytest.raises(IntegrityError), database.write() as records:
        records.connection.execute(
            insert(product).values(
                **row, title="", images=[], created_at=THEN, updated_at=THEN, price_locked=False
            )
        )


def test_a_block_that_fails_changes_nothing(database: Database) -> None:
    def half_done() -> None:
        with database.write() as records:
            a_supplier(records.connection)
            raise LookupError

    with pytest.raises(LookupError):
        half_done()

    with database.read() as records:
        assert records.connection.execute(select(supplier)).all() == []


def test_a_unit_of_work_for_reading_refuses_to_write(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable) as refused, database.read() as records:
        a_supplier(records.connection)

    assert re.search(r"read-?only", str(refused.value.__cause__))

    with database.write() as records:
        a_supplier(records.connection)


def test_a_database_that_lost_its_tables_is_said_so_and_quotes_no_statement(
    database: Database,
) -> None:
    with database.write() as records:
        records.connection.execute(text("DROP TABLE alert_subject"))

    with pytest.raises(DatabaseUnavailable) as failed, database.read() as records:
        records.connection.execute(text("SELECT * FROM alert_subject"))

    assert "cannot be used (" in str(failed.value)
    assert "SELECT" not in str(failed.value)


def test_a_snapshot_does_not_see_what_is_committed_meanwhile(database: Database) -> None:
    with database.read() as records:
        assert records.connection.execute(select(supplier)).all() == []
        with database.write() as writing:
            a_supplier(writing.connection)
        assert records.connection.execute(select(supplier)).all() == []

    with database.read() as records:
        assert len(records.connection.execute(select(supplier)).all()) == 1


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writing:
        a_supplier(writing.connection)
        with database.read() as records:
            assert records.connection.execute(select(supplier)).all() == []


def test_a_lock_that_never_comes_free_is_an_error_and_leaves_the_waiting_time_as_it_was(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Database(str(sqlite_database.url))
    with sqlite_database.write() as holding, monkeypatch.context() as patched:
        a_supplier(holding.connection)
        patched.setattr("zyenta_ops.persistence.engine.BUSY_TIMEOUT_MS", 0)
        with pytest.raises(DatabaseUnavailable, match="OperationalError"), other.write():
            pass

    assert pragma(other, "busy_timeout") == 300_000


WRITER = """
import sys
from sqlalchemy import insert, select
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import fx_rate
from zyenta_ops_tests.builders import THEN
from datetime import timedelta
database, writer = Database(sys.argv[1]), int(sys.argv[2])
for number in range(40):
    with database.write() as records:
        # Read first: a lock taken only at the write would be refused at once, whatever the timeout.
        records.connection.execute(select(fx_rate.c.rate).limit(1)).all()
        moment = THEN + timedelta(hours=writer, seconds=number)
        records.connection.execute(insert(fx_rate).values(
            base="EUR", quote="USD", rate="1", source="test", as_of=moment))
"""


def test_writers_in_several_processes_wait_for_each_other(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(number)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]

    assert [(writer.communicate(timeout=60)[1], writer.returncode) for writer in writers] == [
        ("", 0)
    ] * 3
    with database.read() as records:
        assert len(records.connection.execute(select(fx_rate)).all()) == 120


def test_whoever_has_no_patience_is_told_at_once_that_the_database_is_locked(
    sqlite_url: str,
) -> None:
    holder, hasty = Database(sqlite_url), Database(sqlite_url, patience_seconds=0)
    with holder.write():
        with pytest.raises(DatabaseUnavailable, match="cannot be used"), hasty.write():
            raise AssertionError("the lock was taken twice")
        with hasty.read() as records:
            assert records.stores.every() == ()
    with hasty.write() as records:
        a_store(records.connection)
    with hasty.read() as records:
        assert len(records.stores.every()) == 1
    hasty.dispose()


def test_postgresql_gives_up_on_a_lock_when_patience_is_over(postgres_url: str) -> None:
    holder, hasty = Database(postgres_url), Database(postgres_url, patience_seconds=1)
    with holder.write() as theirs:
        theirs.connection.execute(text("LOCK TABLE store IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(DatabaseUnavailable), hasty.read() as records:
            records.stores.every()
    hasty.dispose()
    holder.dispose()


def plain_connection(database: Database) -> Any:
    """The driver's connection that a transaction uses."""
    with database.write() as records:
        return records.connection.connection.dbapi_connection


def test_a_connection_is_kept_from_one_transaction_to_the_next(database: Database) -> None:
    assert plain_connection(database) is plain_connection(database)


def test_a_forked_process_opens_connections_of_its_own(database: Database) -> None:
    of_the_parent = plain_connection(database)
    child = os.fork()
    if child == 0:
        status = 2
        try:
            status = int(plain_connection(database) is of_the_parent)
        finally:
            os._exit(status)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert plain_connection(database) is of_the_parent


def test_a_database_that_nobody_needs_closes_its_connections(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    connection = plain_connection(database)

    del database

    with pytest.raises(ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
