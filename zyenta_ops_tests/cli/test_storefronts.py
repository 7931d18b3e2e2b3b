"""`store voice` and `store webhook`: how customers and storefronts are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.persistence.engine import Database
from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.storefronts.reading_signatures import is_genuine
from zyenta_ops_tests.adapters.web_server import LOOPBACK, WebServer, status, web_server
from zyenta_ops_tests.cli.payments import Shell
from zyenta_ops_tests.orders import a_shop


@pytest.fixture
def system() -> Iterator[WebServer]:
    with web_server() as server:
        server.routes["POST /hook"] = status(200)
        yield server


@pytest.fixture
def shell(sqlite_database: Database, sqlite_url: str, tmp_path: Path) -> Shell:
    with sqlite_database.write() as records:
        a_shop(records.connection)
    settings = Settings(home=tmp_path, database_url=sqlite_url, private_networks=(LOOPBACK,))
    return Shell(Wiring(settings))


def webhook(shell: Shell, *words: str) -> Any:
    return shell.json("store", "webhook", *words)


def test_a_store_speaks_as_it_was_told_to(shell: Shell) -> None:
    assert shell.json("store", "voice", "my-shop") == {}

    document = {"locale": "de", "review_url": "https://shop.example/review"}
    changed = shell.json("store", "voice", "my-shop", json.dumps(document))

    assert changed == {
        "sender_name": "",
        "reply_to": "",
        "support_email": "",
        "review_url": "https://shop.example/review",
        "locale": "de",
        "muted": [],
    }
    assert shell.json("store", "voice", "my-shop") == changed
    assert "https://shop.example/review" in shell.run("store", "show", "my-shop").output


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ('{"sender_name": "a@b.example"}', "sender_name must be a name without @"),
        ('{"locale": "german"}', "a locale is a language such as de"),
        ('{"color": "red"}', "there is no field 'color'"),
        ("[]", "is not a JSON object"),
    ],
)
def test_a_voice_that_cannot_be_used_is_refused_and_the_old_one_stays(
    shell: Shell, document: str, said: str
) -> None:
    shell.json("store", "voice", "my-shop", '{"locale": "de"}')

    result = shell.run("store", "voice", "my-shop", document)

    assert (result.exit_code, said in result.output) == (1, True), result.output
    assert shell.json("store", "voice", "my-shop")["locale"] == "de"


def test_a_webhook_is_set_tried_turned_and_turned_off(shell: Shell, system: WebServer) -> None:
    url = system.url("/hook")
    secret = webhook(shell, "set", "my-shop", url)["secret"]

    assert webhook(shell, "test", "my-shop") == {"taken": True}
    (asked,) = system.asked
    stamp = int(asked.headers["webhook-timestamp"])
    assert is_genuine(secret, asked.headers, asked.body, stamp)
    assert json.loads(asked.body)["type"] == "test.sent"

    newer = webhook(shell, "set", "my-shop", "--rotate")["secret"]
    webhook(shell, "test", "my-shop")
    asked = system.asked[-1]
    stamp = int(asked.headers["webhook-timestamp"])
    assert all(is_genuine(each, asked.headers, asked.body, stamp) for each in (secret, newer))
    assert webhook(shell, "set", "my-shop", "--drop-old")["secrets"] == 1

    shown = webhook(shell, "show", "my-shop")
    assert (shown["url"], shown["secrets"], shown["off_since"]) == (url, 1, None)
    assert "secret" not in shown
    assert webhook(shell, "off", "my-shop")["off_reason"] == "turned off by a person"
    assert "off: turned off by a person" in shell.run("store", "webhook", "show", "my-shop").output


def test_the_secret_is_shown_to_people_once(shell: Shell) -> None:
    words = ("store", "webhook", "set", "my-shop", "https://shop.example/hook")
    first, again = (shell.run(*words).output for _ in range(2))

    assert first.count("whsec_") == 1
    assert "This secret is not shown again" in first
    assert "whsec_" not in again + shell.run("store", "webhook", "show", "my-shop").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "my-shop"), "has no webhook; set one"),
        (("test", "my-shop"), "has no webhook; set one"),
        (("off", "my-shop"), "has no webhook; set one"),
        (("set", "my-shop"), "has no webhook yet"),
        (("set", "my-shop", "http://shop.example"), "must be an address such as https://"),
        (("set", "nowhere", "https://shop.example"), "there is no store 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    shell: Shell, words: tuple[str, ...], said: str
) -> None:
    result = shell.run("store", "webhook", *words)

    assert (result.exit_code, said in result.output) == (1, True), result.output


def test_a_test_event_that_is_refused_says_why(shell: Shell, system: WebServer) -> None:
    system.routes["POST /hook"] = status(500)
    webhook(shell, "set", "my-shop", system.url("/hook"))

    result = shell.run("store", "webhook", "test", "my-shop")

    assert result.exit_code == 1
    assert "the test event was not taken: the store's system answered 500" in result.output


def test_keys_are_turned_under_webhooks_too(shell: Shell) -> None:
    webhook(shell, "set", "my-shop", "https://shop.example/hook")

    assert shell.json("keys", "rotate") == {"resealed": 0}
