"""Tokens are renewed once, by one process, whatever dies or is refused meanwhile."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

import pytest

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.supplier_errors import LoginRevoked, SupplierUnavailable
from zyenta_ops.operations.accounts import StoredLogin
from zyenta_ops.operations.accounts.login import LEASE, row_name
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports.gateway import Secrets, Tokens
from zyenta_ops_tests.builders import a_supplier
from zyenta_ops_tests.conftest import FixedClock

OLD = {"api_key": "key", "access_token": "old"}
NEW = {"api_key": "key", "access_token": "new"}


@dataclass
class Supplier:
    """A supplier that gives out one new token, as slowly as a test wants."""

    answer: Tokens | Exception
    asked: list[Secrets] = field(default_factory=list)
    entered: Event = field(default_factory=Event)
    may_answer: Event = field(default_factory=Event)

    def __call__(self, secrets: Secrets) -> Tokens:
        self.asked.append(dict(secrets))
        self.entered.set()
        assert self.may_answer.wait(20)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def vault() -> Vault:
    return Vault(f"k1:{base64.b64encode(bytes(32)).decode()}")


@pytest.fixture
def login(database: Database, clock: FixedClock, vault: Vault) -> StoredLogin:
    with database.write() as records:
        a_supplier(records.connection, "cj", kind="PRINTFUL", config={})
        records.accounts.connect(
            SupplierAccount(
                id="account-1",
                supplier_key="cj",
                owner_id=None,
                label="CJ1",
                status=AccountStatus.ACTIVE,
                connected_at=clock(),
                access_expires_at=clock() + timedelta(days=1),
            ),
            vault.seal(dict(OLD), row=row_name("account-1")),
            clock(),
        )
    return StoredLogin(
        database, vault, clock, lambda seconds: clock.advance(seconds=seconds), "account-1"
    )


def account(login: StoredLogin) -> SupplierAccount:
    with login.database.read() as records:
        found = records.accounts.find("account-1")
    assert found is not None
    return found


def ready(answer: Tokens | Exception) -> Supplier:
    supplier = Supplier(answer)
    supplier.may_answer.set()
    return supplier


def test_renewed_tokens_are_kept_with_their_ends(login: StoredLogin, clock: FixedClock) -> None:
    access, refresh = clock() + timedelta(days=15), clock() + timedelta(days=180)
    supplier = ready(Tokens(NEW, access, refresh))

    assert login.renew(OLD, supplier).secrets == NEW

    assert login.tokens() == Tokens(NEW, access, refresh)
    assert supplier.asked == [OLD]
    assert account(login).access_expires_at == access


def test_whoever_comes_after_a_renewal_asks_nothing(login: StoredLogin) -> None:
    login.renew(OLD, ready(Tokens(NEW)))
    late = ready(Tokens({"access_token": "newer"}))

    assert login.renew(OLD, late).secrets == NEW
    assert late.asked == []


def test_of_two_who_meet_one_asks_and_both_get_the_answer(
    login: StoredLogin, clock: FixedClock
) -> None:
    supplier = Supplier(Tokens(NEW))

    def wait(_: float) -> None:
        supplier.may_answer.set()

    second = StoredLogin(login.database, login.vault, clock, wait, "account-1")
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(login.renew, OLD, supplier)
        assert supplier.entered.wait(20)
        assert threads.submit(second.renew, OLD, supplier).result().secrets == NEW
        assert first.result().secrets == NEW

    assert supplier.asked == [OLD]


def test_a_process_that_died_renewing_is_waited_for_no_longer_than_its_lease(
    login: StoredLogin, clock: FixedClock
) -> None:
    with login.database.write() as records:
        sealed = records.accounts.sealed("account-1")
        assert records.accounts.begin_renewal("account-1", sealed, clock(), clock() + LEASE)
    nobody = ready(Tokens(NEW))

    with pytest.raises(SupplierUnavailable, match="another process is renewing"):
        login.renew(OLD, nobody)
    assert nobody.asked == []

    clock.advance(seconds=LEASE.total_seconds())
    assert login.renew(OLD, nobody).secrets == NEW


def test_a_renewal_that_fails_leaves_the_tokens_and_lets_others_try(login: StoredLogin) -> None:
    with pytest.raises(SupplierUnavailable):
        login.renew(OLD, ready(SupplierUnavailable("down")))

    assert login.tokens().secrets == OLD
    assert login.renew(OLD, ready(Tokens(NEW))).secrets == NEW


def test_an_account_that_is_refused_for_good_is_not_asked_with_again(login: StoredLogin) -> None:
    with pytest.raises(LoginRevoked, match="no"):
        login.renew(OLD, ready(LoginRevoked("no")))

    assert account(login).status is AccountStatus.REVOKED
    again = ready(Tokens(NEW))
    with pytest.raises(LoginRevoked, match="the account at 'cj' is revoked; connect it again"):
        login.renew(OLD, again)
    assert again.asked == []


def test_a_disconnected_account_has_no_secrets(login: StoredLogin, clock: FixedClock) -> None:
    with login.database.write() as records:
        records.accounts.set_status("account-1", AccountStatus.DISCONNECTED, clock())
        assert records.accounts.sealed("account-1") == ""

    with pytest.raises(LoginRevoked, match="is disconnected"):
        login.tokens()


def test_an_account_that_is_not_there_is_said_so(login: StoredLogin) -> None:
    stranger = StoredLogin(login.database, login.vault, login.clock, login.sleep, "nobody")

    with pytest.raises(NotFound):
        stranger.tokens()


def test_nothing_shows_the_secrets(login: StoredLogin) -> None:
    assert "old" not in repr(login.tokens())
    with login.database.read() as records:
        assert "old" not in records.accounts.sealed("account-1")
