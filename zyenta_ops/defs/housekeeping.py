"""Forgetting what is over: rows, suppliers' answers, and Dagster's own runs."""

from datetime import datetime

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import LANE_TAG, MAX_RUNTIME_TAG

BUDGET_SECONDS = 1_200
# A run is deleted in some tens of milliseconds, its events with it.
_RUNS_AT_ONCE = 100
_MOST_RUNS = 10_000
_ENDED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Delete rows and suppliers' answers that are over and that nothing points to.",
)
def forget_records(
    context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]
) -> None:
    """Delete in batches until the time is up, and say how many of each table."""
    done = operations.housekeeping.forget(BUDGET_SECONDS)
    context.add_output_metadata({**done.counts, "left": done.left})


@dg.op(
    ins={"records": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Delete Dagster's runs that ended long ago, with their events.",
)
def forget_runs(context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]) -> None:
    """Delete the oldest runs first; what is not reached is left to the next day."""
    before = operations.clock() - operations.housekeeping.retention.runs
    context.add_output_metadata({"runs": delete_runs(context.instance, before)})


def delete_runs(instance: dg.DagsterInstance, before: datetime, most: int = _MOST_RUNS) -> int:
    """Delete runs that ended and were not touched since a time, oldest first; how many."""
    old = dg.RunsFilter(statuses=_ENDED, updated_before=before)
    deleted = 0
    while deleted < most:
        size = min(_RUNS_AT_ONCE, most - deleted)
        runs = instance.get_runs(old, limit=size, ascending=True)
        for run in runs:
            instance.delete_run(run.run_id)
        deleted += len(runs)
        if len(runs) < size:
            break
    return deleted


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "3600", LANE_TAG: "housekeeping"},
    description="Delete what is over and older than the settings say.",
)
def housekeeping() -> None:
    """Forget records, then runs."""
    forget_runs(forget_records())


daily_housekeeping = dg.ScheduleDefinition(
    name="daily_housekeeping",
    job=housekeeping,
    cron_schedule="30 4 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="At 04:30 UTC, after the full sync.",
)
