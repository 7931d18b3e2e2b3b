"""A process of its own that acts on events and refunds the way a worker does.

    python -m zyenta_ops_tests.journeys.drainer 2026-11-02T12:00:00+00:00 [STOP]

It says that it is ready, waits for a line, and works. With STOP it says that it has stopped and
waits for ever once a transaction has done its work and before it is committed: `effects` where
events are settled, `refund` where a refund is that Stripe has made.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from zyenta_ops.bootstrap import build
from zyenta_ops.operations import inbox
from zyenta_ops.operations.payments.deriving import Derivation
from zyenta_ops.persistence.inbox import InboxRecords
from zyenta_ops.settings import Settings, child_environment

ROOT = Path(__file__).parents[2]


def start(settings: Settings, now: datetime, stop: str = "") -> subprocess.Popen[str]:
    """Start a worker that is ready."""
    environment = child_environment(settings) | {
        "ZYENTA_DATABASE_URL": settings.database_url,
        "ZYENTA_STRIPE_KEY": settings.stripe_key,
        "ZYENTA_STRIPE_URL": settings.stripe_url,
        "PYTHONWARNINGS": "ignore",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "zyenta_ops_tests.journeys.drainer", now.isoformat(), stop],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def go(worker: subprocess.Popen[str]) -> None:
    """Let a worker begin."""
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()


def kill_once_stopped(worker: subprocess.Popen[str]) -> None:
    """Kill a worker where it stops."""
    go(worker)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "stopped\n"
    worker.kill()
    worker.communicate()
    assert worker.returncode == -signal.SIGKILL


def _stopping(function: Callable[..., Any]) -> Callable[..., Any]:
    def stopping(*args: Any, **options: Any) -> None:
        function(*args, **options)
        _say("stopped")
        signal.pause()

    return stopping


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(now: str, stop: str) -> None:
    at = datetime.fromisoformat(now)
    operations = build(Settings.from_environment(), clock=lambda: at)
    inbox._BATCH = 10  # type: ignore[misc]
    _say("ready")
    sys.stdin.readline()
    if stop == "effects":
        InboxRecords.settle = _stopping(InboxRecords.settle)  # type: ignore[method-assign]
    report = operations.inbox.drain()
    if stop == "refund":
        Derivation.take = _stopping(Derivation.take)  # type: ignore[method-assign]
    assert operations.refunds is not None
    refunds = operations.refunds.carry_out()
    _say(json.dumps({**asdict(report), "refunds": refunds.settled}))


if __name__ == "__main__":
    main(*sys.argv[1:])
