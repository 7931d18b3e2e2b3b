from __future__ import annotations

import inspect
import logging
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpcore
import httpx
import pytest

from zyenta_ops.adapters.http import AddressRefused, HttpPolicy, build_client, transport
from zyenta_ops_tests.adapters.web_server import LOOPBACK, WebServer, status, web_server

LOCAL = HttpPolicy(allow_private=(LOOPBACK,))


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def test_an_allowed_server_is_reached(web: WebServer) -> None:
    web.routes["/feed"] = status(200, b"hello")
    with build_client(LOCAL) as client:
        assert client.get(web.url("/feed")).content == b"hello"
    assert web.seen[0][1]["user-agent"].startswith("zyenta-ops/")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_no_spelling_of_this_machine_is_reached_unless_allowed(web: WebServer, host: str) -> None:
    with build_client() as client, pytest.raises(AddressRefused):
        client.get(web.url("/feed", host))
    assert web.seen == []


@pytest.mark.parametrize("host", ["169.254.169.254", "100.64.0.1", "10.0.0.1", "[64:ff9b::a00:1]"])
def test_no_connection_is_tried_to_a_private_address(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(
        httpcore.SyncBackend, "connect_tcp", lambda self, host, *rest, **more: tried.append(host)
    )
    with build_client() as client, pytest.raises(AddressRefused):
        client.get(f"http://{host}/latest/meta-data")
    assert tried == []


def test_the_connection_goes_to_the_judged_address_not_to_a_second_answer(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["127.0.0.1", "10.66.66.66"])
    asked: list[str] = []

    real = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        if host != "rebind.example":
            return list(real(host, port, *rest, **more))
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    web.routes["/feed"] = status(200, b"hello")
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with build_client(LOCAL) as client:
        assert client.get(web.url("/feed", "rebind.example")).content == b"hello"
    assert asked == ["rebind.example"]
    assert web.seen[0][1]["host"] == f"rebind.example:{web.port}"


def test_redirects_are_not_followed_by_themselves(web: WebServer) -> None:
    web.routes["/feed"] = status(302, Location="/elsewhere")
    with build_client(LOCAL) as client:
        assert client.get(web.url("/feed")).status_code == 302
    assert [path for path, _ in web.seen] == ["/feed"]


def test_a_server_that_drips_headers_is_cut_off_when_the_total_time_is_up(web: WebServer) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        for _ in range(200):
            request.wfile.write(b"X")
            request.wfile.flush()
            time.sleep(0.02)

    web.routes["/feed"] = drip
    started = time.monotonic()
    with build_client(LOCAL, total_seconds=0.3) as client, pytest.raises(httpx.ReadTimeout):
        client.get(web.url("/feed"))
    assert time.monotonic() - started < 1.5


def test_no_proxy_of_the_environment_is_used(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    web.routes["/feed"] = status(200, b"direct")
    with build_client(LOCAL) as client:
        assert client.get(web.url("/feed")).content == b"direct"


def test_no_address_is_logged(web: WebServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with build_client(LOCAL) as client:
        client.get(web.url("/feed?token=hush"))
    assert "hush" not in caplog.text


def test_every_exception_of_httpcore_has_a_namesake_in_httpx() -> None:
    raised = [
        each
        for each in vars(httpcore).values()
        if inspect.isclass(each)
        and issubclass(
            each,
            (
                httpcore.TimeoutException,
                httpcore.NetworkError,
                httpcore.ProtocolError,
                httpcore.UnsupportedProtocol,
            ),
        )
    ]
    assert len(raised) >= 10
    for each in raised:
        with pytest.raises(getattr(httpx, each.__name__)), transport._httpx_exceptions():
            raise each("why")
