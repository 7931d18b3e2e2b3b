"""Tokens of the API: made, shown once, recognised, ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.errors import DatabaseUnavailable, NotFound, Refused
from zyenta_ops.domain.names import display_name
from zyenta_ops.operations.edge import token_hash
from zyenta_ops.operations.lookup import find_store
from zyenta_ops.ports import Clock, Database, NewId
from zyenta_ops.ports.web import ApiToken

# Found by scanners for leaked secrets, and by people who wonder what a text is.
PREFIX: Final = "zyt_"
# Noting every use would make each reading request a write.
_NOTE_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, with the only sight there is of its text."""

    token: ApiToken
    text: str = field(repr=False)


@dataclass(frozen=True)
class Tokens:
    """Bearer tokens of the API.

    Attributes:
        new_token: text of which nobody can guess another.
    """

    database: Database
    clock: Clock
    new_id: NewId
    new_token: Callable[[], str]

    def add(
        self,
        label: str,
        *,
        store_refs: Collection[str] = (),
        whole_account: bool = False,
        expires_at: datetime | None = None,
    ) -> Issued:
        """Issue a token for stores of one account, or an operator's when no store is named.

        Args:
            label: who holds it; orders and holds name it as their actor.
            store_refs: ids or subdomains.
            whole_account: let it reach every store of the account, later ones too.
            expires_at: when it ends; None = when it is revoked.

        Raises:
            NotFound: a store does not exist.
            Refused: the stores belong to several accounts, or the token would have ended already.
        """
        now = self.clock()
        if expires_at is not None and expires_at <= now:
            raise Refused("the token would have ended already; give a time that lies ahead")
        text = PREFIX + self.new_token()
        with self.database.write() as records:
            stores = [find_store(records, ref) for ref in store_refs]
            owners = {store.account.id for store in stores}
            if len(owners) > 1:
                raise Refused("the stores belong to several accounts; issue a token for each")
            token = ApiToken(
                id=self.new_id(),
                label=display_name(label, "token"),
                account_id=owners.pop() if owners else None,
                store_ids=() if whole_account else tuple(sorted({each.id for each in stores})),
                created_at=now,
                expires_at=expires_at,
            )
            records.edge.add_token(token, token_hash(text))
        return Issued(token, text)

    def listed(self) -> Sequence[ApiToken]:
        """Every token, oldest first, ended ones too."""
        with self.database.read() as records:
            return records.edge.tokens()

    def revoke(self, token_id: str) -> None:
        """End a token.

        Raises:
            NotFound: none in force has this id.
        """
        with self.database.write() as records:
            if not records.edge.revoke_token(token_id, self.clock()):
                raise NotFound(
                    f"no token in force has the id '{token_id}'; `zyenta-ops tokens list` shows"
                    " them"
                )

    def recognise(self, text: str) -> ApiToken | None:
        """The valid token with this text; notes now and then that it is used."""
        if not text.startswith(PREFIX):
            return None
        now = self.clock()
        with self.database.read() as records:
            token = records.edge.token(token_hash(text))
        if token is None or not token.is_valid(now):
            return None
        if token.last_used_at is None or now - token.last_used_at >= _NOTE_EVERY:
            # Who only reads does not wait, or fail, for the sake of this note.
            with suppress(DatabaseUnavailable), self.database.write() as records:
                records.edge.note_use(token.id, now)
        return token
