from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from zyenta_ops.domain.accounts import (
    RENEW_BEFORE,
    WARN_BEFORE,
    AccountStatus,
    SupplierAccount,
    readers,
)

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


def an_account(name: str = "a", **known: Any) -> SupplierAccount:
    return SupplierAccount(
        **{
            "id": name,
            "supplier_key": "cj",
            "owner_id": None,
            "label": "CJ123",
            "status": AccountStatus.ACTIVE,
            "connected_at": NOW - timedelta(days=20),
        }
        | known
    )


def test_an_account_is_healthy_while_it_is_active_not_blocked_and_not_at_its_end() -> None:
    assert an_account().is_healthy(NOW)
    assert an_account(blocked_until=NOW).is_healthy(NOW)
    assert not an_account(blocked_until=NOW + MOMENT).is_healthy(NOW)
    assert not an_account(status=AccountStatus.REVOKED).is_healthy(NOW)
    assert not an_account(refresh_expires_at=NOW).is_healthy(NOW)
    assert an_account(access_expires_at=NOW - MOMENT).is_healthy(NOW)
    renewable = an_account(access_expires_at=NOW - MOMENT, refresh_expires_at=NOW + MOMENT)
    assert renewable.is_healthy(NOW)


def test_an_account_is_renewed_shortly_before_its_access_ends() -> None:
    soon = NOW + RENEW_BEFORE
    assert an_account(access_expires_at=soon).wants_renewal(NOW)
    assert not an_account(access_expires_at=soon + MOMENT).wants_renewal(NOW)
    assert not an_account().wants_renewal(NOW)
    assert not an_account(access_expires_at=soon, refresh_expires_at=NOW).wants_renewal(NOW)
    assert not an_account(access_expires_at=soon, status=AccountStatus.REVOKED).wants_renewal(NOW)


def test_an_account_is_not_renewed_while_it_is_blocked_or_when_that_gains_nothing() -> None:
    soon = NOW + RENEW_BEFORE
    due: dict[str, Any] = {"access_expires_at": soon}
    assert an_account(**due, refresh_expires_at=soon + MOMENT).wants_renewal(NOW)
    assert not an_account(**due, refresh_expires_at=soon).wants_renewal(NOW)
    assert an_account(**due, blocked_until=NOW).wants_renewal(NOW)
    assert not an_account(**due, blocked_until=NOW + MOMENT).wants_renewal(NOW)


def test_an_account_that_was_blocked_is_checked_once_its_time_is_over() -> None:
    assert an_account(blocked_until=NOW).wants_check(NOW)
    assert not an_account(blocked_until=NOW + MOMENT).wants_check(NOW)
    assert not an_account().wants_check(NOW)
    assert not an_account(blocked_until=NOW, status=AccountStatus.REVOKED).wants_check(NOW)


def test_a_person_is_warned_in_time_for_the_life_of_the_tokens() -> None:
    long_lived = an_account(refresh_expires_at=NOW + WARN_BEFORE)
    assert long_lived.is_expiring(NOW)
    assert not an_account(refresh_expires_at=NOW + WARN_BEFORE + MOMENT).is_expiring(NOW)
    assert not an_account().is_expiring(NOW)
    # An app in test is given two days; warning from the start would be no warning.
    test_app = an_account(connected_at=NOW, refresh_expires_at=NOW + timedelta(days=2))
    assert not test_app.is_expiring(NOW)
    assert test_app.is_expiring(NOW + timedelta(hours=32))


def test_the_platforms_own_account_reads_before_those_of_merchants() -> None:
    own = an_account("own", refresh_expires_at=NOW + timedelta(days=1))
    longer = an_account("longer", owner_id="x", refresh_expires_at=NOW + timedelta(days=9))
    forever = an_account("forever", owner_id="y")
    blocked = an_account("blocked", blocked_until=NOW + timedelta(days=1))

    assert readers((blocked, longer, forever, own), NOW) == (own, forever, longer)


def test_a_block_pauses_placing_and_not_following() -> None:
    owned = an_account(owner_id="o", blocked_until=NOW + MOMENT)
    assert (owned.may_place(NOW), owned.may_follow(NOW)) == (False, True)
    assert owned.may_place(NOW + MOMENT)


def test_orders_are_placed_with_the_owners_account_alone() -> None:
    assert an_account(owner_id="o").may_place(NOW)
    assert not an_account().may_place(NOW)


def test_nothing_is_followed_with_an_account_that_is_gone() -> None:
    for gone in (
        {"status": AccountStatus.REVOKED},
        {"status": AccountStatus.DISCONNECTED},
        {"refresh_expires_at": NOW},
    ):
        account = an_account(owner_id="o", **gone)
        assert (account.may_place(NOW), account.may_follow(NOW)) == (False, False)
