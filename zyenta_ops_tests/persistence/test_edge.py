from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports.web import ApiToken, Endpoint
from zyenta_ops_tests.builders import THEN, a_store

ENDPOINT = Endpoint("end-1", EventSource.STRIPE, "live", "acct_1", "sealed-1", THEN)
TOKEN = ApiToken("tok-1", "shop", "account-my-shop", ("store-my-shop",), THEN)
LATER = THEN + timedelta(hours=1)


def test_an_endpoint_is_found_by_the_hash_of_its_token_alone(database: Database) -> None:
    with database.write() as records:
        records.edge.add_endpoint(ENDPOINT, "a" * 64)
    with database.read() as records:
        assert records.edge.endpoint("a" * 64) == ENDPOINT
        assert records.edge.endpoint("b" * 64) is None
        assert records.edge.endpoints() == [ENDPOINT]


def test_secrets_changed_meanwhile_are_not_overwritten(database: Database) -> None:
    with database.write() as records:
        records.edge.add_endpoint(ENDPOINT, "a" * 64)
        assert records.edge.reseal_endpoint("end-1", "sealed-1", "sealed-2", LATER)
        assert not records.edge.reseal_endpoint("end-1", "sealed-1", "sealed-3", LATER)
        assert records.edge.endpoint("a" * 64) == replace(ENDPOINT, sealed="sealed-2")


def test_what_is_revoked_is_revoked_once_and_stays_known(database: Database) -> None:
    with database.write() as records:
        a_store(records.connection)
        records.edge.add_endpoint(ENDPOINT, "a" * 64)
        records.edge.add_token(TOKEN, "c" * 64)
        assert records.edge.revoke_endpoint("end-1", LATER)
        assert not records.edge.revoke_endpoint("end-1", LATER + timedelta(hours=1))
        assert records.edge.revoke_token("tok-1", LATER)
        assert not records.edge.revoke_token("tok-1", LATER + timedelta(hours=1))
        assert not records.edge.revoke_token("tok-2", LATER)
    with database.read() as records:
        assert records.edge.endpoint("a" * 64) == replace(ENDPOINT, revoked_at=LATER)
        assert records.edge.token("c" * 64) == replace(TOKEN, revoked_at=LATER)


@pytest.mark.parametrize(
    "token", [TOKEN, replace(TOKEN, account_id=None, store_ids=(), expires_at=LATER)]
)
def test_a_token_comes_back_as_it_was_given(database: Database, token: ApiToken) -> None:
    with database.write() as records:
        a_store(records.connection)
        records.edge.add_token(token, "c" * 64)
        records.edge.note_use(token.id, LATER)
    with database.read() as records:
        assert records.edge.tokens() == [replace(token, last_used_at=LATER)]
        assert records.edge.token("d" * 64) is None


def an_event(number: int, event_id: str, source: EventSource = EventSource.STRIPE) -> NewEvent:
    return NewEvent(
        f"event-{number}", source, event_id, "payment_intent.succeeded", b'{"\xff": 1}', Via.HOOK,
        verified=True, received_at=THEN + timedelta(seconds=number),
    )  # fmt: skip


def test_of_events_with_the_same_source_and_id_one_is_kept(database: Database) -> None:
    with database.write() as records:
        assert records.inbox.record([an_event(1, "evt_1"), an_event(2, "evt_1")]) == 1
    with database.write() as records:
        again = [an_event(3, "evt_1"), an_event(4, "evt_2"), an_event(5, "evt_1", EventSource.CJ)]
        assert records.inbox.record(again) == 2
    with database.read() as records:
        kept = records.inbox.listed(None, None, 10)
        assert [each.id for each in kept] == ["event-5", "event-4", "event-1"]
        assert records.inbox.listed(EventSource.CJ, None, 10) == [kept[0]]
        found = records.inbox.find("event-1")
    assert found is not None
    assert found.body == b'{"\xff": 1}'
