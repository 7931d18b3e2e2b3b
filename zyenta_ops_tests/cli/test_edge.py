"""`zyenta-ops hooks`, `tokens` and `web` on a home of their own, wired as in production."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.web import edge_of
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.persistence.engine import Database
from zyenta_ops.settings import Settings
from zyenta_ops_tests.builders import a_store
from zyenta_ops_tests.web.running import running

SECRET = "whsec_typed-by-a-person"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", edge_url="https://edge.example.com/")


@pytest.fixture
def wiring(settings: Settings) -> Wiring:
    return Wiring(settings)


def types(wiring: Wiring, *words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, words, obj=wiring, input=given)


def reads(wiring: Wiring, *words: str, given: str | None = None) -> Any:
    result = types(wiring, *words, "--json", given=given)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_endpoint_is_opened_given_a_secret_rotated_and_closed(wiring: Wiring) -> None:
    opened = reads(wiring, "hooks", "add", "stripe", "--label", "live")
    assert opened["url"].startswith("https://edge.example.com/hooks/stripe/")

    rotate = ("hooks", "rotate", opened["id"])
    assert reads(wiring, *rotate, "--secret-stdin", given=f"{SECRET}\n")["secrets"] == 1
    assert reads(wiring, *rotate, "--secret-stdin", given=f"{SECRET}-2")["secrets"] == 2
    assert reads(wiring, *rotate, "--drop-old")["secrets"] == 1
    (listed,) = reads(wiring, "hooks", "list")
    assert (listed["source"], listed["label"], listed["secrets"]) == ("stripe", "live", 1)
    assert reads(wiring, "hooks", "revoke", opened["id"]) == {"revoked": opened["id"]}
    (listed,) = reads(wiring, "hooks", "list")
    assert listed["revoked_at"] is not None


def test_the_address_is_shown_once_and_the_secret_never(wiring: Wiring) -> None:
    opened = types(wiring, "hooks", "add", "stripe", "--secret-prompt", given=SECRET)
    assert opened.exit_code == 0
    token = opened.stdout.splitlines()[0].rpartition("/")[2]
    assert "not shown again" in opened.stdout
    later = types(wiring, "hooks", "list").output + types(wiring, "hooks", "list", "--json").output
    assert token not in later
    assert SECRET not in later + opened.output


@pytest.mark.parametrize(
    ("words", "given", "status", "says"),
    [
        (("hooks", "add", "paypal"), None, 2, "paypal"),
        (("hooks", "add", "stripe", "--secret-stdin"), "nonsense", 1, "whsec_"),
        (("hooks", "rotate", "x"), None, 2, "--drop-old"),
        (("hooks", "rotate", "x", "--drop-old"), None, 1, "no open endpoint"),
        (("hooks", "revoke", "x"), None, 1, "no open endpoint"),
        (("tokens", "add", "shop"), None, 2, "say what the token reaches"),
        (("tokens", "add", "shop", "--store", "nowhere"), None, 1, "nowhere"),
        (("tokens", "revoke", "x"), None, 1, "no token in force"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    wiring: Wiring, words: tuple[str, ...], given: str | None, status: int, says: str
) -> None:
    result = types(wiring, *words, given=given)
    assert (result.exit_code, says in result.output) == (status, True)
    assert reads(wiring, "hooks", "list") == []
    assert reads(wiring, "tokens", "list") == []


def test_a_token_is_issued_listed_and_revoked(wiring: Wiring, settings: Settings) -> None:
    wiring.operations()
    with Database(settings.database).write() as records:
        a_store(records.connection)
    shop = reads(wiring, "tokens", "add", "shop", "--store", "my-shop", "--days", "30")
    reads(wiring, "tokens", "add", "owner", "--account-of", "my-shop")
    operator = reads(wiring, "tokens", "add", "ops", "--operator")
    assert shop["token"].startswith("zyt_")

    listed = {each["label"]: each for each in reads(wiring, "tokens", "list")}
    assert listed["shop"]["store_ids"] == ["store-my-shop"]
    assert listed["owner"]["store_ids"] == []
    assert listed["ops"]["account_id"] is None
    assert shop["token"] not in types(wiring, "tokens", "list").output
    assert reads(wiring, "tokens", "revoke", operator["id"]) == {"revoked": operator["id"]}


def test_what_the_commands_open_is_open_at_the_edge(wiring: Wiring, settings: Settings) -> None:
    token = reads(wiring, "tokens", "add", "ops", "--operator")["token"]
    path = reads(wiring, "hooks", "add", "printful")["url"].removeprefix("https://edge.example.com")
    with running(edge_of(settings)) as client:
        order = {"type": "order_updated", "store": 5, "data": {"order": {"id": 1}}}
        assert client.post(path, json=order).status_code == 200
        answer = ask(client, "/v1/inbox", {"Authorization": f"Bearer {token}"})
        assert [each["type"] for each in answer.json()["events"]] == ["order_updated"]
        told = client.get("/readyz").json()["checks"]
        assert told.keys() == {"database", "inbox", "sources", "daemon"}
        assert told["daemon"] == {"ok": True, "note": "not configured"}


def ask(client: httpx.Client, path: str, headers: Mapping[str, str]) -> httpx.Response:
    return client.get(path, headers=headers)


def test_the_server_is_started_where_it_is_told_on_this_machine_by_default(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "zyenta_ops.web.serving.serve", lambda edge, host, port: served.append((host, port))
    )
    assert types(wiring, "web").exit_code == 0
    assert types(wiring, "web", "--host", "0.0.0.0", "--port", "80").exit_code == 0
    assert served == [("127.0.0.1", 3100), ("0.0.0.0", 80)]
