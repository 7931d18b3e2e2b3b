"""`zyenta-ops sync` on the embedded database and Dagster instance."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.cli.runs import embedded_instance
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.settings import Settings

HEADER = "sku,title,price,cost,stock\n"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(HEADER + "A,Anvil,30.00,10.00,4\nB,Bell,20.00,8.00,9\n")
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def shop(settings: Settings, feed: Path) -> Settings:
    """Two stores that sell all of a supplier's list."""
    done("supplier", "add", "fjord", "--feed", str(feed), settings=settings)
    for name in ("Ann", "Bea"):
        done(
            "store", "add", name, "--email", f"{name}@example.com", "--currency", "USD",
            "--country", "US", settings=settings,
        )  # fmt: skip
        done(
            "products", "import", "--store", name.lower(), "--supplier", "fjord", "--all",
            settings=settings,
        )  # fmt: skip
    return settings


def run(*arguments: str, settings: Settings) -> Result:
    return CliRunner().invoke(main, list(arguments), obj=Wiring(settings))


def done(*arguments: str, settings: Settings) -> Result:
    result = run(*arguments, settings=settings)
    assert result.exit_code == 0, result.output
    return result


def runs(settings: Settings) -> list[tuple[str, str | None]]:
    with embedded_instance(settings) as instance:
        return [
            (each.status.value, each.tags.get("dagster/partition")) for each in instance.get_runs()
        ]


def test_a_supplier_is_synced_at_once(shop: Settings) -> None:
    result = done("sync", "fjord", "--json", settings=shop)

    report = json.loads(result.stdout)
    assert (report["supplier"], report["succeeded"], report["quarantined"]) == (
        "fjord",
        True,
        False,
    )
    by_store = report["assets"]["store_inventory"]["by_store"]
    assert [(row["store"], row["processed"]) for row in by_store] == [("Ann", 2), ("Bea", 2)]
    assert runs(shop) == [("SUCCESS", "fjord")]


def test_only_the_named_stores_are_synced(shop: Settings) -> None:
    result = done("sync", "fjord", "--store", "bea", "--json", settings=shop)

    by_store = json.loads(result.stdout)["assets"]["store_inventory"]["by_store"]
    assert [row["store"] for row in by_store] == ["Bea"]


def test_people_read_a_table_and_a_sentence(shop: Settings) -> None:
    result = done("sync", "fjord", settings=shop)

    assert "waiting" in result.stdout
    assert "fjord: unchanged, 0 offers read, 0 entries rejected" in result.stdout


def test_a_sync_that_fails_says_why_and_exits_with_1(shop: Settings, feed: Path) -> None:
    feed.unlink()

    result = run("sync", "fjord", settings=shop)

    assert result.exit_code == 1
    assert "the sync of 'fjord' failed: feed " in result.stderr
    assert runs(shop) == [("FAILURE", "fjord")]


def test_a_quarantined_catalogue_says_where_to_look(shop: Settings, feed: Path) -> None:
    feed.write_text(HEADER + "A,Anvil,x,x,x\nB,Bell,x,x,x\n")

    result = run("sync", "fjord", settings=shop)

    assert result.exit_code == 1
    assert "is quarantined: the catalogue is empty" in result.stderr
    assert "`zyenta-ops quarantine show fjord`" in result.stderr


def test_a_paused_supplier_is_not_synced(shop: Settings) -> None:
    done("supplier", "pause", "fjord", settings=shop)

    result = run("sync", "fjord", settings=shop)

    assert result.exit_code == 1
    assert "the supplier 'fjord' is paused" in result.stderr


def test_a_supplier_with_a_run_in_progress_is_refused(shop: Settings) -> None:
    prepare_instance(shop)
    with embedded_instance(shop) as instance:
        running = dg.DagsterRun(
            job_name="sync_catalog",
            status=dg.DagsterRunStatus.STARTED,
            tags={"dagster/partition": "fjord"},
        )
        instance.add_run(running)

    result = run("sync", "fjord", settings=shop)

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"'fjord' has a run in progress already ({running.run_id})" in result.stderr
    assert runs(shop) == [("STARTED", "fjord")]


@pytest.mark.parametrize("arguments", [("nope",), ("fjord", "--store", "nope")])
def test_a_name_that_nobody_has_starts_no_run(shop: Settings, arguments: tuple[str, ...]) -> None:
    result = run("sync", *arguments, settings=shop)

    assert result.exit_code == 1
    assert "'nope'" in result.stderr
    assert not shop.dagster_home.exists()
