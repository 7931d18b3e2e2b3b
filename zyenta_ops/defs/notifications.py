"""Queueing daily mails when their hour has come, and delivering what the outbox holds."""

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import LANE_TAG, MAX_RUNTIME_TAG
from zyenta_ops.domain.errors import Refused

# One run sends this much at most; the sensor asks for the next while more is due.
BATCH = 500
BUDGET_SECONDS = 120


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Send due messages; what a transport refuses for now waits for its next attempt.",
)
def deliver(context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]) -> None:
    """Queue the digests that are due, send one batch, and say how it went."""
    try:
        digests = operations.alerts.queue_digests()
        context.log.info(f"{digests} daily mails queued")
    except Refused as fault:
        # The other stores were served, and their messages must not wait for this one.
        context.log.warning(str(fault))
    report = operations.notifications.deliver(limit=BATCH, budget_seconds=BUDGET_SECONDS)
    context.log.info(
        f"{report.sent} sent, {report.deferred} deferred, {report.suppressed} suppressed,"
        f" {report.failed} failed, {report.expired} dropped for being too old"
    )


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "600", LANE_TAG: "notifications"},
    description="Send the messages that are due.",
)
def deliver_notifications() -> None:
    """Fill the outbox with due digests and drain it in one bounded batch."""
    deliver()
