"""What the daemon was last seen doing, read as the HTTP edge reads it."""

from __future__ import annotations

import time
from pathlib import Path

import dagster as dg
from dagster._daemon.types import DaemonHeartbeat

from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.defs.heartbeats import MOST_SILENCE_SECONDS, Heartbeats
from zyenta_ops.settings import Settings


def an_instance(tmp_path: Path) -> Path:
    settings = Settings(home=tmp_path / "home")
    prepare_instance(settings)
    return settings.dagster_home


def beat(home: Path, kind: str, ago: float) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.add_daemon_heartbeat(DaemonHeartbeat(time.time() - ago, kind, "daemon-1", []))


def test_a_daemon_that_was_never_started_is_not_fine(tmp_path: Path) -> None:
    told = Heartbeats(an_instance(tmp_path))()
    assert told == {"ok": False, "seconds_since_heard": {}, "seconds_since_tick": {}}


def test_the_longest_silence_decides(tmp_path: Path) -> None:
    home = an_instance(tmp_path)
    heartbeats = Heartbeats(home)
    beat(home, "SENSOR", ago=10)
    assert heartbeats()["ok"] is True

    beat(home, "SCHEDULER", ago=MOST_SILENCE_SECONDS + 60)

    told = heartbeats()
    assert told["ok"] is False
    assert told["seconds_since_heard"].keys() == {"sensor", "scheduler"}
    assert told["seconds_since_heard"]["scheduler"] >= MOST_SILENCE_SECONDS + 60
