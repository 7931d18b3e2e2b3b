"""Starting and stopping processes together; that the real ones come up is told in `journeys`."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

import zyenta_ops.cli.dev as dev
from zyenta_ops.bootstrap import build, prepare
from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.settings import Settings

PYTHON = Path(sys.executable).name
SLEEPS = (PYTHON, "-c", "import time; time.sleep(60)")


def ends_with(status: int) -> tuple[str, ...]:
    return (PYTHON, "-c", f"raise SystemExit({status})")


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def children() -> list[psutil.Process]:
    return psutil.Process().children()


def test_when_one_ends_the_others_are_stopped_and_its_status_is_ours(tmp_path: Path) -> None:
    before = children()

    assert dev.run_together([SLEEPS, ends_with(3)], Settings(home=tmp_path)) == 3
    assert children() == before


def test_being_told_to_stop_stops_all_and_is_no_failure(tmp_path: Path) -> None:
    before = children()
    # Delivered while the children run; the handler belongs to the main thread.
    teller = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM))
    teller.start()

    assert dev.run_together([SLEEPS, SLEEPS], Settings(home=tmp_path)) == 0
    assert children() == before


def test_what_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dev, "STOP_SECONDS", 0.5)
    ready = tmp_path / "ready"
    deaf = (
        PYTHON,
        "-c",
        "import pathlib, signal, sys, time; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)",
    )
    waits = (
        PYTHON,
        "-c",
        f"import pathlib, time\nwhile not pathlib.Path({str(ready)!r}).exists(): time.sleep(0.01)",
    )
    before = children()
    started = time.monotonic()

    assert dev.run_together([deaf, waits], Settings(home=tmp_path)) == 0
    assert time.monotonic() - started < 10
    assert children() == before


def test_a_program_that_is_not_installed_leaves_nothing_running(tmp_path: Path) -> None:
    before = children()

    with pytest.raises(FileNotFoundError):
        dev.run_together([SLEEPS, ("no-such-program",)], Settings(home=tmp_path))

    assert children() == before


def test_the_instance_gets_the_shipped_configuration(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")

    dev.prepare_instance(settings)

    copied = settings.dagster_home / "dagster.yaml"
    assert copied.read_text() == (dev.PROJECT / "dagster.yaml").read_text()


def test_outside_a_checkout_it_says_what_to_do_and_creates_no_instance(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "PROJECT", tmp_path)
    settings = Settings(home=tmp_path / "home")

    with pytest.raises(Refused, match=r"dagster.yaml is missing: run from a checkout"):
        dev.prepare_instance(settings)

    assert not settings.dagster_home.exists()


def test_the_command_runs_web_server_daemon_and_sandbox_on_the_given_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[tuple[list[str], Settings]] = []

    def record(commands: list[tuple[str, ...]], settings: Settings) -> int:
        started.append(([" ".join(command) for command in commands], settings))
        return 0

    monkeypatch.setattr(dev, "run_together", record)
    home = tmp_path / "home"

    with socket.create_server(("127.0.0.1", 0)) as probe:
        free_port = probe.getsockname()[1]
    wiring = Wiring(Settings(sandbox_url=f"http://127.0.0.1:{free_port}"))
    result = CliRunner().invoke(main, ["dev", "--home", str(home), "--port", "4000"], obj=wiring)

    assert result.exit_code == 0, result.output
    ((commands, settings),) = started
    workspace = dev.PROJECT / "workspace.yaml"
    assert commands == [
        f"dagster-webserver -w {workspace} -h 127.0.0.1 -p 4000",
        f"dagster-daemon run -w {workspace}",
        "zyenta-ops web --host 127.0.0.1 --port 3100",
        f"zyenta-ops sandbox --port {free_port}",
    ]
    assert settings.home == home
    assert settings.seventeentrack_url == f"http://127.0.0.1:{free_port}/17track/track/v2.2"
    assert (home / "zyenta.db").is_file()
    assert "UI at http://127.0.0.1:4000" in result.output
    assert "webhooks and API at http://127.0.0.1:3100" in result.output


def programs_started(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, passed_on: list[Settings] | None = None
) -> list[str]:
    started: list[str] = []

    def record(commands: list[tuple[str, ...]], settings: Settings) -> int:
        started.extend(" ".join(command[:2]) for command in commands)
        if passed_on is not None:
            passed_on.append(settings)
        return 0

    monkeypatch.setattr(dev, "run_together", record)
    result = CliRunner().invoke(main, ["dev"], obj=Wiring(settings))
    assert result.exit_code == 0, result.output
    return started


@pytest.mark.parametrize(
    ("base_url", "sandbox"),
    [
        (None, False),
        ("https://developers.cjdropshipping.com/api2.0/v1", False),
        ("http://127.0.0.1:{port}/cj/api2.0/v1", True),
    ],
)
def test_where_a_real_supplier_is_asked_no_sandbox_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base_url: str | None, sandbox: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = Settings(home=tmp_path, sandbox_url=f"http://127.0.0.1:{port}")
    prepare(settings)
    build(settings).suppliers.add(
        key="cj",
        kind=SupplierKind.CJ,
        config={"base_url": base_url.format(port=port)} if base_url else {},
        country="US",
        currency="USD",
    )

    passed_on: list[Settings] = []
    started = programs_started(monkeypatch, settings, passed_on)
    assert ("zyenta-ops sandbox" in started) is sandbox
    assert bool(passed_on[0].seventeentrack_key) is sandbox


def test_where_a_real_tracker_is_asked_none_is_invented(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, sandbox_url="http://127.0.0.1", ship24_key="apik_1")
    passed_on: list[Settings] = []

    programs_started(monkeypatch, settings, passed_on)

    (given,) = passed_on
    assert (given.ship24_key, given.ship24_url) == ("apik_1", "")
    assert (given.seventeentrack_key, given.aftership_key) == ("", "")


@pytest.mark.parametrize("url", ["http://sandbox.example:8900", "http://127.0.0.1"])
def test_a_sandbox_elsewhere_is_not_started_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    settings = Settings(home=tmp_path, sandbox_url=url)

    assert "zyenta-ops sandbox" not in programs_started(monkeypatch, settings)


def test_a_sandbox_that_runs_already_is_left_to_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(home=tmp_path, sandbox_url=f"http://127.0.0.1:{taken.getsockname()[1]}")

        assert "zyenta-ops sandbox" not in programs_started(monkeypatch, settings)
