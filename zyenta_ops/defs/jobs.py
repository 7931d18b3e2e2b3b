"""Jobs: which assets run together, how long they may take, and in which lane."""

import dagster as dg

from zyenta_ops.defs.keys import (
    EXCHANGE_RATES,
    MAX_RUNTIME_TAG,
    SELLING_PRICES,
    STORE_ALERTS,
    STORE_INVENTORY,
    SUPPLIER_CATALOG,
)

# Every step of a sweep is short or waits for the network; a process per step would cost more
# than the work.
sync_catalog = dg.define_asset_job(
    "sync_catalog",
    selection=dg.AssetSelection.assets(
        SUPPLIER_CATALOG, STORE_INVENTORY, SELLING_PRICES, STORE_ALERTS
    ),
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "3600"},
    description="Read a supplier's catalogue and bring every store that sells from it in line.",
)

apply_offers = dg.define_asset_job(
    "apply_offers",
    selection=dg.AssetSelection.assets(STORE_INVENTORY, SELLING_PRICES, STORE_ALERTS),
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "3600"},
    description="Bring stores in line with what is known of a supplier, without asking it again.",
)

reprice = dg.define_asset_job(
    "reprice",
    selection=dg.AssetSelection.assets(SELLING_PRICES, STORE_ALERTS),
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "3600"},
    description="Apply changed strategies and exchange rates to a supplier's variants.",
)

refresh_rates = dg.define_asset_job(
    "refresh_rates",
    selection=dg.AssetSelection.assets(EXCHANGE_RATES),
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "600"},
    description="Read the day's exchange rates.",
)

daily_report = dg.define_asset_job(
    "daily_report",
    selection=dg.AssetSelection.assets("ops_report"),
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "600"},
    description="Write the operations report.",
)
