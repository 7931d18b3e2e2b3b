"""`zyenta-ops supplier …`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zyenta_ops.cli.accounts import account_state
from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.credentials import Credentials
from zyenta_ops_tests.cli.stores.conftest import ADD_SUPPLIER, Shell


def test_an_added_supplier_is_named_once(shell: Shell) -> None:
    result = shell(ADD_SUPPLIER)
    assert (result.exit_code, result.output) == (0, "Added the supplier my-feed.\n")
    assert shell.bundle.suppliers.credentials("my-feed") is None


def test_every_option_reaches_the_supplier(shell: Shell) -> None:
    result = shell(
        f"{ADD_SUPPLIER} --name Feed --preset shopify --currency gbp --country gb"
        " --cost-share none --column 'cost=Dealer price' --column stock=Qty --format csv"
        " --compression gzip --encoding cp1252 --delimiter tab --decimal , --item-path data.items"
        " --feed-limit download_bytes=1000 --feed-limit rows=5"
    )
    assert result.exit_code == 0
    added = shell.bundle.suppliers.show("my-feed")
    assert (added.name, added.currency, added.country) == ("Feed", "GBP", "GB")
    assert added.config == {
        "location": "https://supplier.example/products.csv",
        "preset": "shopify",
        "columns": {"cost": "Dealer price", "stock": "Qty"},
        "cost_share_percent": None,
        "format": "csv",
        "compression": "gzip",
        "encoding": "cp1252",
        "delimiter": "\t",
        "decimal": ",",
        "item_path": "data.items",
        "limits": {"download_bytes": "1000", "rows": "5"},
    }


def test_a_relative_path_is_kept_absolute(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "products.csv").touch()
    assert shell("supplier add my-feed --feed feeds/products.csv").exit_code == 0
    location = shell.bundle.suppliers.show("my-feed").config["location"]
    assert location == str(tmp_path / "feeds" / "products.csv")


@pytest.mark.parametrize(
    ("options", "given", "login"),
    [
        (["--header", "X-Token: a:b"], None, {"header": ["X-Token", "a:b"]}),
        (["--header-stdin"], "X-Token: abc\nrest\n", {"header": ["X-Token", "abc"]}),
        (["--basic", "me:a:b"], None, {"basic": ["me", "a:b"]}),
        (["--basic-prompt"], "me\nsecret word\n", {"basic": ["me", "secret word"]}),
    ],
)
def test_a_login_is_taken_from_option_standard_input_or_prompt(
    shell: Shell, options: list[str], given: str | None, login: dict[str, list[str]]
) -> None:
    result = shell([*ADD_SUPPLIER.split(), *options], given)
    assert (result.exit_code, result.stdout) == (0, "Added the supplier my-feed.\n")
    assert shell.bundle.suppliers.credentials("my-feed") == Credentials.of(login)


@pytest.mark.parametrize(
    "options",
    [
        ["--header", "a: b", "--basic", "a:b"],
        ["--header-stdin", "--basic-prompt"],
        ["--column", "cost"],
        ["--feed-limit", "rows"],
        ["--cost-share", "half"],
        ["--preset", "unknown"],
    ],
)
def test_wrong_usage_exits_with_two_and_adds_nothing(shell: Shell, options: list[str]) -> None:
    assert shell([*ADD_SUPPLIER.split(), *options]).exit_code == 2
    assert shell.bundle.suppliers.list() == ()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--header", "sentinel"], "the header has no colon; write it as 'Name: value'"),
        (["--basic", "sentinel"], "the login has no colon; write it as user:password"),
        (["--country", "UK"], "'UK' is not an ISO 3166 country code of two letters; write GB"),
    ],
)
def test_a_refused_supplier_is_one_sentence_and_adds_nothing(
    shell: Shell, options: list[str], sentence: str
) -> None:
    result = shell([*ADD_SUPPLIER.split(), *options])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {sentence}\n"
    assert shell.bundle.suppliers.list() == ()


def test_suppliers_are_listed_in_a_table(shell: Shell) -> None:
    assert shell("supplier list").output == (
        "No supplier has been added yet; see `zyenta-ops supplier add --help`.\n"
    )
    shell(ADD_SUPPLIER)
    lines = shell("supplier list").output.splitlines()
    assert " ".join(lines[3].split()) == "my-feed my-feed FEED US:USD ACTIVE 0 - -"
    assert [each["key"] for each in json.loads(shell("supplier list --json").stdout)] == ["my-feed"]


def test_a_supplier_is_shown_with_the_kind_of_its_credentials_only(shell: Shell) -> None:
    shell(f"{ADD_SUPPLIER} --header 'X-Token: sentinel'")
    output = shell("supplier show my-feed").output
    assert ["Credentials", "header"] in [line.split() for line in output.splitlines()]
    content = json.loads(shell("supplier show my-feed --json").stdout)
    assert (content["credentials"], content["has_credentials"]) == ("header", True)
    assert "sentinel" not in output + json.dumps(content)
    assert "X-Token" not in output + json.dumps(content)


def test_the_query_of_an_address_is_not_shown(shell: Shell) -> None:
    address = "https://supplier.example/feed?token=sentinel#part"
    shell(f"supplier add my-feed --feed {address}")
    shown = [
        shell(f"supplier {command}").output
        for command in (
            "show my-feed",
            "show my-feed --json",
            "list --json",
            "pause my-feed --json",
        )
    ]
    assert [text.count("https://supplier.example/feed?***#part") for text in shown] == [1] * 4
    assert "sentinel" not in "".join(shown)
    assert shell.bundle.suppliers.show("my-feed").config["location"] == address


def test_a_supplier_is_paused_and_resumed(shell: Shell) -> None:
    shell(ADD_SUPPLIER)
    assert shell("supplier pause my-feed").output == "my-feed is PAUSED now.\n"
    assert shell("supplier resume my-feed").output == "my-feed is ACTIVE now.\n"


def test_a_login_is_replaced(shell: Shell) -> None:
    shell(f"{ADD_SUPPLIER} --basic me:old")
    assert shell("supplier login my-feed").exit_code == 2
    result = shell("supplier login my-feed --header-stdin", "X-Token: new\n")
    assert (result.exit_code, result.output) == (0, "Replaced the login at my-feed.\n")
    assert shell.bundle.suppliers.credentials("my-feed") == Credentials.of(
        {"header": ["X-Token", "new"]}
    )


def test_only_what_is_given_is_configured_anew(shell: Shell) -> None:
    shell(f"{ADD_SUPPLIER} --preset shopify --column cost=Dealer --column stock=Qty")
    result = shell("supplier configure my-feed --cost-share none --column cost= --column sku=Ref")
    assert (result.exit_code, result.output) == (
        0,
        "Changed how my-feed is read, from its next sweep on.\n",
    )
    assert shell.bundle.suppliers.show("my-feed").config == {
        "location": "https://supplier.example/products.csv",
        "preset": "shopify",
        "columns": {"stock": "Qty", "sku": "Ref"},
        "cost_share_percent": None,
    }


def test_a_feed_that_moved_is_configured_by_its_new_address(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shell(f"{ADD_SUPPLIER} --preset shopify")
    (tmp_path / "new.csv").touch()
    content = json.loads(shell("supplier configure my-feed --feed new.csv --json").stdout)
    assert content["config"] == {"location": str(tmp_path / "new.csv"), "preset": "shopify"}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ([], 2, "say what to change"),
        (["--format", "pdf"], 2, "'pdf' is not one of"),
        (["--feed", "https://me:sentinel@supplier.example/"], 1, "holds a user name or password"),
    ],
)
def test_a_refused_configuration_leaves_the_old_one(
    shell: Shell, options: list[str], code: int, words: str
) -> None:
    shell(ADD_SUPPLIER)
    before = shell.bundle.suppliers.show("my-feed")
    result = shell(["supplier", "configure", "my-feed", *options])
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert "sentinel" not in result.output
    assert shell.bundle.suppliers.show("my-feed") == before


def test_the_list_says_how_accounts_at_suppliers_stand() -> None:
    now = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    account = SupplierAccount("a", "ali", None, "fox", AccountStatus.ACTIVE, now)
    states = [
        account_state(each)
        for each in (
            account,
            replace(account, status=AccountStatus.REVOKED, blocked_until=now),
            replace(account, blocked_until=now),
            replace(account, paused_until=now),
        )
    ]
    assert states == [
        "ACTIVE",
        "REVOKED",
        "blocked until 2026-11-02 12:00",
        "left alone until 2026-11-02 12:00",
    ]
