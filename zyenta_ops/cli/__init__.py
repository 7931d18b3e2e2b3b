"""The command line: parse, call one operation, print. No rule lives here.

Commands load when they are called, so that `zyenta-ops --help` does not wait for Dagster.
"""

from __future__ import annotations

from importlib import import_module

import click

from zyenta_ops.cli.output import Commands
from zyenta_ops.cli.wiring import Wiring

_COMMANDS = {
    "account": "zyenta_ops.cli.plans:account",
    "alerts": "zyenta_ops.cli.alerts:alerts",
    "carriers": "zyenta_ops.cli.carriers:carriers",
    "demo": "zyenta_ops.cli.demo:demo",
    "dev": "zyenta_ops.cli.dev:dev",
    "doctor": "zyenta_ops.cli.doctor:doctor",
    "feed": "zyenta_ops.cli.feeds:feed",
    "fx": "zyenta_ops.cli.rates:fx",
    "hooks": "zyenta_ops.cli.hooks:hooks",
    "inbox": "zyenta_ops.cli.inbox:inbox",
    "keys": "zyenta_ops.cli.keys:keys",
    "migrate": "zyenta_ops.cli.migrate:migrate",
    "orders": "zyenta_ops.cli.orders:orders",
    "outbox": "zyenta_ops.cli.outbox:outbox",
    "plan": "zyenta_ops.cli.plan:plan",
    "price": "zyenta_ops.cli.prices:prices",
    "products": "zyenta_ops.cli.products:products",
    "quarantine": "zyenta_ops.cli.quarantine:quarantine",
    "sandbox": "zyenta_ops.cli.sandbox:sandbox",
    "store": "zyenta_ops.cli.stores:store",
    "supplier": "zyenta_ops.cli.suppliers:supplier",
    "sync": "zyenta_ops.cli.sync:sync",
    "tokens": "zyenta_ops.cli.tokens:tokens",
    "web": "zyenta_ops.cli.web:web",
}


class _LazyCommands(Commands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.command(cls=_LazyCommands)
@click.version_option(package_name="zyenta-ops")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Keep dropshipping stores true to their suppliers."""
    ctx.obj = ctx.obj or Wiring()
