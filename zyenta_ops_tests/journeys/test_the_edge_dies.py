"""`zyenta-ops web` as a process of its own: what it has acknowledged is kept, however it ends."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from zyenta_ops.bootstrap import Operations, build
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.persistence.engine import Database
from zyenta_ops.settings import Settings

SECRET = "whsec_of-the-journey"
CLIENTS = 8
BEFORE_THE_END = 150  # acknowledged events


@dataclass
class Load:
    """Clients that deliver one new event after the other until the server is gone."""

    port: int
    path: str
    acknowledged: set[str] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def deliver(self, client: int) -> None:
        address = f"http://127.0.0.1:{self.port}{self.path}"
        with httpx.Client(trust_env=False, timeout=20) as http:
            for number in range(100_000):
                event_id = f"evt_{client}_{number}"
                body = json.dumps({"id": event_id, "type": "charge.refunded"}).encode()
                try:
                    answer = http.post(address, content=body, headers=signed(body))
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    self.acknowledged.add(event_id)
                else:
                    self.refused.append(answer.status_code)
                if len(self.acknowledged) >= BEFORE_THE_END:
                    self.enough.set()

    def run_until(self, end: Callable[[], None]) -> None:
        clients = [threading.Thread(target=self.deliver, args=[each]) for each in range(CLIENTS)]
        for each in clients:
            each.start()
        assert self.enough.wait(60)
        end()
        for each in clients:
            each.join()


def signed(body: bytes) -> dict[str, str]:
    seconds = int(time.time())
    signature = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return {"Stripe-Signature": f"t={seconds},v1={signature.hexdigest()}"}


@contextmanager
def a_server(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = os.environ | {
        "ZYENTA_HOME": str(settings.home),
        "ZYENTA_DATABASE_URL": settings.database_url,
    }
    command = [str(Path(sys.executable).parent / "zyenta-ops"), "web", "--port", str(port)]
    with (settings.home.parent / "web.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield process, port
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    url = database.url.render_as_string(hide_password=False)
    return Settings(home=tmp_path / "home", database_url=url)


@pytest.fixture
def operations(settings: Settings) -> Operations:
    return build(settings)


def kept(operations: Operations) -> list[str]:
    return [each.event_id for each in operations.inbox.listed(limit=100_000)]


def test_killed_under_load_the_edge_has_kept_whatever_it_acknowledged(
    settings: Settings, operations: Operations
) -> None:
    opened = operations.hooks.add(EventSource.STRIPE, secret=SECRET)
    with a_server(settings) as (process, port):
        load = Load(port, f"/hooks/stripe/{opened.token}")
        load.run_until(lambda: os.kill(process.pid, signal.SIGKILL))
        assert process.wait() == -signal.SIGKILL

    found = kept(operations)
    assert load.acknowledged - set(found) == set()
    assert len(found) == len(set(found))
    # A machine that is busy may be too slow to promise anything, and says so.
    assert set(load.refused) <= {503}


def test_told_to_stop_under_load_it_answers_what_it_took_and_ends_well(
    settings: Settings, operations: Operations
) -> None:
    opened = operations.hooks.add(EventSource.STRIPE, secret=SECRET)
    with a_server(settings) as (process, port):
        load = Load(port, f"/hooks/stripe/{opened.token}")
        load.run_until(lambda: os.kill(process.pid, signal.SIGTERM))
        assert process.wait(30) == 0

    # Whatever is kept was acknowledged, or its sender told to come again: nobody was left alone.
    found = kept(operations)
    assert load.acknowledged - set(found) == set()
    assert len(found) - len(load.acknowledged) <= len(load.refused)
    assert set(load.refused) <= {503}
