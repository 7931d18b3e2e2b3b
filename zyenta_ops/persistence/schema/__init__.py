"""The tables, as SQLAlchemy Core. Names are the field's terms; money is `*_minor` plus a currency.

One module per capability; queries live in the repositories beside this package. A change here needs
a migration.
"""

from zyenta_ops.persistence.schema.alerts import alert, alert_subject
from zyenta_ops.persistence.schema.catalog import catalog_sweep, offer_observation, supplier_offer
from zyenta_ops.persistence.schema.columns import metadata
from zyenta_ops.persistence.schema.entitlements import entitlement, subscriber, usage_ledger
from zyenta_ops.persistence.schema.fulfillment import (
    external_order,
    order_action,
    placement_attempt,
    shipment,
    spend,
    supplier_order,
    supplier_order_line,
    variant_source,
)
from zyenta_ops.persistence.schema.gateway import rate_limit, watched_product
from zyenta_ops.persistence.schema.notifications import outbox_message
from zyenta_ops.persistence.schema.orders import (
    customer,
    order,
    order_event,
    order_hold,
    order_item,
)
from zyenta_ops.persistence.schema.payments import (
    inbox_event,
    payment_account,
    payment_fact,
    refund,
)
from zyenta_ops.persistence.schema.pricing import fx_rate, price_decision
from zyenta_ops.persistence.schema.storefronts import order_tracking, storefront_hook
from zyenta_ops.persistence.schema.stores import (
    account,
    product,
    product_change,
    product_variant,
    store,
    supplier,
    supplier_account,
    sync_log,
)
from zyenta_ops.persistence.schema.web import api_token, webhook_endpoint

__all__ = [
    "account",
    "alert",
    "alert_subject",
    "api_token",
    "catalog_sweep",
    "customer",
    "entitlement",
    "external_order",
    "fx_rate",
    "inbox_event",
    "metadata",
    "offer_observation",
    "order",
    "order_action",
    "order_event",
    "order_hold",
    "order_item",
    "order_tracking",
    "outbox_message",
    "payment_account",
    "payment_fact",
    "placement_attempt",
    "price_decision",
    "product",
    "product_change",
    "product_variant",
    "rate_limit",
    "refund",
    "shipment",
    "spend",
    "store",
    "storefront_hook",
    "subscriber",
    "supplier",
    "supplier_account",
    "supplier_offer",
    "supplier_order",
    "supplier_order_line",
    "sync_log",
    "usage_ledger",
    "variant_source",
    "watched_product",
    "webhook_endpoint",
]
