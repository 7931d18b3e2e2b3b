from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli.feeds import feed
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.web_server import LOOPBACK, status, web_server

DATA = Path(__file__).parents[1] / "data" / "feeds"


def preview(*arguments: str | Path, settings: Settings | None = None) -> Result:
    wiring = Wiring(settings or Settings())
    return CliRunner().invoke(feed, ["preview", *map(str, arguments)], obj=wiring)


def test_a_feed_is_told_in_full_to_programs() -> None:
    result = preview(DATA / "shopify.csv", "--json", "--limit", "1")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["products"], told["variants"], told["saleable"], told["rejected"]) == (4, 5, 4, 0)
    assert told["stock"] == {"known": 3, "unknown": 2}
    assert told["cost"] == {"stated": 0, "estimated": 5, "share_percent": "60"}
    assert told["understood"]["preset"] == "shopify"
    assert told["understood"]["columns"]["price"] == "Variant Price"
    assert [offer["variant_ref"] for offer in told["offers"]] == ["Oat / One"]
    assert told["offers"][0]["unit_cost"] == {"minor": 2280, "currency": "USD"}


def test_a_feed_is_told_in_words_to_people() -> None:
    result = preview(DATA / "shopify.csv")
    assert result.exit_code == 0
    assert "CSV, preset shopify, encoding utf-8, delimiter ','" in result.stdout
    assert "4 products, 5 variants (4 for sale), 0 rejected" in result.stdout
    assert "0 from the feed, 5 estimated as 60 % of the price" in result.stdout
    assert "known 3, unknown 2" in result.stdout
    assert "price = 'Variant Price'" in result.stdout


def test_every_rejected_row_is_shown_with_line_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("sku,title,price\nA,Anvil,12.50\nB,Bell,-1\nC,Cup,\n")
    result = preview(path)
    assert result.exit_code == 0
    assert "row 3 B: the price '-1' is negative" in result.stdout
    assert "row 4 C: the price is empty" in result.stdout


def test_costs_of_rejected_rows_are_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("sku,title,cost,stock\nA,Anvil,12.50,4\nB,Bell,3.00,many\n")
    told = json.loads(preview(path, "--json").stdout)
    assert (told["cost"]["stated"], told["cost"]["estimated"], told["rejected"]) == (1, 0, 1)


@pytest.mark.parametrize(("rows", "entries"), [("", 0), ("A,Anvil,free\n", 1)])
def test_a_feed_without_an_offer_fails_with_the_words_of_a_sweep(
    tmp_path: Path, rows: str, entries: int
) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(f"sku,title,price\n{rows}")
    result = preview(path)
    assert result.exit_code == 1
    assert f"the catalogue is empty: {entries} entries, none of them an offer" in result.stderr


def test_options_change_how_a_feed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.txt"
    path.write_text("code;label;amount\nA;Anvil;10\n")
    result = preview(
        path, "--json", "--preset", "generic", "--format", "csv", "--currency", "eur",
        "--cost-share", "45.5", "--column", "title=label", "--column", "price=amount",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["offers"][0]["unit_cost"] == {"minor": 455, "currency": "EUR"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere.csv"], 1, "Error: feed nowhere.csv: there is no such file; check the path\n"),
        (["x", "--currency", "XXQ"], 1, "'XXQ' is not an ISO 4217 currency code"),
        (["x", "--cost-share", "0"], 2, "must be a number from 1 to 100, or 'none'"),
        (["x", "--cost-share", "much"], 2, "must be a number from 1 to 100, or 'none'"),
        (["x", "--column", "cost"], 2, "must be FACT=NAME"),
        (["x", "--feed-limit", "rows=many"], 1, "'limits.rows' is not usable"),
        (["x", "--country", "UK"], 1, "write GB"),
        (["http://127.0.0.1:9/feed?token=hush"], 1, "not on the public internet"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(arguments: list[str], code: int, words: str) -> None:
    result = preview(*arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stdout == ""
    assert "hush" not in result.output
    assert "Traceback" not in result.output


def test_a_feed_of_an_allowed_server_is_previewed() -> None:
    with web_server() as web:
        web.routes["/feed.csv"] = status(200, b"sku,title,price\nA,Anvil,12.50\n")
        result = preview(web.url("/feed.csv"), "--allow-private", LOOPBACK, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["variants"] == 1


def test_a_feed_of_a_server_that_the_settings_allow_is_previewed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", private_networks=(LOOPBACK,))
    with web_server() as web:
        web.routes["/feed.csv"] = status(200, b"sku,title,price\nA,Anvil,12.50\n")
        results = [
            preview(web.url("/feed.csv"), "--json", *more, settings=settings)
            for more in ([], ["--allow-private", "10.1.0.0/16"])
        ]
    assert [result.exit_code for result in results] == [0, 0]
    assert json.loads(results[0].stdout)["variants"] == 1
    assert not settings.home.exists()


def test_a_limit_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("sku,title,price\nA,Anvil,12.50\nB,Bell,3\n")
    assert preview(path, "--feed-limit", "rows=2").exit_code == 0
    result = preview(path, "--feed-limit", "rows=1")
    assert (result.exit_code, result.stdout) == (1, "")


def test_offers_are_shown_in_a_table_like_any_other() -> None:
    lines = preview(DATA / "shopify.csv", "--limit", "1").stdout.splitlines()
    assert lines[6].split() == [
        "Product", "Variant", "Title", "Cost", "Price", "Stock", "For", "sale",
    ]  # fmt: skip
    assert "22.80 USD" in lines[8]


def test_a_protected_feed_is_read_with_a_login_that_is_not_shown() -> None:
    with web_server() as web:
        web.routes["/feed.csv"] = status(200, b"sku,title,price\nA,Anvil,12.50\n")
        result = preview(
            web.url("/feed.csv"), "--allow-private", LOOPBACK, "--header", "X-Token: hush"
        )
        _, headers = web.seen[-1]

    assert result.exit_code == 0
    assert headers["x-token"] == "hush"
    assert "hush" not in result.output


def test_the_feed_of_a_supplier_is_read_as_it_is_stored(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, private_networks=(LOOPBACK,))
    with web_server() as web:
        web.routes["/feed.csv"] = status(200, b"sku,title,Dealer\nA,Anvil,12.50\n")
        Wiring(settings).operations().suppliers.add(
            key="hafen",
            kind=SupplierKind.FEED,
            config={"location": web.url("/feed.csv"), "columns": {"cost": "Dealer"}},
            country="DE",
            currency="EUR",
            credentials={"basic": ["me", "hush"]},
        )
        result = preview("--supplier", "hafen", "--json", settings=settings)
        _, headers = web.seen[-1]

    assert json.loads(result.stdout)["offers"][0]["unit_cost"] == {"minor": 1250, "currency": "EUR"}
    assert headers["authorization"].startswith("Basic ")
    assert "hush" not in result.output


def test_a_preview_of_nothing_says_what_to_name() -> None:
    result = preview()
    assert result.exit_code == 2
    assert "name a path or URL, or a supplier with --supplier" in result.output
