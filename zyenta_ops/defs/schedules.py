"""When suppliers are swept: one run per supplier and cadence, never two at once for a supplier.

A tick decides only which suppliers to run; which of their stores are due is decided inside the
run, from the database, so a tick that was missed costs freshness and nothing else.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.jobs import daily_report, refresh_rates, sync_catalog
from zyenta_ops.defs.keys import (
    CADENCE_TAG,
    IN_PROGRESS,
    PARTITION_TAG,
    PRIORITY_TAG,
    suppliers,
)
from zyenta_ops.domain.alerts.wording import quantity
from zyenta_ops.domain.stores import Cadence


@dataclass(frozen=True)
class CadencePlan:
    """How one cadence is scheduled.

    Higher priority runs first; a run takes no further store once its budget is spent.
    """

    cron: str
    priority: int
    budget_seconds: int


# The budgets end a run before the next tick of its cadence.
PLANS = {
    Cadence.HIGH: CadencePlan("*/15 * * * *", priority=10, budget_seconds=600),
    Cadence.STANDARD: CadencePlan("0 * * * *", priority=5, budget_seconds=2_400),
    Cadence.FULL: CadencePlan("0 3 * * *", priority=1, budget_seconds=3_000),
}


def plan_runs(
    cadence: Cadence, due: Sequence[str], known: Collection[str], busy: Collection[str]
) -> Iterator[dg.RunRequest]:
    """One request per due supplier that has a partition and no run in progress.

    Dagster wants a run key wherever a tick asks for several runs; a schedule's key tells runs of
    the same tick apart and swallows no later one.
    """
    plan = PLANS[cadence]
    for supplier in due:
        if supplier in known and supplier not in busy:
            yield dg.RunRequest(
                run_key=supplier,
                partition_key=supplier,
                run_config={
                    "resources": {
                        "scope": {
                            "config": {
                                "cadence": cadence.value,
                                "budget_seconds": plan.budget_seconds,
                            }
                        }
                    }
                },
                tags={
                    PARTITION_TAG: supplier,
                    CADENCE_TAG: cadence.value,
                    PRIORITY_TAG: str(plan.priority),
                },
            )


def busy_suppliers(instance: dg.DagsterInstance, cadence: Cadence) -> set[str]:
    """Suppliers that have a run of the cadence queued or running."""
    runs = instance.get_runs(
        dg.RunsFilter(
            job_name=sync_catalog.name, statuses=IN_PROGRESS, tags={CADENCE_TAG: cadence.value}
        )
    )
    return {run.tags[PARTITION_TAG] for run in runs if PARTITION_TAG in run.tags}


def _schedule(name: str, cadence: Cadence, description: str) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        job=sync_catalog,
        cron_schedule=PLANS[cadence].cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
    def scheduled(
        context: dg.ScheduleEvaluationContext, operations: dg.ResourceParam[Operations]
    ) -> list[dg.RunRequest] | dg.SkipReason:
        due = operations.inventory.suppliers_due(cadence)
        known = set(context.instance.get_dynamic_partitions(str(suppliers.name)))
        busy = busy_suppliers(context.instance, cadence)
        requests = list(plan_runs(cadence, due, known, busy))
        return requests or dg.SkipReason(
            f"{quantity(len(due), 'supplier')} due at {cadence.value},"
            f" {len(busy)} of them still running"
        )

    return scheduled


high_frequency_sync = _schedule(
    "high_frequency_sync", Cadence.HIGH, "Every 15 minutes, for stores on HIGH."
)
standard_sync = _schedule("standard_sync", Cadence.STANDARD, "Hourly, for all other stores.")
full_sync = _schedule(
    "full_sync", Cadence.FULL, "At 03:00 UTC, every active store, with deeper validation."
)


@dg.schedule(
    job=refresh_rates,
    cron_schedule="30 15 * * 1-5",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="At 15:30 UTC on working days, after the ECB has published.",
)
def daily_rates(
    operations: dg.ResourceParam[Operations],
) -> dg.RunRequest | dg.SkipReason:
    """One run when a source is configured."""
    if not operations.rates.usual_source:
        return dg.SkipReason("ZYENTA_RATES_URL is not set")
    return dg.RunRequest()


daily_report_schedule = dg.ScheduleDefinition(
    name="daily_report_schedule",
    job=daily_report,
    cron_schedule="30 5 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="At 05:30 UTC, after the full sync.",
)
