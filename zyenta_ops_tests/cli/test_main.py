from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.settings import Settings

COMMANDS = [
    *("account", "alerts", "carriers", "demo", "dev", "doctor", "feed", "fx", "hooks", "inbox"),
    "keys",
    *("migrate", "orders", "outbox", "plan", "price", "products", "quarantine", "sandbox"),
    *("store", "supplier", "sync", "tokens", "web"),
]


def test_help_lists_every_command_with_what_it_does() -> None:
    result = CliRunner().invoke(main, ["--help"])

    assert result.exit_code == 0
    _, _, listed = result.output.partition("Commands:\n")
    rows = [line.split(maxsplit=1) for line in listed.splitlines()]
    assert [name for name, _ in rows] == COMMANDS
    assert all(len(row) == 2 for row in rows)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])

    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: main {command}")


def test_the_version_is_the_package_s() -> None:
    assert version("zyenta-ops") in CliRunner().invoke(main, ["--version"]).output


@pytest.mark.parametrize("words", [["account", "list"], ["account", "list", "--json"]])
def test_whoever_closes_the_pipe_is_not_told_of_an_error(tmp_path: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-c", "from zyenta_ops.cli import main; main()", *words],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={**os.environ, "ZYENTA_HOME": str(tmp_path)},
        check=False,
    )
    os.close(writing)

    assert ended.stderr == b""
    assert ended.returncode == 0


def test_a_disk_that_is_full_is_one_sentence(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", "from zyenta_ops.cli import main; main()", "account", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "ZYENTA_HOME": str(tmp_path)},
            check=False,
        )

    assert ended.stderr.startswith("Error: cannot go on: No space left on device")
    assert ended.returncode != 0


def test_an_unknown_command_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["stores"])

    assert result.exit_code == 2
    assert "No such command 'stores'" in result.stderr


def test_a_misspelt_setting_is_one_sentence_and_creates_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZYENTA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZYENTA_DATABSE_URL", "postgresql://me:secret@db/zyenta")

    result = CliRunner().invoke(main, ["store", "list"])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: unknown setting ZYENTA_DATABSE_URL; docs/configuration.md lists the known ones\n"
    )
    assert not (tmp_path / "home").exists()


def test_the_embedded_database_is_made_on_first_use(tmp_path: Path) -> None:
    home = tmp_path / "home"

    result = CliRunner().invoke(main, ["store", "list"], obj=Wiring(Settings(home=home)))

    assert result.exit_code == 0
    assert result.stdout.startswith("No store has been added yet")
    assert (home / "zyenta.db").is_file()


def test_a_configured_database_is_not_migrated_behind_one_s_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'mine.db'}"

    result = CliRunner().invoke(
        main, ["store", "list"], obj=Wiring(Settings(home=tmp_path, database_url=url))
    )

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database is at revision none and this version")
    assert result.stderr.endswith("run `zyenta-ops migrate`\n")
