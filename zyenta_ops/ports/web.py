"""Who may speak to the HTTP edge, and how it is proven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.domain.stores import Store
from zyenta_ops.domain.webhooks import EventFacts


class Verifier(Protocol):
    """Proves on the bytes as they came that a source sent them."""

    def __call__(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
    ) -> EventFacts:
        """What a delivery says of itself. Header names are in lower case.

        Raises:
            NotGenuine: no secret proves it, it is too old or too new, or it is not readable.
        """
        ...


@dataclass(frozen=True, slots=True)
class Scheme:
    """How deliveries of a source are proven.

    Attributes:
        asks_for: what its secret is, for people.
        form: regular expression that a secret matches.
        needs_secret: False where the source signs nothing, and the endpoint's token is all the
            proof there can be.
    """

    verify: Verifier
    asks_for: str
    form: str = r"[!-~]{8,500}"
    needs_secret: bool = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that a source posts to; its secrets are sealed."""

    id: str
    source: EventSource
    label: str
    account: str
    sealed: str = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A bearer token of the API, known by its hash alone.

    `account_id` None = an operator's, who sees everything; `store_ids` () = every store of the
    account.
    """

    id: str
    label: str
    account_id: str | None
    store_ids: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def is_operators(self) -> bool:
        """Whether it sees what belongs to no store, and every store."""
        return self.account_id is None

    def is_valid(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def reaches(self, store: Store) -> bool:
        """Whether it may see and change what belongs to a store."""
        if self.is_operators:
            return True
        return store.account.id == self.account_id and (
            not self.store_ids or store.id in self.store_ids
        )


class EdgeRecords(Protocol):
    """Endpoints and tokens."""

    def add_endpoint(self, endpoint: Endpoint, token_hash: str) -> None:
        """Store an endpoint."""
        ...

    def endpoint(self, token_hash: str) -> Endpoint | None:
        """The endpoint with this token, revoked or not."""
        ...

    def endpoints(self) -> Sequence[Endpoint]:
        """Every endpoint, oldest first."""
        ...

    def reseal_endpoint(self, endpoint_id: str, before: str, sealed: str, now: datetime) -> bool:
        """Replace an endpoint's secrets; False when they were changed meanwhile."""
        ...

    def revoke_endpoint(self, endpoint_id: str, now: datetime) -> bool:
        """Close an endpoint; False when there is none open with this id."""
        ...

    def add_token(self, token: ApiToken, token_hash: str) -> None:
        """Store a token."""
        ...

    def token(self, token_hash: str) -> ApiToken | None:
        """The token with this hash, revoked or not."""
        ...

    def tokens(self) -> Sequence[ApiToken]:
        """Every token, oldest first."""
        ...

    def revoke_token(self, token_id: str, now: datetime) -> bool:
        """End a token; False when there is none in force with this id."""
        ...

    def note_use(self, token_id: str, now: datetime) -> None:
        """Store when a token was last used."""
        ...
