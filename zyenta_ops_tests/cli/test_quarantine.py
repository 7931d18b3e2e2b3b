from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.bootstrap import Operations, build
from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.sandbox.feeds import SupplierFeed
from zyenta_ops.settings import Settings
from zyenta_ops_tests.defs.world import a_feed


@dataclass
class Shop:
    """A supplier whose feed is a file, and the commands on the same state."""

    settings: Settings
    operations: Operations
    feed: SupplierFeed
    file: Path

    def sweep(self) -> SweepStatus:
        self.file.write_bytes(self.feed.document())
        return self.operations.catalog.sweep("fjord").status

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["quarantine", *words], obj=Wiring(self.settings))


@pytest.fixture
def shop(sqlite_url: str, tmp_path: Path) -> Shop:
    settings = Settings(home=tmp_path, database_url=sqlite_url)
    shop = Shop(settings, build(settings), a_feed(), tmp_path / "fjord.csv")
    shop.operations.suppliers.add(
        key="fjord",
        kind=SupplierKind.FEED,
        config={"location": str(shop.file), "preset": "shopify"},
        country="US",
        currency="USD",
    )
    assert shop.sweep() is SweepStatus.PROMOTED
    return shop


@pytest.fixture
def sold_out(shop: Shop) -> Shop:
    """Half of the catalogue went to zero at once."""
    for row in shop.feed.rows[:6]:
        row["Variant Inventory Qty"] = "0"
    assert shop.sweep() is SweepStatus.QUARANTINED
    shop.operations.alerts.report_sync_failure("fjord", "quarantined", None)
    return shop


REASON = "6 of 12 offers went to zero or off sale (more than 30 %)"


def test_show_says_why_and_what_would_change(sold_out: Shop) -> None:
    result = sold_out("show", "fjord")

    assert result.exit_code == 0
    assert f"- {REASON}\n" in result.stdout
    assert result.stdout.count("20 → 0") == 6


def test_show_as_json_holds_the_sweep_and_its_differences(sold_out: Shop) -> None:
    shown = json.loads(sold_out("show", "fjord", "--json").stdout)

    assert shown["sweep"]["reasons"] == [REASON]
    assert shown["sweep"]["status"] == "QUARANTINED"
    assert [(each["product_ref"], each["stock"]) for each in shown["differences"]] == [
        (f"p{number:02d}", 0) for number in range(1, 7)
    ]


def test_accept_believes_the_catalogue_and_closes_the_alert(sold_out: Shop) -> None:
    result = sold_out("accept", "fjord")

    assert result.exit_code == 0
    assert result.stdout == (
        "accepted: 6 offers of 'fjord' changed; stores follow with their next sync\n"
    )
    assert sold_out.sweep() is SweepStatus.UNCHANGED
    assert {each.status.value for each in sold_out.operations.alerts.listed()} == {"RESOLVED"}


def test_accepting_again_is_refused_and_changes_nothing(sold_out: Shop) -> None:
    sold_out("accept", "fjord")

    result = sold_out("accept", "fjord")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: no catalogue of 'fjord' waits in quarantine\n"


@pytest.mark.parametrize("verb", ["show", "accept"])
def test_a_supplier_that_does_not_exist_is_named(shop: Shop, verb: str) -> None:
    result = shop(verb, "fjrod")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert "'fjrod'" in result.stderr
    assert result.stderr.count("\n") == 1


def test_what_waits_is_listed_with_its_reasons(shop: Shop) -> None:
    assert shop("list").output == "No catalogue waits in quarantine.\n"
    assert json.loads(shop("list", "--json").stdout) == []


def test_a_quarantined_supplier_is_in_the_list(sold_out: Shop) -> None:
    shown = sold_out("list").output
    assert "fjord" in shown
    assert "went to zero or off sale" in shown
    (listed,) = json.loads(sold_out("list", "--json").stdout)
    assert (listed["supplier_key"], listed["status"]) == ("fjord", "QUARANTINED")
