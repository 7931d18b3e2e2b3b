"""Which adapter speaks to which kind of supplier, and how it is reached.

Adapters are imported when a supplier of their kind is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import Document, Supplier, SupplierKind
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.adapters.http import HttpPolicy
    from zyenta_ops.adapters.suppliers.connections import Connections
    from zyenta_ops.domain.accounts import SupplierAccount
    from zyenta_ops.domain.supplier_orders import Capabilities
    from zyenta_ops.operations.accounts import Accounts
    from zyenta_ops.operations.catalog import Catalog
    from zyenta_ops.operations.items import Items
    from zyenta_ops.operations.stores import Suppliers
    from zyenta_ops.persistence.engine import Database
    from zyenta_ops.ports import CatalogueSource, Clock, NewId, Vault
    from zyenta_ops.ports.catalog import SweepRequest
    from zyenta_ops.ports.gateway import Connector, Login, RateLimiter, SupplierGateway
    from zyenta_ops.ports.storage import ObjectStore


@dataclass(frozen=True)
class _Vendor:
    """The three things every API supplier's package offers, by one convention."""

    config: Any
    gateway: Any
    connector: Any


def _vendor(kind: SupplierKind) -> _Vendor:
    if kind is SupplierKind.ALIEXPRESS:
        from zyenta_ops.adapters.suppliers import aliexpress

        return _Vendor(
            aliexpress.AliExpressConfig,
            aliexpress.AliExpressGateway,
            aliexpress.AliExpressConnector,
        )
    if kind is SupplierKind.CJ:
        from zyenta_ops.adapters.suppliers import cj

        return _Vendor(cj.CjConfig, cj.CjGateway, cj.CjConnector)
    if kind is SupplierKind.PRINTFUL:
        from zyenta_ops.adapters.suppliers import printful

        return _Vendor(
            printful.PrintfulConfig, printful.PrintfulGateway, printful.PrintfulConnector
        )
    from zyenta_ops.adapters.suppliers import spocket

    return _Vendor(spocket.SpocketConfig, spocket.SpocketGateway, spocket.SpocketConnector)


def config_readers() -> dict[SupplierKind, Callable[[Document], Document]]:
    """By kind, what makes a supplier's configuration whole; raises Refused for a wrong one."""

    def feed(document: Document) -> Document:
        from zyenta_ops.adapters.suppliers.feed import FeedConfig

        return FeedConfig.of(document).model_dump(mode="json")

    def api(kind: SupplierKind) -> Callable[[Document], Document]:
        def read(document: Document) -> Document:
            whole: Document = _vendor(kind).config.of(document).model_dump(mode="json")
            return whole

        return read

    return {kind: api(kind) if kind.has_api else feed for kind in SupplierKind}


@dataclass(frozen=True)
class Gateways:
    """Opens gateways and connectors of suppliers with an API."""

    settings: Settings
    limiter: RateLimiter
    clock: Clock

    @contextmanager
    def open(self, supplier: Supplier, login: Login) -> Iterator[SupplierGateway]:
        """A gateway bound to a login; its connections are closed when the block ends."""
        vendor = _vendor(supplier.kind)
        config = vendor.config.of(supplier.config)
        gateway = vendor.gateway(config, login, self._connections(config.base_url))
        try:
            yield gateway
        finally:
            gateway.close()

    def connector(self, supplier: Supplier) -> Connector:
        """What logs in for the first time."""
        vendor = _vendor(supplier.kind)
        config = vendor.config.of(supplier.config)
        connector: Connector = vendor.connector(config, self._connections(config.base_url))
        return connector

    def _connections(self, base_url: str) -> Connections:
        """What is used to reach the supplier; raises Refused as `policy_towards` does."""
        from zyenta_ops.adapters.suppliers.connections import Connections

        return Connections(self.limiter, self.clock, policy_towards(self.settings, base_url))


def policy_towards(settings: Settings, base_url: str) -> HttpPolicy:
    """How an API is reached that gets secrets; the sandbox of the settings may be reached, too.

    Raises:
        Refused: secrets would cross a network in the clear.
    """
    from zyenta_ops.adapters.http import is_loopback

    http = http_policy(settings)
    sandbox, asked = urlsplit(settings.sandbox_url), urlsplit(base_url)
    if asked.netloc == sandbox.netloc:
        return replace(http, allow_private=(*http.allow_private, str(sandbox.hostname)))
    if asked.scheme == "http" and not is_loopback(str(asked.hostname)):
        raise Refused(
            f"{asked.hostname} is asked over plain http, where anybody on the way reads the"
            " secrets; give a base_url that begins with https"
        )
    return http


def http_policy(settings: Settings) -> HttpPolicy:
    """How untrusted addresses are reached."""
    from zyenta_ops.adapters.http import HttpPolicy

    return HttpPolicy(allow_private=settings.private_networks)


@dataclass(frozen=True)
class Sources:
    """Opens the catalogue of a supplier, whichever way it is read."""

    settings: Settings
    suppliers: Suppliers
    items: Items

    def open(self, request: SweepRequest) -> CatalogueSource:
        """The source of what a request names; raises NotFound or Refused."""
        supplier = self.suppliers.show(request.supplier_key)
        if supplier.kind.has_api:
            return self.items.source(supplier, request)
        return self._feed(supplier)

    def _feed(self, supplier: Supplier) -> CatalogueSource:
        from zyenta_ops.adapters.suppliers.feed import (
            FeedConfig,
            FeedCredentials,
            FeedSource,
            S3Access,
        )

        login = self.suppliers.credentials(supplier.key)
        return FeedSource(
            FeedConfig.of(supplier.config),
            Market(supplier.country, supplier.currency),
            FeedCredentials(header=login.header, basic=login.basic) if login else None,
            http=http_policy(self.settings),
            s3=S3Access(endpoint_url=self.settings.s3_endpoint_url or None),
            temp_dir=self.settings.home / "downloads",
        )


@dataclass(frozen=True)
class Buying:
    """The use cases of suppliers and their catalogues, and the way to suppliers with an API.

    Attributes:
        open_gateway: a gateway bound to one of our accounts, closed when the block ends.
        capabilities: what a supplier can do; None = it has no API.
    """

    suppliers: Suppliers
    accounts: Accounts
    items: Items
    catalog: Catalog
    open_gateway: Callable[[Supplier, SupplierAccount], AbstractContextManager[SupplierGateway]]
    capabilities: Callable[[Supplier], Capabilities | None]


def wire_suppliers(
    settings: Settings,
    database: Database,
    clock: Clock,
    new_id: NewId,
    sleep: Callable[[float], None],
    vault: Vault,
    objects: ObjectStore,
) -> Buying:
    """Wire what reads suppliers: feeds, and gateways that share the allowances of an account."""
    from zyenta_ops.operations.accounts import Accounts
    from zyenta_ops.operations.catalog import Catalog
    from zyenta_ops.operations.items import Items
    from zyenta_ops.operations.stores import Suppliers
    from zyenta_ops.persistence.rate_limits import RateLimits

    limiter = RateLimits(database, clock, sleep)
    gateways = Gateways(settings, limiter, clock)
    suppliers = Suppliers(database, clock, new_id, vault, config_readers())
    accounts = Accounts(
        database, clock, new_id, vault, gateways.connector, gateways.open, sleep, limiter
    )

    def open_gateway(
        supplier: Supplier, account: SupplierAccount
    ) -> AbstractContextManager[SupplierGateway]:
        return gateways.open(supplier, accounts.login(account.id))

    def capabilities(supplier: Supplier) -> Capabilities | None:
        if not supplier.kind.has_api:
            return None
        # Nothing is asked, so that it makes no difference whose the login is.
        with gateways.open(supplier, accounts.login("")) as gateway:
            return gateway.capabilities

    items = Items(
        database,
        clock,
        accounts.readers,
        open_gateway,
        accounts.fail,
        accounts.pause,
        limiter,
        objects,
    )
    catalog = Catalog(database, Sources(settings, suppliers, items).open, clock, new_id)
    return Buying(suppliers, accounts, items, catalog, open_gateway, capabilities)
