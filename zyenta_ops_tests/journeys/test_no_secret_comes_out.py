"""A login at a supplier is used and then found nowhere: no file, log, mail or message holds it."""

from __future__ import annotations

import base64
from http.server import BaseHTTPRequestHandler
from pathlib import Path

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
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def work(shop: Shop) -> tuple[int, str]:
    worker = start(shop.settings, "fjord")
    said, complained = worker.communicate(timeout=60)
    return worker.returncode, said + complained


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
