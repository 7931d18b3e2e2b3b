"""Endpoints and tokens: shown once, kept as hashes, their secrets sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.domain.webhooks import EventFacts, NotGenuine, Unguarded
from zyenta_ops.operations.edge.hooks import MOST_SECRETS, Hooks
from zyenta_ops.operations.edge.tokens import Tokens
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import api_token, webhook_endpoint
from zyenta_ops.ports.web import Scheme
from zyenta_ops_tests.builders import a_store
from zyenta_ops_tests.conftest import CountingIds, FixedClock

OLD, NEW = "k1:" + "A" * 43 + "=", "k2:" + "B" * 42 + "A="


def verify(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    """A source whose body is one of the secrets, and that breaks on some bodies."""
    if body == b"poison":
        raise ZeroDivisionError
    if body.decode() not in secrets:
        raise NotGenuine("not one of the secrets")
    return EventFacts("e-1", "thing", account=headers.get("account", ""))


def scheme_of(source: EventSource) -> Scheme:
    return Scheme(verify, "eight letters", "[a-z]{8}", needs_secret=source is not EventSource.CJ)


def hooks_with(keyring: str, database: Database, clock: FixedClock, new_id: CountingIds) -> Hooks:
    tokens = count(1)
    return Hooks(database, clock, new_id, lambda: f"tok-{next(tokens)}", Vault(keyring), scheme_of)


@pytest.fixture
def hooks(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Hooks:
    return hooks_with(OLD, sqlite_database, clock, new_id)


@pytest.fixture
def tokens(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Tokens:
    texts = count(1)
    return Tokens(sqlite_database, clock, new_id, lambda: f"text-{next(texts)}")


def test_neither_token_nor_secret_can_be_read_in_the_database(
    hooks: Hooks, tokens: Tokens, sqlite_database: Database
) -> None:
    opened = hooks.add(EventSource.STRIPE, secret="aaaaaaaa")
    issued = tokens.add("ops")
    with sqlite_database.read() as records:
        rows = [
            str(row)
            for table in (webhook_endpoint, api_token)
            for row in records.connection.execute(select(table))
        ]
    stored = "".join(rows) + repr(opened) + repr(issued)
    assert len(rows) == 2
    for secret in (opened.token, issued.text, "aaaaaaaa"):
        assert secret not in stored


def test_a_door_is_opened_by_its_token_alone(hooks: Hooks) -> None:
    opened = hooks.add(EventSource.STRIPE, "live", "acct_1", "aaaaaaaa")
    door = hooks.door(opened.token)
    assert door is not None
    assert (door.endpoint, door.secrets) == (opened.endpoint, ("aaaaaaaa",))
    assert hooks.door("tok-2") is None
    assert hooks.door("\udcff") is None


def test_an_event_says_where_it_came_in_and_whose_it_is(hooks: Hooks, clock: FixedClock) -> None:
    door = hooks.door(hooks.add(EventSource.STRIPE, account="acct_1", secret="aaaaaaaa").token)
    assert door is not None
    event = hooks.admit(door, {}, b"aaaaaaaa")
    assert (event.source, event.event_id, event.account) == (EventSource.STRIPE, "e-1", "acct_1")
    assert event.received_at == clock.now
    assert hooks.admit(door, {"account": "acct_2"}, b"aaaaaaaa").account == "acct_2"


def test_what_breaks_a_proof_is_not_proven(hooks: Hooks) -> None:
    door = hooks.door(hooks.add(EventSource.STRIPE, secret="aaaaaaaa").token)
    assert door is not None
    with pytest.raises(NotGenuine, match="ZeroDivisionError"):
        hooks.admit(door, {}, b"poison")


def test_an_endpoint_without_a_secret_proves_nothing_unless_its_source_signs_nothing(
    hooks: Hooks,
) -> None:
    door = hooks.door(hooks.add(EventSource.STRIPE).token)
    assert door is not None
    with pytest.raises(Unguarded):
        hooks.admit(door, {}, b"")
    open_door = hooks.door(hooks.add(EventSource.CJ).token)
    assert open_door is not None
    with pytest.raises(NotGenuine):
        hooks.admit(open_door, {}, b"x")


def test_secrets_are_added_up_to_a_few_and_the_newest_stays(hooks: Hooks) -> None:
    opened = hooks.add(EventSource.STRIPE, secret="aaaaaaaa")
    endpoint_id = opened.endpoint.id
    assert hooks.add_secret(endpoint_id, " bbbbbbbb\n") == 2
    assert hooks.add_secret(endpoint_id, "cccccccc") == MOST_SECRETS
    with pytest.raises(Refused, match="drop the old ones"):
        hooks.add_secret(endpoint_id, "dddddddd")
    with pytest.raises(Refused, match="accepts this secret already"):
        hooks.add_secret(endpoint_id, "cccccccc")

    assert hooks.drop_old_secrets(endpoint_id) == 1

    door = hooks.door(opened.token)
    assert door is not None
    assert door.secrets == ("cccccccc",)


def test_what_is_no_secret_of_the_source_is_not_kept_and_not_quoted(hooks: Hooks) -> None:
    with pytest.raises(Refused, match="give eight letters") as refusal:
        hooks.add(EventSource.STRIPE, secret="hush")
    assert "hush" not in str(refusal.value)
    assert hooks.listed() == []


def test_a_revoked_endpoint_opens_to_nobody_and_stays_listed(
    hooks: Hooks, clock: FixedClock
) -> None:
    opened = hooks.add(EventSource.STRIPE, secret="aaaaaaaa")
    hooks.revoke(opened.endpoint.id)
    assert hooks.door(opened.token) is None
    assert [each.revoked_at for each in hooks.listed()] == [clock.now]
    for again in (hooks.revoke, hooks.drop_old_secrets):
        with pytest.raises(NotFound, match="no open endpoint"):
            again(opened.endpoint.id)


def test_secrets_are_sealed_again_under_a_new_key(
    hooks: Hooks, sqlite_database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    token = hooks.add(EventSource.STRIPE, secret="aaaaaaaa").token
    both = hooks_with(f"{NEW},{OLD}", sqlite_database, clock, new_id)
    assert (both.reseal(), both.reseal()) == (1, 0)
    door = hooks_with(NEW, sqlite_database, clock, new_id).door(token)
    assert door is not None
    assert door.secrets == ("aaaaaaaa",)


@pytest.fixture
def stores(sqlite_database: Database) -> None:
    with sqlite_database.write() as records:
        a_store(records.connection, "one")
        a_store(records.connection, "two")
        a_store(records.connection, "sister", account_id="account-one")


@pytest.mark.usefixtures("stores")
def test_a_token_reaches_the_stores_it_names_or_all_of_their_owner(
    tokens: Tokens, sqlite_database: Database
) -> None:
    with sqlite_database.read() as records:
        every = records.stores.every()

    def reached(**reach: object) -> list[str]:
        issued = tokens.add("x", **reach)  # type: ignore[arg-type]
        token = tokens.recognise(issued.text)
        assert token is not None
        return [store.subdomain for store in every if token.reaches(store)]

    assert reached(store_refs=["one"]) == ["one"]
    assert reached(store_refs=["one"], whole_account=True) == ["one", "sister"]
    assert reached() == ["one", "sister", "two"]


@pytest.mark.usefixtures("stores")
def test_a_token_for_stores_of_two_owners_or_for_none_there_is_is_not_issued(
    tokens: Tokens, clock: FixedClock
) -> None:
    with pytest.raises(Refused, match="several accounts"):
        tokens.add("x", store_refs=["one", "two"])
    with pytest.raises(NotFound, match="three"):
        tokens.add("x", store_refs=["three"])
    with pytest.raises(Refused, match="lies ahead"):
        tokens.add("x", expires_at=clock.now)
    assert tokens.listed() == []


def test_only_a_valid_token_is_recognised(tokens: Tokens, clock: FixedClock) -> None:
    lasting = tokens.add("a")
    ending = tokens.add("b", expires_at=clock.now + timedelta(days=1))
    revoked = tokens.add("c")
    tokens.revoke(revoked.token.id)
    clock.advance(days=1)

    assert tokens.recognise(lasting.text) is not None
    for text in (ending.text, revoked.text, lasting.text[4:], "zyt_", "", "zyt_\udcff"):
        assert tokens.recognise(text) is None
    with pytest.raises(NotFound, match="no token in force"):
        tokens.revoke(revoked.token.id)


def test_when_a_token_was_used_is_noted_now_and_then(tokens: Tokens, clock: FixedClock) -> None:
    text = tokens.add("a").text

    def used(minutes: int) -> datetime | None:
        clock.advance(minutes=minutes)
        tokens.recognise(text)
        return tokens.listed()[0].last_used_at

    first = used(0)
    assert first == clock.now
    assert used(9) == first
    assert used(1) == clock.now
