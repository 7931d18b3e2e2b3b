"""`zyenta-ops dev`: Dagster UI, daemon, HTTP edge and sandbox on the embedded state, as one."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from zyenta_ops.cli.sandbox import is_sandboxed, with_sandboxed_trackers
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused
from zyenta_ops.settings import Settings, child_environment

PROJECT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 20


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="State folder [default: .zyenta].")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=3000, show_default=True)
@click.option("--edge-port", default=3100, show_default=True, help="Of webhooks and API.")
@click.pass_obj
def dev(wiring: Wiring, home: Path | None, host: str, port: int, edge_port: int) -> None:
    """Open the Dagster UI with schedules, sensors and the HTTP edge running.

    The sandbox answers besides, unless a supplier with an API is asked at its real address.
    """
    from zyenta_ops.bootstrap import prepare

    settings = wiring.at_home(home)
    prepare(settings)
    prepare_instance(settings)
    workspace = str(PROJECT / "workspace.yaml")
    commands: tuple[tuple[str, ...], ...] = (
        ("dagster-webserver", "-w", workspace, "-h", host, "-p", str(port)),
        ("dagster-daemon", "run", "-w", workspace),
        ("zyenta-ops", "web", "--host", host, "--port", str(edge_port)),
    )
    click.echo(
        f"State in {settings.home.absolute()}; UI at http://{host}:{port}, webhooks and API at"
        f" http://{host}:{edge_port} (Ctrl-C stops)"
    )
    port_of_sandbox = None
    if _asks_sandbox_alone(settings):
        settings = with_sandboxed_trackers(settings)
        port_of_sandbox = _free_for_sandbox(settings)
    if port_of_sandbox:
        commands += (("zyenta-ops", "sandbox", "--port", str(port_of_sandbox)),)
        click.echo("Try a supplier with an API: zyenta-ops supplier connect aliexpress --sandbox")
    raise SystemExit(run_together(commands, settings))


def _asks_sandbox_alone(settings: Settings) -> bool:
    """Whether no supplier is asked at its real address; where one is, nothing is invented."""
    from zyenta_ops.bootstrap import build

    suppliers = build(settings).suppliers.list()
    return all(is_sandboxed(each, settings) for each in suppliers if each.kind.has_api)


def _free_for_sandbox(settings: Settings) -> int | None:
    """The port at which the sandbox is to be started; None = somebody's own is left to answer."""
    address = urlsplit(settings.sandbox_url)
    if address.hostname != "127.0.0.1" or not address.port:
        return None
    try:
        with socket.create_server((address.hostname, address.port)):
            return address.port
    except OSError:
        click.echo(f"Something answers at {settings.sandbox_url} already; no sandbox is started")
        return None


def prepare_instance(settings: Settings) -> None:
    """Give the embedded Dagster instance its folder and configuration.

    Raises:
        Refused: the program runs outside a checkout, which holds dagster.yaml and workspace.yaml.
    """
    source = PROJECT / "dagster.yaml"
    if not source.is_file():
        raise Refused(
            f"{source} is missing: run from a checkout, or start dagster-webserver and"
            " dagster-daemon on your own instance as docs/operations.md tells"
        )
    import dagster as dg

    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, settings.dagster_home / "dagster.yaml")
    # Dagster makes its tables on first use; two processes that do so at once break them for good.
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        instance.get_runs_count()
        instance.get_dynamic_partitions("supplier")
        instance.all_instigator_state()


def run_together(commands: Sequence[Sequence[str]], settings: Settings) -> int:
    """Run processes until one ends or we are told to stop, then stop them all.

    Returns:
        The exit status of the one that ended first, 0 when we were told to stop.
    """
    folder = Path(sys.executable).parent
    environment = child_environment(replace(settings, home=settings.home.absolute()))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    children: list[subprocess.Popen[bytes]] = []
    try:
        for program, *arguments in commands:
            children.append(
                subprocess.Popen([str(folder / program), *arguments], env=environment)  # noqa: S603
            )
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        return next(child.returncode for child in children if child.returncode is not None)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(children)


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, and kill what has not stopped in time."""
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.send_signal(signal.SIGINT)
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
