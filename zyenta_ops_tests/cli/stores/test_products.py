"""`zyenta-ops products …`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import product_variant
from zyenta_ops_tests.cli.stores.conftest import ADD_STORE, ADD_SUPPLIER, Shell

IMPORT = "products import --store my-shop --supplier my-feed"


@pytest.fixture(autouse=True)
def shop(shell: Shell) -> None:
    shell(ADD_STORE)
    shell(ADD_SUPPLIER)


def test_the_first_import_reads_the_catalogue_and_the_second_does_not(shell: Shell) -> None:
    first = shell(f"{IMPORT} --all")
    assert (first.exit_code, first.output) == (
        0,
        "Read the catalogue of my-feed for the first time: 3 offers, 1 rejected.\n"
        "Imported 2 products with 3 new variants; 0 products and 0 variants were there already.\n",
    )
    assert shell(f"{IMPORT} --all").output == (
        "Imported 0 products with 0 new variants; 2 products and 3 variants were there already.\n"
    )
    assert shell.bundle.catalog.swept == ["my-feed"]


def test_an_import_is_one_json_document_even_when_it_reads_the_catalogue(shell: Shell) -> None:
    assert json.loads(shell(f"{IMPORT} --all --json").stdout) == {
        "products_added": 2,
        "variants_added": 3,
        "products_kept": 0,
        "variants_kept": 0,
        "offers_skipped": 0,
        "rejected": 0,
        "rejections": [],
    }


@pytest.mark.parametrize(
    ("options", "imported"),
    [
        ("--ref mug --ref hat", ["mug"]),
        ("--title big", ["mug"]),
        ("--cost-from 2.50 --cost-to 2.50", ["mug"]),
        ("--in-stock --limit 1", ["mug"]),
        ("--cost-from 100", []),
    ],
)
def test_filters_choose_products(shell: Shell, options: str, imported: list[str]) -> None:
    assert shell(f"{IMPORT} {options} --status draft").exit_code == 0
    found = shell.bundle.products.list("my-shop")
    assert [(each.product_ref, each.status) for each in found] == [
        (ref, "DRAFT") for ref in imported
    ]


@pytest.mark.parametrize(
    "options",
    [
        "",
        "--limit 3",
        "--all --ref mug",
        "--all --file list.csv",
        "--file list.csv --limit 3",
        "--all --limit 0",
        "--cost-from cheap",
        "--all --status SOLD",
    ],
)
def test_wrong_usage_exits_with_two_and_reads_no_catalogue(shell: Shell, options: str) -> None:
    assert shell(f"{IMPORT} {options}").exit_code == 2
    assert shell.bundle.catalog.swept == []


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (
            "products import --store shop --supplier my-feed --all",
            "there is no store 'shop'; did you mean my-shop?",
        ),
        (
            "products import --store my-shop --supplier feed --all",
            "there is no supplier 'feed'; did you mean my-feed?",
        ),
        (f"{IMPORT} --cost-from 5 --cost-to 4", "no cost is at least 5 and at most 4"),
    ],
)
def test_a_refused_import_reads_no_catalogue(shell: Shell, command: str, sentence: str) -> None:
    result = shell(command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {sentence}\n"
    assert shell.bundle.catalog.swept == []


def test_a_catalogue_that_is_not_believed_is_not_imported(shell: Shell) -> None:
    shell.bundle.catalog.status = SweepStatus.QUARANTINED
    result = shell(f"{IMPORT} --all")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: the catalogue of 'my-feed' is not believed: the catalogue is empty;"
        " see `zyenta-ops quarantine show my-feed`\n",
    )
    assert shell.bundle.products.list("my-shop") == ()


def test_a_list_shows_the_lines_that_could_not_be_imported(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("product_ref\nmug\n" + "".join(f"no-{line}\n" for line in range(3, 28)))
    lines = shell(f"{IMPORT} --file {path}").output.splitlines()
    assert lines[1] == (
        "Imported 1 product with 1 new variant; 0 products and 0 variants were there already."
    )
    assert lines[2] == "25 lines could not be imported:"
    assert " ".join(lines[6].split()) == "3 no-3 my-feed offers no such product"
    assert lines[-1] == "… and 5 more; --json lists them."
    content = json.loads(shell(f"{IMPORT} --file {path} --json").stdout)
    assert (content["rejected"], len(content["rejections"])) == (25, 25)


def test_products_are_listed_with_stock_cost_and_price(
    shell: Shell, sqlite_database: Database
) -> None:
    assert shell("products list --store my-shop").output == "my-shop has no such products.\n"
    shell(f"{IMPORT} --all")
    unsynced = shell("products list --store my-shop").output.splitlines()
    assert " ".join(unsynced[3].split()) == "mug Big Mug ACTIVE 1 - - -"
    with sqlite_database.write() as records:
        for title, cost, published in (("M", 1000, 4), ("L", 1250, None), ("ONE", 250, None)):
            records.connection.execute(
                update(product_variant)
                .where(product_variant.c.title == title)
                .values(
                    availability="AVAILABLE",
                    published_stock=published,
                    cost_minor=cost,
                    cost_currency="USD",
                    price_minor=1999,
                )
            )
    shell("products lock-price shirt")
    synced = shell("products list --store my-shop").output.splitlines()
    assert " ".join(synced[3].split()) == "mug Big Mug ACTIVE 1 unknown 2.50 USD 19.99 EUR"
    assert " ".join(synced[4].split()) == (
        "shirt Shirt ACTIVE 2 4+ 10.00-12.50 USD 19.99 EUR (locked)"
    )
    content = json.loads(shell("products list --store my-shop --json").stdout)
    assert content[1]["variants"][0]["price"] == {"minor": 1999, "currency": "EUR"}
    assert (
        shell("products list --store my-shop --status archived").output
        == "my-shop has no such products.\n"
    )
    assert shell("products list --store my-shop --limit 1").output.endswith(
        "The first 1 product by title; --limit shows more.\n"
    )


def test_variants_are_listed_with_their_ids(shell: Shell) -> None:
    shell(f"{IMPORT} --all")
    lines = shell("products list --store my-shop --variants").output.splitlines()
    assert " ".join(lines[1].split()) == "Variant id Product Title SKU Stock Cost Price"
    found = shell.bundle.products.list("my-shop")
    assert [line.split() for line in lines[3:6]] == [
        [variant.id, each.product_ref, variant.title, "-", "-", "-", "-"]
        for each in found
        for variant in each.variants
    ]


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("hold", "mug is ON_HOLD; its price follows its cost.\n"),
        ("release", "mug is ACTIVE; its price follows its cost.\n"),
        ("archive", "mug is ARCHIVED; its price follows its cost.\n"),
        ("lock-price", "mug is ACTIVE; its price is locked.\n"),
        ("unlock-price", "mug is ACTIVE; its price follows its cost.\n"),
    ],
)
def test_what_was_decided_is_said_once(shell: Shell, verb: str, said: str) -> None:
    shell(f"{IMPORT} --all")
    result = shell(f"products {verb} mug --store my-shop")
    assert (result.exit_code, result.output) == (0, said)


def test_an_unknown_product_is_refused(shell: Shell) -> None:
    result = shell("products hold mug")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: there is no product 'mug'; list the store's products to see them\n"
    )
