from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, make_url, select
from sqlalchemy.exc import IntegrityError, StatementError

from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import fx_rate, supplier
from zyenta_ops.persistence.types import UtcDateTime
from zyenta_ops_tests.builders import a_supplier

RATE = {"base": "EUR", "quote": "USD", "rate": "1.1", "source": "test"}


def kept(database: Database, moment: datetime) -> datetime:
    with database.write() as records:
        records.connection.execute(insert(fx_rate).values(**RATE, as_of=moment))
    with database.read() as records:
        found: datetime = records.connection.execute(select(fx_rate.c.as_of)).scalar_one()
        return found


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 2, 12, 0, tzinfo=UTC),
        datetime(2026, 11, 2, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 11, 2, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
)
def test_an_instant_comes_back_as_the_same_instant_in_utc(
    database: Database, moment: datetime
) -> None:
    found = kept(database, moment)

    assert found == moment
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused_and_nothing_is_stored(database: Database) -> None:
    with pytest.raises(StatementError, match="a datetime without a time zone cannot be stored"):
        kept(database, datetime(2026, 11, 2, 12, 0))  # noqa: DTZ001

    with database.read() as records:
        assert records.connection.execute(select(fx_rate)).all() == []


_MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=9))]),
)


@given(st.lists(_MOMENTS, min_size=2, max_size=5))
def test_the_text_sqlite_keeps_sorts_as_the_instants_do(moments: list[datetime]) -> None:
    kind, dialect = UtcDateTime(), make_url("sqlite://").get_dialect()()
    texts = [kind.process_bind_param(moment, dialect) for moment in moments]

    assert [kind.process_result_value(text, dialect) for text in sorted(texts)] == sorted(moments)
    assert len({len(text) for text in texts}) == 1


def test_nothing_stays_nothing() -> None:
    for engine in ("sqlite", "postgresql"):
        dialect = make_url(f"{engine}://").get_dialect()()
        assert UtcDateTime().process_bind_param(None, dialect) is None
        assert UtcDateTime().process_result_value(None, dialect) is None


def test_a_word_outside_the_closed_set_is_refused_by_the_database(database: Database) -> None:
    with (
        pytest.raises(IntegrityError, match="ck_supplier_status_is_known"),
        database.write() as records,
    ):
        a_supplier(records.connection, status="SLEEPING")

    with database.read() as records:
        assert records.connection.execute(select(supplier)).all() == []


def test_documents_come_back_as_they_were(database: Database) -> None:
    document = {"nested": [1, None, {"text": "ünïcode"}], "flag": True}
    with database.write() as records:
        a_supplier(records.connection, config=document)

    with database.read() as records:
        assert records.connection.execute(select(supplier.c.config)).scalar_one() == document
