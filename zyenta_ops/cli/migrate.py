"""`zyenta-ops migrate`."""

from __future__ import annotations

import click

from zyenta_ops.cli.output import answer, json_option
from zyenta_ops.cli.wiring import Wiring


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when code and migrations differ.")
@json_option
@click.pass_obj
def migrate(wiring: Wiring, check: bool, as_json: bool) -> None:
    """Bring the database to the schema of this version."""
    from zyenta_ops.bootstrap import check_migrations, migrate_database

    if check:
        differences = check_migrations()
        answer(
            {"differences": differences},
            as_json,
            lambda: click.echo("\n".join(differences) or "tables and migrations agree"),
        )
        raise SystemExit(bool(differences))
    before, after = migrate_database(wiring.settings)
    answer(
        {"before": before, "after": after},
        as_json,
        lambda: click.echo(
            f"database at {after}" + ("" if before == after else f" (was {before or 'empty'})")
        ),
    )
