"""What takes messages out of the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zyenta_ops.bootstrap.storefronts import Storefronts
from zyenta_ops.domain.notifications import Channel
from zyenta_ops.operations.notifications import Notifications
from zyenta_ops.ports import Clock, Database, NewId, Transport
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.adapters.http import HttpPolicy


def wire_notifications(
    settings: Settings,
    database: Database,
    clock: Clock,
    new_id: NewId,
    http: HttpPolicy,
    told: Storefronts,
) -> Notifications:
    """Wire the delivery of messages by mail, by chat and to stores' own systems."""
    transports = _transports(settings, http) | {Channel.STOREFRONT: told.transport}
    return Notifications(database, transports, clock, new_id, told.hooks.on_gone)


def _transports(settings: Settings, http: HttpPolicy) -> dict[Channel, Transport]:
    from zyenta_ops.adapters.chat.slack import SlackTransport
    from zyenta_ops.adapters.mail.files import FileTransport
    from zyenta_ops.adapters.mail.smtp import SmtpTransport

    transports: dict[Channel, Transport] = {}
    if settings.smtp_url:
        transports[Channel.EMAIL] = SmtpTransport.from_url(settings.smtp_url, settings.mail_from)
    else:
        transports[Channel.EMAIL] = FileTransport(settings.mail_folder, settings.mail_from)
    if settings.internal_webhook_url:
        transports[Channel.WEBHOOK] = SlackTransport(settings.internal_webhook_url, http)
    return transports
