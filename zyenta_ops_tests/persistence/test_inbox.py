"""Events on both engines: whether they could be stored."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from zyenta_ops.domain.errors import DatabaseUnavailable
from zyenta_ops.persistence.engine import Database


def test_an_inbox_can_be_written_without_storing_anything(database: Database) -> None:
    with database.write() as records:
        records.inbox.prove_writable()

    with database.read() as records:
        assert records.inbox.listed(None, None, 10) == []


def test_an_inbox_that_somebody_has_locked_cannot_be_written(postgres_url: str) -> None:
    holder, hasty = Database(postgres_url), Database(postgres_url, patience_seconds=1)
    with holder.write() as theirs:
        theirs.connection.execute(text("LOCK TABLE inbox_event IN EXCLUSIVE MODE"))
        with pytest.raises(DatabaseUnavailable), hasty.write() as records:
            records.inbox.prove_writable()
    hasty.dispose()
    holder.dispose()
