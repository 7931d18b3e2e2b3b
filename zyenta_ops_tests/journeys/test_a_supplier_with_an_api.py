"""From a token to a store in sync, with a supplier that is asked product by product."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from zyenta_ops.defs import build_defs
from zyenta_ops_tests.adapters.suppliers.printful.service import (
    TOKEN,
    PrintfulRig,
    catalogue_variant,
    printful_rig,
    sync_variant,
)
from zyenta_ops_tests.contracts.supplier_gateway import Fault
from zyenta_ops_tests.defs.world import PARTITIONS
from zyenta_ops_tests.journeys.shop import Shop, a_shop

ADD_STORE = (
    *("store", "add", "Ann", "--email", "ann@a.example"),
    *("--currency", "USD", "--country", "US"),
)
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def shop(home: Path) -> Iterator[Shop]:
    with a_shop(home) as shop:
        yield shop


@pytest.fixture
def printful() -> Iterator[PrintfulRig]:
    with printful_rig() as rig:
        yield rig


def connect(shop: Shop, printful: PrintfulRig, token: str = TOKEN) -> tuple[int, str]:
    result = shop.run(
        *("supplier", "connect", "printful", "--set", f"base_url={printful.web.url('')}"),
        *("--secrets-stdin", "--json"),
        given=f"token={token}\n",
    )
    return result.exit_code, result.output


def sync(shop: Shop) -> bool:
    from zyenta_ops.cli.dev import prepare_instance

    prepare_instance(shop.settings)
    with shop.instance() as instance:
        instance.add_dynamic_partitions(PARTITIONS, ["printful"])
        job = build_defs({"operations": shop.operations}).resolve_job_def("sync_catalog")
        return job.execute_in_process(
            instance=instance, partition_key="printful", run_config=QUIET, raise_on_error=False
        ).success


def test_a_product_is_imported_by_its_reference_and_kept_in_sync(
    shop: Shop, printful: PrintfulRig
) -> None:
    ref = printful.product(sync_variant(1), sync_variant(2, 4012))
    status, output = connect(shop, printful)
    assert (status, json.loads(output)["label"]) == (0, "Fox & Friends")
    shop.command(*ADD_STORE)

    imported = shop.command(
        *("products", "import", "--store", "ann", "--supplier", "printful", "--ref", ref)
    )
    assert (imported["products_added"], imported["variants_added"]) == (1, 2)
    assert sync(shop)

    (product,) = shop.command("products", "list", "--store", "ann")
    assert {each["sku"]: each["cost"]["minor"] for each in product["variants"]} == {
        "FOX-1": 1_169,
        "FOX-2": 1_200,
    }
    assert all(each["price"] for each in product["variants"])
    assert shop.run("supplier", "check", "printful").output.startswith("✓ Fox & Friends works")
    assert shop.command("plan", "printful")["watched"] == 1


def test_a_token_that_is_refused_adds_nothing(shop: Shop, printful: PrintfulRig) -> None:
    status, output = connect(shop, printful, "wrong-s3cret")

    assert status == 1
    assert output.startswith("Error: ")
    assert "wrong-s3cret" not in output
    assert shop.command("supplier", "list") == []


def test_an_account_is_connected_again_without_saying_whose_api_it_is(
    shop: Shop, printful: PrintfulRig
) -> None:
    again = ("supplier", "connect", "shirts", "--secrets-stdin", "--json")
    given = f"token={TOKEN}\n"
    unknown = shop.run(*again, given=given)
    assert unknown.exit_code == 2
    assert "say whose API 'shirts' is" in unknown.output

    base_url = ("--set", f"base_url={printful.web.url('')}")
    assert shop.run(*again, "--kind", "printful", *base_url, given=given).exit_code == 0
    assert shop.run(*again, given=given).exit_code == 0
    assert len(shop.operations.accounts.of_supplier("shirts")) == 1


def test_the_secret_is_found_nowhere(shop: Shop, printful: PrintfulRig) -> None:
    ref = printful.product(sync_variant(1))
    connect(shop, printful)
    shop.command(*ADD_STORE)
    shop.command("products", "import", "--store", "ann", "--supplier", "printful", "--ref", ref)
    printful.suffer(Fault.LOGIN_ENDED)
    shop.run("supplier", "check", "printful")
    sync(shop)

    home = shop.settings.home
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if TOKEN.encode() in path.read_bytes()] == []


def test_a_supplier_that_does_not_answer_is_said_so_and_imports_nothing(
    shop: Shop, printful: PrintfulRig
) -> None:
    ref = printful.product(sync_variant(1))
    connect(shop, printful)
    shop.command(*ADD_STORE)
    printful.suffer(Fault.WEB_PAGE)

    result = shop.run(
        *("products", "import", "--store", "ann", "--supplier", "printful", "--ref", ref)
    )

    assert result.exit_code == 1
    assert f"'printful' did not answer for {ref}: the supplier answered HTTP 200" in result.output
    assert shop.command("products", "list", "--store", "ann") == []


def test_a_variant_that_can_no_longer_be_made_goes_off_sale(
    shop: Shop, printful: PrintfulRig
) -> None:
    ref = printful.product(sync_variant(1))
    connect(shop, printful)
    shop.command(*ADD_STORE)
    shop.command("products", "import", "--store", "ann", "--supplier", "printful", "--ref", ref)
    sync(shop)
    out = [{"region": "US", "status": "out_of_stock"}]
    (made,) = printful.service.catalogue.values()
    made["variants"][0] = catalogue_variant(4011, availability_status=out)
    operations = shop.operations
    operations.catalog.sweep("printful", product_refs=[ref])
    with shop.instance() as instance:
        job = build_defs({"operations": operations}).resolve_job_def("apply_offers")
        job.execute_in_process(instance=instance, partition_key="printful", run_config=QUIET)

    (product,) = shop.command("products", "list", "--store", "ann")
    assert product["status"] == "OUT_OF_STOCK"
