"""Accounts, stores, their products, and what happened to them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from zyenta_ops.domain.accounts import AccountStatus
from zyenta_ops.domain.inventory import Availability, ChangeKind
from zyenta_ops.domain.stores import (
    PlanTier,
    ProductStatus,
    StoreStatus,
    SupplierKind,
    SupplierStatus,
    SyncFrequency,
)
from zyenta_ops.domain.sync import SyncStatus, SyncType
from zyenta_ops.persistence.schema.columns import (
    CURRENCY,
    ID,
    KEY,
    WORD,
    count,
    id_column,
    metadata,
    required,
    times,
)
from zyenta_ops.persistence.types import Document, Minor, UtcDateTime, one_of

account = Table(
    "account",
    metadata,
    id_column(),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    required("plan_tier", default=PlanTier.FREE.value),
    *times(),
    one_of("plan_tier", PlanTier),
)

store = Table(
    "store",
    metadata,
    id_column(),
    Column("account_id", ID, ForeignKey("account.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("subdomain", String(63), nullable=False, unique=True),
    Column("custom_domain", String(253)),
    required("status", default=StoreStatus.ACTIVE.value),
    required("currency", CURRENCY),
    required("ship_to_country", String(2)),
    required("sync_frequency", default=SyncFrequency.STANDARD.value),
    Column("pricing_strategy", Document, nullable=False),
    Column("alert_preferences", Document, nullable=False),
    Column("automation_policy", Document, nullable=False),
    Column("voice", Document, nullable=False, server_default=text("'{}'")),
    *times(),
    one_of("status", StoreStatus),
    one_of("sync_frequency", SyncFrequency),
)

supplier = Table(
    "supplier",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("name", String(200), nullable=False),
    required("kind"),
    required("status", default=SupplierStatus.ACTIVE.value),
    Column("config", Document, nullable=False),
    Column("capabilities", Document, nullable=False),
    required("country", String(2)),
    required("currency", CURRENCY),
    Column("blocked_until", UtcDateTime),
    Column("blocked_reason", Text),
    count("last_sequence"),  # of the newest sweep begun
    count("promoted_sequence"),  # of the sweep whose offers are in force
    *times(),
    one_of("kind", SupplierKind),
    one_of("status", SupplierStatus),
)

supplier_account = Table(
    "supplier_account",
    metadata,
    id_column(),
    Column("account_id", ID, ForeignKey("account.id"), index=True),
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False, index=True),
    Column("credentials", Text, nullable=False),  # sealed; bound to this row's id
    Column("label", String(200), nullable=False, server_default=""),
    Column("access_expires_at", UtcDateTime),
    Column("refresh_expires_at", UtcDateTime),
    required("status", default=AccountStatus.ACTIVE.value),
    Column("connected_at", UtcDateTime),
    Column("blocked_until", UtcDateTime),
    Column("blocked_reason", Text),
    Column("paused_until", UtcDateTime),  # the supplier wants to be left alone
    Column("renewing_until", UtcDateTime),  # a process is getting new tokens until then
    *times(),
    one_of("status", AccountStatus),
    # One account per owner and supplier; NULL, the platform's own, is an owner too.
    UniqueConstraint("supplier_key", "account_id"),
    Index(
        "uq_supplier_account_own",
        "supplier_key",
        unique=True,
        sqlite_where=text("account_id IS NULL"),
        postgresql_where=text("account_id IS NULL"),
    ),
)

product = Table(
    "product",
    metadata,
    id_column(),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False, index=True),
    Column("product_ref", String(255), nullable=False),
    required("status", default=ProductStatus.ACTIVE.value),
    Column("title", Text, nullable=False),
    Column("images", Document, nullable=False),
    Column("price_locked", Boolean, nullable=False, server_default=text("false")),
    *times(),
    one_of("status", ProductStatus),
    UniqueConstraint("store_id", "supplier_key", "product_ref"),
)

product_variant = Table(
    "product_variant",
    metadata,
    id_column(),
    Column("product_id", ID, ForeignKey("product.id"), nullable=False, index=True),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False),
    Column("offer_id", ID, ForeignKey("supplier_offer.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("sku", String(255)),
    Column("availability", WORD),  # NULL until the first sync
    Column("stock", Integer),
    Column("published_stock", Integer),  # NULL = on sale, quantity unknown
    count("reserved_units"),  # paid for, not yet placed with the supplier
    Column("cost_minor", Minor),
    Column("cost_currency", CURRENCY),
    Column("list_price_minor", Minor),
    Column("alerted_cost_minor", Minor),  # the cost the merchant was last told of
    Column("alerted_cost_currency", CURRENCY),
    Column("applied_revision", Integer),  # supplier_offer.revision this row reflects
    count("applied_reserved"),  # reserved_units that published_stock allows for
    Column("price_minor", Minor),
    Column("compare_at_minor", Minor),
    Column("floor_minor", Minor),
    Column("priced_cost_minor", Minor),  # what the price was last made with; NULL = never priced
    Column("priced_list_price_minor", Minor),
    Column("priced_locked", Boolean),
    Column("priced_with", String(64)),  # zyenta_ops.domain.price_decisions.PriceBasis.mark
    *times(),
    one_of("availability", Availability),
    UniqueConstraint("store_id", "offer_id"),
    # Imported and not synced yet: a handful of rows that a sensor asks for every minute.
    Index(
        "ix_product_variant_unsynced",
        "supplier_key",
        sqlite_where=text("applied_revision IS NULL"),
        postgresql_where=text("applied_revision IS NULL"),
    ),
    Index("ix_product_variant_sync", "supplier_key", "store_id", "id"),  # read in pages by id
    Index("ix_product_variant_priced", "supplier_key", "store_id", "cost_currency", "priced_with"),
    Index(
        "ix_product_variant_low",
        "supplier_key",
        "store_id",
        "published_stock",
        sqlite_where=text("availability = 'AVAILABLE'"),
        postgresql_where=text("availability = 'AVAILABLE'"),
    ),
    Index(
        "ix_product_variant_unpriced",
        "supplier_key",
        "store_id",
        "id",
        sqlite_where=text("availability = 'AVAILABLE' AND price_minor IS NULL"),
        postgresql_where=text("availability = 'AVAILABLE' AND price_minor IS NULL"),
    ),
    Index(
        "ix_product_variant_below_floor",
        "supplier_key",
        sqlite_where=text("price_minor < floor_minor"),
        postgresql_where=text("price_minor < floor_minor"),
    ),
)

product_change = Table(
    "product_change",
    metadata,
    id_column(),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False),
    Column("product_id", ID, ForeignKey("product.id"), nullable=False),
    Column("variant_id", ID, ForeignKey("product_variant.id"), nullable=False, index=True),
    required("kind"),
    Column("before_value", Minor),  # minor units for COST and PRICE, units for stock
    Column("after_value", Minor),
    Column("currency", CURRENCY),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),  # when alerts took note of it; NULL = not yet
    one_of("kind", ChangeKind),
    # Nearly all rows have been told; only the others are ever looked for.
    Index(
        "ix_product_change_untold",
        "supplier_key",
        "store_id",
        "variant_id",
        sqlite_where=text("told_at IS NULL"),
        postgresql_where=text("told_at IS NULL"),
    ),
)

sync_log = Table(
    "sync_log",
    metadata,
    id_column(),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False),
    required("type"),
    required("status"),
    count("processed"),
    count("changed"),
    count("failed"),
    count("duration_ms"),
    Column("metadata", Document, nullable=False),
    Column("error", Text),
    Column("run_id", String(36)),
    Column("started_at", UtcDateTime, nullable=False),
    one_of("type", SyncType),
    one_of("status", SyncStatus),
    Index("ix_sync_log_latest", "store_id", "supplier_key", "started_at"),
    # Begun and not ended: those at work, and what dead processes left.
    Index(
        "ix_sync_log_unfinished",
        "supplier_key",
        sqlite_where=text("status = 'STARTED'"),
        postgresql_where=text("status = 'STARTED'"),
    ),
)
