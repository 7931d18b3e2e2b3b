"""`zyenta-ops demo`: the main job on a small world, from an empty folder to a report."""

from __future__ import annotations

import json
from pathlib import Path

import click

from zyenta_ops.cli.output import plain
from zyenta_ops.cli.wiring import Wiring


@click.command()
@click.option(
    "--feed",
    "feeds",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A Shopify product CSV to use as a supplier; may be repeated.",
)
@click.option(
    "--home", type=click.Path(path_type=Path), help="State folder to create [default: a new one]."
)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write as JSON.")
@click.option("--seed", default=7, show_default=True, help="Of everything that changes.")
@click.pass_obj
def demo(
    wiring: Wiring, feeds: tuple[Path, ...], home: Path | None, json_path: Path | None, seed: int
) -> None:
    """Sync three stores with four suppliers, let the suppliers change, and sync again."""
    from tempfile import mkdtemp

    from rich.console import Console

    from zyenta_ops.cli.demo.report import show
    from zyenta_ops.cli.demo.run import run_demo
    from zyenta_ops.domain.errors import Refused

    if home is not None and home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Refused(f"{home} is not empty; name a folder that does not exist yet")
    if json_path is not None:
        json_path.touch()  # a path that cannot be written is told of now, not after half a minute
    console = Console(highlight=False)
    report = run_demo(home or Path(mkdtemp(prefix="zyenta-demo-")), feeds, seed, console)
    show(report, console)
    if json_path is not None:
        json_path.write_text(json.dumps(plain(report), indent=2, ensure_ascii=False) + "\n")
        console.print(f"The same as JSON: {json_path}")
    if report.failures:
        raise SystemExit(1)
