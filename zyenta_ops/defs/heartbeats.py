"""What the daemon was last seen doing, for whoever asks from outside Dagster."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import dagster as dg

# Dagster's own bound for calling a daemon unhealthy is 1,800 s; ours should be noticed sooner.
MOST_SILENCE_SECONDS: Final = 300


@dataclass(frozen=True)
class Heartbeats:
    """Reads a Dagster instance; called from any thread.

    Attributes:
        home: folder of the instance.
    """

    home: Path

    def __call__(self) -> dict[str, Any]:
        """Seconds since each daemon was heard of, and since the last tick of what is running.

        `ok` is False while one of them is silent for longer than five minutes, or none ever spoke.
        """
        now = time.time()
        heard = {
            kind.lower(): round(now - beat.timestamp)
            for kind, beat in self._instance.get_daemon_heartbeats().items()
        }
        ticks = {}
        for state in self._instance.all_instigator_state():
            if state.is_running:
                newest = self._instance.get_ticks(
                    state.instigator_origin_id, state.selector_id, limit=1
                )
                if newest:
                    ticks[state.instigator_name] = round(now - newest[0].timestamp)
        fine = bool(heard) and max(heard.values()) < MOST_SILENCE_SECONDS
        return {"ok": fine, "seconds_since_heard": heard, "seconds_since_tick": ticks}

    @cached_property
    def _instance(self) -> dg.DagsterInstance:
        return dg.DagsterInstance.from_config(str(self.home))
