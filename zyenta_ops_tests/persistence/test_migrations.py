from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, insert, inspect, select

from zyenta_ops.domain.errors import Refused
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import (
    current_revision,
    differences,
    head_revision,
    migrate,
)
from zyenta_ops.persistence.schema import metadata, supplier
from zyenta_ops_tests.builders import THEN, a_product, a_store, a_supplier, an_offer
from zyenta_ops_tests.postgres import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/empty.db"
        yield Database(url)
        return
    databases: Databases = request.getfixturevalue("postgres_databases")
    url = Databases(databases.server, "template0").create()
    database = Database(url)
    yield database
    database.dispose()
    databases.drop(url)


@pytest.fixture
def migrated(empty: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated database on the same engine."""
    sqlite = empty.engine.dialect.name == "sqlite"
    database = Database(request.getfixturevalue("sqlite_url" if sqlite else "postgres_url"))
    yield database
    database.dispose()


def plain(found: Any) -> Any:
    """What an inspector found, in a form that compares: order and identity play no part."""
    if isinstance(found, dict):
        return sorted((key, plain(value)) for key, value in found.items())
    if isinstance(found, list) and found and isinstance(found[0], dict):
        return sorted(str(plain(each)) for each in found)
    return str(found)


def anatomy(engine: Engine) -> dict[str, dict[str, Any]]:
    """Everything an engine tells of its tables that a migration could get wrong."""
    look = inspect(engine)
    return {
        table: {
            "columns": plain(look.get_columns(table)),
            "primary key": plain(look.get_pk_constraint(table)),
            "foreign keys": plain(look.get_foreign_keys(table)),
            "unique": plain(look.get_unique_constraints(table)),
            "checks": plain(look.get_check_constraints(table)),
            "indexes": plain(look.get_indexes(table)),
        }
        for table in metadata.tables
    }


def test_migrating_an_empty_database_gives_the_tables_of_the_program(empty: Database) -> None:
    assert current_revision(empty) is None

    migrate(empty)

    assert current_revision(empty) == head_revision(empty)
    assert differences(empty) == []


def test_a_migrated_database_is_the_one_the_tables_would_make(
    empty: Database, migrated: Database
) -> None:
    metadata.create_all(empty.engine)

    wanted = anatomy(empty.engine)
    for table, found in anatomy(migrated.engine).items():
        assert found == wanted[table]


def test_a_difference_is_found(database: Database) -> None:
    with database.write() as records:
        records.connection.exec_driver_sql("ALTER TABLE fx_rate ADD COLUMN surplus INTEGER")
        records.connection.exec_driver_sql("DROP INDEX ix_supplier_offer_product")

    found = differences(database)

    assert len(found) == 2
    assert any("surplus" in each for each in found)
    assert any("ix_supplier_offer_product" in each for each in found)


def test_migrating_again_changes_nothing_and_keeps_the_data(database: Database) -> None:
    with database.write() as records:
        a_supplier(records.connection)

    migrate(database)

    with database.read() as records:
        assert len(records.connection.execute(select(supplier)).all()) == 1


def test_all_steps_down_and_up_again_give_the_same_tables(database: Database) -> None:
    before = anatomy(database.engine)

    migrate(database, "base")
    assert current_revision(database) is None
    assert inspect(database.engine).get_table_names() == ["zyenta_alembic_version"]
    migrate(database)

    assert anatomy(database.engine) == before
    assert differences(database) == []


def test_two_processes_that_migrate_at_once_end_with_one_database(empty: Database) -> None:
    url = empty.url.render_as_string(hide_password=False)
    program = (
        "import sys\n"
        "from zyenta_ops.persistence.engine import Database\n"
        "from zyenta_ops.persistence.migrations import migrate\n"
        "migrate(Database(sys.argv[1]))\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    assert [process.communicate(timeout=60)[1] for process in both] == ["", ""]
    assert [process.returncode for process in both] == [0, 0]
    assert differences(empty) == []


@pytest.mark.parametrize("act", [migrate, current_revision])
def test_a_database_of_a_newer_version_is_refused_and_stays(
    database: Database, act: Callable[[Database], object]
) -> None:
    with database.write() as records:
        records.connection.exec_driver_sql("UPDATE zyenta_alembic_version SET version_num = 'f00d'")

    with pytest.raises(Refused, match="revision f00d, which this version of zyenta-ops does not"):
        act(database)

    with database.read() as records:
        stored = records.connection.exec_driver_sql(
            "SELECT version_num FROM zyenta_alembic_version"
        )
        assert stored.scalar_one() == "f00d"


def test_rows_that_others_point_to_survive_a_table_that_is_made_anew(database: Database) -> None:
    migrate(database, "0002")
    with database.write() as records:
        a_store(records.connection)
        a_supplier(records.connection)
        product_id = a_product(records.connection)

    migrate(database)

    with database.write() as records:
        a_supplier(records.connection, "printful", kind="PRINTFUL")
        assert len(records.products.find(product_id, None)) == 1


def test_the_version_is_kept_apart_from_the_one_of_dagster(database: Database) -> None:
    tables = inspect(database.engine).get_table_names()

    assert "zyenta_alembic_version" in tables
    assert "alembic_version" not in tables
    assert set(tables) == {*metadata.tables, "zyenta_alembic_version"}


def test_what_alerts_name_survives_the_way_to_their_new_table_and_back(database: Database) -> None:
    migrate(database, "0001")
    _insert_alerts_of_revision_0001(database)

    migrate(database)

    subject = {"alert_id": "stock", "store_id": "store-my-shop", "supplier_key": "my-feed"}
    assert {**subject, "cause": "STOCK_LOW"}.items() <= _rows(database, "alert_subject")[0].items()
    assert [row["alerted_cost_currency"] for row in _rows(database, "product_variant")] == ["USD"]
    # What failed was not kept with a failure, so nothing could ever end it.
    statuses = {row["id"]: row["status"] for row in _rows(database, "alert")}
    assert statuses == {"failure": "RESOLVED", "stock": "OPEN"}

    migrate(database, "0001")

    (row,) = _rows(database, "alert_subject")
    assert (row["alert_id"], row["cause"]) == ("stock", "STOCK_LOW")


def _insert_alerts_of_revision_0001(database: Database) -> None:
    """One alert about a variant and one about a failed sync, as that revision stored them."""
    alerts, subjects, variants = (
        Table(name, MetaData(), autoload_with=database.engine)
        for name in ("alert", "alert_subject", "product_variant")
    )
    shared = {"message": "", "metadata": {}, "supplier_key": "my-feed", "read": False}
    then = THEN if database.engine.dialect.name == "postgresql" else THEN.isoformat()
    shared |= dict.fromkeys(("opened_at", "created_at", "updated_at"), then)
    with database.write() as records:
        connection = records.connection
        a_supplier(connection)
        a_store(connection)
        product_id = a_product(connection)
        connection.execute(
            insert(variants).values(
                id="variant",
                product_id=product_id,
                store_id="store-my-shop",
                supplier_key="my-feed",
                offer_id=an_offer(connection),
                title="M",
                cost_minor=900,
                cost_currency="USD",
                alerted_cost_minor=1_000,
                created_at=then,
                updated_at=then,
            )
        )
        for alert_id, type_, severity, store_id in (
            ("stock", "STOCK_LOW", "MEDIUM", "store-my-shop"),
            ("failure", "SYNC_FAILURE", "CRITICAL", None),
        ):
            named = {"id": alert_id, "title": alert_id, "dedupe_key": alert_id, "type": type_}
            row = shared | named | {"severity": severity, "store_id": store_id}
            connection.execute(insert(alerts).values(status="OPEN", **row))
        connection.execute(
            insert(subjects).values(
                alert_id="stock", variant_id="variant", product_id=product_id, cause="STOCK_LOW"
            )
        )


def _rows(database: Database, table: str) -> list[dict[str, Any]]:
    with database.read() as records:
        found = Table(table, MetaData(), autoload_with=records.connection)
        rows = records.connection.execute(select(found).order_by(*list(found.c)[:1])).mappings()
        return [dict(row) for row in rows]
