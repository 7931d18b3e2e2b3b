"""Tokens are renewed once, by one process, whatever dies or is refused meanwhile."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

import pytest

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.adapters.suppliers.calls import CallPolicy
from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.supplier_errors import LoginRevoked, SupplierUnavailable
from zyenta_ops.operations.accounts import StoredLogin
from zyenta_ops.operations.accounts.login import LEASE, row_name
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.rate_limits import PATIENCE_SECONDS
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


def connect(login: StoredLogin, secrets: Secrets) -> None:
    """What a person does, a second after whatever was done before."""
    login.sleep(1)
    now = login.clock()
    with login.database.write() as records:
        records.accounts.connect(
            SupplierAccount(
                id="account-1",
                supplier_key="cj",
                owner_id=None,
                label="CJ1",
                status=AccountStatus.ACTIVE,
                connected_at=now,
                access_expires_at=now + timedelta(days=1),
            ),
            login.vault.seal(dict(secrets), row=row_name("account-1")),
            now,
        )


def disconnect(login: StoredLogin) -> None:
    with login.database.write() as records:
        records.accounts.disconnect("account-1", login.clock())


@pytest.fixture
def login(database: Database, clock: FixedClock, vault: Vault) -> StoredLogin:
    with database.write() as records:
        a_supplier(records.connection, "cj", kind="PRINTFUL", config={})
    login = StoredLogin(
        database, vault, clock, lambda seconds: clock.advance(seconds=seconds), "account-1"
    )
    connect(login, OLD)
    return login


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


def test_an_account_taken_away_during_a_renewal_gets_no_secrets_back(login: StoredLogin) -> None:
    def overtaken(_: Secrets) -> Tokens:
        disconnect(login)
        return Tokens(NEW)

    with pytest.raises(LoginRevoked, match="is disconnected"):
        login.renew(OLD, overtaken)

    assert account(login).status is AccountStatus.DISCONNECTED
    with login.database.read() as records:
        assert records.accounts.sealed("account-1") == ""


@pytest.mark.parametrize("answer", [Tokens(NEW), LoginRevoked("no"), SupplierUnavailable("down")])
def test_an_account_connected_during_a_renewal_keeps_its_own_secrets(
    login: StoredLogin, answer: Tokens | Exception
) -> None:
    other = {"api_key": "another", "access_token": "of another account"}

    def overtaken(secrets: Secrets) -> Tokens:
        connect(login, other)
        return ready(answer)(secrets)

    if isinstance(answer, Tokens):
        assert login.renew(OLD, overtaken).secrets == other
    else:
        with pytest.raises(type(answer)):
            login.renew(OLD, overtaken)

    assert login.tokens().secrets == other
    assert account(login).status is AccountStatus.ACTIVE


def test_a_claim_on_an_earlier_account_leaves_the_claim_on_a_later_one_alone(
    login: StoredLogin,
) -> None:
    other = {"access_token": "of another account"}

    def overtaken(_: Secrets) -> Tokens:
        connect(login, other)
        now = login.clock()
        with login.database.write() as records:
            sealed = records.accounts.sealed("account-1")
            assert records.accounts.begin_renewal("account-1", sealed, now, now + LEASE)
        return Tokens(NEW)

    assert login.renew(OLD, overtaken).secrets == other
    with pytest.raises(SupplierUnavailable, match="another process is renewing"):
        login.renew(other, ready(Tokens(NEW)))


def test_an_answer_that_comes_after_the_lease_does_not_replace_what_was_got_meanwhile(
    login: StoredLogin, clock: FixedClock
) -> None:
    newer = {"access_token": "newer"}

    def late(_: Secrets) -> Tokens:
        clock.advance(seconds=LEASE.total_seconds())
        login.renew(OLD, ready(Tokens(newer)))
        return Tokens(NEW)

    assert login.renew(OLD, late).secrets == newer
    assert login.tokens().secrets == newer


def test_secrets_sealed_under_another_key_meanwhile_do_not_cost_a_renewal(
    login: StoredLogin,
) -> None:
    def resealed(_: Secrets) -> Tokens:
        again = login.vault.seal(dict(OLD), row=row_name("account-1"))
        with login.database.write() as records:
            before = records.accounts.sealed("account-1")
            assert records.accounts.reseal("account-1", before, again, login.clock())
        return Tokens(NEW)

    assert login.renew(OLD, resealed).secrets == NEW
    assert login.tokens().secrets == NEW


def test_a_lease_lasts_longer_than_the_slowest_renewal() -> None:
    http, call = HttpPolicy(), CallPolicy()
    # Sent, answered with headers, and a body whose last piece comes just in time.
    waits = http.connect_seconds + 2 * http.read_seconds + call.answer_seconds + http.read_seconds
    one = PATIENCE_SECONDS + waits

    assert LEASE.total_seconds() > 2 * one


def test_a_disconnected_account_has_no_secrets(login: StoredLogin) -> None:
    disconnect(login)
    with login.database.read() as records:
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
