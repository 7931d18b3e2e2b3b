"""From a supplier's catalogue to the stock of every store that sells it."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.failures import RETRY_POLICY, classified
from zyenta_ops.defs.keys import OWNERS, STORE_INVENTORY, SUPPLIER_CATALOG, suppliers
from zyenta_ops.defs.resources import with_time_left
from zyenta_ops.defs.tables import Cell, account_row, numbers, table
from zyenta_ops.domain.errors import ZyentaError
from zyenta_ops.domain.stores import Cadence, SweepScope
from zyenta_ops.domain.sweeps import SweepCounts, SweepStatus
from zyenta_ops.domain.sync import SyncPart

if TYPE_CHECKING:
    from zyenta_ops.operations.catalog import SweepReport
    from zyenta_ops.operations.inventory import InventoryReport, StoreSync

FEED_SANITY = "feed_sanity"
_HOUR = timedelta(hours=1)


@dg.asset(
    key=SUPPLIER_CATALOG,
    partitions_def=suppliers,
    group_name="catalog",
    kinds={"python", "sql"},
    owners=OWNERS,
    retry_policy=RETRY_POLICY,
    check_specs=[
        dg.AssetCheckSpec(
            FEED_SANITY,
            asset=SUPPLIER_CATALOG,
            blocking=True,
            description="The catalogue is believable: not empty, no mass zero, loss or cost jump.",
        )
    ],
    freshness_policy=dg.FreshnessPolicy.cron(deadline_cron="30 * * * *", lower_bound_delta=_HOUR),
)
def supplier_catalog(
    context: dg.AssetExecutionContext,
    operations: dg.ResourceParam[Operations],
    scope: dg.ResourceParam[SweepScope],
) -> dg.MaterializeResult:
    """One row per variant a supplier offers in a market, as last believed.

    Reads a feed whole, and asks a supplier with an API about the products that are due, within its
    quota and the run's time. Differences are taken over at once when they are believable;
    otherwise they wait in quarantine (`zyenta-ops quarantine`) and the last good state stays on
    sale.
    """
    supplier = context.partition_key
    started = time.monotonic()
    with classified(
        context,
        lambda reason: operations.alerts.report_sync_failure(supplier, reason, context.run.run_id),
        lambda: _accounts(operations, supplier),
    ):
        report = operations.catalog.sweep(
            supplier, context.run.run_id, with_time_left(scope, context)
        )
    if report.status is SweepStatus.QUARANTINED:
        operations.alerts.report_sync_failure(supplier, _quarantine(report), context.run.run_id)
    elif report.status is not SweepStatus.SUPERSEDED:
        operations.alerts.resolve_sync_failure(supplier)
    outlook = _accounts(operations, supplier)
    if outlook:
        outlook = outlook | _freshness(operations, supplier, scope.cadence or Cadence.STANDARD)
    return _catalog_result(report, time.monotonic() - started, outlook)


@dg.asset(
    key=STORE_INVENTORY,
    deps=[SUPPLIER_CATALOG],
    partitions_def=suppliers,
    group_name="catalog",
    kinds={"python", "sql"},
    owners=OWNERS,
    retry_policy=RETRY_POLICY,
    freshness_policy=dg.FreshnessPolicy.cron(deadline_cron="30 * * * *", lower_bound_delta=_HOUR),
)
def store_inventory(
    context: dg.AssetExecutionContext,
    operations: dg.ResourceParam[Operations],
    scope: dg.ResourceParam[SweepScope],
) -> dg.MaterializeResult:
    """One row per variant in a store: what it may sell, and what it costs.

    Applies what changed at the supplier to the stores of the run's scope, most urgent store first,
    within the time budget; stores not reached stay due.
    """
    report = operations.inventory.sync(
        context.partition_key,
        with_time_left(scope, context),
        context.run.run_id,
        progress=lambda store: context.log.debug(
            f"{store.store}: {store.changed} of {store.processed} variants changed"
        ),
    )
    operations.alerts.report_stores(
        context.partition_key, SyncPart.INVENTORY, report.outcomes, context.run.run_id
    )
    result = _inventory_result(report)
    if report.failed and report.failed == len(report.stores):
        raise dg.Failure(
            f"no store could be synced: {report.stores[0].error}", metadata=result.metadata
        )
    return result


def _quarantine(report: "SweepReport") -> str:
    return (
        f"the catalogue of '{report.supplier_key}' is quarantined: {'; '.join(report.reasons)}."
        f" Look at it with `zyenta-ops quarantine show {report.supplier_key}`"
        f" and let it through with `zyenta-ops quarantine accept {report.supplier_key}`"
    )


def _accounts(operations: Operations, supplier: str) -> dict[str, dg.MetadataValue[Any]]:
    """How our accounts at a supplier with an API stand; nothing for a feed, which has none."""
    accounts = [each for each in operations.accounts.every() if each.supplier_key == supplier]
    return {"accounts": table([account_row(each) for each in accounts])} if accounts else {}


def _freshness(
    operations: Operations, supplier: str, cadence: Cadence
) -> dict[str, dg.MetadataValue[Any]]:
    """What is due still, and when it will be reached at this quota and cadence."""
    try:
        plan = operations.items.plan(supplier, cadence)
    except ZyentaError:  # no account can read any more; the table of accounts says why
        return {}
    within = plan.reached_within
    rows: list[dict[str, Cell]] = [
        {
            "products that are": each.urgency.name.lower(),
            "watched": each.products,
            "due": each.due,
            "wanted every (hours)": _hours(each.wanted),
            "read every (hours)": _hours(each.expected) if each.expected else "never",
        }
        for each in plan.projections
    ]
    return {
        "due": dg.MetadataValue.int(plan.due),
        "reached_within_hours": dg.MetadataValue.text("never")
        if within is None
        else dg.MetadataValue.float(_hours(within)),
        "freshness": table(rows),
    }


def _hours(span: timedelta) -> float:
    return round(span / _HOUR, 2)


def _catalog_result(
    report: "SweepReport", seconds: float, outlook: Mapping[str, dg.MetadataValue[Any]]
) -> dg.MaterializeResult:
    counts = report.counts
    quarantined = report.status is SweepStatus.QUARANTINED
    differences = [
        {
            "product": each.product_ref,
            "variant": each.variant_ref,
            "title": each.title,
            "difference": each.difference,
            "stock before": each.stock_before,
            "stock": each.stock,
            "cost before (minor)": each.cost_before_minor,
            "currency before": each.currency_before,
            "cost (minor)": each.cost_minor,
            "currency": each.currency,
        }
        for each in report.differences
    ]
    rejections = [
        {"line": each.line, "reference": each.reference, "reason": each.reason}
        for each in report.rejections
    ]
    return dg.MaterializeResult(
        metadata={
            **numbers(counts),
            "status": "PARTIAL" if report.is_partial and not quarantined else report.status.value,
            "reasons": "; ".join(report.reasons) or report.trouble or "",
            "error_rate": _error_rate(counts),
            "duration_seconds": seconds,
            "differences": table(differences),
            "rejections": table(rejections),
            **outlook,
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=FEED_SANITY,
                passed=not quarantined,
                description=_quarantine(report) if quarantined else None,
                metadata={**numbers(counts), "diff": table(differences)},
            )
        ],
    )


def _error_rate(counts: SweepCounts) -> float:
    """Of what was asked for, the share that was not understood or not answered."""
    bad, all_of_it = counts.rejected, counts.entries
    if counts.asked:
        bad, all_of_it = counts.unanswered, counts.asked
    return bad / all_of_it if all_of_it else 0.0


def _inventory_result(report: "InventoryReport") -> dg.MaterializeResult:
    return dg.MaterializeResult(
        metadata={
            "stores": len(report.stores),
            "stores_left": report.left,
            "stores_failed": report.failed,
            "processed": report.processed,
            "changed": report.changed,
            "hidden": sum(store.hidden for store in report.stores),
            "republished": sum(store.republished for store in report.stores),
            "error_rate": report.failed / len(report.stores) if report.stores else 0.0,
            "by_store": table([_store_row(store) for store in report.stores]),
        }
    )


def _store_row(store: "StoreSync") -> dict[str, str | int | None]:
    return {
        "store": store.store,
        "status": store.status.value,
        "processed": store.processed,
        "changed": store.changed,
        "hidden": store.hidden,
        "republished": store.republished,
        "findings": "; ".join(f"{count} {what}" for what, count in store.findings.items()),
        "error": store.error,
    }


@dg.asset_check(
    asset=STORE_INVENTORY,
    name="stores_are_fresh",
    description="Every active store was synced within the time its cadence allows.",
)
def stores_are_fresh(operations: dg.ResourceParam[Operations]) -> dg.AssetCheckResult:
    """List stores left behind; Dagster's own freshness sees only the newest partition."""
    stale = operations.reporting.stale_stores()
    rows = [
        {
            "store": each.store,
            "supplier": each.supplier_key,
            "cadence": each.sync_frequency,
            "last synced": each.last_synced_at.isoformat() if each.last_synced_at else "never",
        }
        for each in stale
    ]
    return dg.AssetCheckResult(
        passed=not stale,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"stale_stores": len(stale), "stores": table(rows)},
    )
