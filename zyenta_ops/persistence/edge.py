"""Endpoints and tokens of the HTTP edge, both found by the hash of what their holder shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.persistence.schema import api_token, webhook_endpoint
from zyenta_ops.ports.web import ApiToken, Endpoint

_endpoint = webhook_endpoint.c
_token = api_token.c


class EdgeRecords:
    """Satisfies `zyenta_ops.ports.web.EdgeRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add_endpoint(self, endpoint: Endpoint, token_hash: str) -> None:
        """Insert an endpoint."""
        self.connection.execute(
            insert(webhook_endpoint).values(
                id=endpoint.id,
                source=endpoint.source.value,
                token_hash=token_hash,
                label=endpoint.label,
                secrets=endpoint.sealed,
                account=endpoint.account,
                revoked_at=endpoint.revoked_at,
                created_at=endpoint.created_at,
                updated_at=endpoint.created_at,
            )
        )

    def endpoint(self, token_hash: str) -> Endpoint | None:
        """The endpoint with this token, revoked or not."""
        row = self.connection.execute(
            select(webhook_endpoint).where(_endpoint.token_hash == token_hash)
        ).one_or_none()
        return None if row is None else _read_endpoint(row)

    def endpoints(self) -> Sequence[Endpoint]:
        """Every endpoint, oldest first."""
        rows = self.connection.execute(
            select(webhook_endpoint).order_by(_endpoint.created_at, _endpoint.id)
        )
        return [_read_endpoint(row) for row in rows]

    def reseal_endpoint(self, endpoint_id: str, before: str, sealed: str, now: datetime) -> bool:
        """Compare and set the sealed secrets."""
        done = self.connection.execute(
            update(webhook_endpoint)
            .where(_endpoint.id == endpoint_id, _endpoint.secrets == before)
            .values(secrets=sealed, updated_at=now)
        )
        return done.rowcount == 1

    def revoke_endpoint(self, endpoint_id: str, now: datetime) -> bool:
        """Close an endpoint, once."""
        done = self.connection.execute(
            update(webhook_endpoint)
            .where(_endpoint.id == endpoint_id, _endpoint.revoked_at.is_(None))
            .values(revoked_at=now, updated_at=now)
        )
        return done.rowcount == 1

    def add_token(self, token: ApiToken, token_hash: str) -> None:
        """Insert a token."""
        self.connection.execute(
            insert(api_token).values(
                id=token.id,
                token_hash=token_hash,
                label=token.label,
                account_id=token.account_id,
                store_ids=list(token.store_ids),
                expires_at=token.expires_at,
                created_at=token.created_at,
                updated_at=token.created_at,
            )
        )

    def token(self, token_hash: str) -> ApiToken | None:
        """The token with this hash, revoked or not."""
        row = self.connection.execute(
            select(api_token).where(_token.token_hash == token_hash)
        ).one_or_none()
        return None if row is None else _read_token(row)

    def tokens(self) -> Sequence[ApiToken]:
        """Every token, oldest first."""
        rows = self.connection.execute(select(api_token).order_by(_token.created_at, _token.id))
        return [_read_token(row) for row in rows]

    def revoke_token(self, token_id: str, now: datetime) -> bool:
        """End a token, once."""
        done = self.connection.execute(
            update(api_token)
            .where(_token.id == token_id, _token.revoked_at.is_(None))
            .values(revoked_at=now, updated_at=now)
        )
        return done.rowcount == 1

    def note_use(self, token_id: str, now: datetime) -> None:
        """Store when a token was last used."""
        self.connection.execute(
            update(api_token).where(_token.id == token_id).values(last_used_at=now)
        )


def _read_endpoint(row: Any) -> Endpoint:
    return Endpoint(
        id=row.id,
        source=EventSource(row.source),
        label=row.label,
        account=row.account,
        sealed=row.secrets,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def _read_token(row: Any) -> ApiToken:
    return ApiToken(
        id=row.id,
        label=row.label,
        account_id=row.account_id,
        store_ids=tuple(row.store_ids),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
