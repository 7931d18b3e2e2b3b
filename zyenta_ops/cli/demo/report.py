"""The demo's report on the terminal."""

from __future__ import annotations

from collections import Counter

from rich import box
from rich.console import Console
from rich.table import Table

from zyenta_ops.cli.demo.run import DemoReport, RoundReport
from zyenta_ops.cli.runs import runs_table

_PRICES_SHOWN = 6


def show(report: DemoReport, console: Console) -> None:
    """Print the report."""
    for each in report.rounds:
        _show_round(each, console)
    _show_alerts(report, console)
    requests = ", ".join(f"{count} of {path}" for path, count in report.feed_requests.items())
    console.print(f"\nFeeds served: {requests} (304 = unchanged, nothing parsed)")
    if report.api_requests:
        asked = ", ".join(f"{count} at {vendor}" for vendor, count in report.api_requests.items())
        console.print(f"Requests to suppliers with an API, answered by the sandbox: {asked}")
    console.print(f"{len(report.mails)} mails written to {report.home / 'mail'}")
    for failure in report.failures:
        console.print(f"[red]✗ {failure}[/]")
    console.print(
        f"\nDone in {report.seconds} s. Open the Dagster UI on this state with\n"
        f"  zyenta-ops dev --home {report.home}",
        soft_wrap=True,
    )


def _show_round(each: RoundReport, console: Console) -> None:
    console.print(f"\n[bold]{each.title}[/]")
    console.print(runs_table(each.runs))
    for run in each.runs:
        if run.quarantined:
            console.print(f"  {run.supplier}: {run.reason}; the last good state stays on sale")
    _show_prices(each, console)
    _show_totals(each, console)


def _show_totals(each: RoundReport, console: Console) -> None:
    totals = Counter[str]()
    for run in each.runs:
        for name in ("raised", "resolved"):
            totals[name] += run.assets.get("store_alerts", {}).get(name, 0)
    if totals.total() or each.messages_sent:
        console.print(
            f"  {totals['raised']} product alerts raised, {totals['resolved']} resolved,"
            f" {each.messages_sent} mails written"
        )


def _show_prices(each: RoundReport, console: Console) -> None:
    moved = [
        row
        for run in each.runs
        for row in run.assets.get("selling_prices", {}).get("prices", [])
        if row["old"]
    ]
    for row in moved[:_PRICES_SHOWN]:
        console.print(
            f"  {row['store']}: {row['title']}  {row['old']} → {row['new']}", markup=False
        )
    if len(moved) > _PRICES_SHOWN:
        console.print(f"  and {len(moved) - _PRICES_SHOWN} prices more")


def _show_alerts(report: DemoReport, console: Console) -> None:
    console.print("\n[bold]Alerts[/]")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("store", "severity", "status", "title"):
        table.add_column(column)
    for alert in reversed(report.alerts):
        table.add_row(alert["store"], alert["severity"], alert["status"].lower(), alert["title"])
    console.print(table)
    states = Counter(alert["status"] for alert in report.alerts)
    console.print(
        f"{len(report.alerts)} raised, {states['RESOLVED']} resolved,"
        f" {len(report.alerts) - states['RESOLVED']} still open"
    )
