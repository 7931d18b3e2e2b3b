"""The composition root: the only place that knows both the ports and what implements them.

What it wires is imported when operations are built: Dagster loads the definitions for every tick
and run, and should not wait for libraries that only the work needs.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zyenta_ops.domain.errors import Refused
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.adapters.http import HttpPolicy
    from zyenta_ops.domain.retention import Retention
    from zyenta_ops.operations.accounts import Accounts
    from zyenta_ops.operations.alerts import Alerts, Mailroom
    from zyenta_ops.operations.catalog import Catalog
    from zyenta_ops.operations.edge.hooks import Hooks
    from zyenta_ops.operations.edge.tokens import Tokens
    from zyenta_ops.operations.fulfillment import Fulfillment, Operators, Queue
    from zyenta_ops.operations.housekeeping import Housekeeping
    from zyenta_ops.operations.inbox import Inbox
    from zyenta_ops.operations.inventory import Inventory
    from zyenta_ops.operations.items import Items
    from zyenta_ops.operations.notifications import Notifications
    from zyenta_ops.operations.orders import Orders
    from zyenta_ops.operations.payments import PaymentAccounts, Refunds, StripeEvents
    from zyenta_ops.operations.plans import Plans
    from zyenta_ops.operations.pricing import Pricing
    from zyenta_ops.operations.rates import Rates
    from zyenta_ops.operations.reporting import Reporting
    from zyenta_ops.operations.storefronts import (
        StorefrontChecks,
        StorefrontHooks,
    )
    from zyenta_ops.operations.stores import Products, Stores, Suppliers
    from zyenta_ops.ports import Clock, NewId, Vault
    from zyenta_ops.ports.pricing import RateReader
    from zyenta_ops.ports.storage import ObjectStore


@dataclass(frozen=True)
class Operations:
    """Every use case, wired."""

    stores: Stores
    suppliers: Suppliers
    products: Products
    accounts: Accounts
    items: Items
    inbox: Inbox
    plans: Plans
    payment_accounts: PaymentAccounts
    stripe_events: StripeEvents | None
    refunds: Refunds | None
    catalog: Catalog
    inventory: Inventory
    pricing: Pricing
    rates: Rates
    orders: Orders
    fulfillment: Fulfillment
    operators: Operators
    queue: Queue
    alerts: Alerts
    notifications: Notifications
    hooks: Hooks
    storefront_hooks: StorefrontHooks
    storefront_checks: StorefrontChecks
    tokens: Tokens
    reporting: Reporting
    housekeeping: Housekeeping
    clock: Clock


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    new_id: NewId | None = None,
    sleep: Callable[[float], None] = time.sleep,
    patience_seconds: int | None = None,
    run_id: str | None = None,
) -> Operations:
    """Wire the operations on what the settings name. Opens no connection.

    Args:
        settings: of the environment.
        clock: tells the time.
        new_id: makes sortable ids.
        sleep: waits so many seconds.
        patience_seconds: how long the database may keep us waiting; None = as long as it takes.
        run_id: the run that acts, to name in timelines of orders; None = no run.

    Raises:
        Refused: a setting cannot be used.
    """
    from zyenta_ops.bootstrap.fulfillment import wire_fulfillment, wire_operators
    from zyenta_ops.bootstrap.notifications import wire_notifications
    from zyenta_ops.bootstrap.payments import cadence_teller, wire_payments
    from zyenta_ops.bootstrap.storefronts import wire_storefronts
    from zyenta_ops.bootstrap.stores import wire_stores
    from zyenta_ops.bootstrap.suppliers import http_policy, wire_suppliers
    from zyenta_ops.bootstrap.webhooks import wire_hooks, wire_tokens
    from zyenta_ops.operations.alerts import Alerts
    from zyenta_ops.operations.fulfillment import Queue
    from zyenta_ops.operations.housekeeping import Housekeeping
    from zyenta_ops.operations.inventory import Inventory
    from zyenta_ops.operations.pricing import Pricing
    from zyenta_ops.operations.rates import Rates
    from zyenta_ops.operations.reporting import Reporting
    from zyenta_ops.operations.stores import Products
    from zyenta_ops.persistence.engine import Database

    database = Database(settings.database, patience_seconds)
    clock = clock or utc_now
    new_id = new_id or sortable_id
    http = http_policy(settings)
    vault = _vault(settings)
    objects = object_store(settings)
    bought = wire_suppliers(settings, database, clock, new_id, sleep, vault, objects)
    alerts = Alerts(database, clock, new_id, _mailroom(settings, new_id))
    told = wire_storefronts(settings, database, clock, new_id, vault, http, alerts)
    fulfillment = wire_fulfillment(database, clock, new_id, bought, alerts, told.announcements)
    payments = wire_payments(settings, database, clock, new_id, alerts, fulfillment, told, run_id)
    return Operations(
        stores=wire_stores(settings, database, clock, new_id, cadence_teller(alerts.settle_issues)),
        suppliers=bought.suppliers,
        products=Products(database, clock, new_id),
        accounts=bought.accounts,
        items=bought.items,
        inbox=payments.inbox,
        plans=payments.plans,
        payment_accounts=payments.accounts,
        stripe_events=payments.stripe_events,
        refunds=payments.refunds,
        catalog=bought.catalog,
        inventory=Inventory(database, clock, new_id),
        pricing=Pricing(database, clock, new_id),
        rates=Rates(database, clock, _rate_opener(http), settings.rates_url),
        orders=payments.orders,
        fulfillment=fulfillment,
        operators=wire_operators(fulfillment.desk, payments.refunds),
        queue=Queue(fulfillment.desk),
        alerts=alerts,
        notifications=wire_notifications(settings, database, clock, new_id, http, told),
        storefront_hooks=told.hooks,
        storefront_checks=told.checks,
        hooks=wire_hooks(database, clock, new_id, vault),
        tokens=wire_tokens(database, clock, new_id),
        reporting=Reporting(database, clock),
        housekeeping=Housekeeping(database, clock, objects, _retention(settings)),
        clock=clock,
    )


def utc_now() -> datetime:
    """The clock of the machine, in UTC."""
    return datetime.now(UTC)


def sortable_id() -> str:
    """A new ULID: sorts by the millisecond it was made in."""
    from ulid import ULID

    return str(ULID())


def unguessable() -> str:
    """A text of 256 random bits, fit for a URL."""
    return secrets.token_urlsafe(32)


def prepare(settings: Settings) -> None:
    """Make the state folder, and see that the database is at this version.

    The embedded one is brought there; a configured one has to be.

    Raises:
        Refused: a configured database is not at this version.
    """
    from zyenta_ops.persistence.engine import Database
    from zyenta_ops.persistence.migrations import current_revision, head_revision, migrate

    _make_home(settings)
    database = Database(settings.database)
    current, head = current_revision(database), head_revision(database)
    if current != head:
        if not settings.embedded_database:
            raise Refused(
                f"the database is at revision {current or 'none'} and this version needs {head};"
                " run `zyenta-ops migrate`"
            )
        migrate(database)
    database.dispose()


def migrate_database(settings: Settings) -> tuple[str | None, str | None]:
    """Migrate the database of the settings; its revision before and after."""
    from zyenta_ops.persistence.engine import Database
    from zyenta_ops.persistence.migrations import current_revision, migrate

    if settings.embedded_database:
        _make_home(settings)
    database = Database(settings.database)
    before = current_revision(database)
    migrate(database)
    after = current_revision(database)
    database.dispose()
    return before, after


def check_migrations() -> list[str]:
    """Where the migrations, applied to an empty SQLite database, differ from the tables."""
    from tempfile import TemporaryDirectory

    from zyenta_ops.persistence.engine import Database
    from zyenta_ops.persistence.migrations import differences, migrate

    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/check.db")
        migrate(database)
        return differences(database)


def _make_home(settings: Settings) -> None:
    """Make the state folder for its owner alone: it holds mails, addresses and tokens.

    One that is there already keeps its mode; `zyenta-ops doctor` tells when others may read it.
    """
    settings.home.parent.mkdir(parents=True, exist_ok=True)
    settings.home.mkdir(mode=0o700, exist_ok=True)


def object_store(settings: Settings, impatient_seconds: int | None = None) -> ObjectStore:
    """Where suppliers' answers are kept. Opens no connection.

    Args:
        settings: which store.
        impatient_seconds: give up on one that does not answer after so long; None = its own time.

    Raises:
        Refused: the setting names no bucket.
    """
    from zyenta_ops.adapters.storage.bucket import BucketStore
    from zyenta_ops.adapters.storage.folder import FolderStore

    if settings.object_store:
        endpoint = settings.s3_endpoint_url or None
        return BucketStore(settings.object_store, endpoint, impatient_seconds)
    return FolderStore(settings.home.absolute() / "objects")


def _retention(settings: Settings) -> Retention:
    from zyenta_ops.domain.retention import Retention

    return Retention(
        history=timedelta(days=settings.keep_history_days),
        records=timedelta(days=settings.keep_records_days),
        runs=timedelta(days=settings.keep_runs_days),
    )


def _vault(settings: Settings) -> Vault:
    from zyenta_ops.adapters.secrets import Vault

    if settings.keyring:
        return Vault(settings.keyring)
    return Vault.from_file(settings.home / "keyring")


def _mailroom(settings: Settings, new_id: NewId) -> Mailroom:
    from zyenta_ops.operations.alerts import Mailroom

    return Mailroom(
        new_id=new_id,
        dashboard_url=settings.dashboard_url,
        internal_email=settings.internal_email,
        internal_webhook=bool(settings.internal_webhook_url),
    )


def _rate_opener(http: HttpPolicy) -> Callable[[str], RateReader]:
    def open_rates(location: str) -> RateReader:
        from zyenta_ops.adapters.http.download import download
        from zyenta_ops.adapters.rates import open_ecb_rates

        return open_ecb_rates(location, lambda url: download(url, http))

    return open_rates
