"""Orders: acting on what came in about them, one bounded run at a time."""

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import IN_PROGRESS, LANE_TAG, MAX_RUNTIME_TAG, PRIORITY_TAG

# One run takes this much at most; the sensor asks for the next while more is due.
EVENTS = 50_000
REFUNDS = 200
BUDGET_SECONDS = 240
# People wait for refunds, so they come first; suppliers' events are not to wait long for them.
REFUNDS_SECONDS = 30


@dg.op(
    ins={"after": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Act on the events that are due; one that fails is tried again, then parked.",
)
def drain_inbox(context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]) -> None:
    """Drain one bounded batch and say how it went."""
    if operations.stripe_events is not None:
        operations.stripe_events.adopt_strays()
    report = operations.inbox.drain(limit=EVENTS, budget_seconds=BUDGET_SECONDS)
    context.log.info(
        f"{report.processed} processed, {report.ignored} of no concern, {report.deferred} put off,"
        f" {report.parked} parked; {report.left_due} are left"
    )


@dg.op(out=dg.Out(dg.Nothing), description="Ask for the refunds that are due.")
def carry_out_refunds(
    context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]
) -> None:
    """Carry out what was planned, looking first for what may have been done already."""
    if operations.refunds is None:
        return
    report = operations.refunds.carry_out(limit=REFUNDS, budget_seconds=REFUNDS_SECONDS)
    context.log.info(
        f"{report.settled} refunds made, {report.deferred} put off, {report.refused} refused"
    )


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "900", LANE_TAG: "orders", "dagster/max_retries": "0"},
    description="Carry out refunds, and act on what came in about orders.",
)
def fulfill_orders() -> None:
    """Re-evaluate what is due; everything it needs to know is in the database."""
    drain_inbox(carry_out_refunds())


@dg.sensor(
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells the internal team of sources of events that have gone quiet.",
)
def silent_sources(operations: dg.ResourceParam[Operations]) -> dg.SkipReason:
    """Open and close the alerts themselves: a run would cost more than the work."""
    silent = operations.inbox.report_silence()
    return dg.SkipReason(f"nothing more is heard of {', '.join(silent)}" if silent else "all speak")


@dg.sensor(
    job=fulfill_orders,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one bounded run while events or refunds are due.",
)
def orders_due(
    context: dg.SensorEvaluationContext, operations: dg.ResourceParam[Operations]
) -> dg.RunRequest | dg.SkipReason:
    """One run when something is due and none is at work already."""
    events = operations.inbox.count_due()
    refunds = 0 if operations.refunds is None else operations.refunds.count_due()
    due = f"{events} events and {refunds} refunds are due"
    if events + refunds == 0:
        return dg.SkipReason("no event and no refund is due")
    wanted = dg.RunsFilter(job_name=fulfill_orders.name, statuses=IN_PROGRESS)
    if context.instance.get_runs_count(wanted):
        return dg.SkipReason(f"{due} and a run is at work")
    return dg.RunRequest(tags={PRIORITY_TAG: "30"})
