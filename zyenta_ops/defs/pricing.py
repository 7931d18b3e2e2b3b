"""What stores sell at."""

from typing import TYPE_CHECKING

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.failures import RETRY_POLICY, classified
from zyenta_ops.defs.keys import EXCHANGE_RATES, OWNERS, SELLING_PRICES, STORE_INVENTORY, suppliers
from zyenta_ops.defs.resources import with_time_left
from zyenta_ops.defs.tables import Cell, table
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.domain.sync import SyncPart

if TYPE_CHECKING:
    from zyenta_ops.operations.pricing import PricingReport, StorePrices

_COUNTS = (
    "priced",
    "applied",
    "waiting",
    "blocked",
    "rejected",
    "locked",
    "unchanged",
    "moved",
    "raised",
    "below_floor",
)


@dg.asset(
    key=EXCHANGE_RATES,
    group_name="pricing",
    kinds={"python", "sql"},
    owners=OWNERS,
    retry_policy=RETRY_POLICY,
)
def exchange_rates(
    context: dg.AssetExecutionContext, operations: dg.ResourceParam[Operations]
) -> dg.MaterializeResult:
    """One row per currency pair and day, from the source that `ZYENTA_RATES_URL` names.

    Prices made with another rate follow by themselves: the `prices_due` sensor sees the difference.
    """
    with classified(context, context.log.error):
        done = operations.rates.refresh()
    return dg.MaterializeResult(
        metadata={
            "read": done.read,
            "changed": done.changed,
            "newest": done.newest.isoformat() if done.newest else "none",
            "skipped": sum(done.skipped.values()),
        }
    )


@dg.asset(
    key=SELLING_PRICES,
    deps=[STORE_INVENTORY],
    partitions_def=suppliers,
    group_name="pricing",
    kinds={"python", "numpy", "sql"},
    owners=OWNERS,
    retry_policy=RETRY_POLICY,
)
def selling_prices(
    context: dg.AssetExecutionContext,
    operations: dg.ResourceParam[Operations],
    scope: dg.ResourceParam[SweepScope],
) -> dg.MaterializeResult:
    """One row per variant in a store: its price, the floor under it, and the decision behind it.

    Prices what changed: the cost, the store's strategy, or the exchange rate. Small moves are
    published, larger ones wait for a person (`zyenta-ops price pending`), absurd ones are blocked.
    """
    report = operations.pricing.reprice(
        context.partition_key, with_time_left(scope, context), context.run.run_id
    )
    operations.alerts.report_stores(
        context.partition_key, SyncPart.PRICES, report.outcomes, context.run.run_id
    )
    if report.failed and report.failed == len(report.stores):
        raise dg.Failure(f"no store could be priced: {report.stores[0].error}")
    unpriced, _ = operations.pricing.unpriced(context.partition_key, limit=1)
    return _result(report, unpriced)


@dg.asset_check(
    asset=SELLING_PRICES,
    name="no_price_below_floor",
    description="No variant on sale is priced below its floor: cost, fees and minimum margin.",
)
def no_price_below_floor(operations: dg.ResourceParam[Operations]) -> dg.AssetCheckResult:
    """Count published prices below their floor, over all suppliers."""
    count, prices = operations.pricing.below_floor()
    rows: list[dict[str, Cell]] = [
        {
            "store": price.store,
            "product": price.product,
            "variant": price.variant,
            "price": str(price.price),
            "floor": str(price.floor),
            "locked": price.locked,
        }
        for price in prices
    ]
    return dg.AssetCheckResult(
        passed=count == 0, metadata={"below_floor": count, "prices": table(rows)}
    )


@dg.asset_check(
    asset=SELLING_PRICES,
    name="every_variant_is_priced",
    description="Every variant on sale has a price; without one nobody can buy it.",
)
def every_variant_is_priced(operations: dg.ResourceParam[Operations]) -> dg.AssetCheckResult:
    """Count variants on sale without a price, over all suppliers."""
    count, variants = operations.pricing.unpriced()
    rows: list[dict[str, Cell]] = [
        {
            "store": each.store,
            "product": each.product,
            "variant": each.variant,
            "cost": "" if each.cost is None else str(each.cost),
            "reason": each.reason or "not priced yet",
        }
        for each in variants
    ]
    return dg.AssetCheckResult(
        passed=count == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"unpriced": count, "variants": table(rows)},
    )


def _result(report: "PricingReport", unpriced: int) -> dg.MaterializeResult:
    moves: list[dict[str, Cell]] = [
        {
            "store": move.store,
            "title": move.title,
            "old": "" if move.before is None else str(move.before),
            "new": str(move.after),
        }
        for move in report.moves
    ]
    return dg.MaterializeResult(
        metadata={
            **{name: report.total(name) for name in _COUNTS},
            "unpriced": unpriced,
            "stores": len(report.stores),
            "stores_left": report.left,
            "stores_failed": report.failed,
            "prices": table(moves),
            "by_store": table([_store_row(store) for store in report.stores]),
        }
    )


def _store_row(store: "StorePrices") -> dict[str, Cell]:
    counts: dict[str, Cell] = {name: getattr(store, name) for name in _COUNTS}
    return {"store": store.store, "status": store.status.value, **counts, "error": store.error}
