"""Posting events to stores' own systems, as the Standard Webhooks specification wants it.

Addresses are the merchants' choice: they go through the guarded client, redirects are not followed,
and no text of an answer is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from zyenta_ops.adapters.http import AddressRefused, HttpPolicy, build_client
from zyenta_ops.adapters.storefronts.signing import signed_headers
from zyenta_ops.domain.errors import (
    DeliveryDeferred,
    DeliveryRefused,
    RecipientGone,
    Refused,
)
from zyenta_ops.domain.notifications import OutboundMessage
from zyenta_ops.domain.storefront_hooks import StorefrontHook
from zyenta_ops.domain.storefronts import body_of
from zyenta_ops.ports.notifications import Send

if TYPE_CHECKING:
    import httpx

# The specification recommends 15 to 30.
SECONDS_IN_ALL: Final = 20
# Asking again brings the same answer until somebody changes the address or the system behind it;
# the schedule of attempts gives them days. Only these say that the event itself is unwelcome.
_UNWELCOME: Final = frozenset({400, 413, 415, 422})


@dataclass(frozen=True)
class StorefrontTransport:
    """Posts to the system of the store that a message names; satisfies `ports.Transport`.

    Attributes:
        hook_of: the hook of a store that listens, None when it does no more.
        policy: which addresses may be reached.
        now: the time of an attempt.
    """

    hook_of: Callable[[str], StorefrontHook | None]
    policy: HttpPolicy = field(default_factory=HttpPolicy)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seconds: float = SECONDS_IN_ALL

    @contextmanager
    def open(self) -> Iterator[Send]:
        """A session. A system that could not be reached is not tried again within it."""
        yield _Session(self).send


class _Session:
    def __init__(self, transport: StorefrontTransport) -> None:
        self._transport = transport
        # By store: a system that takes its time must not make the others' events wait for each of
        # its own.
        self._unreachable: dict[str, DeliveryDeferred] = {}

    def send(self, message: OutboundMessage) -> None:
        if known := self._unreachable.get(message.recipient):
            raise DeliveryDeferred(str(known), known.pause)
        try:
            self._post(message)
        except DeliveryDeferred as deferral:
            self._unreachable[message.recipient] = deferral
            raise

    def _post(self, message: OutboundMessage) -> None:
        import httpx

        try:
            hook = self._transport.hook_of(message.recipient)
        except Refused as error:
            # Once the keyring is mended it opens.
            raise DeliveryDeferred(str(error)) from None
        if hook is None:
            raise DeliveryRefused("the store's system is told nothing any more")
        now = self._transport.now()
        body = body_of(message.context)
        headers = {
            "content-type": "application/json",
            **signed_headers(message.id, now, body, hook.secrets),
        }
        try:
            with (
                build_client(self._transport.policy, self._transport.seconds) as client,
                # The body of the answer says nothing that is needed, and could be endless.
                client.stream("POST", hook.url, content=body, headers=headers) as response,
            ):
                _judge(response, now)
        except AddressRefused:
            raise DeliveryDeferred(
                "the address of the store's webhook is not on the public internet"
            ) from None
        except httpx.TimeoutException:
            raise DeliveryDeferred(
                f"the store's system did not answer within {self._transport.seconds:g} seconds"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Its text may quote the address.
            raise DeliveryDeferred(
                f"the store's system cannot be reached: {type(error).__name__}"
            ) from None


def _judge(response: httpx.Response, now: datetime) -> None:
    """Whether the event was taken; a status of 200 to 299 says so and nothing else does."""
    status = response.status_code
    if 200 <= status < 300:
        return
    said = f"the store's system answered {status}"
    if status == 410:
        raise RecipientGone(f"{said}: it wants no more events")
    if status in _UNWELCOME:
        raise DeliveryRefused(f"{said}: it does not accept the event")
    if 300 <= status < 400:
        said += ", a redirect, which is not followed; correct the address of the webhook"
    raise DeliveryDeferred(said, _pause(response.headers.get("retry-after", ""), now))


def _pause(text: str, now: datetime) -> timedelta | None:
    """What Retry-After says (RFC 9110, 10.2.3): seconds, or a date."""
    if text.isascii() and text.isdigit() and len(text) <= 7:
        return timedelta(seconds=int(text))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - now, timedelta(0))
