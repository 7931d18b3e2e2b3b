"""Sensors: the facts watched. Each reads, decides, and asks for bounded runs, one per lane."""

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.accounts import renew_credentials
from zyenta_ops.defs.jobs import apply_offers, reprice
from zyenta_ops.defs.keys import (
    CADENCE_TAG,
    IN_PROGRESS,
    LANE_TAG,
    PARTITION_TAG,
    PRIORITY_TAG,
    SELLING_PRICES,
    STORE_INVENTORY,
    SUPPLIER_CATALOG,
    run_kind,
    suppliers,
)
from zyenta_ops.defs.notifications import deliver_notifications
from zyenta_ops.domain.alerts.wording import quantity
from zyenta_ops.domain.errors import reason_of
from zyenta_ops.domain.sync import SyncPart

# Dagster's own advice: adding tens of thousands of keys at once breaks SQLite.
MAX_PARTITION_CHANGES = 500
_CHECK_FAILED = "DagsterAssetCheckFailedError"
_REPORTING = {
    key.to_python_identifier() for key in (SUPPLIER_CATALOG, STORE_INVENTORY, SELLING_PRICES)
}


@dg.sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Keeps the supplier partitions equal to the suppliers in the database.",
)
def suppliers_changed(
    context: dg.SensorEvaluationContext, operations: dg.ResourceParam[Operations]
) -> dg.SensorResult | dg.SkipReason:
    """Add partitions for new suppliers, drop those of removed ones."""
    try:
        wanted = [supplier.key for supplier in operations.suppliers.list()]
    # A failed read is not an empty table, whatever it failed with.
    except Exception as error:
        return dg.SkipReason(f"the suppliers could not be read: {reason_of(error)}")
    known = context.instance.get_dynamic_partitions(str(suppliers.name))
    added = [key for key in wanted if key not in set(known)][:MAX_PARTITION_CHANGES]
    removed = [key for key in known if key not in set(wanted)][:MAX_PARTITION_CHANGES]
    if not added and not removed:
        return dg.SkipReason(f"{quantity(len(known), 'supplier')}, nothing changed")
    changes: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if added:
        changes.append(suppliers.build_add_request(added))
    if removed:
        changes.append(suppliers.build_delete_request(removed))
    return dg.SensorResult(dynamic_partitions_requests=changes)


@dg.sensor(
    job=deliver_notifications,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one bounded delivery run while messages are due.",
)
def notifications_due(
    context: dg.SensorEvaluationContext, operations: dg.ResourceParam[Operations]
) -> dg.RunRequest | dg.SkipReason:
    """One run when messages or daily mails are due and none is delivering them already."""
    due = operations.notifications.count_due() + operations.alerts.count_digests_due()
    if due == 0:
        return dg.SkipReason("no message is due")
    if _running(context.instance, deliver_notifications.name):
        return dg.SkipReason(f"{quantity(due, 'message')} due, and a run is delivering")
    return dg.RunRequest(tags={LANE_TAG: "notifications", PRIORITY_TAG: "20"})


@dg.sensor(
    job=renew_credentials,
    minimum_interval_seconds=120,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one run while an account at a supplier is to be looked after.",
)
def credentials_due(
    context: dg.SensorEvaluationContext, operations: dg.ResourceParam[Operations]
) -> dg.RunRequest | dg.SkipReason:
    """One run when tokens end soon, a block is over, or what is told of accounts is not true."""
    due, news = operations.accounts.count_due(), operations.alerts.count_accounts_to_tell()
    if not due and not news:
        return dg.SkipReason("no account is due, and what is told of them is true")
    if _running(context.instance, renew_credentials.name):
        return dg.SkipReason(f"{due} accounts are due, {news} are news, and a run is at work")
    return dg.RunRequest(tags={LANE_TAG: "accounts", PRIORITY_TAG: "15"})


@dg.sensor(
    job=reprice,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Re-applies prices when a store's strategy or an exchange rate changed.",
)
def prices_due(
    context: dg.SensorEvaluationContext, operations: dg.ResourceParam[Operations]
) -> list[dg.RunRequest] | dg.SkipReason:
    """One run per supplier that has prices made with an outdated strategy or rate."""
    return _per_supplier(
        context.instance, operations.pricing.suppliers_to_reprice(), "with outdated prices"
    )


@dg.sensor(
    job=apply_offers,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Fills products that were imported since the last sync.",
)
def products_imported(
    context: dg.SensorEvaluationContext, operations: dg.ResourceParam[Operations]
) -> list[dg.RunRequest] | dg.SkipReason:
    """One run per supplier whose products wait in a store for their first stock and price."""
    return _per_supplier(
        context.instance, operations.inventory.suppliers_unsynced(), "with products to fill"
    )


@dg.run_failure_sensor(
    name="run_failures",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Raises SYNC_FAILURE for runs that died without reporting why themselves.",
)
def run_failures(
    context: dg.RunFailureSensorContext, operations: dg.ResourceParam[Operations]
) -> dg.SkipReason | None:
    """Report a failed sweep once no retry is coming; repeating a report changes nothing."""
    run = context.dagster_run
    supplier = run.tags.get(PARTITION_TAG)
    if supplier is None:
        return dg.SkipReason("the run was not for a supplier")
    if run.tags.get("dagster/will_retry") == "true":
        return dg.SkipReason("the run will be retried")
    if _reported_itself(context):
        return dg.SkipReason("the run has reported the failure itself")
    # A sensor that was switched off looks back: what failed then may have been made good since.
    kind = {tag: run.tags[tag] for tag in (PARTITION_TAG, CADENCE_TAG) if tag in run.tags}
    alike = dg.RunsFilter(job_name=run.job_name, tags=kind)
    newest = context.instance.get_runs(alike, limit=1)
    if newest and newest[0].run_id != run.run_id:
        return dg.SkipReason("a newer run of the supplier speaks for itself")
    error = context.failure_event.message or "the run failed"
    operations.alerts.report_sync_failure(
        supplier, error.splitlines()[0], run.run_id, SyncPart.RUN, run_kind(run)
    )
    return None


def _reported_itself(context: dg.RunFailureSensorContext) -> bool:
    """Whether an asset failed in a way that it reports before it fails."""
    for event in context.get_step_failure_events():
        if event.step_key in _REPORTING:
            data = event.step_failure_data
            quarantined = data.error is not None and data.error.cls_name == _CHECK_FAILED
            return quarantined or data.user_failure_data is not None
    return False


def _per_supplier(
    instance: dg.DagsterInstance, due: list[str], why: str
) -> list[dg.RunRequest] | dg.SkipReason:
    known = set(instance.get_dynamic_partitions(str(suppliers.name)))
    requests = [
        dg.RunRequest(partition_key=key, tags={PARTITION_TAG: key, PRIORITY_TAG: "8"})
        for key in due
        if key in known and not _running(instance, None, {PARTITION_TAG: key})
    ]
    return requests or dg.SkipReason(
        f"{quantity(len(due), 'supplier')} {why}, none of them free"
        if due
        else f"no supplier {why}"
    )


def _running(
    instance: dg.DagsterInstance, job_name: str | None, tags: dict[str, str] | None = None
) -> bool:
    wanted = dg.RunsFilter(job_name=job_name, statuses=IN_PROGRESS, tags=tags or {})
    return instance.get_runs_count(wanted) > 0
