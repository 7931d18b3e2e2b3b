"""The one builder of HTTP clients; every outgoing request of the adapters goes through it.

What may be reached is in `addresses`, how it is enforced in `transport`. Nothing here knows what
is fetched or sent.
"""

from __future__ import annotations

import logging
from importlib.metadata import version
from time import monotonic
from typing import TYPE_CHECKING

from zyenta_ops.adapters.http.addresses import AddressRefused, HttpPolicy, is_loopback, is_public
from zyenta_ops.adapters.http.attempts import attempts

if TYPE_CHECKING:
    import httpx

__all__ = ["AddressRefused", "HttpPolicy", "attempts", "build_client", "is_loopback", "is_public"]


def build_client(
    policy: HttpPolicy | None = None, total_seconds: float | None = None
) -> httpx.Client:
    """A client for addresses that others chose.

    It never follows a redirect by itself, reads no proxy, netrc or certificate setting from the
    environment, and logs no address. A connection to an address that the policy does not permit
    raises `AddressRefused`. The caller closes the client.

    Args:
        policy: time-outs and the private addresses allowed; None allows none.
        total_seconds: the life of the client. Past it every connect, read and write times out,
            also when the server keeps sending a byte now and then.
    """
    import httpx

    from zyenta_ops.adapters.http.transport import GuardedTransport

    # At INFO httpx logs whole addresses, whose query strings may hold a token.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    policy = policy or HttpPolicy()
    deadline = None if total_seconds is None else monotonic() + total_seconds
    return httpx.Client(
        transport=GuardedTransport(policy, deadline),
        timeout=httpx.Timeout(policy.read_seconds, connect=policy.connect_seconds),
        headers={"user-agent": f"zyenta-ops/{version('zyenta-ops')}"},
        follow_redirects=False,
        trust_env=False,
    )
