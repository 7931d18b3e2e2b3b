from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring

STORES = ["Harborline", "Kissa Goods", "Nordlicht"]
APIS = ["aliexpress", "cj"]
SUPPLIERS = ["fjord-apparel", "hafen-home", *APIS]
PASSING = {
    "seconds",
    "duration_seconds",
    "home",
    "mails",
    "token ends",
    "renewable until",
}  # differ from run to run


def demo(*options: str | Path) -> Result:
    return CliRunner().invoke(main, ["demo", *map(str, options)], obj=Wiring())


def run_into(folder: Path) -> dict[str, Any]:
    result = demo("--home", folder / "home", "--json", folder / "demo.json")
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    return report


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of one demo, run once."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.delenv("DAGSTER_HOME", raising=False)
        return run_into(tmp_path_factory.mktemp("demo"))


def lasting(value: Any) -> Any:
    """A report without what passes: durations, paths and file names."""
    if isinstance(value, dict):
        return {key: lasting(item) for key, item in value.items() if key not in PASSING}
    if isinstance(value, list):
        return [lasting(item) for item in value]
    return value


def test_suppliers_with_an_api_are_asked_about_what_the_stores_sell(report: dict[str, Any]) -> None:
    assert set(report["api_requests"]) == set(APIS)
    _, changes, recovery, _ = report["rounds"]
    for name in APIS:
        (changed,) = [run for run in changes["runs"] if run["supplier"] == name]
        (recovered,) = [run for run in recovery["runs"] if run["supplier"] == name]
        assert changed["assets"]["supplier_catalog"]["zeroed"] > 0
        assert changed["assets"]["store_inventory"]["hidden"] == len(STORES)
        assert recovered["assets"]["store_inventory"]["republished"] == len(STORES)


def test_three_stores_and_four_suppliers_go_through_four_rounds(report: dict[str, Any]) -> None:
    assert len(report["rounds"]) == 4
    for each in report["rounds"]:
        assert [run["supplier"] for run in each["runs"]] == SUPPLIERS
        for run in each["runs"]:
            stores = run["assets"].get("store_inventory", {}).get("by_store", [])
            expected = [] if run["quarantined"] else STORES
            assert sorted(row["store"] for row in stores) == expected


def test_the_empty_feed_of_the_second_round_is_quarantined(report: dict[str, Any]) -> None:
    quarantined = [
        (number, run["supplier"])
        for number, each in enumerate(report["rounds"], start=1)
        for run in each["runs"]
        if run["quarantined"]
    ]
    assert quarantined == [(2, "hafen-home")]
    assert "the catalogue is empty" in report["rounds"][1]["runs"][1]["reason"]
    assert report["failures"] == []


def test_alerts_are_raised_and_resolved(report: dict[str, Any]) -> None:
    states = Counter((alert["type"], alert["status"]) for alert in report["alerts"])
    # One for each store and one for the internal team; the round after, the feed is whole again.
    assert states["SYNC_FAILURE", "RESOLVED"] == 4
    assert states["SYNC_FAILURE", "OPEN"] == 0
    assert states["STOCK_OUT", "RESOLVED"] > 0
    assert states["STOCK_OUT", "OPEN"] > 0
    assert states["PRICE_CHANGE", "OPEN"] > 0


def test_every_message_became_a_mail_on_disk(report: dict[str, Any]) -> None:
    written = sorted(path.name for path in (Path(report["home"]) / "mail").glob("*.eml"))
    assert report["mails"] == written
    assert len(written) == sum(each["messages_sent"] for each in report["rounds"]) > 0


def test_the_state_it_leaves_can_be_looked_at(report: dict[str, Any]) -> None:
    home = Path(report["home"])
    assert (home / "zyenta.db").is_file()
    assert (home / "dagster" / "dagster.yaml").is_file()
    assert sorted(path.name for path in (home / "feeds").iterdir()) == ["apparel.csv", "home.xml"]


@pytest.mark.soak
def test_the_same_seed_gives_the_same_report(report: dict[str, Any], tmp_path: Path) -> None:
    again = run_into(tmp_path)

    assert lasting(again) == lasting(report)
    assert len(again["mails"]) == len(report["mails"])


def test_a_home_that_is_not_empty_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")

    result = demo("--home", tmp_path, "--json", tmp_path / "demo.json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: {tmp_path} is not empty; name a folder that does not exist yet\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_report_that_cannot_be_written_is_told_of_before_the_work(tmp_path: Path) -> None:
    home = tmp_path / "home"

    result = demo("--home", home, "--json", tmp_path / "nowhere" / "demo.json")

    assert result.exit_code == 1
    assert "No such file or directory" in result.stderr
    assert not home.exists()


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("precious")

    result = demo("--home", home)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {home} is not ")
    assert home.read_text() == "precious"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"id,price,quantity\n1,9.99,4\n", "is not a Shopify product CSV"),
        (b"", "is not a Shopify product CSV"),
        ("Handle,Title\nmütze,Mütze\n".encode("latin-1"), "is not UTF-8 text"),
    ],
)
def test_a_feed_in_another_format_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_bytes(content)

    result = demo("--home", tmp_path / "home", "--feed", feed)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {feed} {complaint}")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()
