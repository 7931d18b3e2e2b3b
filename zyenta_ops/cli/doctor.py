"""`zyenta-ops doctor`: is everything there that the settings name, and if not, what to do."""

from __future__ import annotations

import click

from zyenta_ops.cli.diagnosis import Finding, Health, diagnose
from zyenta_ops.cli.output import answer, json_option
from zyenta_ops.cli.wiring import Wiring

_MARKS = {Health.GOOD: ("✓", "green"), Health.WARNING: ("!", "yellow"), Health.BAD: ("✗", "red")}


@click.command()
@json_option
@click.pass_obj
def doctor(wiring: Wiring, as_json: bool) -> None:
    """Check what the settings name, and what the database needs, and say what to do."""
    findings = diagnose(wiring.settings)
    answer(findings, as_json, lambda: _show(findings))
    raise SystemExit(any(finding.health is Health.BAD for finding in findings))


def _show(findings: list[Finding]) -> None:
    for finding in findings:
        mark, colour = _MARKS[finding.health]
        click.echo(f"{click.style(mark, fg=colour)} {finding.subject}: {finding.says}")
        if finding.advice:
            click.echo(f"  → {finding.advice}")
