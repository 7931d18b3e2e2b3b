"""Running the demo through Dagster, as the schedules would."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
from rich.console import Console

from zyenta_ops.bootstrap import Operations, build, prepare, utc_now
from zyenta_ops.cli.demo.world import (
    RATES,
    ROUNDS,
    STORES,
    VENDOR_IMPORTS,
    VENDOR_PRODUCTS,
    VENDORS,
    DemoSupplier,
    suppliers,
)
from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.cli.runs import QUIET, SupplierRun, embedded_instance, sync_supplier
from zyenta_ops.defs import build_defs
from zyenta_ops.defs.keys import suppliers as partitions
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.feeds import FeedWorld
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops.settings import Settings


@dataclass(frozen=True)
class RoundReport:
    """What happened at the suppliers and what the syncs made of it."""

    title: str
    happened: list[str]
    runs: list[SupplierRun]
    messages_sent: int


@dataclass
class DemoReport:
    """Everything the demo has to show."""

    home: Path
    rounds: list[RoundReport] = field(default_factory=list)
    alerts: list[dict[str, str]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    feed_requests: dict[str, int] = field(default_factory=dict)
    api_requests: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


def run_demo(home: Path, files: Sequence[Path], seed: int, console: Console) -> DemoReport:
    """Build the world in an empty folder, run every round, and collect the report."""
    started = time.monotonic()
    report = DemoReport(home)
    settings = Settings(home=home.absolute(), private_networks=("127.0.0.0/8",))
    world = suppliers(files, seed)
    with console.status("creating the database") as status:
        prepare(settings)
        prepare_instance(settings)
        clock = _Hours(len(ROUNDS) - 1)
        operations = build(settings, clock=clock)
        vendors = SandboxWorld(seed, VENDOR_PRODUCTS, clock=Clock(clock), enforce_limits=False)
        with (
            FeedWorld({each.feed.name: each.feed for each in world}).serve() as feeds,
            vendors.serving(),
            embedded_instance(settings) as instance,
        ):
            status.update("adding stores and suppliers")
            _found(operations, world, feeds, instance)
            status.update("connecting accounts at suppliers with an API")
            apis = [] if files else _connect(operations, vendors, instance)
            definitions = build_defs({"operations": operations})
            for number, each in enumerate(ROUNDS, start=1):
                clock.ago = len(ROUNDS) - number
                happened = [*each.happens(world), *(each.at_vendors(vendors) if apis else [])]
                runs = []
                for key in [*(supplier.key for supplier in world), *apis]:
                    status.update(f"round {number} of {len(ROUNDS)}: syncing {key}")
                    runs.append(sync_supplier(definitions, instance, key))
                sent = _deliver(definitions, instance, operations)
                report.rounds.append(RoundReport(each.title, happened, runs, sent))
                console.print(f"[green]✓[/] {each.title}: {'; '.join(happened)}")
            status.update("writing the operations report")
            _must(definitions, "daily_report", instance)
            _leave_feeds(operations, world, settings)
            for key in apis:
                operations.suppliers.pause(key)  # its sandbox ends with the demo
            report.api_requests = dict(Counter(each.vendor for each in vendors.log.all()))
            for path, code in feeds.requests:
                key = f"{path} {code}"
                report.feed_requests[key] = report.feed_requests.get(key, 0) + 1
    _conclude(report, operations, settings)
    report.seconds = round(time.monotonic() - started, 1)
    return report


@dataclass
class _Hours:
    """A clock so many hours behind: rounds are an hour apart, and the last one is now."""

    ago: int

    def __call__(self) -> datetime:
        return utc_now() - timedelta(hours=self.ago)


def _found(
    operations: Operations,
    world: Sequence[DemoSupplier],
    feeds: FeedWorld,
    instance: dg.DagsterInstance,
) -> None:
    for base, quote, rate in RATES:
        operations.rates.set_rate(base, quote, rate, source="demo")
    for supplier in world:
        operations.suppliers.add(
            key=supplier.key,
            name=supplier.name,
            kind=SupplierKind.FEED,
            config={"location": f"{feeds.url}/{supplier.feed.name}", "preset": supplier.preset},
            country=supplier.country,
            currency=supplier.currency,
        )
        operations.catalog.sweep(supplier.key)
    instance.add_dynamic_partitions(str(partitions.name), [each.key for each in world])
    for each in STORES:
        store = operations.stores.add(
            name=each.name,
            email=each.email,
            currency=each.currency,
            country=each.country,
            frequency=each.frequency,
            strategy=each.strategy,
            preferences=each.preferences,
        )
        for supplier in world:
            operations.products.import_from_catalogue(store.id, supplier.key)


def _connect(
    operations: Operations, vendors: SandboxWorld, instance: dg.DagsterInstance
) -> list[str]:
    """Connect an account at every vendor of the sandbox and import some products of each."""
    examples = vendors.examples(VENDOR_IMPORTS)
    for vendor, told in VENDORS.items():
        refs = examples[vendor]
        supplier = operations.suppliers.draft(
            key=vendor,
            name=told.name,
            kind=SupplierKind(vendor.upper()),
            config={"base_url": vendors.urls[vendor], **told.config},
            country="US",
            currency="USD",
        )
        operations.accounts.connect(supplier, DEMO_SECRETS[vendor])
        operations.items.watch(vendor, refs)
        operations.catalog.sweep(vendor, product_refs=refs)
        for store in operations.stores.list():
            operations.products.import_from_catalogue(store.id, vendor)
    instance.add_dynamic_partitions(str(partitions.name), list(VENDORS))
    return list(VENDORS)


def _deliver(defs: dg.Definitions, instance: dg.DagsterInstance, operations: Operations) -> int:
    due = operations.notifications.count_due()
    if due:
        _must(defs, "deliver_notifications", instance)
    return due - operations.notifications.count_due()


def _must(defs: dg.Definitions, job: str, instance: dg.DagsterInstance) -> None:
    defs.resolve_job_def(job).execute_in_process(instance=instance, run_config=QUIET)


def _leave_feeds(operations: Operations, world: Sequence[DemoSupplier], settings: Settings) -> None:
    """Keep the feeds as files, so that the UI can go on syncing when the demo's server is gone."""
    folder = settings.home / "feeds"
    folder.mkdir(exist_ok=True)
    for supplier in world:
        path = folder / supplier.feed.name
        path.write_bytes(supplier.feed.document())
        operations.suppliers.configure(
            supplier.key, {"location": str(path), "preset": supplier.preset}
        )


def _conclude(report: DemoReport, operations: Operations, settings: Settings) -> None:
    names = {store.id: store.name for store in operations.stores.list()}
    report.alerts = [
        {
            "store": names.get(alert.store_id or "", "internal team"),
            "type": alert.type.value,
            "severity": alert.severity.value,
            "status": alert.status.value,
            "title": alert.title,
        }
        for alert in operations.alerts.listed(limit=200)
    ]
    report.mails = sorted(path.name for path in settings.mail_folder.glob("*.eml"))
    for each in report.rounds:
        for run in each.runs:
            if not run.succeeded and not run.quarantined:
                report.failures.append(f"{each.title}: the sync of {run.supplier} failed")
