"""Accounts are looked after in time: once each, and one's trouble is not another's."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.accounts import RENEW_BEFORE, AccountStatus, SupplierAccount
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import Supplier
from zyenta_ops.domain.supplier_errors import (
    LoginRevoked,
    Misconfigured,
    RateLimited,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.operations.accounts import REFUSED_FOR, Accounts
from zyenta_ops.operations.accounts.login import row_name
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.rate_limits import RateLimits
from zyenta_ops.persistence.schema import store
from zyenta_ops.ports.gateway import Allowance, Login, Secrets, Tokens
from zyenta_ops_tests.builders import a_store, a_supplier
from zyenta_ops_tests.conftest import CountingIds, FixedClock

LIFE = timedelta(days=15)


@dataclass
class Vendor:
    """A supplier that gives a new token each time it is asked, or refuses."""

    clock: FixedClock
    refuses: dict[str, SupplierError] = field(default_factory=dict)  # by account
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def open(self, _: Supplier, login: Login) -> Iterator[Any]:
        yield Gateway(self, login)

    def request(self, account_id: str) -> None:
        self.asked.append(account_id)
        if refusal := self.refuses.get(account_id):
            raise refusal


@dataclass
class Gateway:
    """What renewing and checking ask a gateway for."""

    vendor: Vendor
    login: Login
    limits = (Allowance("printful:account:a", 0.5),)

    def refresh_credentials(self) -> None:
        def ask(_: Secrets) -> Tokens:
            self.vendor.request(self.login.account_id)
            new = {"token": f"t{len(self.vendor.asked)}"}
            return Tokens(new, self.vendor.clock() + LIFE)

        self.login.renew(self.login.tokens().secrets, ask)

    def check(self) -> str:
        self.vendor.request(self.login.account_id)
        return "Fox & Friends"


@dataclass
class Office:
    """The accounts at one supplier."""

    database: Database
    clock: FixedClock
    vendor: Vendor
    accounts: Accounts
    vault: Vault
    limiter: RateLimits

    def has(self, account_id: str, supplier: str = "printful", **known: Any) -> None:
        with self.database.write() as records:
            account = SupplierAccount(
                **{
                    "id": account_id,
                    "supplier_key": supplier,
                    "owner_id": None,
                    "label": "",
                    "status": AccountStatus.ACTIVE,
                    "connected_at": self.clock(),
                }
                | known
            )
            sealed = self.vault.seal({"token": "t0"}, row=row_name(account_id))
            records.accounts.connect(account, sealed, self.clock())

    def account(self, account_id: str) -> SupplierAccount:
        with self.database.read() as records:
            found = records.accounts.find(account_id)
        assert found is not None
        return found

    def renewed(self) -> list[tuple[str, str, str | None]]:
        return [(each.account.id, each.done, each.problem) for each in self.accounts.renew_due()]


@pytest.fixture
def office(database: Database, clock: FixedClock, new_id: CountingIds) -> Office:
    vault = Vault(f"k1:{base64.b64encode(bytes(32)).decode()}")
    vendor = Vendor(clock)
    limiter = RateLimits(database, clock, lambda _: None)
    accounts = Accounts(
        database,
        clock,
        new_id,
        vault,
        lambda _: pytest.fail("nothing is connected here"),
        vendor.open,
        lambda seconds: clock.advance(seconds=seconds),
        limiter,
    )
    with database.write() as records:
        for key in ("printful", "prints"):
            a_supplier(records.connection, key, kind="PRINTFUL", config={})
    return Office(database, clock, vendor, accounts, vault, limiter)


def test_only_what_ends_soon_is_renewed_and_a_second_time_nothing_is_due(office: Office) -> None:
    office.has("soon", access_expires_at=office.clock() + RENEW_BEFORE)
    office.has("later", "prints", access_expires_at=office.clock() + timedelta(days=1))
    assert office.accounts.count_due() == 1

    assert office.renewed() == [("soon", "renewed", None)]

    assert office.account("soon").access_expires_at == office.clock() + LIFE
    assert office.accounts.count_due() == 0
    assert office.renewed() == []
    assert office.vendor.asked == ["soon"]


def test_of_two_processes_at_once_one_renews(office: Office) -> None:
    office.has("soon", access_expires_at=office.clock())
    entered, may_answer = Event(), Event()

    def slow(account_id: str) -> None:
        entered.set()
        assert may_answer.wait(20)
        office.vendor.asked.append(account_id)

    office.vendor.request = slow  # type: ignore[method-assign]
    second = replace(office.accounts, sleep=lambda _: may_answer.set())
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(office.accounts.renew_due)
        assert entered.wait(20)
        assert [each.problem for each in threads.submit(second.renew_due).result()] == [None]
        assert [each.problem for each in first.result()] == [None]

    assert office.vendor.asked == ["soon"]


def test_a_renewal_between_looking_and_asking_is_taken_over(office: Office) -> None:
    office.has("soon", access_expires_at=office.clock())
    opened = office.vendor.open

    @contextmanager
    def overtaken(supplier: Supplier, login: Login) -> Iterator[Any]:
        with opened(supplier, office.accounts.login("soon")) as first:
            first.refresh_credentials()
        with opened(supplier, login) as second:
            yield second

    accounts = replace(office.accounts, open_gateway=overtaken)

    assert [each.problem for each in accounts.renew_due()] == [None]
    assert office.vendor.asked == ["soon"]


def test_a_supplier_that_is_down_leaves_the_tokens_and_is_asked_again_later(
    office: Office,
) -> None:
    ends = office.clock() + RENEW_BEFORE
    office.has("soon", access_expires_at=ends)
    office.vendor.refuses["soon"] = SupplierUnavailable("the supplier answered HTTP 503")

    assert office.renewed() == [("soon", "failed", "the supplier answered HTTP 503")]

    account = office.account("soon")
    assert (account.status, account.access_expires_at) == (AccountStatus.ACTIVE, ends)
    assert account.blocked_until is None
    assert office.accounts.count_due() == 1
    office.vendor.refuses.clear()
    assert office.renewed() == [("soon", "renewed", None)]


def test_an_account_that_is_refused_is_revoked_and_the_others_are_renewed(office: Office) -> None:
    office.has("a", access_expires_at=office.clock())
    office.has("b", "prints", access_expires_at=office.clock())
    office.vendor.refuses["a"] = LoginRevoked("the supplier no longer accepts the token")

    assert office.renewed() == [
        ("a", "failed", "the supplier no longer accepts the token"),
        ("b", "renewed", None),
    ]

    assert office.account("a").status is AccountStatus.REVOKED
    assert office.accounts.count_due() == 0


def test_a_renewal_that_is_refused_for_our_key_blocks_the_account_and_does_not_prolong_it(
    office: Office,
) -> None:
    office.has("a", access_expires_at=office.clock())
    office.vendor.refuses["a"] = Misconfigured("the key may not do this")
    assert office.renewed() == [("a", "failed", "the key may not do this")]
    until = office.clock() + REFUSED_FOR

    office.clock.advance(minutes=5)
    assert office.accounts.count_due() == 0
    assert office.renewed() == []
    assert office.account("a").blocked_until == until


def test_secrets_that_do_not_open_keep_no_other_account_waiting(office: Office) -> None:
    office.has("a", access_expires_at=office.clock())
    with office.database.write() as records:
        records.accounts.reseal("a", records.accounts.sealed("a"), "k9.AAAA", office.clock())
    office.has("b", "prints", access_expires_at=office.clock())

    (first, second) = office.accounts.renew_due()

    assert (first.account.id, first.done) == ("a", "failed")
    assert first.problem is not None
    assert (second.account.id, second.done) == ("b", "renewed")
    assert office.vendor.asked == ["b"]


def test_a_block_that_is_over_is_looked_at_and_closed_by_an_answer(office: Office) -> None:
    office.has("a")
    office.accounts.fail(office.account("a"), Misconfigured("the key may not do this"))
    assert office.accounts.count_due() == 0

    office.clock.advance(seconds=REFUSED_FOR.total_seconds())
    assert office.accounts.count_due() == 1
    assert office.renewed() == [("a", "checked", None)]

    account = office.account("a")
    assert (account.blocked_until, account.blocked_reason) == (None, None)
    assert office.accounts.count_due() == 0


def test_a_block_that_is_over_and_still_refused_begins_anew(office: Office) -> None:
    office.has("a")
    office.accounts.fail(office.account("a"), Misconfigured("the key may not do this"))
    office.vendor.refuses["a"] = Misconfigured("the key may still not do this")
    office.clock.advance(seconds=REFUSED_FOR.total_seconds())

    assert office.renewed() == [("a", "failed", "the key may still not do this")]

    account = office.account("a")
    assert account.blocked_until == office.clock() + REFUSED_FOR
    assert account.blocked_reason == "the key may still not do this"


@pytest.fixture
def paused(office: Office) -> Office:
    """The supplier of account `a` wants to be left alone for an hour."""
    office.has("a")
    office.limiter.penalize(Gateway.limits[0].key, 3_600)
    office.accounts.pause("a", office.limiter.paused_until(Gateway.limits))
    return office


def test_a_check_that_is_answered_ends_a_pause(paused: Office) -> None:
    assert paused.account("a").paused_until is not None

    checked = paused.accounts.check("a", despite_pause=True)

    assert (checked.problem, checked.account.paused_until) == (None, None)
    assert paused.limiter.paused_until(Gateway.limits) is None


def test_a_check_that_is_not_answered_leaves_a_pause_as_it_is(paused: Office) -> None:
    paused.vendor.refuses["a"] = SupplierUnavailable("the supplier did not answer in time")

    checked = paused.accounts.check("a", despite_pause=True)

    assert checked.problem == "the supplier did not answer in time"
    assert checked.account.paused_until is not None
    assert paused.limiter.paused_until(Gateway.limits) is not None


def test_a_check_that_is_told_to_wait_again_leaves_it_to_the_new_pause(paused: Office) -> None:
    paused.vendor.refuses["a"] = RateLimited("the supplier asks for fewer requests (HTTP 429)")

    checked = paused.accounts.check("a", despite_pause=True)

    assert checked.problem == "the supplier asks for fewer requests (HTTP 429)"
    assert paused.limiter.paused_until(Gateway.limits) is None


def test_a_check_that_nobody_asked_for_respects_a_pause(paused: Office) -> None:
    paused.accounts.check("a")

    assert paused.limiter.paused_until(Gateway.limits) is not None


def test_an_account_whose_secrets_do_not_open_leaves_reading_to_the_next(office: Office) -> None:
    office.has("a")
    with office.database.write() as records:
        owner = a_store(records.connection)
        records.accounts.reseal("a", records.accounts.sealed("a"), "k9.AAAA", office.clock())
        owner_id = records.connection.execute(
            select(store.c.account_id).where(store.c.id == owner)
        ).scalar_one()
    with pytest.raises(Refused):
        list(office.accounts.readers("printful"))
    office.has("b", owner_id=owner_id)

    assert [each.id for each in office.accounts.readers("printful")] == ["b"]


def test_what_an_earlier_account_met_is_not_held_against_the_one_connected_since(
    office: Office,
) -> None:
    office.has("a")
    earlier = office.account("a")
    office.clock.advance(seconds=1)
    office.has("a")
    connected = office.account("a")

    for error in (LoginRevoked("no"), Misconfigured("the key may not do this")):
        assert office.accounts.fail(earlier, error) == connected

    assert office.account("a") == connected


def test_a_check_that_ends_after_the_account_was_taken_away_changes_nothing(
    office: Office,
) -> None:
    office.has("a", label="fox")
    asked = office.vendor.request

    def taken_away(account_id: str) -> None:
        asked(account_id)
        office.accounts.disconnect("a")

    office.vendor.request = taken_away  # type: ignore[method-assign]
    assert office.accounts.check("a").account.status is AccountStatus.DISCONNECTED

    assert office.account("a").label == "fox"
    office.vendor.refuses["a"] = Misconfigured("the key may not do this")
    office.accounts.check("a")
    assert office.account("a").blocked_until is None
