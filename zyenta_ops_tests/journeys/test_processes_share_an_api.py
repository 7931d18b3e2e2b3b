"""Two processes sync one supplier with an API at once: together they do what one would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.persistence.schema import catalog_sweep, rate_limit, supplier_offer
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.defs.world import PARTITIONS
from zyenta_ops_tests.journeys.shop import Shop, a_shop
from zyenta_ops_tests.journeys.vendors import PRODUCT, VENDORS
from zyenta_ops_tests.journeys.worker import start

PATIENCE = 120
PRODUCTS, UNITS = 4, 7
REFRESH = {"aliexpress": "/auth/token/refresh", "cj": "/authentication/refreshAccessToken"}


@pytest.fixture(params=[pytest.param("sqlite", marks=pytest.mark.soak), "postgresql"])
def shop(request: pytest.FixtureRequest, home: Path) -> Iterator[Shop]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with a_shop(home, url) as shop:
        yield shop


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    """Every variant has seven units, and getting new tokens takes a while."""
    slow = [Rule("latency", operation=each, seconds=1) for each in REFRESH.values()]
    world = SandboxWorld(products=10, clock=Clock(lambda: datetime.now(UTC)))
    for rule in slow:
        world.script.add(rule)
    world.cj.account.level = 5
    for vendor in VENDORS:
        for product in world.trades[vendor].catalogue.products.values():
            for variant in product.variants:
                variant.stock = dict.fromkeys(variant.stock, 0) | {"CN": UNITS}
    with world.serving():
        yield world


def selling(shop: Shop, world: SandboxWorld, vendor: str) -> list[str]:
    """A store is to sell some products of a vendor, none of which was read yet."""
    settings = [f"base_url={world.urls[vendor]}", *(["level=5"] if vendor == "cj" else [])]
    given = "\n".join(f"{name}={value}" for name, value in DEMO_SECRETS[vendor].items())
    shop.command(
        *("supplier", "connect", vendor, "--secrets-stdin"),
        *(word for each in settings for word in ("--set", each)),
        given=given,
    )
    refs = world.examples(PRODUCTS)[vendor]
    shop.operations.items.watch(vendor, refs)
    prepare_instance(shop.settings)
    with shop.instance() as instance:
        instance.add_dynamic_partitions(PARTITIONS, [vendor])
    return refs


def expire(world: SandboxWorld, vendor: str) -> None:
    if vendor == "aliexpress":
        world.aliexpress.tokens.expire("demo")
    else:
        world.cj.logins.expire("demo")


def counted(shop: Shop, key: str) -> int:
    """Requests that our own quota knows of."""
    query = select(rate_limit.c.used).where(rate_limit.c.key.like(key))
    with shop.operations.catalog.database.read() as records:
        return int(records.connection.execute(query).scalar_one())  # type: ignore[attr-defined]


@pytest.mark.timeout(PATIENCE + 30)
@pytest.mark.parametrize(
    "vendor",
    ["cj", *(pytest.param(each, marks=pytest.mark.soak) for each in VENDORS if each != "cj")],
)
def test_two_workers_on_one_api_renew_once_count_once_and_agree(
    shop: Shop, world: SandboxWorld, vendor: str
) -> None:
    refs = selling(shop, world, vendor)
    expire(world, vendor)

    workers = [start(shop.settings, vendor) for _ in range(2)]
    for worker in workers:
        _, complaints = worker.communicate(timeout=PATIENCE)
        assert worker.returncode == 0, complaints

    asked = world.log.operations(vendor)
    assert asked.count(REFRESH[vendor]) == 1
    if vendor == "aliexpress":
        assert counted(shop, "aliexpress:app:%") == len(asked)
    else:
        assert counted(shop, "cj:user:%:product/query") == asked.count(PRODUCT[vendor])
    assert world.trades[vendor].limits.violations == {}
    with shop.operations.catalog.database.read() as records:
        connection = records.connection  # type: ignore[attr-defined]
        offers = connection.execute(select(supplier_offer)).all()
        sweeps = connection.execute(select(catalog_sweep.c.status)).scalars().all()
    assert {each.product_ref for each in offers} == set(refs)
    assert {(each.stock, each.miss_count, each.listing) for each in offers} == {
        (UNITS, 0, "LISTED")
    }
    catalogue = world.trades[vendor].catalogue
    sold = [catalogue.product(int(ref) % 1_000_000) for ref in refs]
    assert len(offers) == sum(len(each.offered) for each in sold if each)
    assert "PROMOTED" in sweeps
    assert set(sweeps) <= {"PROMOTED", "UNCHANGED", "SUPERSEDED"}
