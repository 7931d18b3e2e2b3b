"""AliExpress and CJ from connecting to a store in sync, over the sandbox, by commands alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zyenta_ops.bootstrap import prepare
from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.defs import build_defs
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.defs.world import PARTITIONS
from zyenta_ops_tests.journeys.shop import Shop, a_shop

VENDORS = ("aliexpress", "cj", "printful", "spocket")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    clock = Clock(lambda: datetime.now(UTC))
    with SandboxWorld(products=30, clock=clock, enforce_limits=False).serving() as world:
        yield world


@pytest.fixture
def shop(home: Path, world: SandboxWorld) -> Iterator[Shop]:
    with a_shop(home) as shop:
        sandbox_url = world.urls["sandbox"].removesuffix("/_sandbox")
        yield replace(shop, settings=replace(shop.settings, sandbox_url=sandbox_url))


@pytest.mark.parametrize("vendor", VENDORS)
def test_products_of_an_api_are_imported_and_kept_in_sync(
    shop: Shop, world: SandboxWorld, vendor: str
) -> None:
    ref = world.examples(1)[vendor][0]
    connected = shop.command("supplier", "connect", vendor, "--sandbox")
    assert (connected["status"], connected["owner_id"]) == ("ACTIVE", None)
    shop.command(*"store add Ann --email ann@a.example --currency USD --country US".split())  # noqa: SIM905
    imported = shop.command(
        *("products", "import", "--store", "ann", "--supplier", vendor, "--ref", ref)
    )
    assert imported["products_added"] == 1
    prepare_instance(shop.settings)
    with shop.instance() as instance:
        instance.add_dynamic_partitions(PARTITIONS, [vendor])
        job = build_defs({"operations": shop.operations}).resolve_job_def("sync_catalog")
        done = job.execute_in_process(
            instance=instance, partition_key=vendor, run_config=QUIET, raise_on_error=False
        )
    assert done.success

    (product,) = shop.command("products", "list", "--store", "ann")
    assert all(each["cost"] and each["price"] for each in product["variants"])
    assert shop.run("supplier", "check", vendor).exit_code == 0
    shown = shop.run("supplier", "show", vendor).output
    kept = [path.read_bytes() for path in shop.settings.home.rglob("*") if path.is_file()]
    for name, secret in DEMO_SECRETS[vendor].items():
        if name != "app_key":
            assert secret not in shown
            assert not any(secret.encode() in content for content in kept), name


def test_a_supplier_of_the_sandbox_gets_no_real_secret(shop: Shop) -> None:
    shop.command("supplier", "connect", "cj", "--sandbox")
    before = shop.command("supplier", "show", "cj")

    result = shop.run("supplier", "connect", "cj", "--secrets-stdin", given="api_key=CJ1@api@real")

    assert result.exit_code == 1
    assert result.output == (
        "Error: 'cj' is answered by the sandbox; give the real account a supplier of its own, such"
        " as 'cj-us', or use --sandbox\n"
    )
    assert shop.command("supplier", "show", "cj") == before


def test_a_real_supplier_is_never_moved_into_the_sandbox(shop: Shop, world: SandboxWorld) -> None:
    prepare(shop.settings)
    shop.operations.suppliers.add(
        key="cj", kind=SupplierKind.CJ, config={}, country="US", currency="USD"
    )
    before = shop.command("supplier", "show", "cj")

    result = shop.run("supplier", "connect", "cj", "--sandbox")

    assert result.exit_code == 1
    assert result.output == (
        "Error: 'cj' is asked at https://developers.cjdropshipping.com/api2.0/v1, not in the"
        " sandbox; choose a different key, such as 'cj-sandbox'\n"
    )
    assert shop.command("supplier", "show", "cj") == before
    assert world.log.operations("cj") == []


def test_who_has_exchanged_the_code_goes_on_when_the_sandbox_is_started_again(
    shop: Shop, world: SandboxWorld
) -> None:
    shop.command("supplier", "connect", "aliexpress", "--sandbox")
    (account,) = shop.operations.accounts.of_supplier("aliexpress")
    shop.operations.accounts.renew(account.id)

    another = SandboxWorld(products=30, clock=Clock(lambda: datetime.now(UTC)))
    world.aliexpress.tokens = another.aliexpress.tokens

    assert shop.run("supplier", "check", "aliexpress").exit_code == 0


def test_each_product_is_asked_about_once_however_many_stores_sell_it(
    shop: Shop, world: SandboxWorld
) -> None:
    refs = world.examples(5)["cj"]
    shop.command("supplier", "connect", "cj", "--sandbox", "--set", "level=5")
    for name in ("Ann", "Bea", "Cid"):
        shop.command(
            *("store", "add", name, "--email", f"{name.lower()}@a.example"),
            *("--currency", "USD", "--country", "US", "--frequency", "HIGH"),
        )
        for ref in refs:
            shop.command(
                *("products", "import", "--store", name.lower(), "--supplier", "cj", "--ref", ref)
            )
    before = world.log.operations("cj").count("/product/query")
    operations = shop.operations

    report = operations.catalog.sweep("cj", product_refs=refs)

    after = world.log.operations("cj").count("/product/query")
    assert (after - before, report.counts.asked) == (5, 5)
