"""A login at a supplier is used and then found nowhere: no file, log, mail or message holds it."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import update

from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.persistence.schema import watched_product
from zyenta_ops.sandbox.cj.accounts import Account
from zyenta_ops.sandbox.cj.envelope import CjError, Code
from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.web_server import Respond, status
from zyenta_ops_tests.journeys.shop import FEED, Shop, document
from zyenta_ops_tests.journeys.worker import start

SENTINEL = "s3ntinel-7f1c-do-not-tell"
ENCODED = base64.b64encode(SENTINEL.encode()).decode().rstrip("=")


def only_with_the_token(content: bytes) -> Respond:
    """The feed for those who know the token, a refusal that quotes it back for a later one."""
    admit, refuse = document(content), status(401, SENTINEL.encode())

    def respond(request: BaseHTTPRequestHandler) -> None:
        (admit if request.headers["X-Token"] == SENTINEL else refuse)(request)

    return respond


def files_holding(folder: Path, *needles: bytes) -> list[str]:
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(needle in unpacked(path) for needle in needles)
    ]


def unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def work(shop: Shop, *suppliers: str) -> tuple[int, str]:
    """The sum of what workers exit with, and all that they say."""
    workers = [start(shop.settings, each) for each in suppliers or ("fjord",)]
    said = "".join(text for each in workers for text in each.communicate(timeout=60))
    return sum(each.returncode for each in workers), said


def disguises(secret: str) -> set[bytes]:
    """A secret as it is, as an address or JSON writes it, and in base64 wherever it begins."""
    found = {secret.encode(), quote(secret, safe="").encode(), secret.encode().hex().encode()}
    for before in range(3):
        # Without what the neighbours of the secret decide.
        encoded = base64.b64encode(b"\0" * before + secret.encode())
        found.add(encoded[4 if before else 0 : -4])
    return found


def test_a_feed_s_token_is_used_and_never_seen_again(shop: Shop) -> None:
    shop.server.routes[FEED] = only_with_the_token(shop.feed.document())
    shop.supplier("--preset", "shopify", "--header-stdin", given=f"X-Token: {SENTINEL}\n")
    shop.store()
    shop.feed.rows[0]["Variant Inventory Qty"] = "0"
    shop.server.routes[FEED] = only_with_the_token(shop.feed.document())

    succeeded = work(shop)
    # A supplier that echoes what it was sent, in every way a failure can end.
    shop.server.routes[FEED] = status(403, SENTINEL.encode(), X_Echo=SENTINEL)
    failed = work(shop)
    commands = [
        shop.run(*words).output
        for words in (
            ("supplier", "show", "fjord", "--json"),
            ("supplier", "list"),
            ("alerts", "list", "--json"),
            ("outbox", "list", "--json"),
        )
    ]
    sent = shop.operations.notifications.deliver()

    assert (succeeded[0], failed[0]) == (0, 1)
    assert [headers.get("x-token") for _, headers in shop.server.seen] == [SENTINEL] * 3
    assert sent.sent == 1
    home = shop.settings.home
    assert {"mail", "dagster", "zyenta.db", "keyring"} <= {path.name for path in home.iterdir()}
    assert files_holding(home, SENTINEL.encode(), ENCODED.encode()) == []
    assert SENTINEL not in "".join([succeeded[1], failed[1], *commands])
    # The search itself works: the address of the feed is no secret and is found.
    assert "zyenta.db" in " ".join(files_holding(home, shop.server.url(FEED).encode()))


def test_a_token_in_the_address_stays_out_of_every_message(shop: Shop) -> None:
    shop.command(
        *("supplier", "add", "other", "--preset", "shopify"),
        *("--feed", f"{shop.server.url('/gone.csv')}?token={SENTINEL}"),
    )
    shop.supplier("--preset", "shopify")
    with shop.instance() as instance:
        instance.add_dynamic_partitions("supplier", ["other"])
    worker = start(shop.settings, "other")
    said = "".join(worker.communicate(timeout=60))

    assert worker.returncode == 1
    assert "HTTP 404" in said
    assert SENTINEL not in said
    assert files_holding(shop.settings.dagster_home, SENTINEL.encode()) == []
    assert SENTINEL not in shop.run("supplier", "show", "other", "--json").output
    shop.operations.notifications.deliver()
    mails = list(shop.settings.mail_folder.glob("*.eml"))
    assert len(mails) == 1
    assert files_holding(shop.settings.mail_folder, SENTINEL.encode()) == []


API_SECRETS = {
    "app_secret": "s3ntinel/ali-app-secret+0b51",
    "access": "50000s3ntinel/ali-access+77aa",
    "refresh": "50001s3ntinel/ali-refresh+c3d9",
    "api_key": "CJ7654321@api@s3ntinel/cj-key+e0f4",
    "cj_access": "eyJhbGciOiJIUzI1NiJ9.s3ntinel/cj-access+51",
    "cj_refresh": "API@CJ7654321@CJ:s3ntinel/cj-refresh+9",
}


def with_sentinels(world: SandboxWorld) -> None:
    """The sandbox takes and gives out the secrets that are looked for."""
    aliexpress, cj = world.aliexpress, world.cj
    aliexpress.app.secret = API_SECRETS["app_secret"]
    tokens = API_SECRETS["access"], API_SECRETS["refresh"]
    aliexpress.tokens.authorise(aliexpress.app, aliexpress.buyer, "once", *tokens)
    account = cj.logins.add(Account("seven", API_SECRETS["api_key"], open_id=7, verified=True))
    cj.logins.log_in(account, API_SECRETS["cj_access"], API_SECRETS["cj_refresh"])


def connected(shop: Shop, world: SandboxWorld) -> Iterable[str]:
    """Connect both suppliers, sell two products of each; what the commands say."""
    given = {
        "aliexpress": f"app_key=512345\napp_secret={API_SECRETS['app_secret']}\ncode=once\n",
        "cj": f"api_key={API_SECRETS['api_key']}\n",
    }
    for vendor, secrets in given.items():
        yield shop.run(
            *("supplier", "connect", vendor, "--set", f"base_url={world.urls[vendor]}"),
            "--secrets-stdin",
            given=secrets,
        ).output
        refs = [word for ref in world.examples(2)[vendor] for word in ("--ref", ref)]
        yield shop.run("products", "import", "--store", "ann", "--supplier", vendor, *refs).output
    prepare_instance(shop.settings)
    with shop.instance() as instance:
        instance.add_dynamic_partitions("supplier", list(given))


def quote_the_token(world: SandboxWorld, ref: str) -> None:
    """CJ refuses a product with a message that quotes the caller's secrets."""
    honest = world.cj.services["GET", "/product/query"]

    def quoting(trade: Any, asked: Any) -> Any:
        if asked.parameters["pid"] == ref:
            said = f"no {API_SECRETS['cj_access']} {API_SECRETS['api_key']} here"
            raise CjError(Code.PARAMETER, said)
        return honest(trade, asked)

    world.cj.services["GET", "/product/query"] = quoting


def make_all_due(shop: Shop) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with shop.operations.catalog.database.write() as records:
        records.connection.execute(  # type: ignore[attr-defined]
            update(watched_product).values(read_at=long_ago, asked_at=long_ago)
        )


@pytest.mark.soak
def test_no_secret_of_an_account_is_ever_seen_whether_runs_succeed_or_fail(shop: Shop) -> None:
    shop.supplier("--preset", "shopify")
    shop.store()
    clock = Clock(lambda: datetime.now(UTC))
    world = SandboxWorld(products=10, clock=clock, enforce_limits=False)
    with_sentinels(world)
    with world.serving():
        said = list(connected(shop, world))
        succeeded = work(shop, "aliexpress", "cj")
        quote_the_token(world, world.examples(1)["cj"][0])
        world.aliexpress.tokens.expire("demo")
        world.aliexpress.tokens.revoke("demo")
        make_all_due(shop)
        failed = work(shop, "aliexpress", "cj")
        world.cj.logins.accounts.clear()
        world.cj.logins.logins.clear()
        for vendor in ("aliexpress", "cj"):
            for words in (("check", vendor), ("show", vendor), ("rotate", vendor)):
                said.append(shop.run("supplier", *words).output)
        said.append(shop.run("alerts", "list", "--json").output)
    sent = shop.operations.notifications.deliver()

    assert [account.label for account in shop.operations.accounts.every()] == ["demo", "CJ7654321"]
    assert (succeeded[0], failed[0], sent.sent) == (0, 1, 1)
    assert "connect it again" in failed[1]
    home = shop.settings.home
    kept = {path.name for path in home.iterdir()}
    assert {"mail", "dagster", "zyenta.db", "objects", "keyring"} <= kept
    spoken = "".join([*said, succeeded[1], failed[1]]).encode()
    for name, secret in API_SECRETS.items():
        needles = disguises(secret)
        assert files_holding(home, *needles) == [], name
        assert not any(needle in spoken for needle in needles), name
    # What the sandbox was asked is no secret, and is found where it was kept.
    assert files_holding(home / "objects", world.examples(2)["cj"][1].encode())
