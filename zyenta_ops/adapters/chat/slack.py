"""Messages to a Slack-compatible incoming webhook (Slack, Mattermost, Rocket.Chat).

https://api.slack.com/messaging/webhooks describes the wire: one JSON document with `text`, shown
in notifications, and `blocks`, shown in the channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from zyenta_ops.adapters.http import AddressRefused, HttpPolicy, build_client
from zyenta_ops.domain.errors import DeliveryDeferred, DeliveryRefused
from zyenta_ops.domain.notifications import OutboundMessage
from zyenta_ops.ports.notifications import Send

_SECONDS_IN_ALL: Final = 30
# Limits of Slack's header and section blocks.
_LONGEST_HEADER: Final = 150
_LONGEST_SECTION: Final = 2_000
_OF_SUPPLIERS: Final = {
    "Supplier": "supplier_name",
    "Stores affected": "stores",
    "Run": "run_id",
    "Since": "as_of",
}
# What messages of a template tell beside title and reason.
_FIELDS: Final = {
    "sync-failure": _OF_SUPPLIERS,
    "account-failure": _OF_SUPPLIERS,
    "issue": {"Store": "store_name", "Since": "as_of"},
    "intervention": {
        "Store": "store_name",
        "Supplier": "supplier_name",
        "Supplier order": "supplier_order",
        "Since": "as_of",
    },
}


@dataclass(frozen=True)
class SlackTransport:
    """Posts to one webhook, whose URL is a secret; satisfies `zyenta_ops.ports.Transport`."""

    url: str = field(repr=False)
    policy: HttpPolicy = field(default_factory=HttpPolicy)

    @contextmanager
    def open(self) -> Iterator[Send]:
        """A session; each message is a request of its own."""
        yield self._post

    def _post(self, message: OutboundMessage) -> None:
        import httpx

        document = compose(message)
        try:
            with build_client(self.policy, _SECONDS_IN_ALL) as client:
                status = client.post(self.url, json=document).status_code
        except AddressRefused:
            raise DeliveryRefused(
                "the webhook's host is not on the public internet; name its network in"
                " ZYENTA_PRIVATE_NETWORKS if it should be reached"
            ) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise DeliveryRefused(
                "ZYENTA_INTERNAL_WEBHOOK_URL is not an http or https URL"
            ) from None
        except httpx.HTTPError as error:
            # Its text may quote the URL.
            raise DeliveryDeferred(f"the webhook failed: {type(error).__name__}") from None
        if 200 <= status < 300:
            return
        if status in (408, 429) or status >= 500:
            raise DeliveryDeferred(f"the webhook refuses messages for now ({status})")
        raise DeliveryRefused(
            f"the webhook refuses the message ({status}); check ZYENTA_INTERNAL_WEBHOOK_URL"
        )


def compose(message: OutboundMessage) -> dict[str, Any]:
    """The document to post for a message to the internal team.

    Raises:
        DeliveryRefused: another template, or its context lacks something.
    """
    fields = _FIELDS.get(message.template)
    if fields is None:
        raise DeliveryRefused(f"there is no chat message for template '{message.template}'")
    try:
        return _failure(message.context, fields)
    except KeyError as error:
        raise DeliveryRefused(f"the context of the chat message lacks {error}") from None


def _failure(context: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
    title = f"{context['severity']}: {context['title']}"
    fields = [
        {"type": "mrkdwn", "text": f"*{name}*\n{_escaped(context[key])}"}
        for name, key in told.items()
    ]
    return {
        "text": _escaped(title),
        "blocks": [
            {"type": "header", "text": _plain(title, _LONGEST_HEADER)},
            {"type": "section", "text": _plain(context["reason"], _LONGEST_SECTION)},
            {"type": "section", "fields": fields},
        ],
    }


def _plain(text: Any, longest: int) -> dict[str, Any]:
    # In plain_text nothing is markup, so a supplier's text cannot mention a channel.
    return {"type": "plain_text", "text": str(text)[:longest], "emoji": False}


def _escaped(text: Any) -> str:
    """Text inside mrkdwn; Slack asks for these three characters to be escaped and no others."""
    escaped = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped[:_LONGEST_SECTION]
