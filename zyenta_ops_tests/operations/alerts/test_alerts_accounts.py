"""Accounts at suppliers that need a person are told of in time, and no longer than needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from zyenta_ops.adapters.mail.rendering import render
from zyenta_ops.domain.accounts import WARN_BEFORE, AccountStatus, SupplierAccount
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import alert, outbox_message, store, supplier
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop, a_shop

OWNER = "account-my-shop"


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    """A store that sells from a supplier with an API, beside another owner's and a paused one."""
    shop = a_shop(database, clock, new_id)
    with database.write() as records:
        records.connection.execute(update(supplier).values(kind="PRINTFUL", config={}))
    shop.sells("bottle")
    Shop(database, clock, new_id, "other", shop.changes).opened().sells("bottle")
    Shop(database, clock, new_id, "paused", shop.changes).opened(status="PAUSED").sells("bottle")
    return shop


def has(shop: Shop, owner: str | None = None, **known: Any) -> None:
    """The supplier account of an owner, connected long ago, as it stands now."""
    account = SupplierAccount(
        **{
            "id": "login",
            "supplier_key": SUPPLIER,
            "owner_id": owner,
            "label": "fox",
            "status": AccountStatus.ACTIVE,
            "connected_at": shop.clock() - timedelta(days=50),
        }
        | known
    )
    with shop.database.write() as records:
        records.accounts.connect(account, "sealed", shop.clock())


def revoke(shop: Shop) -> None:
    with shop.database.write() as records:
        (account,) = records.accounts.every()
        assert records.accounts.revoke(account, shop.clock())


def block(shop: Shop, minutes: int, reason: str = "the key may not do this") -> None:
    with shop.database.write() as records:
        until = shop.clock() + timedelta(minutes=minutes)
        (account,) = records.accounts.every()
        assert records.accounts.block(account, until, reason)


def tell(shop: Shop) -> tuple[int, int]:
    told = shop.alerts.tell_accounts("run-1")
    assert told.faults == ()
    return told.opened, told.resolved


def unresolved(shop: Shop) -> list[tuple[str, str | None]]:
    found = [(row["type"], row["store_id"]) for row in shop.open_alerts()]
    return sorted(found, key=lambda each: (each[0], each[1] or ""))


def mails(shop: Shop) -> list[tuple[str, str, str]]:
    return [(row["template"], row["recipient"], row["status"]) for row in shop.mails()]


def test_accounts_that_are_well_give_no_cause(shop: Shop) -> None:
    has(shop, refresh_expires_at=shop.clock() + WARN_BEFORE + timedelta(seconds=1))

    assert shop.alerts.count_accounts_to_tell() == 0
    assert tell(shop) == (0, 0)
    assert shop.rows(alert) == []


def test_the_platforms_own_account_is_the_teams_to_look_after(shop: Shop) -> None:
    has(shop)
    revoke(shop)
    assert shop.alerts.count_accounts_to_tell() == 1
    assert shop.rows(alert) == []

    assert tell(shop) == (3, 0)

    assert unresolved(shop) == [
        ("AUTH_REVOKED", None),
        ("AUTH_REVOKED", "store-my-shop"),
        ("AUTH_REVOKED", "store-other"),
    ]
    rows = {row["store_id"]: row for row in shop.rows(alert)}
    assert {row["severity"] for row in rows.values()} == {"CRITICAL"}
    assert rows["store-my-shop"]["title"] == "The connection to Nordic Supply is interrupted"
    assert "zyenta-ops" not in rows["store-my-shop"]["message"]
    assert rows[None]["message"] == (
        "Nothing is asked with it until it is connected again:"
        " `zyenta-ops supplier connect my-feed`."
    )
    assert mails(shop) == [
        ("account-failure", "ops@example.com", "PENDING"),
        ("account-failure", "internal", "PENDING"),
    ]
    assert shop.mails()[0]["context"] == {
        "severity": "CRITICAL",
        "service": "zyenta-ops",
        "title": "Nordic Supply no longer accepts the account fox",
        "supplier_key": SUPPLIER,
        "supplier_name": "Nordic Supply",
        "reason": rows[None]["message"],
        "run_id": "run-1",
        "stores": 2,
        "as_of": "2 November 2026, 12:00 UTC",
    }


def test_telling_again_finds_nothing_to_do(shop: Shop) -> None:
    has(shop)
    revoke(shop)
    tell(shop)
    before = shop.everything()

    assert shop.alerts.count_accounts_to_tell() == 0
    assert tell(shop) == (0, 0)
    assert shop.everything() == before


def test_an_owner_is_told_of_an_account_of_his_own_and_how_to_connect_it(shop: Shop) -> None:
    has(shop, OWNER)
    revoke(shop)

    assert tell(shop) == (2, 0)

    assert unresolved(shop) == [("AUTH_REVOKED", None), ("AUTH_REVOKED", "store-my-shop")]
    assert mails(shop) == [
        ("account-failure", "ops@example.com", "PENDING"),
        ("account-failure", "internal", "PENDING"),
        ("account-alert", "my-shop@example.com", "PENDING"),
    ]
    rendered = render("account-alert", shop.mails()[2]["context"])
    assert rendered.subject == (
        "[Fjord & Pine] Supplier Account: Nordic Supply no longer accepts the account fox"
    )
    command = "zyenta-ops supplier connect my-feed --store my-shop"
    assert command in rendered.text
    assert command in rendered.html


def test_an_end_that_comes_near_is_told_to_the_owner_alone(shop: Shop) -> None:
    has(shop, OWNER, refresh_expires_at=shop.clock() + WARN_BEFORE)

    assert tell(shop) == (1, 0)

    (row,) = shop.rows(alert)
    assert (row["type"], row["severity"], row["store_id"]) == (
        *("AUTH_EXPIRING", "HIGH"),
        "store-my-shop",
    )
    assert row["title"] == (
        "The login of the account fox at Nordic Supply ends on 9 November 2026, 12:00 UTC"
    )
    assert mails(shop) == [("account-alert", "my-shop@example.com", "PENDING")]


def test_an_end_of_the_platforms_own_account_is_told_to_the_team(shop: Shop) -> None:
    has(shop, refresh_expires_at=shop.clock() + WARN_BEFORE)

    assert tell(shop) == (3, 0)

    assert [row["context"]["severity"] for row in shop.mails()] == ["HIGH", "HIGH"]


def test_an_account_that_is_connected_again_is_over_and_its_mails_are_taken_back(
    shop: Shop,
) -> None:
    has(shop, OWNER, refresh_expires_at=shop.clock() + WARN_BEFORE)
    tell(shop)

    has(shop, OWNER, refresh_expires_at=shop.clock() + timedelta(days=60))
    assert shop.alerts.count_accounts_to_tell() == 1
    assert tell(shop) == (0, 1)

    assert unresolved(shop) == []
    assert mails(shop) == [("account-alert", "my-shop@example.com", "WITHDRAWN")]


def test_an_end_that_was_not_heeded_becomes_a_refusal(shop: Shop) -> None:
    has(shop, OWNER, refresh_expires_at=shop.clock() + WARN_BEFORE)
    tell(shop)

    shop.clock.advance(days=7)
    assert tell(shop) == (2, 1)

    assert unresolved(shop) == [("AUTH_REVOKED", None), ("AUTH_REVOKED", "store-my-shop")]


def test_an_account_that_somebody_takes_away_is_no_trouble(shop: Shop) -> None:
    has(shop, OWNER)
    revoke(shop)
    tell(shop)

    with shop.database.write() as records:
        records.accounts.disconnect("login", shop.clock())
    assert tell(shop) == (0, 2)


def test_a_refusal_that_lasts_is_one_alert_until_an_answer_comes(shop: Shop) -> None:
    has(shop, OWNER)
    block(shop, minutes=4)
    assert tell(shop) == (0, 0)

    block(shop, minutes=360)
    assert tell(shop) == (1, 0)
    shop.clock.advance(minutes=361)
    assert tell(shop) == (0, 0)
    block(shop, minutes=360, reason="the key may still not do this")
    assert tell(shop) == (0, 0)

    with shop.database.write() as records:
        (account,) = records.accounts.every()
        assert records.accounts.note_check(account, "fox", shop.clock())
    assert tell(shop) == (0, 1)
    assert [row["type"] for row in shop.rows(alert)] == ["SUPPLIER_BLOCKED"]


def test_a_store_that_joins_later_gets_its_alert_without_a_new_message(shop: Shop) -> None:
    has(shop)
    revoke(shop)
    tell(shop)
    sent = len(shop.mails())

    late = Shop(shop.database, shop.clock, shop.new_id, "late", shop.changes).opened()
    late.sells("bottle")
    assert tell(shop) == (1, 0)
    assert len(shop.mails()) == sent


def test_a_store_that_no_longer_sells_through_the_account_is_left_alone(shop: Shop) -> None:
    has(shop, OWNER)
    revoke(shop)
    tell(shop)

    shop.set(store, "store-my-shop", status="CLOSED")
    assert tell(shop) == (0, 1)
    assert unresolved(shop) == [("AUTH_REVOKED", None)]


def test_a_muted_type_is_recorded_without_a_mail(shop: Shop) -> None:
    shop.prefers(muted=["AUTH_EXPIRING"])
    has(shop, OWNER, refresh_expires_at=shop.clock() + WARN_BEFORE)

    assert tell(shop) == (1, 0)
    assert shop.mails() == []
    assert shop.rows(alert)[0]["digest_due_at"] is None


def test_a_daily_digest_tells_of_what_is_not_critical(shop: Shop) -> None:
    shop.prefers(digest="DAILY")
    has(shop, OWNER, refresh_expires_at=shop.clock() + WARN_BEFORE)
    assert tell(shop) == (1, 0)
    assert shop.mails() == []

    shop.clock.advance(days=1)
    assert shop.alerts.queue_digests() == 1

    rendered = render("digest", shop.mails()[0]["context"])
    for part in (rendered.text, rendered.html):
        assert "ends on 9 November 2026, 12:00 UTC" in part
        assert "zyenta-ops supplier connect my-feed --store my-shop" in part
        assert "What happened" not in part


def test_a_critical_alert_waits_for_neither_digest_nor_quiet_hours(shop: Shop) -> None:
    shop.prefers(digest="DAILY", quiet_hours={"start": "10:00", "end": "14:00"})
    has(shop, OWNER)
    revoke(shop)
    tell(shop)

    (mail,) = [row for row in shop.mails() if row["template"] == "account-alert"]
    assert mail["next_attempt_at"] == shop.clock()


def test_preferences_that_cannot_be_read_keep_no_other_store_waiting(shop: Shop) -> None:
    second = Shop(shop.database, shop.clock, shop.new_id, "second", shop.changes)
    second.opened(account_id=OWNER).sells("bottle")
    shop.prefers(digest="SOMETIMES")
    has(shop, OWNER)
    revoke(shop)

    told = shop.alerts.tell_accounts("run-1")

    assert (told.opened, len(told.faults)) == (2, 1)
    assert "store-my-shop" in told.faults[0]
    assert unresolved(shop) == [("AUTH_REVOKED", None), ("AUTH_REVOKED", "store-second")]


def test_nothing_is_told_of_accounts_twice_by_two_at_once(shop: Shop) -> None:
    has(shop, OWNER)
    revoke(shop)
    with shop.database.read() as records:
        first = records.accounts.find("login")
    assert first is not None
    tell(shop)

    with shop.database.write() as records:
        alerts = shop.alerts._accounts(records, "run-2")
        news = alerts._wanted(first, set())
        opened = [alerts._open(key, fact, first, "Nordic Supply") for key, fact in news.items()]

    assert opened == [False, False]
    assert len(shop.rows(outbox_message)) == 3
