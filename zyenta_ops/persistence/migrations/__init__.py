"""Bringing a database to the schema of this version, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from zyenta_ops.domain.errors import Refused
from zyenta_ops.persistence.engine import Database, reshaping

if TYPE_CHECKING:
    from alembic.config import Config

# Dagster keeps its own `alembic_version`; ours must not meet it in a shared database.
VERSION_TABLE = "zyenta_alembic_version"
# Any number that nobody else locks in this database: "zyenta" in hexadecimal digits of its bytes.
_LOCK = 0x7A79656E7461


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade (or downgrade, when `revision` is older) in one transaction.

    Whoever comes at the same time waits, and finds nothing left to do.

    Raises:
        Refused: a newer version of the program has migrated the database.
        DatabaseUnavailable: there is no such database to be had.
    """
    from alembic import command

    config = _config(database)
    with reshaping(database) as connection:
        if connection.dialect.name == "postgresql":
            # SQLite lets in one writer at a time anyway.
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        known = _known(config)
        current = _refuse_newer(_revision_of(connection), known)
        target = known[0] if revision == "head" else revision
        if current in known and target in known and known.index(target) > known.index(current):
            command.downgrade(config, target)
        else:
            command.upgrade(config, revision)


def current_revision(database: Database) -> str | None:
    """The revision the database is at, None when it has never been migrated.

    Raises:
        Refused: a newer version of the program has migrated the database.
        DatabaseUnavailable: there is no such database to be had.
    """
    with database.read() as records:
        current = _revision_of(records.connection)
    return _refuse_newer(current, _known(_config(database)))


def _revision_of(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    options = {"version_table": VERSION_TABLE}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _refuse_newer(current: str | None, known: list[str]) -> str | None:
    if current is not None and current not in known:
        raise Refused(
            f"the database is at revision {current}, which this version of zyenta-ops does not"
            " know; a newer version has migrated it: install that one"
        )
    return current


def _known(config: Config) -> list[str]:
    """Every revision, the newest first, and `base` before them all."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [*(script.revision for script in scripts), "base"]


def head_revision(database: Database) -> str:
    """The revision this version of the program needs."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_config(database)).get_current_head())


def differences(database: Database) -> list[str]:
    """What the tables of a migrated database lack or have too much, empty when nothing."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from zyenta_ops.persistence.schema import metadata

    with database.engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return [str(difference) for difference in compare_metadata(context, metadata)]


def new_revision(database: Database, message: str) -> None:
    """Write a migration from the difference between the tables in code and a migrated database."""
    from alembic import command

    config = _config(database)
    with reshaping(database) as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)


def _config(database: Database) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config
