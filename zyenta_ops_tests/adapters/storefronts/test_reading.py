from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.storefronts import HttpStorefrontReader
from zyenta_ops.domain.errors import Unreachable
from zyenta_ops_tests.adapters.storefronts.conftest import LOCAL, SECRETS, a_hook
from zyenta_ops_tests.adapters.storefronts.reading_signatures import is_genuine
from zyenta_ops_tests.adapters.web_server import WebServer, reset, status, truncated

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SHOWN = [{"number": "LB1", "status": "DELIVERED"}]


def read(server: WebServer, number: str = "1001", policy: HttpPolicy = LOCAL) -> object:
    reader = HttpStorefrontReader(lambda: "r1", policy, lambda: NOW)
    return reader.shown(a_hook(server), number)


def test_what_a_system_shows_is_asked_for_by_the_orders_number(shop: WebServer) -> None:
    shop.routes["GET /shown/A%2F1%20%3F"] = status(
        200, json.dumps({"trackingInfo": SHOWN}).encode()
    )

    assert read(shop, "A/1 ?") == SHOWN
    (asked,) = shop.asked
    assert asked.path == "/shown/A%2F1%20%3F?token=s3cret"
    assert is_genuine(SECRETS[0], asked.headers, b"", NOW.timestamp())


def test_an_order_that_the_system_does_not_know_is_shown_as_nothing(shop: WebServer) -> None:
    shop.routes["/shown/1001"] = status(404)

    assert read(shop) is None


@pytest.mark.parametrize(
    "answer",
    [
        status(500),
        status(401),
        status(302, Location="http://127.0.0.1/elsewhere"),
        status(200, b"<html>"),
        status(200, b"[]"),
        status(200, b'{"tracking": []}'),
        status(200, b"[" * 100_000),
        status(200, b'{"trackingInfo": "' + b"x" * 300_000 + b'"}'),
        truncated(b'{"trackingInfo": []'),
        reset,
    ],
)
def test_an_answer_that_cannot_be_read_is_not_taken_for_nothing(
    shop: WebServer, answer: Any
) -> None:
    shop.routes["/shown/1001"] = answer

    with pytest.raises(Unreachable) as error:
        read(shop)

    assert "s3cret" not in str(error.value)
    assert len(shop.asked) == 1


def test_an_address_inside_our_network_is_never_read(shop: WebServer) -> None:
    with pytest.raises(Unreachable, match="not on the public internet"):
        read(shop, policy=HttpPolicy())

    assert shop.asked == []
