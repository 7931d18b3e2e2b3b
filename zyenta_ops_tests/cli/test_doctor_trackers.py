"""`zyenta-ops doctor` tries the keys of trackers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import stamina

from zyenta_ops.cli.diagnosis.trackers import trackers
from zyenta_ops.cli.sandbox import with_sandboxed_trackers
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops.settings import Settings


def findings(settings: Settings) -> list[tuple[str, str, str | None]]:
    return [(each.health, each.says, each.advice) for each in trackers(settings)]


def test_keys_are_tried_in_the_order_of_asking_and_not_told(tmp_path: Path) -> None:
    assert findings(Settings(home=tmp_path)) == [
        ("GOOD", "none is set, so parcels are as suppliers say", None)
    ]
    with SandboxWorld(products=1).serving() as world:
        url = world.urls["sandbox"].removesuffix("/_sandbox")
        settings = with_sandboxed_trackers(Settings(home=tmp_path, sandbox_url=url))
        assert findings(settings) == [
            ("GOOD", "17track: 100 of 100 numbers left", None),
            ("GOOD", "ship24: the key is accepted", None),
            ("GOOD", "aftership: the key is accepted", None),
        ]
        wrong = replace(settings, seventeentrack_key="hush", ship24_key="", aftership_key="")
        assert findings(wrong) == [
            (
                "BAD",
                "17track: 17TRACK does not accept the key",
                "check its key and address, ZYENTA_17TRACK_KEY and _URL",
            )
        ]
    with stamina.set_testing(True, attempts=1, cap=True):
        assert {health for health, *_ in findings(settings)} == {"BAD"}
