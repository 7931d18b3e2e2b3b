"""Our accounts at suppliers with an API: connected, checked, renewed, taken away.

Secrets are sealed before they are stored and opened only to be sent. What is done through an
account is the business of `items` and, later, of fulfilment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount, readers
from zyenta_ops.domain.errors import NotFound, Refused, ZyentaError
from zyenta_ops.domain.stores import Supplier
from zyenta_ops.domain.supplier_errors import (
    LoginFailed,
    LoginRevoked,
    RateLimited,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.operations.accounts.login import SeenLogin, StoredLogin, row_name
from zyenta_ops.operations.accounts.reports import AccountCheck, Care
from zyenta_ops.operations.lookup import find_store, find_supplier
from zyenta_ops.ports import Clock, Database, NewId, Repositories, Vault
from zyenta_ops.ports.gateway import Connector, Login, RateLimiter, Secrets, SupplierGateway, Tokens

__all__ = ["AccountCheck", "Accounts", "Care", "StoredLogin"]

# A key or permission that a supplier refuses is usually put right by a person; connecting again or
# `check` ends the wait.
REFUSED_FOR: Final = timedelta(hours=6)
_LONGEST_LABEL: Final = 200
_BATCH: Final = 100
# For suppliers that do not say when they may be asked again.
REPEAT_AFTER_SECONDS: Final = 300


@dataclass(frozen=True)
class Accounts:
    """Accounts by supplier and owner.

    Attributes:
        connector: logs in for the first time at a supplier.
        open_gateway: a gateway bound to a login, closed when the block ends.
        sleep: waits so many seconds.
    """

    database: Database
    clock: Clock
    new_id: NewId
    vault: Vault
    connector: Callable[[Supplier], Connector]
    open_gateway: Callable[[Supplier, Login], AbstractContextManager[SupplierGateway]]
    sleep: Callable[[float], None]
    limiter: RateLimiter

    def connect(
        self, supplier: Supplier, given: Secrets, *, store_ref: str | None = None
    ) -> AccountCheck:
        """Log in at a supplier and keep the account, replacing the owner's earlier one.

        Args:
            supplier: where; it is added, or its configuration changed, together with the account.
            given: what `connector(supplier).asks_for` names.
            store_ref: of a store whose owner the account belongs to; None = the platform's own,
                which reads catalogues and places no orders.

        Returns:
            The account, which is connected, and what was wrong when it was asked for the first
            time.

        Raises:
            NotFound: there is no such store.
            SupplierError: the supplier does not accept what was given; nothing is stored.
        """
        owner_id = None
        if store_ref is not None:
            with self.database.read() as records:
                owner_id = find_store(records, store_ref).account.id
        tokens = self._tokens_of_same_login(supplier, given) or self._logged_in(supplier, given)
        now = self.clock()
        with self.database.write() as records:
            if not records.suppliers.add(supplier):
                records.suppliers.set_config(supplier.key, supplier.config, now)
            account_id = records.accounts.hold(supplier.key, owner_id, self.new_id(), now)
            account = SupplierAccount(
                id=account_id,
                supplier_key=supplier.key,
                owner_id=owner_id,
                label="",
                status=AccountStatus.ACTIVE,
                connected_at=now,
                access_expires_at=tokens.access_expires_at,
                refresh_expires_at=tokens.refresh_expires_at,
            )
            sealed = self.vault.seal(dict(tokens.secrets), row=row_name(account_id))
            records.accounts.connect(account, sealed, now)
        return self.check(account_id)

    def _tokens_of_same_login(self, supplier: Supplier, given: Secrets) -> Tokens | None:
        """The tokens that an account of ours got with the very same secrets, if there is one.

        Suppliers limit how often one may log in, and a second login may end the tokens of the
        first. Tokens that never end are what a person gave, so nothing is gained by finding them.
        """
        now = self.clock()
        with self.database.read() as records:
            same = {
                each.key
                for each in records.suppliers.every()
                if each.kind is supplier.kind
                and each.config.get("base_url") == supplier.config.get("base_url")
            }
            accounts = records.accounts.every()
        wanted = {name: value.strip() for name, value in given.items()}
        for account in accounts:
            if account.supplier_key not in same or not account.is_healthy(now):
                continue
            if account.access_expires_at is None or account.access_expires_at <= now:
                continue
            try:
                tokens = self.login(account.id).tokens()
            except ZyentaError:  # what does not open, or is taken away just now, is of no use here
                continue
            if wanted.items() <= dict(tokens.secrets).items():
                return tokens
        return None

    def _logged_in(self, supplier: Supplier, given: Secrets) -> Tokens:
        try:
            return self.connector(supplier).connect(given)
        except RateLimited as error:
            seconds = ceil(error.retry_after or REPEAT_AFTER_SECONDS)
            raise RateLimited(
                f"'{supplier.key}' may not be logged in at so soon again; connect it in"
                f" {seconds} seconds",
                retry_after=error.retry_after,
                scope=error.scope,
            ) from error

    def of_supplier(self, supplier_key: str) -> tuple[SupplierAccount, ...]:
        """The accounts at a supplier, the platform's own first.

        Raises:
            NotFound: no supplier has this key; so for every method with a `supplier_key`.
            Refused: the supplier is a feed, which asks for no account.
        """
        with self.database.read() as records:
            _with_api(records, supplier_key)
            return records.accounts.of_supplier(supplier_key)

    def owned(self, supplier_key: str, store_ref: str | None) -> SupplierAccount:
        """The account of a store's owner at a supplier; None = the platform's own.

        Raises:
            NotFound: there is none.
        """
        with self.database.read() as records:
            _with_api(records, supplier_key)
            owner_id = find_store(records, store_ref).account.id if store_ref else None
            for account in records.accounts.of_supplier(supplier_key):
                if account.owner_id == owner_id:
                    return account
        whose = f"the owner of '{store_ref}' has" if store_ref else "the platform has"
        raise NotFound(
            f"{whose} no account at '{supplier_key}'; `zyenta-ops supplier show {supplier_key}`"
            " lists them"
        )

    def every(self) -> tuple[SupplierAccount, ...]:
        """The accounts at all suppliers."""
        with self.database.read() as records:
            return records.accounts.every()

    def check(self, account_id: str, *, despite_pause: bool = False) -> AccountCheck:
        """Ask the supplier how it names the account; closes or opens the circuit accordingly.

        Args:
            account_id: the account.
            despite_pause: ask though the supplier wants to be left alone; an answer ends the pause.
        """
        with self.database.read() as records:
            account = _found(records, account_id)
            supplier = _with_api(records, account.supplier_key)
        try:
            with self.open_gateway(supplier, self.login(account_id)) as gateway:
                label = self._insisting(gateway) if despite_pause else gateway.check()
        except LoginFailed as error:
            return AccountCheck(self.fail(account, error), str(error))
        except SupplierError as error:
            return AccountCheck(account, str(error))
        with self.database.write() as records:
            named = (label or supplier.name)[:_LONGEST_LABEL]
            records.accounts.note_check(account, named, self.clock())
            return AccountCheck(_found(records, account_id))

    def _insisting(self, gateway: SupplierGateway) -> str:
        paused_until = self.limiter.paused_until(gateway.limits)
        self.limiter.lift(gateway.limits)
        try:
            return gateway.check()
        except RateLimited:
            raise  # it has said anew how long it wants to be left alone
        except SupplierUnavailable:
            if paused_until is not None:
                rest = (paused_until - self.clock()) / timedelta(seconds=1)
                self.limiter.penalize(gateway.limits[0].key, rest)
            raise

    def pause(self, account_id: str, until: datetime | None) -> None:
        """Note until when a supplier wants to be left alone; None = it answers again."""
        with self.database.write() as records:
            records.accounts.pause(account_id, until)

    def fail(self, account: SupplierAccount, error: LoginFailed) -> SupplierAccount:
        """Note that a supplier refuses an account, so that nobody asks with it any more.

        Args:
            account: as it was read before the supplier was asked. One that was connected again
                since then is left alone: it is not the one that was refused.
            error: what the supplier said.

        Returns:
            The account as it is now.
        """
        now = self.clock()
        with self.database.write() as records:
            if isinstance(error, LoginRevoked):
                records.accounts.revoke(account, now)
            else:
                records.accounts.block(account, now + REFUSED_FOR, str(error))
            return _found(records, account.id)

    def renew(self, account_id: str) -> SupplierAccount:
        """Get new tokens now, whether or not the present ones still serve.

        Raises:
            Refused: there is nothing to renew, or the supplier gave the same tokens again.
            SupplierError: the supplier gives none; the present ones stay.
        """
        with self.database.read() as records:
            account = _found(records, account_id)
            supplier = _with_api(records, account.supplier_key)
        login = self.login(account_id)
        before = login.tokens()
        if before.access_expires_at is None:
            raise Refused(
                f"the token at '{supplier.key}' does not end, so there is nothing to renew;"
                f" replace it with `zyenta-ops supplier connect {supplier.key}`"
            )
        with self.open_gateway(supplier, login) as gateway:
            gateway.refresh_credentials()
        if dict(login.tokens().secrets) == dict(before.secrets):
            raise Refused(
                f"'{supplier.key}' gave the same tokens again; they stay in force until"
                f" {before.access_expires_at:%Y-%m-%d %H:%M} UTC"
            )
        with self.database.read() as records:
            return _found(records, account_id)

    def count_due(self) -> int:
        """Accounts that `renew_due` would look after."""
        now = self.clock()
        return sum(each.wants_renewal(now) or each.wants_check(now) for each in self.every())

    def renew_due(self) -> tuple[Care, ...]:
        """Renew tokens that end soon, and see whether accounts that were blocked work again.

        What fails and may pass stays due; an account that is refused is noted as by `fail`. Of
        several processes at once one renews.
        """
        now = self.clock()
        return tuple(
            self._cared_for(each, now)
            for each in self.every()
            if each.wants_renewal(now) or each.wants_check(now)
        )

    def _cared_for(self, account: SupplierAccount, now: datetime) -> Care:
        checks = account.wants_check(now)
        problem: str | None = None
        try:
            if checks:
                problem = self.check(account.id).problem
            else:
                self._renew_as_seen(account)
        except LoginFailed as error:
            self.fail(account, error)
            problem = str(error)
        # One account's trouble, such as secrets that do not open, must not keep the others waiting.
        except ZyentaError as error:
            problem = str(error)
        done = "failed" if problem else "checked" if checks else "renewed"
        with self.database.read() as records:
            return Care(_found(records, account.id), done, problem)

    def _renew_as_seen(self, account: SupplierAccount) -> None:
        """Renew an account's tokens unless somebody did since it was looked at."""
        stored = self._stored(account.id)
        seen = stored.tokens()
        if seen.access_expires_at != account.access_expires_at:
            return
        with self.database.read() as records:
            supplier = _with_api(records, account.supplier_key)
        with self.open_gateway(supplier, SeenLogin(stored, seen)) as gateway:
            gateway.refresh_credentials()

    def disconnect(self, account_id: str) -> SupplierAccount:
        """Forget an account's secrets; nothing is asked with it any more."""
        with self.database.write() as records:
            _found(records, account_id)
            records.accounts.disconnect(account_id, self.clock())
            return _found(records, account_id)

    def reseal(self) -> int:
        """Seal every login again that is not under the keyring's active key, a batch at a time.

        Those that suppliers renew meanwhile are sealed under the active key anyway.

        Returns:
            How many were; afterwards keys other than the active one can be dropped.

        Raises:
            Refused: one of them does not open; those before it are sealed again.
        """
        resealed, after = 0, ""
        while True:
            with self.database.write() as records:
                page = records.accounts.sealed_page(after, _BATCH)
                resealed += sum(self._reseal(records, *each) for each in page)
            if len(page) < _BATCH:
                return resealed
            after = page[-1][0]

    def _reseal(self, records: Repositories, account_id: str, sealed: str) -> bool:
        row = row_name(account_id)
        if self.vault.is_current(sealed, row=row):
            return False
        again = self.vault.seal(self.vault.open(sealed, row=row).reveal(), row=row)
        return records.accounts.reseal(account_id, sealed, again, self.clock())

    def login(self, account_id: str) -> Login:
        """The account as a gateway uses it."""
        return self._stored(account_id)

    def _stored(self, account_id: str) -> StoredLogin:
        return StoredLogin(self.database, self.vault, self.clock, self.sleep, account_id)

    def readers(self, supplier_key: str) -> Iterator[SupplierAccount]:
        """The healthy accounts that may read a catalogue, the best first.

        One whose secrets do not open keeps no other from reading.

        Raises:
            Refused: the secrets of none of them open.
        """
        with self.database.read() as records:
            healthy = readers(records.accounts.of_supplier(supplier_key), self.clock())
        shut: Refused | None = None
        opened = False
        for account in healthy:
            try:
                self.login(account.id).tokens()
            except Refused as error:
                shut = shut or error
                continue
            opened = True
            yield account
        if shut is not None and not opened:
            raise shut


def _with_api(records: Repositories, key: str) -> Supplier:
    supplier = find_supplier(records, key)
    if not supplier.kind.has_api:
        raise Refused(f"'{key}' is a feed; give its login with `zyenta-ops supplier login`")
    return supplier


def _found(records: Repositories, account_id: str) -> SupplierAccount:
    account = records.accounts.find(account_id)
    if account is None:
        raise NotFound(f"there is no account '{account_id}' at a supplier")
    return account
