"""The only Dagster: assets, checks, jobs, schedules, sensors, resources.

Bodies are short: they ask an operation to do the work and turn its report into metadata. Modules
of different capabilities meet in `keys`, in the database, and nowhere else.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from zyenta_ops.defs.accounts import renew_credentials
from zyenta_ops.defs.alerts import store_alerts
from zyenta_ops.defs.catalog import store_inventory, stores_are_fresh, supplier_catalog
from zyenta_ops.defs.fulfillment import (
    act_on_order,
    fulfill_orders,
    orders_due,
    silent_sources,
)
from zyenta_ops.defs.housekeeping import daily_housekeeping, housekeeping
from zyenta_ops.defs.jobs import (
    apply_offers,
    daily_report,
    refresh_rates,
    reprice,
    sync_catalog,
)
from zyenta_ops.defs.notifications import deliver_notifications
from zyenta_ops.defs.payments import nightly_payments, reconcile_payments, stripe_events
from zyenta_ops.defs.pricing import (
    every_variant_is_priced,
    exchange_rates,
    no_price_below_floor,
    selling_prices,
)
from zyenta_ops.defs.reporting import ops_report
from zyenta_ops.defs.resources import OperationsResource, ScopeResource
from zyenta_ops.defs.schedules import (
    daily_rates,
    daily_report_schedule,
    full_sync,
    high_frequency_sync,
    standard_sync,
)
from zyenta_ops.defs.sensors import (
    credentials_due,
    notifications_due,
    prices_due,
    products_imported,
    run_failures,
    suppliers_changed,
)
from zyenta_ops.defs.storefronts import check_storefronts, storefront_checks
from zyenta_ops.defs.workers import stranded_runs


def build_defs(resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """All definitions; `resources` replace those of the same name, in tests and the demo."""
    return dg.Definitions(
        assets=[
            supplier_catalog,
            store_inventory,
            selling_prices,
            store_alerts,
            exchange_rates,
            ops_report,
        ],
        asset_checks=[every_variant_is_priced, no_price_below_floor, stores_are_fresh],
        jobs=[
            sync_catalog,
            apply_offers,
            reprice,
            refresh_rates,
            deliver_notifications,
            renew_credentials,
            daily_report,
            fulfill_orders,
            act_on_order,
            reconcile_payments,
            check_storefronts,
            housekeeping,
        ],
        schedules=[
            high_frequency_sync,
            standard_sync,
            full_sync,
            daily_rates,
            daily_report_schedule,
            nightly_payments,
            storefront_checks,
            daily_housekeeping,
        ],
        sensors=[
            suppliers_changed,
            products_imported,
            prices_due,
            notifications_due,
            credentials_due,
            run_failures,
            stranded_runs,
            stripe_events,
            orders_due,
            silent_sources,
        ],
        resources={
            "operations": OperationsResource(),
            "scope": ScopeResource(),
            **(resources or {}),
        },
        executor=dg.in_process_executor,
    )
