"""Telling merchants what changed."""

from typing import TYPE_CHECKING

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import OWNERS, SELLING_PRICES, STORE_ALERTS, suppliers
from zyenta_ops.defs.tables import table
from zyenta_ops.domain.stores import SweepScope

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
    if report.faults and len(report.faults) >= report.stores:
        raise dg.Failure(f"no store could be told: {report.faults[0]}")
    return _result(report)


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
            "alerts": table(rows),
        }
    )
