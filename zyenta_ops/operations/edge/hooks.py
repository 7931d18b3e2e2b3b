"""Endpoints: opened, given secrets, closed; and what is delivered to them, proven."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops.domain.names import display_name
from zyenta_ops.domain.webhooks import EventFacts, NotGenuine, Unguarded
from zyenta_ops.operations.edge import token_hash
from zyenta_ops.ports import Clock, Database, NewId, Repositories, Vault
from zyenta_ops.ports.web import Endpoint, Scheme

# One in force and one that is coming or going, and one to spare.
MOST_SECRETS: Final = 3
_LONGEST_ACCOUNT: Final = 255


@dataclass(frozen=True, slots=True)
class Opened:
    """A new endpoint, with the only sight there is of the last part of its address."""

    endpoint: Endpoint
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Door:
    """An open endpoint with its secrets, newest first."""

    endpoint: Endpoint
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Hooks:
    """Endpoints that sources post to.

    Attributes:
        new_token: text of which nobody can guess another.
        scheme_of: how a source is proven.
    """

    database: Database
    clock: Clock
    new_id: NewId
    new_token: Callable[[], str]
    vault: Vault
    scheme_of: Callable[[EventSource], Scheme]

    def add(
        self, source: EventSource, label: str = "", account: str = "", secret: str | None = None
    ) -> Opened:
        """Open an endpoint. Without a secret it takes nothing until `add_secret` gives one.

        Args:
            source: who will post to it.
            label: for people.
            account: ours at the source, for deliveries that do not say whose they are.
            secret: of the form that the source's scheme asks for.

        Raises:
            Refused: the secret has not that form, or the account cannot be kept.
        """
        secrets = () if secret is None else (self._usable(source, secret),)
        if len(account) > _LONGEST_ACCOUNT or (account and not account.isprintable()):
            raise Refused(f"the account has up to {_LONGEST_ACCOUNT} characters and no line break")
        endpoint_id, token = self.new_id(), self.new_token()
        endpoint = Endpoint(
            id=endpoint_id,
            source=source,
            label=display_name(label or source.value, "endpoint"),
            account=account,
            sealed=self._seal(endpoint_id, secrets),
            created_at=self.clock(),
        )
        with self.database.write() as records:
            records.edge.add_endpoint(endpoint, token_hash(token))
        return Opened(endpoint, token)

    def listed(self) -> Sequence[Endpoint]:
        """Every endpoint, oldest first, revoked ones too."""
        with self.database.read() as records:
            return records.edge.endpoints()

    def secrets_of(self, endpoint: Endpoint) -> tuple[str, ...]:
        """An endpoint's secrets, newest first.

        Raises:
            Refused: the keyring does not open them.
        """
        return tuple(self.vault.open(endpoint.sealed, row=_row(endpoint.id)).document()["secrets"])

    def add_secret(self, endpoint_id: str, secret: str) -> int:
        """Accept a new secret besides those in force; how many there are then.

        Raises:
            NotFound: no open endpoint has this id; so for every method with an `endpoint_id`.
            Refused: the secret is known, has another form than the source's, or is one too many.
        """

        def with_new(endpoint: Endpoint, secrets: tuple[str, ...]) -> tuple[str, ...]:
            new = self._usable(endpoint.source, secret)
            if new in secrets:
                raise Refused("the endpoint accepts this secret already")
            if len(secrets) >= MOST_SECRETS:
                raise Refused(
                    f"the endpoint has {MOST_SECRETS} secrets; drop the old ones first with"
                    f" `zyenta-ops hooks rotate {endpoint_id} --drop-old`"
                )
            return (new, *secrets)

        return self._change(endpoint_id, with_new)

    def drop_old_secrets(self, endpoint_id: str) -> int:
        """Accept the newest secret alone; how many there are then."""
        return self._change(endpoint_id, lambda endpoint, secrets: secrets[:1])

    def revoke(self, endpoint_id: str) -> None:
        """Close an endpoint for good."""
        with self.database.write() as records:
            if not records.edge.revoke_endpoint(endpoint_id, self.clock()):
                raise _missing(endpoint_id)

    def reseal(self) -> int:
        """Seal the secrets again that are not under the keyring's active key; how many were.

        Raises:
            Refused: one of them does not open; none was changed.
        """
        with self.database.write() as records:
            old = [
                each
                for each in records.edge.endpoints()
                if not self.vault.is_current(each.sealed, row=_row(each.id))
            ]
            for each in old:
                again = self._seal(each.id, self.secrets_of(each))
                records.edge.reseal_endpoint(each.id, each.sealed, again, self.clock())
        return len(old)

    def rehearse(self) -> None:
        """Load what the first delivery needs, so that its source does not wait for it.

        Raises:
            Refused: the keyring cannot be used.
        """
        self.scheme_of(EventSource.STRIPE)
        self.vault.open(self.vault.seal(b"", row="rehearsal"), row="rehearsal")

    def door(self, token: str) -> Door | None:
        """The open endpoint with this token.

        Raises:
            Refused: the keyring does not open its secrets.
        """
        with self.database.read() as records:
            endpoint = records.edge.endpoint(token_hash(token))
        if endpoint is None or endpoint.revoked_at is not None:
            return None
        return Door(endpoint, self.secrets_of(endpoint))

    def admit(self, door: Door, headers: Mapping[str, str], body: bytes) -> NewEvent:
        """The event of a delivery, once the source is proven; nothing is stored here.

        Raises:
            Unguarded: the endpoint has no secret yet.
            NotGenuine: anything is wrong with the delivery.
        """
        endpoint = door.endpoint
        scheme = self.scheme_of(endpoint.source)
        if scheme.needs_secret and not door.secrets:
            raise Unguarded("the endpoint has no secret yet; give it one with `hooks rotate`")
        now = self.clock()
        facts = _proven(scheme, body, headers, door.secrets, now)
        return NewEvent(
            id=self.new_id(),
            source=endpoint.source,
            event_id=facts.event_id,
            type=facts.type,
            body=body,
            via=Via.HOOK,
            verified=facts.signed,
            received_at=now,
            occurred_at=facts.occurred_at,
            account=facts.account or endpoint.account,
        )

    def _usable(self, source: EventSource, secret: str) -> str:
        scheme = self.scheme_of(source)
        if not re.fullmatch(scheme.form, secret.strip()):
            raise Refused(f"that is no secret of {source.value}; give {scheme.asks_for}")
        return secret.strip()

    def _change(
        self,
        endpoint_id: str,
        change: Callable[[Endpoint, tuple[str, ...]], tuple[str, ...]],
    ) -> int:
        with self.database.write() as records:
            endpoint = _open_endpoint(records, endpoint_id)
            secrets = change(endpoint, self.secrets_of(endpoint))
            sealed = self._seal(endpoint_id, secrets)
            if not records.edge.reseal_endpoint(endpoint_id, endpoint.sealed, sealed, self.clock()):
                raise Refused("the endpoint's secrets were changed meanwhile; look again")
        return len(secrets)

    def _seal(self, endpoint_id: str, secrets: tuple[str, ...]) -> str:
        return self.vault.seal({"secrets": list(secrets)}, row=_row(endpoint_id))


def _proven(
    scheme: Scheme, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    try:
        return scheme.verify(body, headers, secrets, now)
    except NotGenuine:
        raise
    # Fails closed: whatever a hostile body does to a verifier, it is not accepted.
    except Exception as error:
        raise NotGenuine(f"the delivery cannot be read ({type(error).__name__})") from None


def _open_endpoint(records: Repositories, endpoint_id: str) -> Endpoint:
    for endpoint in records.edge.endpoints():
        if endpoint.id == endpoint_id and endpoint.revoked_at is None:
            return endpoint
    raise _missing(endpoint_id)


def _missing(endpoint_id: str) -> NotFound:
    return NotFound(
        f"no open endpoint has the id '{endpoint_id}'; `zyenta-ops hooks list` shows them"
    )


def _row(endpoint_id: str) -> str:
    return f"webhook_endpoint|secrets|{endpoint_id}"
