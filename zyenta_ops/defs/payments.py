"""Hearing of payments: polling the provider's events, and reading payments that events missed."""

import json
from collections.abc import Mapping
from datetime import datetime

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import LANE_TAG, MAX_RUNTIME_TAG, PRIORITY_TAG

_UNSET = "no Stripe key is set (ZYENTA_STRIPE_KEY); nothing is polled"
_CURSOR_VERSION = 1


@dg.op(
    out=dg.Out(dg.Nothing),
    config_schema={
        "since": dg.Field(
            str, is_required=False, description="From when on events are missing; ISO 8601."
        )
    },
    description="Read again the payments of orders that wait for theirs, and subscribers' plans.",
)
def read_payments(context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]) -> None:
    """Reconcile unpaid orders with what the provider lists, and plans with what it grants."""
    if operations.stripe_events is None:
        context.log.info(_UNSET)
        return
    since = context.op_config.get("since")
    orders = operations.stripe_events.reconcile(datetime.fromisoformat(since) if since else None)
    accounts = operations.plans.review()
    context.log.info(f"{orders} orders and {accounts} plans read again")


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "3600", LANE_TAG: "payments"},
    description="Compare unpaid orders with the payments that Stripe lists.",
)
def reconcile_payments() -> None:
    """The safety net under events that were lost."""
    read_payments()


nightly_payments = dg.ScheduleDefinition(
    name="nightly_payments",
    job=reconcile_payments,
    cron_schedule="30 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Reconciles payments every night.",
)


@dg.sensor(
    job=reconcile_payments,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Records Stripe's events in the inbox; acting on them is the business of runs.",
)
def stripe_events(
    context: dg.SensorEvaluationContext, operations: dg.ResourceParam[Operations]
) -> dg.SensorResult | dg.SkipReason:
    """Record what is new and move the cursor; ask for a reconciliation after a long gap."""
    if operations.stripe_events is None:
        return dg.SkipReason(_UNSET)
    polled = operations.stripe_events.poll(read_cursor(context.cursor))
    said = f"{polled.recorded} new of {polled.seen} events"
    for account, fault in polled.faults.items():
        said += f"; {account or 'the platform'} could not be polled: {fault}"
    requests = []
    if polled.stale:
        # The key is the time the gap was found: the next gap makes another run.
        found = operations.clock().isoformat(timespec="minutes")
        since = min(polled.stale.values()).isoformat()
        config = {"ops": {read_payments.name: {"config": {"since": since}}}}
        requests = [
            dg.RunRequest(run_key=f"gap:{found}", run_config=config, tags={PRIORITY_TAG: "15"})
        ]
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else dg.SkipReason(said),
        cursor=write_cursor(polled.newest),
    )


def read_cursor(text: str | None) -> dict[str, datetime]:
    """When the newest known event of each account was created; {} when there is no cursor."""
    document = json.loads(text or "{}")
    if document.get("version") != _CURSOR_VERSION:
        return {}
    return {account: datetime.fromisoformat(at) for account, at in document["newest"].items()}


def write_cursor(newest: Mapping[str, datetime]) -> str:
    """The text that `read_cursor` reads."""
    moments = {account: at.isoformat() for account, at in sorted(newest.items())}
    return json.dumps({"version": _CURSOR_VERSION, "newest": moments})
