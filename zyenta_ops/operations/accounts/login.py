"""An account's secrets as gateways use them: read sealed, renewed by one process at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.supplier_errors import LoginRevoked, SupplierUnavailable
from zyenta_ops.ports import Clock, Database, Vault
from zyenta_ops.ports.accounts import Expiries
from zyenta_ops.ports.gateway import Secrets, Tokens

# Longer than the slowest renewal, which asks twice: with the refresh token, then with the API key.
# A process that dies costs that much.
LEASE: Final = timedelta(minutes=7)
_LOOK_AGAIN_SECONDS: Final = 0.25
_PATIENCE: Final = timedelta(seconds=30)


def row_name(account_id: str) -> str:
    """What sealed secrets are bound to, see `zyenta_ops.ports.stores.Vault`."""
    return f"supplier_account|credentials|{account_id}"


@dataclass(frozen=True)
class _Stored:
    """An account with its secrets, as of one moment."""

    account: SupplierAccount
    sealed: str
    tokens: Tokens


@dataclass(frozen=True)
class StoredLogin:
    """Satisfies `zyenta_ops.ports.gateway.Login` for a stored account."""

    database: Database
    vault: Vault
    clock: Clock
    sleep: Callable[[float], None]
    account_id: str

    def tokens(self) -> Tokens:
        """The secrets in force.

        Raises:
            LoginRevoked: the account was disconnected, or the supplier refused it for good.
            Refused: the sealed secrets do not open.
        """
        return self._stored().tokens

    def renew(self, used: Secrets, ask: Callable[[Secrets], Tokens]) -> Tokens:
        """Ask for new tokens, unless somebody else does or did."""
        give_up_at = self.clock() + _PATIENCE
        while True:
            stored = self._stored()
            if dict(stored.tokens.secrets) != dict(used):
                return stored.tokens
            now = self.clock()
            until = now + LEASE
            with self.database.write() as records:
                mine = records.accounts.begin_renewal(self.account_id, stored.sealed, now, until)
            if mine:
                return self._renewed(stored, until, ask)
            if now >= give_up_at:
                raise SupplierUnavailable("another process is renewing the account's tokens")
            self.sleep(_LOOK_AGAIN_SECONDS)

    def _renewed(
        self, stored: _Stored, until: datetime, ask: Callable[[Secrets], Tokens]
    ) -> Tokens:
        try:
            renewed = ask(stored.tokens.secrets)
        except BaseException as error:
            now = self.clock()
            with self.database.write() as records:
                mine = records.accounts.end_renewal(stored.account, until, None, None, now)
                if mine and isinstance(error, LoginRevoked):
                    records.accounts.revoke(stored.account, now)
            raise
        sealed = self.vault.seal(dict(renewed.secrets), row=row_name(self.account_id))
        ends = Expiries(renewed.access_expires_at, renewed.refresh_expires_at)
        with self.database.write() as records:
            kept = records.accounts.end_renewal(stored.account, until, sealed, ends, self.clock())
        # Somebody has connected or disconnected the account, or taken the renewal over after the
        # lease: what is there now counts, or will.
        return renewed if kept else self.renew(stored.tokens.secrets, ask)

    def _stored(self) -> _Stored:
        with self.database.read() as records:
            account = records.accounts.find(self.account_id)
            if account is None:
                raise NotFound("there is no such account at a supplier")
            sealed = records.accounts.sealed(self.account_id)
        if account.status is not AccountStatus.ACTIVE:
            raise LoginRevoked(
                f"the account at '{account.supplier_key}' is {account.status.lower()};"
                f" connect it again with `zyenta-ops supplier connect`"
            )
        opened = self.vault.open(sealed, row=row_name(self.account_id)).document()
        secrets = {name: str(value) for name, value in opened.items()}
        tokens = Tokens(secrets, account.access_expires_at, account.refresh_expires_at)
        return _Stored(account, sealed, tokens)


@dataclass(frozen=True)
class SeenLogin:
    """A stored login with the tokens that somebody has looked at.

    Renewing begins with those: whoever replaced them in the meantime has done the work.
    """

    stored: StoredLogin
    seen: Tokens

    @property
    def account_id(self) -> str:
        """As of the stored login."""
        return self.stored.account_id

    def tokens(self) -> Tokens:
        """The tokens that were looked at."""
        return self.seen

    def renew(self, used: Secrets, ask: Callable[[Secrets], Tokens]) -> Tokens:
        """As the stored login."""
        return self.stored.renew(used, ask)
