"""A real web server on loopback whose every answer a test writes itself."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

LOOPBACK = "127.0.0.1/32"

Respond = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Asked:
    """A request as it came, its path with the query string."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebServer:
    """Answers a request with what `routes` holds for "METHOD /path" or "/path", else as `api` says.

    `asked` keeps every request, `seen` its path and headers.
    """

    port: int
    routes: dict[str, Respond] = field(default_factory=dict)
    api: Callable[[Asked], Respond] = lambda asked: status(404)
    asked: list[Asked] = field(default_factory=list)

    @property
    def seen(self) -> list[tuple[str, dict[str, str]]]:
        return [(each.path, each.headers) for each in self.asked]

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def web_server() -> Iterator[WebServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            asked = Asked(self.command, self.path, headers, body)
            server.asked.append(asked)
            path = self.path.partition("?")[0]
            respond = server.routes.get(f"{self.command} {path}") or server.routes.get(path)
            try:
                (respond or server.api(asked))(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        server = WebServer(httpd.server_port)
        thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            httpd.shutdown()
            thread.join()


def status(code: int, body: bytes = b"", **headers: str) -> Respond:
    """Answer with a status, headers (underscores for hyphens) and a body."""

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        if code != 304:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return respond


def hang_up(request: BaseHTTPRequestHandler) -> None:
    """Close the connection without a word: what was asked may have been done."""
    request.close_connection = True


def reset(request: BaseHTTPRequestHandler) -> None:
    """Break the connection as a crashed server does."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()
    request.close_connection = True


def truncated(body: bytes) -> Respond:
    """Promise twice the body, then hang up."""

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(2 * len(body) + 1))
        request.end_headers()
        request.wfile.write(body)
        request.close_connection = True

    return respond


def in_turn(*answers: Respond) -> Respond:
    """Give each answer once, the last one ever after."""
    left = list(answers)

    def respond(request: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request)

    return respond
