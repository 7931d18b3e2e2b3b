"""`zyenta-ops sandbox`: fake suppliers over HTTP."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused

if TYPE_CHECKING:
    from zyenta_ops.sandbox.faults import FaultScript


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="[default: of ZYENTA_SANDBOX_URL]")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same world.")
@click.option(
    "--products", type=click.IntRange(1, 20_000), default=2_000, show_default=True, help="A vendor."
)
@click.option(
    "--script",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A JSON list of faults to inject.",
)
@click.pass_obj
def sandbox(
    wiring: Wiring, port: int | None, seed: int, products: int, script: Path | None
) -> None:
    """Answer as AliExpress, CJ, Printful and a Spocket gateway do, until Ctrl-C.

    Its clock runs with this machine's; POST /_sandbox/clock goes forward.
    """
    from zyenta_ops.sandbox.clock import Clock
    from zyenta_ops.sandbox.world import SandboxWorld

    if port is None:
        port = urlsplit(wiring.settings.sandbox_url).port or 8900
    world = SandboxWorld(
        seed, products, clock=Clock(lambda: datetime.now(UTC)), script=_faults(script, seed)
    )
    try:
        with world.serving(port):
            for vendor, examples in world.examples(3).items():
                click.echo(f"{vendor}: {world.urls[vendor]}, products {', '.join(examples)}, …")
            click.echo(f"log, clock and faults: {world.urls['sandbox']} (Ctrl-C stops)")
            while True:
                time.sleep(1)
                world.settle()
    except KeyboardInterrupt:
        return


def _faults(path: Path | None, seed: int) -> FaultScript:
    from zyenta_ops.sandbox.faults import FaultScript, read_rules

    if path is None:
        return FaultScript(seed=seed)
    try:
        return FaultScript(read_rules(path.read_bytes()), seed)
    except OSError as error:
        raise Refused(f"the script {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Refused(f"the script {path} cannot be used: {error}") from None
