"""Getting a small document in one piece."""

from __future__ import annotations

from urllib.parse import urlsplit

from zyenta_ops.adapters.http import AddressRefused, HttpPolicy, build_client
from zyenta_ops.domain.errors import SourceInvalid, SourceUnavailable

_SECONDS = 60
_MAX_BYTES = 20 * 1024**2


def download(url: str, policy: HttpPolicy, max_bytes: int = _MAX_BYTES) -> bytes:
    """The body that a URL answers with.

    Raises:
        SourceUnavailable: no answer, too slow, 429 or 5xx.
        SourceInvalid: another status than 200, a redirect, or more than `max_bytes`.
    """
    import httpx

    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.hostname}{parts.path}"
    try:
        with (
            build_client(policy, _SECONDS) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
                raise SourceUnavailable(f"{shown} answered {response.status_code}; try again later")
            if response.status_code != httpx.codes.OK:
                raise SourceInvalid(f"{shown} answered {response.status_code}; check the address")
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > max_bytes:
                    raise SourceInvalid(f"{shown} is larger than {max_bytes} bytes")
            return body
    except AddressRefused as error:
        raise SourceInvalid(f"{shown} cannot be read: {error}") from error
    except httpx.HTTPError as error:
        raise SourceUnavailable(f"{shown} cannot be read: {type(error).__name__}") from error
