"""A secret planted in a supplier's credentials is found nowhere afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.operations.stores import Products, Stores, Suppliers
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import metadata
from zyenta_ops_tests.cli.stores.conftest import (
    ADD_SUPPLIER,
    KEYRING,
    Bundle,
    FakeCatalog,
    Shell,
    as_given,
    checked,
)
from zyenta_ops_tests.conftest import CountingIds, FixedClock

SENTINEL = "sentinel-5f2b"


@pytest.fixture
def shell(database: Database, clock: FixedClock, new_id: CountingIds) -> Shell:
    wired = (database, clock, new_id)
    suppliers = Suppliers(*wired, Vault(KEYRING), {SupplierKind.FEED: as_given})
    return Shell(
        Bundle(Stores(*wired, checked, checked), suppliers, Products(*wired), FakeCatalog(database))
    )


def stored(database: Database) -> Iterator[str]:
    """Every value of every column of every table, as text."""
    with database.read() as records:
        for table in metadata.sorted_tables:
            for row in records.connection.execute(select(table)):
                yield from (str(value) for value in row)


def test_a_planted_secret_is_in_no_column_log_exception_or_output(
    shell: Shell, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    add = ADD_SUPPLIER.split()
    outputs = [
        shell([*add, "--header", f"X-Token: {SENTINEL}"]),
        shell([*add, "--header", f"X-Token: {SENTINEL}"]),  # refused: the key is taken
        shell([*add, "--header", f"X Token: {SENTINEL}"]),  # refused: no header's name
        shell([*add, "--basic", SENTINEL]),  # refused: no colon
        shell(["supplier", "add", "other", "--feed", f"https://me:{SENTINEL}@supplier.example/x"]),
        shell("supplier login my-feed --header-stdin --json", f"X-Token: {SENTINEL}\n"),
        shell("supplier login my-feed --basic-prompt", f"me\n{SENTINEL}\n"),
        shell("supplier show my-feed"),
        shell("supplier show my-feed --json"),
        shell("supplier list --json"),
        shell("supplier pause my-feed --json"),
    ]
    assert [result.exit_code for result in outputs] == [0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    wrong_key = Suppliers(
        database,
        shell.bundle.suppliers.clock,
        shell.bundle.suppliers.new_id,
        Vault(KEYRING.replace("A", "B")),
        {},
    )
    with pytest.raises(Refused) as refusal:
        wrong_key.credentials("my-feed")

    login = shell.bundle.suppliers.credentials("my-feed")
    assert login is not None
    assert login.basic == ("me", SENTINEL)
    traces = [
        repr(login),
        repr(shell.bundle),
        repr(refusal.value),
        caplog.text,
        *(result.output for result in outputs),
        *(repr(result.exception) for result in outputs),
        *stored(database),
    ]
    assert any("my-feed" in trace for trace in traces)
    assert [trace for trace in traces if SENTINEL in trace] == []
