"""Asking `zyenta-ops doctor`."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.settings import Settings


def doctor(settings: Settings, *options: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *options], obj=Wiring(settings))


def finding(settings: Settings, subject: str) -> tuple[str, str, str | None]:
    """What the doctor has to say about one thing: health, sentence, advice."""
    (found,) = [
        each for each in json.loads(doctor(settings, "--json").stdout) if each["subject"] == subject
    ]
    return found["health"], found["says"], found["advice"]
