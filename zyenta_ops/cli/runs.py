"""Running the job `sync_catalog` in this process, as the schedules would, and what came of it."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import dagster as dg
from rich import box
from rich.table import Table

from zyenta_ops.defs.catalog import FEED_SANITY
from zyenta_ops.defs.keys import WORKER_TAG
from zyenta_ops.defs.workers import Worker
from zyenta_ops.settings import Settings

Metadata = Mapping[str, Any]

# The terminal belongs to the report; every event is in the instance for the UI.
QUIET: Final[dict[str, Any]] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class SupplierRun:
    """One run of `sync_catalog` for one supplier: metadata of the assets it materialised.

    `reason` says why the catalogue was quarantined, or why the run failed.
    """

    supplier: str
    succeeded: bool
    quarantined: bool
    reason: str
    seconds: float
    assets: dict[str, Metadata]


@contextmanager
def embedded_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The embedded Dagster instance, for as long as the block lasts."""
    # Dagster warns about a parameter of its own that we do not use.
    warnings.filterwarnings("ignore", message="Parameter `owners`")
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        yield instance


def sync_supplier(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    supplier: str,
    store_ids: Sequence[str] = (),
) -> SupplierRun:
    """Run the job for one supplier to its end, for these stores or for all."""
    started = time.monotonic()
    run_id = str(uuid4())
    result = defs.resolve_job_def("sync_catalog").execute_in_process(
        instance=instance,
        partition_key=supplier,
        run_config=QUIET | {"resources": {"scope": {"config": {"store_ids": list(store_ids)}}}},
        run_id=run_id,
        tags={WORKER_TAG: Worker.current().tag(run_id)},
        raise_on_error=False,
    )
    assets: dict[str, Metadata] = {}
    believed, failures = True, []
    for event in result.all_events:
        if event.is_step_materialization and event.asset_key is not None:
            assets[event.asset_key.to_user_string()] = {
                name: _plain(value) for name, value in event.materialization.metadata.items()
            }
        elif event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            believed = believed and (check.check_name != FEED_SANITY or check.passed)
        elif event.is_step_failure:
            failures.append(_why(event))
    reasons: str = assets.get("supplier_catalog", {}).get("reasons", "")
    return SupplierRun(
        supplier=supplier,
        succeeded=result.success,
        quarantined=not believed,
        reason=reasons if not believed or result.success else "; ".join(failures),
        seconds=round(time.monotonic() - started, 2),
        assets=assets,
    )


def _why(event: dg.DagsterEvent) -> str:
    """The sentence that an asset failed with; of a bug only its name, which quotes nothing."""
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return data.user_failure_data.description
    return f"{event.step_key} failed with {data.error.cls_name if data.error else 'no reason'}"


def _plain(value: dg.MetadataValue[Any]) -> Any:
    if isinstance(value, dg.TableMetadataValue):
        return [dict(record.data) for record in value.records]
    return value.value


def runs_table(runs: Iterable[SupplierRun]) -> Table:
    """What runs did to each store, in 80 columns."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("store", no_wrap=True)
    for column in (
        "processed",
        "changed",
        "hidden",
        "back",
        "repriced",
        "waiting",
        "blocked",
        "alerts",
    ):
        table.add_column(column, justify="right")
    for run in runs:
        table.add_row(f"[cyan]{run.supplier}[/]")
        if run.quarantined:
            table.add_row("  [yellow]quarantined[/]")
        prices = _by_store(run.assets.get("selling_prices", {}).get("by_store", []))
        alerts = Counter(
            row["store"] for row in run.assets.get("store_alerts", {}).get("alerts", [])
        )
        for row in run.assets.get("store_inventory", {}).get("by_store", []):
            priced = prices.get(row["store"], {})
            table.add_row(
                f"  {row['store']}",
                *(str(row[name]) for name in ("processed", "changed", "hidden", "republished")),
                *(str(priced.get(name, 0)) for name in ("moved", "waiting", "blocked")),
                str(alerts[row["store"]]),
            )
    return table


def _by_store(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["store"]: row for row in rows}
