"""Where a supplier's feed is said to be, judged before anything is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def run(*arguments: str, settings: Settings) -> Result:
    return CliRunner().invoke(main, list(arguments), obj=Wiring(settings))


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("", "the feed's location is empty"),
        (".", "it is not a regular file"),
        ("nowhere.csv", "there is no such file"),
        ("http://127.0.0.1/feed.csv", "127.0.0.1 is not on the public internet"),
        ("http://localhost:81/feed.csv?token=hush", "localhost is not on the public internet"),
        ("ftp://supplier.example/feed.csv", "its address must be a path"),
    ],
)
def test_a_feed_that_no_sweep_could_read_is_refused_at_once(
    settings: Settings, location: str, why: str
) -> None:
    result = run("supplier", "add", "fjord", "--feed", location, settings=settings)

    assert (result.exit_code, result.stdout) == (1, "")
    assert why in result.stderr
    assert "hush" not in result.stderr
    assert json.loads(run("supplier", "list", "--json", settings=settings).stdout) == []
