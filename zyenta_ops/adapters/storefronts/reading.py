"""Asking a store's own system what tracking it shows for an order."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from zyenta_ops.adapters.http import AddressRefused, HttpPolicy, build_client
from zyenta_ops.adapters.storefronts.signing import signed_headers
from zyenta_ops.domain.errors import Unreachable
from zyenta_ops.domain.storefront_hooks import NUMBER, StorefrontHook

_SECONDS_IN_ALL: Final = 20
_MOST_BYTES: Final = 256 * 1024


@dataclass(frozen=True)
class HttpStorefrontReader:
    """Reads `{"trackingInfo": […]}`; satisfies `ports.storefronts.StorefrontReader`.

    The request is signed as events are, over an empty body, so that a system need not tell
    strangers about its orders.
    """

    new_id: Callable[[], str]
    policy: HttpPolicy = field(default_factory=HttpPolicy)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seconds: float = _SECONDS_IN_ALL

    def shown(self, hook: StorefrontHook, order_number: str) -> object:
        """What is shown for an order; None when the system answers 404: it knows no such order."""
        import httpx

        url = hook.read_url.replace(NUMBER, quote(order_number, safe=""))
        headers = {
            "accept": "application/json",
            **signed_headers(self.new_id(), self.now(), b"", hook.secrets),
        }
        try:
            with (
                build_client(self.policy, self.seconds) as client,
                client.stream("GET", url, headers=headers) as response,
            ):
                if response.status_code == httpx.codes.NOT_FOUND:
                    return None
                if response.status_code != httpx.codes.OK:
                    raise Unreachable(f"the store's system answered {response.status_code}")
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _MOST_BYTES:
                        raise Unreachable("the store's system answered with too much")
        except AddressRefused:
            raise Unreachable(
                "the address that is read back is not on the public internet"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                f"the store's system cannot be read: {type(error).__name__}"
            ) from None
        return _tracking_in(body)


def _tracking_in(body: bytes) -> object:
    try:
        document = json.loads(body.decode())
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "trackingInfo" not in document:
        raise Unreachable('the store\'s system did not answer with {"trackingInfo": […]}')
    return document["trackingInfo"]
