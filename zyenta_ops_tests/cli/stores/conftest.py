"""The commands on real operations and a real database; only the sweep is stood in for."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

import pytest
from click import Group
from click.testing import CliRunner, Result

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.cli.products import products
from zyenta_ops.cli.stores import store
from zyenta_ops.cli.suppliers import supplier
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import Document, SupplierKind
from zyenta_ops.domain.sweeps import SweepCounts, SweepStatus
from zyenta_ops.operations.catalog import SweepReport
from zyenta_ops.operations.stores import Products, Stores, Suppliers
from zyenta_ops.persistence.engine import Database
from zyenta_ops.settings import Settings
from zyenta_ops_tests.builders import an_offer
from zyenta_ops_tests.conftest import CountingIds, FixedClock

KEYRING = "k1:" + "A" * 43 + "="


def checked(document: Document) -> Document:
    """Stands in for the validation of the neighbouring capabilities."""
    if "wrong" in document:
        raise Refused("'wrong' is not a field of the document")
    return {"kind": "default"} | {key: str(value) for key, value in document.items()}


def as_given(config: Document) -> Document:
    return config


@dataclass
class FakeCatalog:
    """Finds a shirt and a mug in every supplier's catalogue, once."""

    database: Database
    status: SweepStatus = SweepStatus.PROMOTED
    swept: list[str] = field(default_factory=list)

    def sweep_if_never(self, key: str) -> SweepReport | None:
        if key in self.swept:
            return None
        self.swept.append(key)
        if self.status is SweepStatus.QUARANTINED:
            reasons = ("the catalogue is empty",)
            return SweepReport(key, "sweep-1", self.status, SweepCounts(), reasons)
        with self.database.write() as records:
            sweep = records.sweeps.begin(key, "sweep-1", None, FixedClock().now)
            records.sweeps.promote(sweep.id, FixedClock().now)
            an_offer(records.connection, "shirt", "m", "10.00 USD", supplier_key=key)
            an_offer(records.connection, "shirt", "l", "12.00 USD", supplier_key=key)
            an_offer(
                records.connection, "mug", "one", "2.50 USD", supplier_key=key, title="Big Mug"
            )
        return SweepReport(key, "sweep-1", self.status, SweepCounts(offers=3, rejected=1))


@dataclass
class Bundle:
    stores: Stores
    suppliers: Suppliers
    products: Products
    catalog: FakeCatalog


@dataclass
class FakeWiring:
    """What `ctx.obj` is in a test."""

    bundle: Bundle
    settings: Settings = field(default_factory=Settings)

    def operations(self) -> Bundle:
        return self.bundle


@dataclass
class Shell:
    """Runs commands as a shell does: `shell("store list")`, or a list of words."""

    bundle: Bundle

    def __call__(self, words: str | list[str], given: str | None = None) -> Result:
        command, *arguments = shlex.split(words) if isinstance(words, str) else words
        groups: dict[str, Group] = {"store": store, "supplier": supplier, "products": products}
        return CliRunner().invoke(
            groups[command], arguments, obj=FakeWiring(self.bundle), input=given
        )


@pytest.fixture
def shell(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Shell:
    wired = (sqlite_database, clock, new_id)
    return Shell(
        Bundle(
            stores=Stores(*wired, checked, checked),
            suppliers=Suppliers(*wired, Vault(KEYRING), {SupplierKind.FEED: as_given}),
            products=Products(*wired),
            catalog=FakeCatalog(sqlite_database),
        )
    )


ADD_STORE = 'store add "My Shop" --email me@example.com --currency EUR --country DE'
ADD_SUPPLIER = "supplier add my-feed --feed https://supplier.example/products.csv"
