"""An httpx transport whose every connection is judged where it is made.

The guard resolves the name, judges each address and connects to a judged one, so neither a
redirect, an odd spelling of an IP address nor a second DNS answer leads inside. Built on the
public parts of httpcore: a connection pool with a network backend of our own. Imported only when
a client is built.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from time import monotonic
from typing import Any, cast

import httpcore
import httpx

from zyenta_ops.adapters.http.addresses import AddressRefused, HttpPolicy


class GuardedTransport(httpx.BaseTransport):
    """Sends requests over connections that the policy permits, until the deadline.

    `deadline` is a reading of the monotonic clock, or None for no total limit.
    """

    def __init__(self, policy: HttpPolicy, deadline: float | None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted_authorities(),
            max_connections=10,
            max_keepalive_connections=4,
            network_backend=_GuardedBackend(policy, deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; httpcore's exceptions leave as httpx's of the same name."""
        url = request.url
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _httpx_exceptions():
            answer = self._pool.handle_request(sent)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(cast(Iterable[bytes], answer.stream)),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_exceptions():
            yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


@contextmanager
def _httpx_exceptions() -> Iterator[None]:
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx, type(error).__name__)(str(error)) from error


@cache
def _trusted_authorities() -> ssl.SSLContext:
    """Read once: it takes as long as several requests."""
    return httpx.create_ssl_context(trust_env=False)


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, policy: HttpPolicy, deadline: float | None) -> None:
        self._policy = policy
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        fault: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in _permitted(self._policy, host, port):
            try:
                stream = self._plain.connect_tcp(
                    address, port, _within(self._deadline, timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
            else:
                return _TimedStream(stream, self._deadline)
        raise fault

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("local sockets are not reachable")

    def sleep(self, seconds: float) -> None:
        self._plain.sleep(seconds)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose reads and writes all end by one deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float | None) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _within(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _within(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(
            ssl_context, server_hostname, _within(self._deadline, timeout)
        )
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _within(deadline: float | None, timeout: float | None) -> float | None:
    """The time-out of the next step in seconds: never beyond the deadline."""
    if deadline is None:
        return timeout
    remaining = deadline - monotonic()
    if remaining <= 0:
        raise httpcore.ReadTimeout("the total time is up")
    return remaining if timeout is None else min(timeout, remaining)


def _permitted(policy: HttpPolicy, host: str, port: int) -> list[str]:
    """The addresses of `host` that the policy permits, in the resolver's order.

    Raises:
        AddressRefused: it has addresses, but none that may be reached.
    """
    try:
        # The resolver reads every spelling the system would: 2130706433, 0x7f.1, 127.1.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore.ConnectError(f"{host} is unknown to the name service") from None
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    permitted = [each for each in addresses if policy.permits(host, ipaddress.ip_address(each))]
    if not permitted:
        raise AddressRefused(host)
    return permitted
