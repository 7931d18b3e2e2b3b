from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from zyenta_ops.domain.accounts import (
    LONG_BLOCK,
    LONG_PAUSE,
    WARN_BEFORE,
    AccountStatus,
    SupplierAccount,
)
from zyenta_ops.domain.alerts import AlertType
from zyenta_ops.domain.alerts.accounts import command_for, is_for_team, troubles, words
from zyenta_ops.domain.alerts.wording import short_time

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=1)
REVOKED, EXPIRING, BLOCKED = (
    AlertType.AUTH_REVOKED,
    AlertType.AUTH_EXPIRING,
    AlertType.SUPPLIER_BLOCKED,
)


def an_account(**known: Any) -> SupplierAccount:
    return SupplierAccount(
        **{
            "id": "a",
            "supplier_key": "ali",
            "owner_id": None,
            "label": "fox",
            "status": AccountStatus.ACTIVE,
            "connected_at": NOW - timedelta(days=50),
        }
        | known
    )


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (an_account(), ()),
        (an_account(status=AccountStatus.DISCONNECTED, blocked_until=NOW + WARN_BEFORE), ()),
        (an_account(status=AccountStatus.REVOKED), (REVOKED,)),
        (an_account(refresh_expires_at=NOW), (REVOKED,)),
        (an_account(refresh_expires_at=NOW + WARN_BEFORE), (EXPIRING,)),
        (an_account(refresh_expires_at=NOW + WARN_BEFORE + MOMENT), ()),
        (an_account(blocked_until=NOW + LONG_BLOCK + MOMENT), (BLOCKED,)),
        (an_account(blocked_until=NOW + LONG_BLOCK), ()),
        (an_account(paused_until=NOW + LONG_PAUSE + MOMENT), (BLOCKED,)),
        (an_account(paused_until=NOW + LONG_PAUSE), ()),
        (
            an_account(refresh_expires_at=NOW + MOMENT, blocked_until=NOW + timedelta(hours=1)),
            (EXPIRING, BLOCKED),
        ),
        (
            an_account(status=AccountStatus.REVOKED, blocked_until=NOW + timedelta(hours=1)),
            (REVOKED,),
        ),
    ],
)
def test_what_needs_a_person(account: SupplierAccount, expected: tuple[AlertType, ...]) -> None:
    assert troubles(account, (), NOW) == expected


def test_a_block_that_was_told_of_is_over_only_when_the_circuit_is_closed() -> None:
    ran_out = an_account(blocked_until=NOW - MOMENT)
    assert troubles(ran_out, {BLOCKED}, NOW) == (BLOCKED,)
    assert troubles(ran_out, (), NOW) == ()
    assert troubles(an_account(), {BLOCKED}, NOW) == ()


def test_the_team_is_told_of_what_is_critical_and_of_the_platforms_own() -> None:
    own, merchants = an_account(), an_account(owner_id="ann")
    told = [(each, is_for_team(each, own), is_for_team(each, merchants)) for each in AlertType]
    assert [each for each in told if each[0] in (REVOKED, EXPIRING, BLOCKED)] == [
        (EXPIRING, True, False),
        (REVOKED, True, True),
        (BLOCKED, True, False),
    ]


def test_the_words_say_what_to_do() -> None:
    account = an_account(
        refresh_expires_at=NOW + timedelta(days=7), blocked_reason="the key may not do this"
    )
    command = command_for(REVOKED, "ali", "nordlicht")
    assert command == "zyenta-ops supplier connect ali --store nordlicht"
    assert command_for(EXPIRING, "ali", None) == "zyenta-ops supplier connect ali"
    assert command_for(BLOCKED, "ali", "nordlicht") == "zyenta-ops supplier check ali"

    expiring = words(EXPIRING, account, "AliExpress", command)
    assert expiring.title == (
        "The login of the account fox at AliExpress ends on 9 November 2026, 12:00 UTC"
    )
    assert expiring.message == (
        "It is renewed by itself until then and no longer. Connect it again before:"
        " `zyenta-ops supplier connect ali --store nordlicht`."
    )
    revoked = words(REVOKED, account, "AliExpress", command)
    assert revoked.title == "AliExpress no longer accepts the account fox"
    assert revoked.message == (
        "Nothing is asked with it until it is connected again:"
        " `zyenta-ops supplier connect ali --store nordlicht`."
    )
    blocked = words(BLOCKED, account, "AliExpress", "zyenta-ops supplier check ali")
    assert blocked.title == "AliExpress refuses the account fox"
    assert blocked.message == (
        "AliExpress refuses the account fox: the key may not do this. It is asked again every few"
        " hours; once what it names is put right, `zyenta-ops supplier check ali` asks at once."
    )


def test_a_pause_that_was_told_of_is_over_only_when_the_supplier_answers() -> None:
    rests = an_account(paused_until=NOW - MOMENT)
    assert troubles(rests, (), NOW) == ()
    assert troubles(rests, {BLOCKED}, NOW) == (BLOCKED,)
    assert troubles(an_account(), {BLOCKED}, NOW) == ()


def test_a_pause_is_told_of_as_a_wish_and_not_as_a_refusal() -> None:
    until = datetime(2026, 11, 2, 13, 0, tzinfo=UTC)
    said = words(BLOCKED, an_account(paused_until=until), "AliExpress", "zyenta-ops supplier check")
    assert said.title == "AliExpress asks for fewer requests with the account fox"
    assert f"wants to be left alone until {short_time(until)}: nothing is asked" in said.message
    assert "`zyenta-ops supplier check` asks at once" in said.message
