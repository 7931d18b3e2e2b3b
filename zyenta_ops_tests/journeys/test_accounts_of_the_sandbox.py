"""What a person does with accounts at suppliers with an API, and what is said of it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.journeys.shop import Shop, a_shop

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "suppliers.md"
COMMAND = re.compile(r"^zyenta-ops (.+)$", re.MULTILINE)
ADDRESS_LIST = "aliexpress.ds.address.get"
LOG_IN = "/authentication/getAccessToken"


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    clock = Clock(lambda: datetime.now(UTC))
    with SandboxWorld(products=30, clock=clock).serving() as world:
        yield world


@pytest.fixture
def shop(home: Path, world: SandboxWorld) -> Iterator[Shop]:
    with a_shop(home) as shop:
        sandbox_url = world.urls["sandbox"].removesuffix("/_sandbox")
        yield replace(shop, settings=replace(shop.settings, sandbox_url=sandbox_url))


def a_store(shop: Shop) -> None:
    shop.command(
        *("store", "add", "Ann", "--email", "ann@a.example"),
        *("--currency", "USD", "--country", "US"),
    )


def revoke(world: SandboxWorld, vendor: str) -> None:
    asked = {"vendor": vendor, "account": "demo", "do": "revoke"}
    assert httpx.post(f"{world.urls['sandbox']}/accounts", json=asked).status_code == 200


def test_two_markets_and_a_store_share_one_login_at_cj(shop: Shop, world: SandboxWorld) -> None:
    a_store(shop)
    for words in (
        ("cj",),
        ("cj-de", "--country", "DE", "--currency", "EUR"),
        ("cj", "--store", "ann"),
    ):
        assert shop.command("supplier", "connect", *words, "--sandbox")["problem"] is None

    assert world.log.operations("cj").count(LOG_IN) == 1
    assert world.trades["cj"].limits.violations == {}
    assert [each.supplier_key for each in shop.operations.accounts.every()] == ["cj", "cj", "cj-de"]


def test_who_may_not_log_in_again_yet_is_told_when(shop: Shop, world: SandboxWorld) -> None:
    shop.command("supplier", "connect", "cj", "--sandbox")
    shop.command("supplier", "disconnect", "cj")

    again = shop.run("supplier", "connect", "cj", "--sandbox")

    assert again.exit_code == 1
    assert again.output.startswith("Error: 'cj' may not be logged in at so soon again; connect it")
    assert again.output.endswith(" seconds\n")
    assert "cj:" not in again.output
    assert world.log.operations("cj").count(LOG_IN) == 1


@pytest.mark.parametrize("vendor", ["aliexpress", "printful", "spocket"])
def test_connecting_again_elsewhere_and_after_a_refusal_works(
    shop: Shop, world: SandboxWorld, vendor: str
) -> None:
    a_store(shop)
    for words in ((vendor,), (vendor,), (f"{vendor}-two",), (vendor, "--store", "ann")):
        shop.command("supplier", "connect", *words, "--sandbox")
    assert shop.run("supplier", "check", vendor).exit_code == 0

    revoke(world, vendor)
    assert shop.run("supplier", "check", vendor).exit_code == 1
    if vendor == "aliexpress":  # whose buyer agrees once more; the others give no new token
        assert shop.command("supplier", "connect", vendor, "--sandbox")["status"] == "ACTIVE"


def test_a_sandbox_that_does_not_run_is_said_so(shop: Shop) -> None:
    nowhere = replace(shop, settings=replace(shop.settings, sandbox_url="http://127.0.0.1:9"))

    result = nowhere.run("supplier", "connect", "aliexpress", "--sandbox")

    assert (result.exit_code, result.output) == (
        1,
        "Error: no sandbox answers at http://127.0.0.1:9/aliexpress; start it with"
        " `zyenta-ops dev` or `zyenta-ops sandbox`\n",
    )


def test_an_account_that_is_refused_when_it_is_connected_is_said_to_be(
    shop: Shop, world: SandboxWorld
) -> None:
    world.script.add(Rule("forbidden", operation=ADDRESS_LIST))

    result = shop.run("supplier", "connect", "aliexpress", "--sandbox")

    assert result.exit_code == 1
    first, second = result.output.splitlines()
    assert first.startswith("Connected an account at aliexpress, but it does not work: ")
    assert second.startswith("Nothing is asked with it before ")
    (account,) = shop.operations.accounts.every()
    assert account.blocked_until is not None


def test_an_account_that_could_not_be_tried_is_connected_and_said_so(
    shop: Shop, world: SandboxWorld
) -> None:
    world.script.add(Rule("html", operation=ADDRESS_LIST))

    result = shop.run("supplier", "connect", "aliexpress", "--sandbox", "--json")

    content = json.loads(result.stdout)
    assert (result.exit_code, content["status"], content["blocked_until"]) == (1, "ACTIVE", None)
    assert content["problem"]


def test_rotating_what_is_not_renewed_is_refused(shop: Shop, world: SandboxWorld) -> None:
    shop.command("supplier", "connect", "printful", "--sandbox")
    before = world.log.operations("printful")

    endless = shop.run("supplier", "rotate", "printful")
    shop.command("supplier", "disconnect", "printful")
    gone = shop.run("supplier", "rotate", "printful")

    assert (endless.exit_code, endless.output) == (
        1,
        "Error: the token at 'printful' does not end, so there is nothing to renew; replace it"
        " with `zyenta-ops supplier connect printful`\n",
    )
    assert (gone.exit_code, "is disconnected" in gone.output) == (1, True)
    assert world.log.operations("printful") == before


def test_rotating_gives_new_tokens_or_says_that_they_are_the_same(shop: Shop) -> None:
    for vendor in ("aliexpress", "cj"):
        shop.command("supplier", "connect", vendor, "--sandbox")

    rotated = shop.run("supplier", "rotate", "aliexpress")
    same = shop.run("supplier", "rotate", "cj")

    assert (rotated.exit_code, "gave new tokens" in rotated.output) == (0, True)
    assert same.exit_code == 1
    assert same.output.startswith("Error: 'cj' gave the same tokens again; they stay in force")


def test_an_account_taken_away_is_not_asked_about(shop: Shop, world: SandboxWorld) -> None:
    a_store(shop)
    shop.command("supplier", "connect", "printful", "--sandbox")
    shop.command("supplier", "connect", "printful", "--sandbox", "--store", "ann")

    shop.command("supplier", "disconnect", "printful", "--store", "ann")
    assert len(shop.command("supplier", "check", "printful")) == 1

    shop.command("supplier", "disconnect", "printful")
    asked = world.log.operations("printful")
    none = shop.run("supplier", "check", "printful")
    assert (none.exit_code, "No account at printful is connected" in none.output) == (0, True)
    assert world.log.operations("printful") == asked


def test_settings_are_changed_without_a_new_login(shop: Shop, world: SandboxWorld) -> None:
    shop.command("supplier", "connect", "cj", "--sandbox")
    asked = world.log.operations("cj")

    changed = shop.command("supplier", "configure", "cj", "--set", "level=2")

    assert changed["config"]["level"] == 2
    assert changed["config"]["base_url"] == world.urls["cj"]
    assert world.log.operations("cj") == asked


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--set", "level=9"), "the CJ setting 'level' is not usable"),
        (("--set", "colour=red"), "the CJ setting 'colour' is unknown"),
        (("--set", "base_url=https://a.example"), "base_url says where the secrets"),
        (("--feed", "https://a.example/f.csv"), "'cj' has an API and no feed"),
    ],
)
def test_settings_that_are_not_usable_change_nothing(
    shop: Shop, words: tuple[str, ...], sentence: str
) -> None:
    shop.command("supplier", "connect", "cj", "--sandbox")
    before = shop.command("supplier", "show", "cj")

    result = shop.run("supplier", "configure", "cj", *words)

    assert result.exit_code == 1
    assert sentence in result.output
    assert shop.command("supplier", "show", "cj") == before


def test_a_known_supplier_is_not_connected_for_another_market(
    shop: Shop, world: SandboxWorld
) -> None:
    shop.command("supplier", "connect", "printful", "--sandbox")
    asked = world.log.operations("printful")

    result = shop.run("supplier", "connect", "printful", "--sandbox", "--country", "DE")

    assert (result.exit_code, result.output) == (
        1,
        "Error: 'printful' ships to US at costs in USD; another market is a supplier of its own,"
        " so choose a different key\n",
    )
    assert world.log.operations("printful") == asked
    same = ("--country", "us", "--currency", "usd")
    shop.command("supplier", "connect", "printful", "--sandbox", *same)


def test_no_secret_is_sent_over_plain_http(shop: Shop) -> None:
    result = shop.run(
        *("supplier", "connect", "printful", "--set", "base_url=http://api.example.com"),
        "--secrets-stdin",
        given="token=s3cret",
    )

    assert (result.exit_code, result.output) == (
        1,
        "Error: api.example.com is asked over plain http, where anybody on the way reads the"
        " secrets; give a base_url that begins with https\n",
    )
    assert shop.command("supplier", "list") == []


@pytest.mark.parametrize("vendor", ["aliexpress", "cj", "printful", "spocket"])
def test_a_reference_that_the_supplier_does_not_know_is_said_so(shop: Shop, vendor: str) -> None:
    a_store(shop)
    shop.command("supplier", "connect", vendor, "--sandbox")
    ref = "P999" if vendor == "spocket" else "1499999999999999999"

    result = shop.run("products", "import", "--store", "ann", "--supplier", vendor, "--ref", ref)

    assert (result.exit_code, result.output) == (
        1,
        f"Error: '{vendor}' knows no product {ref}; check the reference\n",
    )


def test_the_documented_commands_run_as_they_are_printed(shop: Shop) -> None:
    """Those that connect real accounts are answered by the sandbox instead."""
    text = DOCUMENT.read_text(encoding="utf-8")
    trial, real = text.split("## Connect an account")
    printed = [line for part in (trial, real) for line in COMMAND.findall(part)]
    assert len(printed) == 18

    for line in printed:
        words = shlex.split(line)
        if words == ["dev"]:
            continue
        if words[:2] == ["supplier", "connect"] and "--sandbox" not in words:
            words.append("--sandbox")
        result = shop.run(*words)
        assert result.exit_code == 0, (line, result.output)
