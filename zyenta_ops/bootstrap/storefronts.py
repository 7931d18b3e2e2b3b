"""What customers and stores' own systems are told with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zyenta_ops.bootstrap.alerts import order_issues
from zyenta_ops.domain.notifications import INTERNAL_RECIPIENT, Channel
from zyenta_ops.operations.alerts import Alerts
from zyenta_ops.operations.storefronts import Announcements, StorefrontChecks, StorefrontHooks
from zyenta_ops.ports import Clock, Database, NewId, Transport, Vault
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.adapters.http import HttpPolicy

_SECRET_BYTES = 32


@dataclass(frozen=True)
class Storefronts:
    """The use cases, and what takes events to stores' systems."""

    announcements: Announcements
    hooks: StorefrontHooks
    checks: StorefrontChecks
    transport: Transport


def wire_storefronts(
    settings: Settings,
    database: Database,
    clock: Clock,
    new_id: NewId,
    vault: Vault,
    http: HttpPolicy,
    alerts: Alerts,
) -> Storefronts:
    """Wire what tells customers and stores' systems."""
    from zyenta_ops.adapters.storefronts import HttpStorefrontReader, StorefrontTransport

    issues = order_issues(alerts)
    hooks = StorefrontHooks(database, clock, new_id, webhook_secret, vault, issues)
    reader = HttpStorefrontReader(new_id, http, clock)
    return Storefronts(
        announcements=Announcements(new_id, _team(settings)),
        hooks=hooks,
        checks=StorefrontChecks(database, reader, hooks.in_force, clock, new_id, issues),
        transport=StorefrontTransport(hooks.in_force, http, clock),
    )


def webhook_secret() -> str:
    """A new secret for events to a store's system."""
    from zyenta_ops.adapters.storefronts.signing import new_secret

    return new_secret(secrets.token_bytes(_SECRET_BYTES))


def _team(settings: Settings) -> tuple[tuple[Channel, str], ...]:
    team = [(Channel.EMAIL, settings.internal_email)] if settings.internal_email else []
    if settings.internal_webhook_url:
        team.append((Channel.WEBHOOK, INTERNAL_RECIPIENT))
    return tuple(team)
