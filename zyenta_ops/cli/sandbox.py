"""`zyenta-ops sandbox`: fake suppliers over HTTP."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click

from zyenta_ops.cli.wiring import Wiring


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="[default: of ZYENTA_SANDBOX_URL]")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same world.")
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file of faults to inject.",
)
@click.pass_obj
def sandbox(wiring: Wiring, port: int | None, seed: int, script: Path | None) -> None:
    """Answer for AliExpress, CJ, Printful and a Spocket gateway, until Ctrl-C."""
    from zyenta_ops.sandbox.world import run

    if port is None:
        port = urlsplit(wiring.settings.sandbox_url).port or 8900
    run(port, seed, script, click.echo)
