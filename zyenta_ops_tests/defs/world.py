"""A supplier that publishes a feed over HTTP, stores that sell from it, and Dagster over both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from zyenta_ops.bootstrap import Operations, build
from zyenta_ops.defs import build_defs
from zyenta_ops.domain.stores import Store, SupplierKind, SyncFrequency
from zyenta_ops.sandbox.feeds import FeedWorld, SupplierFeed, shopify_feed
from zyenta_ops.settings import Settings
from zyenta_ops_tests.conftest import CountingIds, FixedClock

FEED = "fjord.csv"
SUPPLIER = "fjord"
PARTITIONS = "supplier"
LOOPBACK = ("127.0.0.0/8",)

_COLUMNS = (
    "Handle,Title,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Price,Cost per item,Status"
)


def a_feed(products: int = 12, name: str = FEED) -> SupplierFeed:
    """A Shopify export: product p01 costs 11.00 USD, p02 12.00 and so on, 20 in stock of each."""
    rows = "".join(
        f"p{number:02d},Product {number:02d},true,Title,Default Title,SKU-{number:02d},shopify,"
        f"20,deny,{2 * (10 + number)}.00,{10 + number}.00,active\n"
        for number in range(1, products + 1)
    )
    feed = shopify_feed(name, f"{_COLUMNS}\n{rows}", seed=1)
    feed.price = "Cost per item"
    return feed


@dataclass
class FlakyFeeds(FeedWorld):
    """Feeds behind a server that answers some requests with a status instead.

    `statuses` holds one entry for each of the next requests. The server asks for an hour of
    patience, so that only Dagster tries again.
    """

    statuses: list[int] = field(default_factory=list)

    def answer(self, path: str, if_none_match: str | None) -> tuple[int, dict[str, str], bytes]:
        if self.statuses:
            return self.statuses.pop(0), {"Retry-After": "3600"}, b""
        return super().answer(path, if_none_match)


@dataclass(frozen=True)
class Run:
    """How a run ended, in plain values."""

    id: str
    success: bool
    assets: dict[str, dict[str, Any]]
    checks: dict[str, dg.AssetCheckEvaluation]
    failures: dict[str, str]
    attempts: dict[str, int]

    @classmethod
    def of(cls, result: dg.ExecuteInProcessResult) -> Run:
        assets: dict[str, dict[str, Any]] = {}
        checks: dict[str, dg.AssetCheckEvaluation] = {}
        failures: dict[str, str] = {}
        attempts: dict[str, int] = {}
        for event in result.all_events:
            step = str(event.step_key)
            if event.is_step_materialization and event.asset_key is not None:
                assets[event.asset_key.to_user_string()] = plain(event.materialization.metadata)
            elif event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                check = event.asset_check_evaluation_data
                checks[check.check_name] = check
            elif event.is_step_failure:
                error = event.step_failure_data.error
                assert error is not None
                failures[step] = error.message
            elif event.is_step_start or event.is_step_restarted:
                attempts[step] = attempts.get(step, 0) + 1
        return cls(result.run_id, result.success, assets, checks, failures, attempts)


def plain(metadata: Mapping[str, dg.MetadataValue[Any]]) -> dict[str, Any]:
    """Metadata as numbers, text, and tables as lists of dicts."""
    return {
        name: [dict(record.data) for record in value.records]
        if isinstance(value, dg.TableMetadataValue)
        else value.value
        for name, value in metadata.items()
    }


@dataclass
class World:
    """Everything a run needs, on SQLite and loopback, with a clock that stands still."""

    settings: Settings
    operations: Operations
    feeds: FlakyFeeds
    instance: dg.DagsterInstance
    clock: FixedClock = field(default_factory=FixedClock)

    @property
    def feed(self) -> SupplierFeed:
        return self.feeds.feeds[FEED]

    @property
    def definitions(self) -> dg.Definitions:
        return build_defs({"operations": self.operations})

    def supplier(self, key: str = SUPPLIER, **config: Any) -> str:
        """Add a supplier that reads the feed, with its partition."""
        self.operations.suppliers.add(
            key=key,
            kind=SupplierKind.FEED,
            config={"location": f"{self.feeds.url}/{FEED}", "preset": "shopify"} | config,
            country="US",
            currency="USD",
        )
        self.instance.add_dynamic_partitions(PARTITIONS, [key])
        return key

    def store(
        self,
        name: str,
        supplier: str | None = SUPPLIER,
        frequency: SyncFrequency = SyncFrequency.STANDARD,
        **details: Any,
    ) -> Store:
        """Add a store in USD that doubles costs and sells all that the supplier offers."""
        store = self.operations.stores.add(
            name=name,
            email=f"{name.lower()}@example.com",
            currency="USD",
            country="US",
            frequency=frequency,
            strategy={
                "kind": "PERCENTAGE_MARGIN",
                "value": "100",
                "endings": [{"currency": "USD"}],
            },
            **details,
        )
        if supplier is not None:
            self.operations.catalog.sweep_if_never(supplier)
            self.operations.products.import_from_catalogue(store.id, supplier)
        return store

    def run(
        self,
        job: str = "sync_catalog",
        partition: str | None = SUPPLIER,
        definitions: dg.Definitions | None = None,
        **scope: Any,
    ) -> Run:
        """Run a job to its end in this process; `scope` goes into the run's configuration."""
        run_config: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        if scope:
            run_config["resources"] = {"scope": {"config": scope}}
        job_def = (definitions or self.definitions).resolve_job_def(job)
        return Run.of(
            job_def.execute_in_process(
                instance=self.instance,
                partition_key=partition,
                run_config=run_config,
                raise_on_error=False,
            )
        )

    def alerts(self) -> list[tuple[str, str, str]]:
        """(store or "internal", type, status) of every alert, sorted."""
        names = {store.id: store.name for store in self.operations.stores.list()}
        return sorted(
            (names.get(alert.store_id or "", "internal"), alert.type.value, alert.status.value)
            for alert in self.operations.alerts.listed(limit=1_000)
        )

    def mails(self) -> list[tuple[str, str]]:
        """(recipient, template) of every message, sorted."""
        return sorted(
            (message.recipient, message.template)
            for message in self.operations.notifications.listed(limit=1_000)
        )

    def stocks(self) -> dict[str, int | None]:
        """Published stock by store and variant title, of every variant."""
        return {name: stock for name, stock, _ in self._variants()}

    def prices(self) -> dict[str, int | None]:
        """Prices in cents, named as in `stocks`."""
        return {name: price for name, _, price in self._variants()}

    def _variants(self) -> list[tuple[str, int | None, int | None]]:
        stores = {store.id: store for store in self.operations.stores.list()}
        return [
            (f"{stores[store_id].name} {product.product_ref}", variant.published_stock, minor)
            for store_id in stores
            for product in self.operations.products.list(store_id, None, 1_000)
            for variant in product.variants
            for minor in [variant.price.minor if variant.price else None]
        ]


@contextmanager
def a_world(
    settings: Settings, instance: dg.DagsterInstance, clock: FixedClock, new_id: CountingIds
) -> Iterator[World]:
    """A world on a migrated database."""
    operations = build(settings, clock=clock, new_id=new_id)
    flaky = FlakyFeeds({FEED: a_feed()})
    with flaky.serve():
        yield World(settings, operations, flaky, instance, clock)
