"""Telling merchants what changed."""

from typing import TYPE_CHECKING

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.jobs import sync_catalog
from zyenta_ops.defs.keys import OWNERS, SELLING_PRICES, STORE_ALERTS, run_kind, suppliers
from zyenta_ops.defs.tables import table
from zyenta_ops.domain.stores import Cadence, SweepScope
from zyenta_ops.domain.sync import SyncPart

if TYPE_CHECKING:
    from zyenta_ops.operations.alerts import AlertReport


@dg.asset(
    key=STORE_ALERTS,
    deps=[SELLING_PRICES],
    partitions_def=suppliers,
    group_name="alerts",
    kinds={"python", "sql"},
    owners=OWNERS,
)
def store_alerts(
    context: dg.AssetExecutionContext,
    operations: dg.ResourceParam[Operations],
    scope: dg.ResourceParam[SweepScope],
) -> dg.MaterializeResult:
    """One row per thing a merchant should know: opened, kept true, resolved.

    Alerts are grouped per store and sweep; their mails wait in the outbox, from which
    `deliver_notifications` sends them.
    """
    report = operations.alerts.tell(
        context.partition_key, scope.store_ids or None, context.run.run_id
    )
    for fault in report.faults:
        context.log.warning(fault)
    if report.faults and len(report.faults) == report.stores:
        raise dg.Failure(f"no store could be told: {report.faults[0]}")
    # The last step of every run of a supplier: whoever gets here has made good a run that died.
    operations.alerts.resolve_sync_failure(
        context.partition_key, SyncPart.RUN, _made_good(context, scope)
    )
    return _result(report)


def _made_good(context: dg.AssetExecutionContext, scope: SweepScope) -> str:
    """Which kind of run has succeeded; a sync of every store did what all others do."""
    everything = not scope.store_ids and scope.cadence in (None, Cadence.FULL)
    if everything and context.run.job_name == sync_catalog.name:
        return ""
    return run_kind(context.run)


def _result(report: "AlertReport") -> dg.MaterializeResult:
    rows = [
        {
            "store": row.store,
            "type": row.type.value,
            "severity": row.severity.value,
            "title": row.title,
            "variants": row.variants,
        }
        for row in report.rows
    ]
    return dg.MaterializeResult(
        metadata={
            "stores": report.stores,
            "raised": report.raised.total(),
            "resolved": report.resolved.total(),
            "muted": report.muted,
            "messages_queued": report.queued,
            "faults": len(report.faults),
            "not_told": table([{"fault": fault} for fault in report.faults]),
            "alerts": table(rows),
        }
    )
