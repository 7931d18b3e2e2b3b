"""Seeing every hour whether stores' own systems show the tracking that they were told."""

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import LANE_TAG, MAX_RUNTIME_TAG

# One run looks at this much at most; the next hour's takes the rest.
ORDERS = 2_000
BUDGET_SECONDS = 600


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Ask stores' systems what they show, and tell again what differs.",
)
def look_at_storefronts(
    context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]
) -> None:
    """Look at one bounded batch and say how it went."""
    report = operations.storefront_checks.check(ORDERS, BUDGET_SECONDS)
    context.log.info(
        f"{report.matching} orders shown as told, {report.repaired} told again,"
        f" {report.unreadable} not to be read; {report.left_due} are left"
    )


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "1800", LANE_TAG: "storefronts"},
    description="Compare the tracking that storefronts show with what they were told.",
)
def check_storefronts() -> None:
    """The safety net under events that storefronts took and lost."""
    look_at_storefronts()


@dg.schedule(
    job=check_storefronts,
    cron_schedule="10 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every hour, when an order is due: soon after its event, then once a day.",
)
def storefront_checks(
    operations: dg.ResourceParam[Operations],
) -> dg.RunRequest | dg.SkipReason:
    """One run when there is something to look at."""
    due = operations.storefront_checks.count_due()
    return dg.RunRequest() if due else dg.SkipReason("no storefront is due to be looked at")
