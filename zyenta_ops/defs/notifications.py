"""Delivering what the outbox holds."""

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import LANE_TAG, MAX_RUNTIME_TAG

# One run sends this much at most; the sensor asks for the next while more is due.
BATCH = 500
BUDGET_SECONDS = 120


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Send due messages; what a transport refuses for now waits for its next attempt.",
)
def deliver(context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]) -> None:
    """Send one batch and say how it went."""
    report = operations.notifications.deliver(limit=BATCH, budget_seconds=BUDGET_SECONDS)
    context.log.info(
        f"{report.sent} sent, {report.deferred} deferred, {report.suppressed} suppressed,"
        f" {report.failed} failed"
    )


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "600", LANE_TAG: "notifications"},
    description="Send the messages that are due.",
)
def deliver_notifications() -> None:
    """Drain the outbox in one bounded batch."""
    deliver()
