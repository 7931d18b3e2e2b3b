"""`zyenta-ops orders` on real operations and a real database."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli.orders import orders as command
from zyenta_ops.operations.orders import Orders
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.orders import a_document, a_shop, an_address

Shell = Callable[..., Result]


@dataclass
class Bundle:
    orders: Orders
    clock: FixedClock


@dataclass
class FakeWiring:
    bundle: Bundle

    def operations(self) -> Bundle:
        return self.bundle


@pytest.fixture
def shell(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Shell:
    with sqlite_database.write() as records:
        a_shop(records.connection)
    wiring = FakeWiring(Bundle(Orders(sqlite_database, clock, new_id), clock))
    return lambda *words: CliRunner().invoke(command, [str(word) for word in words], obj=wiring)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two orders and one that is refused."""
    path = tmp_path / "orders.json"
    bad = a_document(number="1002", total_minor=1, address=an_address(postal_code="1"))
    path.write_text(json.dumps([a_document(), bad, a_document(number="1003")]))
    return path


def test_an_import_says_what_was_refused_and_exits_1(shell: Shell, file: Path) -> None:
    result = shell("import", file, "--store", "my-shop")

    assert result.exit_code == 1
    assert "2 orders taken over, 0 were known already, 1 refused." in result.stdout
    assert "order 2  order '1002' cannot be taken: address.postal_code" in result.stdout
    assert result.stderr == f"Error: 1 of 3 orders in {file} were refused\n"


def test_an_import_without_refusals_exits_0_and_again_changes_nothing(
    shell: Shell, tmp_path: Path
) -> None:
    path = tmp_path / "order.json"
    path.write_text(json.dumps(a_document(store="my-shop")))

    first, again = (json.loads(shell("import", path, "--json").stdout) for _ in range(2))

    assert (first["created"], again["known"]) == (1, 1)
    assert first["orders"][0]["outcome"] == "CREATED"
    assert first["orders"][0]["order_id"] == again["orders"][0]["order_id"]
    assert shell("import", path).exit_code == 0


def test_a_refused_import_still_prints_one_json_document(shell: Shell, file: Path) -> None:
    result = shell("import", file, "--store", "my-shop", "--json")

    assert result.exit_code == 1
    refused = json.loads(result.stdout)["orders"][1]
    assert refused["outcome"] == "REFUSED"
    assert refused["faults"] == [
        {
            "where": "address.postal_code",
            "problem": "is not one of DE; they look like 11111",
        },
        {
            "where": "total_minor",
            "problem": "must be 4938: subtotal - discount + shipping + tax",
        },
    ]


def test_a_file_that_is_not_there_is_one_sentence(shell: Shell, tmp_path: Path) -> None:
    result = shell("import", tmp_path / "none.csv", "--store", "my-shop")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: the orders file ")


def test_orders_are_listed_by_store_and_payment(shell: Shell, file: Path) -> None:
    shell("import", file, "--store", "my-shop")
    shell("hold", "my-shop:1003", "--note", "why")

    printed = shell("list", "--store", "my-shop").stdout.splitlines()
    lines = [line.split() for line in printed if "49.38 EUR" in line]
    assert [(line[1], line[-1]) for line in lines] == [("1003", "MANUAL"), ("1001", "-")]
    listed = json.loads(shell("list", "--payment", "pending", "--json").stdout)
    assert [each["number"] for each in listed] == ["1003", "1001"]
    assert shell("list", "--payment", "PAID").stdout == "There are no such orders.\n"
    assert "--before" in shell("list", "--limit", "1").stdout
    older = shell("list", "--before", listed[0]["id"], "--json").stdout
    assert [each["number"] for each in json.loads(older)] == ["1001"]


def test_an_order_shows_where_it_stands_what_holds_it_and_its_timeline(
    shell: Shell, file: Path
) -> None:
    shell("import", file, "--store", "my-shop")
    held = shell("hold", "my-shop:1001", "--note", "odd address", "--until", "2026-11-03T12:00Z")
    assert held.exit_code == 0

    shown = shell("show", "my-shop:1001").stdout
    for words in (
        "Payment     PENDING",
        "Total       49.38 EUR",
        "Ships to    Ann Buyer, Chausseestraße 1, 10115 Berlin, DE",
        "odd address",
        "holds until 2026-11-03 12:00 UTC",
        "RECEIVED",
        "HELD",
    ):
        assert words in shown
    document = json.loads(shell("show", "my-shop:1001", "--json").stdout)
    (hold,) = document["order"]["holds"]
    assert hold["source"] in held.stdout
    assert [each["kind"] for each in document["timeline"]] == ["RECEIVED", "HELD"]

    released = shell("release", "my-shop:1001", hold["source"])
    assert (released.exit_code, released.stdout) == (0, "Order 1001 is released.\n")
    assert "released by cli" in shell("show", "my-shop:1001").stdout


def test_a_release_says_what_still_holds_the_order(shell: Shell, file: Path) -> None:
    shell("import", file, "--store", "my-shop")
    sources = []
    for note in ("first", "second"):
        answer = shell("hold", "my-shop:1001", "--note", note, "--json")
        sources.append(json.loads(answer.stdout)["order"]["holds"][-1]["source"])

    released = shell("release", "my-shop:1001", sources[0])
    assert released.stdout == f"Order 1001 is released and waits for {sources[1]}.\n"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["show", "none"], 1, "there is no order 'none'; name it by its id or as STORE:NUMBER"),
        (["release", "my-shop:1001", "x"], 1, "no such hold is open"),
        (["hold", "my-shop:1001"], 2, "Missing option '--note'"),
        (["hold", "my-shop:1001", "--note", "a", "--until", "morning"], 2, "not a time"),
        (["hold", "my-shop:1001", "--note", "a", "--until", "2026-12-01"], 2, "not a time"),
        (["hold", "my-shop:1001", "--note", "a", "--until", "2026-01-01T00:00Z"], 1, "already"),
        (["list", "--store", "none"], 1, "there is no store 'none'"),
        (["list", "--payment", "maybe"], 2, "Invalid value for '--payment'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    shell: Shell, file: Path, words: list[str], status: int, told: str
) -> None:
    shell("import", file, "--store", "my-shop")
    result = shell(*words)
    assert (result.exit_code, result.stdout) == (status, "")
    assert told in result.stderr
