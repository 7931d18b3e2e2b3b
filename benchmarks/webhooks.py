"""Taking webhooks: signed posts over 32 connections, half of them delivered twice.

The server is `zyenta-ops web` in a process of its own, the client this one; both share the cores of
this machine. Events are signed as Stripe signs and delivered in shuffled order. Each connection
sends its next request when the last is answered, which is after the commit of its event.
Afterwards the inbox is counted: exactly one row for each event, none for what was not sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog_apply import ENGINES, databases
from measure import Report, at_least, at_most, median, options

from zyenta_ops.bootstrap import build, migrate_database
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.settings import Settings

CONNECTIONS = 32
SECRET = "whsec_of-the-benchmark"
# What a PaymentIntent's event weighs.
PADDING = "x" * 3_000


@dataclass(frozen=True)
class Flood:
    """What one run measured."""

    per_second: float
    p50_ms: float
    p99_ms: float
    not_accepted: int
    wrong_rows: int


def requests(path: str, events: int) -> list[bytes]:
    """Every event twice, in an order of its own, signed now."""
    order = [number for number in range(events) for _ in range(2)]
    random.Random(7).shuffle(order)
    return [_request(path, number) for number in order]


def _request(path: str, number: int) -> bytes:
    event = {
        "id": f"evt_{number:08d}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": int(time.time()),
        "data": {"object": {"id": f"pi_{number}", "description": PADDING}},
    }
    body = json.dumps(event).encode()
    seconds = int(time.time())
    signature = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Stripe-Signature: t={seconds},v1={signature.hexdigest()}\r\n\r\n"
    ).encode() + body


async def flood(port: int, waiting: list[bytes]) -> tuple[float, list[float], int]:
    """Seconds taken, seconds of each request, and how many were not answered with 200."""
    left = iter(waiting)
    latencies: list[float] = []
    refused = 0

    async def connection() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in left:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - began)
            refused += not head.startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return time.perf_counter() - began, latencies, refused


@contextmanager
def serving(settings: Settings, log: Path) -> Iterator[int]:
    """The port of a server on this database."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "zyenta-ops"), "web", "--port", str(port)]
    environment = os.environ | {
        "ZYENTA_HOME": str(settings.home),
        "ZYENTA_DATABASE_URL": settings.database_url,
    }
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stderr=output)
    try:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def run(url: str, events: int) -> Flood:
    """One flood on an empty database."""
    with tempfile.TemporaryDirectory(prefix="zyenta-benchmark-") as name:
        settings = Settings(home=Path(name) / "home", database_url=url)
        migrate_database(settings)
        operations = build(settings)
        opened = operations.hooks.add(EventSource.STRIPE, secret=SECRET)
        path = f"/hooks/stripe/{opened.token}"
        with serving(settings, Path(name) / "log") as port:
            seconds, latencies, refused = asyncio.run(flood(port, requests(path, events)))
        kept = [each.event_id for each in operations.inbox.listed(limit=3 * events)]
    wanted = {f"evt_{number:08d}" for number in range(events)}
    latencies.sort()
    return Flood(
        per_second=len(latencies) / seconds,
        p50_ms=latencies[len(latencies) // 2] * 1_000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1_000,
        not_accepted=refused,
        wrong_rows=len(kept) - len(set(kept)) + len(wanted ^ set(kept)),
    )


def measure(report: Report, engine: str, events: int) -> None:
    """The claims about one engine."""
    with databases(engine) as create:
        floods = [run(create(), events) for _ in range(report.runs)]
    report.figures[f"{engine}: p50_ms"] = median([each.p50_ms for each in floods])
    report.figures[f"{engine}: p99_ms, worst run"] = max(each.p99_ms for each in floods)
    report.claims += [
        at_least(f"{engine}: requests", median([each.per_second for each in floods]), 600, "/s"),
        at_most(f"{engine}: p99", median([each.p99_ms for each in floods]), 100, "ms"),
        at_most(f"{engine}: not accepted", max(each.not_accepted for each in floods), 0, "posts"),
        at_most(
            f"{engine}: rows missing, doubled or strange",
            max(each.wrong_rows for each in floods),
            0,
            "rows",
        ),
    ]


def main() -> int:
    """Measure, report, and return the exit status."""
    parser = options(__doc__, runs=3)
    parser.add_argument("--events", type=int, default=3_000, help="each is posted twice")
    parser.add_argument("--engine", choices=ENGINES, action="append")
    chosen = parser.parse_args()
    report = Report(
        f"{2 * chosen.events:,} signed posts over {CONNECTIONS} connections",
        chosen.runs,
        ("starlette", "uvicorn", "sqlalchemy"),
    )
    for engine in chosen.engine or ENGINES:
        measure(report, engine, chosen.events)
    return report.tell(chosen.json)


if __name__ == "__main__":
    sys.exit(main())
