"""`zyenta-ops store …`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from zyenta_ops.domain.stores import StoreStatus
from zyenta_ops_tests.cli.stores.conftest import ADD_STORE, Shell


def test_an_added_store_is_named_once(shell: Shell) -> None:
    result = shell(ADD_STORE)
    assert (result.exit_code, result.output) == (0, "Added the store my-shop (id-000002).\n")


def test_an_added_store_is_one_json_document(shell: Shell) -> None:
    result = shell(f"{ADD_STORE} --json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "id": "id-000002",
        "account": {
            "id": "id-000001",
            "email": "me@example.com",
            "name": "me",
            "plan_tier": "AUTOPILOT",
        },
        "name": "My Shop",
        "subdomain": "my-shop",
        "currency": "EUR",
        "ship_to_country": "DE",
        "pricing_strategy": {"kind": "default"},
        "alert_preferences": {"kind": "default"},
        "created_at": "2026-11-02T12:00:00+00:00",
        "status": "ACTIVE",
        "sync_frequency": "STANDARD",
        "custom_domain": None,
        "automation_policy": {},
        "voice": {},
    }


def test_every_option_reaches_the_store(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "strategy.json"
    path.write_text('{"markup": 0.1}')
    result = shell(
        f"{ADD_STORE} --owner Ann --subdomain other --frequency high --strategy {path}"
        """ --alerts '{"email": true}'"""
    )
    assert result.exit_code == 0
    added = shell.bundle.stores.show("other")
    assert (added.account.name, added.sync_frequency) == ("Ann", "HIGH")
    assert added.pricing_strategy == {"kind": "default", "markup": "0.1"}
    assert added.alert_preferences == {"kind": "default", "email": "True"}


def test_a_refused_store_is_one_sentence_on_standard_error(shell: Shell) -> None:
    result = shell('store add "My Shop" --email me --currency EUR --country DE')
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: 'me' is not an e-mail address; write one such as name@example.com\n"
    )
    assert shell.bundle.stores.list() == ()


def test_wrong_usage_exits_with_two(shell: Shell) -> None:
    assert shell("store add").exit_code == 2
    assert shell("store frequency my-shop DAILY").exit_code == 2


def test_stores_are_listed_in_a_table(shell: Shell) -> None:
    assert shell("store list").output == (
        "No store has been added yet; see `zyenta-ops store add --help`.\n"
    )
    shell(ADD_STORE)
    lines = shell("store list").output.splitlines()
    assert " ".join(lines[1].split()) == "Store Name Owner Sells in Ships to Status Sync"
    assert " ".join(lines[3].split()) == ("my-shop My Shop me@example.com EUR DE ACTIVE STANDARD")
    assert [each["subdomain"] for each in json.loads(shell("store list --json").stdout)] == [
        "my-shop"
    ]


def test_a_store_is_shown_with_its_settings_and_times_in_utc(shell: Shell) -> None:
    shell(ADD_STORE)
    output = shell("store show my-shop").output
    assert "me <me@example.com>" in output
    assert "2026-11-02 12:00 UTC" in output
    assert [line.split() for line in output.splitlines()][-2:] == [
        ["Pricing:", "kind", "default"],
        ["Alerts:", "kind", "default"],
    ]


def test_an_unknown_store_is_refused_with_near_names(shell: Shell) -> None:
    shell(ADD_STORE)
    result = shell("store show myshop")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: there is no store 'myshop'; did you mean my-shop?\n",
    )


def test_a_store_is_paused_resumed_and_synced_more_often(shell: Shell) -> None:
    shell(ADD_STORE)
    assert shell("store pause my-shop").output == "my-shop is PAUSED now.\n"
    assert shell("store resume my-shop").output == "my-shop is ACTIVE now.\n"
    assert shell("store frequency my-shop high").output == "my-shop is synced at HIGH.\n"
    assert shell.bundle.stores.show("my-shop").sync_frequency == "HIGH"


def test_closing_a_store_asks_first(shell: Shell) -> None:
    shell(ADD_STORE)
    assert shell("store close my-shop", "n\n").exit_code == 1
    assert shell.bundle.stores.show("my-shop").status is StoreStatus.ACTIVE
    assert shell("store close my-shop --yes").output == "my-shop is CLOSED now.\n"
    assert shell.bundle.stores.show("my-shop").status is StoreStatus.CLOSED


@pytest.mark.parametrize(
    ("command", "field"), [("strategy", "pricing_strategy"), ("alerts", "alert_preferences")]
)
def test_a_document_is_shown_and_replaced(shell: Shell, command: str, field: str) -> None:
    shell(ADD_STORE)
    assert json.loads(shell(f"store {command} my-shop --json").stdout) == {"kind": "default"}
    result = shell(["store", command, "my-shop", '{"kind": "new"}'])
    assert (result.exit_code, result.output.split()) == (0, ["kind", "new"])
    assert getattr(shell.bundle.stores.show("my-shop"), field) == {"kind": "new"}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ('{"wrong": 1}', "'wrong' is not a field of the document"),
        ("{", "the document given is not JSON: Expecting property name"),
        ('{"a": 1, "a": 2}', "the document given gives a twice; leave one of them out"),
        (
            "missing.json",
            "the document file missing.json cannot be read: No such file or directory",
        ),
    ],
)
def test_a_document_that_cannot_be_is_refused_and_the_old_one_stays(
    shell: Shell, document: str, sentence: str
) -> None:
    shell(ADD_STORE)
    result = shell(["store", "strategy", "my-shop", document])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {sentence}")
    assert shell.bundle.stores.show("my-shop").pricing_strategy == {"kind": "default"}


def test_a_file_that_is_no_json_object_is_refused(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "strategy.json"
    for content, sentence in (
        (b"[1]", "is not a JSON object; it must begin with a brace"),
        (b"\xff\xfe{", "cannot be read: not UTF-8 text"),
    ):
        path.write_bytes(content)
        result = shell(["store", "strategy", "my-shop", str(path)])
        assert result.exit_code == 1
        assert result.stderr == f"Error: the document file {path} {sentence}\n"


@pytest.mark.parametrize(
    "words", [["store", "add"], ["products", "import"], ["products", "list"]], ids=" ".join
)
def test_a_choice_and_its_default_are_written_alike(shell: Shell, words: list[str]) -> None:
    text = shell([*words, "--help"]).output
    shown = re.findall(r"\[([a-zA-Z_|]+\|[a-zA-Z_|]+)\]", text)
    defaults = re.findall(r"\[default: ([a-zA-Z]+)\]", text)
    assert shown
    assert all(default in "|".join(shown).split("|") for default in defaults)
