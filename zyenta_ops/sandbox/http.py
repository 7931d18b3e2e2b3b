"""The HTTP server of the sandbox: keeps connections alive, and breaks them when the script says so.

Answers carry nothing that differs between two runs of the same seed.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.wire import Answer, Request

_PIECE = 65_536
_DRIPS = 20
_LARGEST_BODY = 20_000_000
_PAGE = (
    b"<!doctype html><html><head><title>Service</title></head><body>Be right back.</body></html>"
)

Effects = Mapping[str, Rule]
Respond = Callable[[Request], tuple[Answer | None, Effects]]


class SandboxServer(ThreadingHTTPServer):
    """Serves until its block ends; connections that are still open are then closed.

    Attributes:
        respond: answers a request; without an answer the fault among the effects decides.
        crashes: what the sandbox's own mistakes raised; the block raises the first of them.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, respond: Respond) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.respond = respond
        self.crashes: list[Exception] = []
        self.ending = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @contextlib.contextmanager
    def serving(self) -> Iterator[SandboxServer]:
        """Answer until the block ends."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.ending.set()
            self.shutdown()
            self.server_close()
            thread.join()
            with self._lock:
                left = list(self._open)
            for connection in left:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        if self.crashes:
            raise self.crashes[0]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, to close it at the end."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ends."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; what the sandbox itself did is in `crashes`."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: SandboxServer

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Requests are in the request log, not on the terminal."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if (
            not length.isdigit()
            or int(length) > _LARGEST_BODY
            or self.headers.get("Transfer-Encoding")
        ):
            self.close_connection = True
            self._send(Answer(411, b"a body needs a Content-Length that is not too large\n"))
            return
        target = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(target.path),
            query=target.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
            client=self.client_address[0],
        )
        try:
            answer, effects = self.server.respond(request)
        except Exception as error:
            self.server.crashes.append(error)
            answer, effects = Answer(500, b"the sandbox made a mistake\n"), {}
        with contextlib.suppress(OSError):
            self._deliver(answer, effects)

    def _deliver(self, answer: Answer | None, effects: Effects) -> None:
        if "latency" in effects:
            self.server.ending.wait(effects["latency"].seconds)
        if answer is None:
            self._instead(effects)
        elif "reset_after" in effects:
            self._reset()
        elif "truncated" in effects:
            self.close_connection = True
            self.wfile.write(_head(answer, len(answer.body)) + answer.body[: len(answer.body) // 2])
        elif "drip" in effects:
            self._drip(answer, effects["drip"].seconds)
        else:
            self._send(answer)

    def _instead(self, effects: Effects) -> None:
        """What happens to a call that the vendor never saw."""
        if "reset_before" in effects:
            self._reset()
        elif "hang" in effects:
            self._hang()
        elif "huge" in effects:
            self._huge(effects["huge"].bytes)
        elif "html" in effects:
            self._send(Answer(200, _PAGE, {"Content-Type": "text/html; charset=utf-8"}))
        else:
            rule = effects["status"]
            again = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
            self._send(Answer(rule.status, b"", again))

    def _send(self, answer: Answer) -> None:
        self.wfile.write(_head(answer, len(answer.body)) + answer.body)

    def _drip(self, answer: Answer, seconds: float) -> None:
        self.wfile.write(_head(answer, len(answer.body)))
        step = max(1, len(answer.body) // _DRIPS)
        for start in range(0, len(answer.body), step):
            self.server.ending.wait(seconds / _DRIPS)
            self.wfile.write(answer.body[start : start + step])

    def _huge(self, size: int) -> None:
        opening, closing = b'{"padding":"', b'"}'
        left = size - len(opening) - len(closing)
        self.wfile.write(_head(Answer(200, b"", {"Content-Type": "application/json"}), size))
        self.wfile.write(opening)
        while left > 0:
            self.wfile.write(b"x" * min(left, _PIECE))
            left -= _PIECE
        self.wfile.write(closing)

    def _hang(self) -> None:
        self.close_connection = True
        while not self.server.ending.is_set():
            # Readable without a request means that the client has hung up.
            if select.select([self.connection], [], [], 0.05)[0]:
                return

    def _reset(self) -> None:
        self.close_connection = True
        # Lingering for no time makes closing send a reset instead of a farewell.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        descriptor = self.connection.detach()
        socket.socket(fileno=descriptor).close()


def _head(answer: Answer, length: int) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
