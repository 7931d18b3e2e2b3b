"""The daily operations report: what the numbers say, as metadata that plots and one picture."""

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import OWNERS, STORE_INVENTORY
from zyenta_ops.defs.tables import table

REPORT_DAYS = 14


@dg.asset(
    key="ops_report",
    deps=[STORE_INVENTORY],
    group_name="reporting",
    kinds={"python", "pandas"},
    owners=OWNERS,
    freshness_policy=None,
)
def ops_report(
    context: dg.AssetExecutionContext, operations: dg.ResourceParam[Operations]
) -> dg.MaterializeResult:
    """One row per day of the last two weeks: syncs, changes, failures, alerts, mail."""
    from zyenta_ops.defs.charts import daily_chart, daily_frame

    figures = operations.reporting.daily(REPORT_DAYS)
    frame = daily_frame(figures, operations.clock().date(), REPORT_DAYS)
    today = frame.iloc[-1]
    stale = operations.reporting.stale_stores()
    return dg.MaterializeResult(
        metadata={
            **{str(name): int(value) for name, value in today.items()},
            "stale_stores": len(stale),
            "chart": dg.MetadataValue.md(
                f"![the last {REPORT_DAYS} days](data:image/png;base64,{daily_chart(frame)})"
            ),
            "days": table(
                [
                    {"day": str(day), **{str(name): int(value) for name, value in row.items()}}
                    for day, row in frame.iterrows()
                ]
            ),
        }
    )
