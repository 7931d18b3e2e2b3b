"""`zyenta-ops web`: the HTTP edge."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import click

from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.stores import Document
from zyenta_ops.settings import Settings, configured_dagster_home

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zyenta_ops.bootstrap import Operations
    from zyenta_ops.web.edge import Edge, Probe

# A source that waits longer takes it for a failure; CJ does after 3 s.
PATIENCE_SECONDS: Final = 2


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65_535), default=3100, show_default=True)
@click.pass_obj
def web(wiring: Wiring, host: str, port: int) -> None:
    """Take webhooks and answer the API, until Ctrl-C.

    It speaks plain HTTP on this machine alone; a proxy in front gives it a name and TLS.
    """
    from zyenta_ops.bootstrap import prepare
    from zyenta_ops.web.serving import serve

    prepare(wiring.settings)
    edge = edge_of(wiring.settings)
    edge.hooks.rehearse()
    serve(edge, host, port)


def edge_of(settings: Settings) -> Edge:
    """The edge on what the settings name."""
    from zyenta_ops.bootstrap import build

    operations = build(settings, patience_seconds=PATIENCE_SECONDS)
    home = configured_dagster_home() or settings.dagster_home
    return edge_on(operations, {"daemon": _daemon(home)})


def edge_on(operations: Operations, probes: Mapping[str, Probe] | None = None) -> Edge:
    """The edge on these operations, and what else it asks how it is."""
    from zyenta_ops.web.edge import Edge

    return Edge(
        hooks=operations.hooks,
        inbox=operations.inbox,
        tokens=operations.tokens,
        stores=operations.stores,
        alerts=operations.alerts,
        orders=operations.orders,
        refunds=operations.refunds,
        operators=operations.operators,
        queue=operations.queue,
        clock=operations.clock,
        probes=probes or {},
    )


def _daemon(home: Path) -> Probe:
    """Looks at the Dagster instance; Dagster is imported when somebody asks.

    Where there is none that is said: nobody should take silence for a daemon that is well.
    """

    @cache
    def heartbeats() -> Probe:
        from zyenta_ops.defs.heartbeats import Heartbeats

        return Heartbeats(home)

    def look() -> Document:
        if not (home / "dagster.yaml").is_file():
            return {"ok": True, "note": "not configured"}
        return heartbeats()()

    return look
