"""An account's secrets as gateways use them: read sealed, renewed by one process at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from zyenta_ops.domain.accounts import AccountStatus
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.supplier_errors import LoginRevoked, SupplierUnavailable
from zyenta_ops.ports import Clock, Database, Vault
from zyenta_ops.ports.accounts import Expiries
from zyenta_ops.ports.gateway import Secrets, Tokens

# Longer than a supplier takes to answer with all attempts; a process that dies costs that much.
LEASE: Final = timedelta(seconds=60)
_LOOK_AGAIN_SECONDS: Final = 0.25
_PATIENCE: Final = timedelta(seconds=30)


def row_name(account_id: str) -> str:
    """What sealed secrets are bound to, see `zyenta_ops.ports.stores.Vault`."""
    return f"supplier_account|credentials|{account_id}"


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
        return self._stored()[1]

    def renew(self, used: Secrets, ask: Callable[[Secrets], Tokens]) -> Tokens:
        """Ask for new tokens, unless somebody else does or did."""
        give_up_at = self.clock() + _PATIENCE
        while True:
            sealed, tokens = self._stored()
            if dict(tokens.secrets) != dict(used):
                return tokens
            now = self.clock()
            with self.database.write() as records:
                mine = records.accounts.begin_renewal(self.account_id, sealed, now, now + LEASE)
            if mine:
                return self._renewed(tokens.secrets, ask)
            if now >= give_up_at:
                raise SupplierUnavailable("another process is renewing the account's tokens")
            self.sleep(_LOOK_AGAIN_SECONDS)

    def _renewed(self, secrets: Secrets, ask: Callable[[Secrets], Tokens]) -> Tokens:
        renewed: Tokens | None = None
        revoked = False
        try:
            renewed = ask(secrets)
        except LoginRevoked:
            revoked = True
            raise
        finally:
            with self.database.write() as records:
                if renewed is None:
                    records.accounts.end_renewal(self.account_id, None, None, self.clock())
                else:
                    sealed = self.vault.seal(dict(renewed.secrets), row=row_name(self.account_id))
                    ends = Expiries(renewed.access_expires_at, renewed.refresh_expires_at)
                    records.accounts.end_renewal(self.account_id, sealed, ends, self.clock())
                if revoked:
                    records.accounts.set_status(
                        self.account_id, AccountStatus.REVOKED, self.clock()
                    )
        return renewed

    def _stored(self) -> tuple[str, Tokens]:
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
        return sealed, Tokens(secrets, account.access_expires_at, account.refresh_expires_at)


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
