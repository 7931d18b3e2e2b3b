"""The edge on a real socket, in a thread of the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from zyenta_ops.web.edge import Edge
from zyenta_ops.web.serving import server_of


@contextmanager
def running(edge: Edge) -> Iterator[httpx.Client]:
    """A client of a server that stops gracefully when the block ends."""
    # Whoever connects before the server is up waits in the socket's backlog.
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    server = server_of(edge, log_config=None)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        with httpx.Client(base_url=address, trust_env=False, verify=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
