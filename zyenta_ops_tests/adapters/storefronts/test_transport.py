from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

import pytest

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.storefronts import StorefrontTransport
from zyenta_ops.domain.errors import (
    DeliveryDeferred,
    DeliveryError,
    DeliveryRefused,
    RecipientGone,
    Refused,
)
from zyenta_ops.domain.notifications import Channel, OutboundMessage
from zyenta_ops.domain.storefront_hooks import StorefrontHook
from zyenta_ops_tests.adapters.storefronts.conftest import LOCAL, SECRETS, a_hook
from zyenta_ops_tests.adapters.storefronts.reading_signatures import is_genuine
from zyenta_ops_tests.adapters.web_server import WebServer, hang_up, in_turn, reset, status

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
PATH = "/hook/store-1"


def an_event(message_id: str = "m1", store: str = "store-1") -> OutboundMessage:
    return OutboundMessage(
        id=message_id,
        channel=Channel.STOREFRONT,
        recipient=store,
        template="order.shipped",
        context={"type": "order.shipped", "data": {"orderNumber": "1001", "place": "Köln 🎿"}},
        created_at=NOW,
        attempts=1,
    )


def transport(server: WebServer, **options: Any) -> StorefrontTransport:
    return StorefrontTransport(
        lambda store: a_hook(server, store), options.pop("policy", LOCAL), lambda: NOW, **options
    )


def post(server: WebServer, **options: Any) -> None:
    with transport(server, **options).open() as send:
        send(an_event())


def test_an_event_is_posted_signed_with_every_secret(shop: WebServer) -> None:
    shop.routes[f"POST {PATH}"] = status(204)

    post(shop)

    (asked,) = shop.asked
    assert (asked.method, asked.path) == ("POST", f"{PATH}?token=s3cret")
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == an_event().context
    assert asked.headers["webhook-id"] == "m1"
    for secret in SECRETS:
        assert is_genuine(secret, asked.headers, asked.body, NOW.timestamp())


def test_a_second_attempt_has_the_same_id_and_body_and_its_own_time(shop: WebServer) -> None:
    shop.routes[PATH] = in_turn(status(500), status(200))
    times = [NOW, NOW + timedelta(minutes=5)]
    sender = StorefrontTransport(lambda store: a_hook(shop, store), LOCAL, lambda: times.pop(0))
    with sender.open() as send, pytest.raises(DeliveryDeferred):
        send(an_event())
    with sender.open() as send:
        send(an_event())

    first, second = shop.asked
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    stamps = [int(each.headers["webhook-timestamp"]) for each in (first, second)]
    assert stamps[1] - stamps[0] == 300
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (301, DeliveryDeferred),
        (307, DeliveryDeferred),
        (400, DeliveryRefused),
        (401, DeliveryDeferred),
        (404, DeliveryDeferred),
        (408, DeliveryDeferred),
        (410, RecipientGone),
        (413, DeliveryRefused),
        (422, DeliveryRefused),
        (429, DeliveryDeferred),
        (500, DeliveryDeferred),
        (503, DeliveryDeferred),
    ],
)
def test_every_status_but_success_is_for_now_or_for_good(
    shop: WebServer, code: int, error: type[DeliveryError]
) -> None:
    shop.routes[PATH] = status(code, b"s3cret", Location=shop.url("/elsewhere"))

    with pytest.raises(DeliveryError) as refusal:
        post(shop)

    assert type(refusal.value) is error
    assert f"answered {code}" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)
    assert [each.path.partition("?")[0] for each in shop.asked] == [PATH]


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 02 Nov 2026 15:00:00 GMT", timedelta(hours=3)),
        ("Mon, 02 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
        ("99999999999", None),
        ("", None),
    ],
)
def test_how_long_a_system_wants_to_be_left_alone_is_heard(
    shop: WebServer, text: str, pause: timedelta | None
) -> None:
    shop.routes[PATH] = status(503, Retry_After=text)

    with pytest.raises(DeliveryDeferred) as deferral:
        post(shop)

    assert deferral.value.pause == pause


@pytest.mark.parametrize("breaks", [hang_up, reset])
def test_a_connection_that_breaks_is_for_now(shop: WebServer, breaks: Any) -> None:
    shop.routes[PATH] = breaks

    with pytest.raises(DeliveryDeferred, match=r"cannot be reached: \w+$") as deferral:
        post(shop)

    assert "s3cret" not in str(deferral.value)


def test_a_system_that_takes_too_long_is_for_now(shop: WebServer) -> None:
    done = Event()

    def wait(request: BaseHTTPRequestHandler) -> None:
        done.wait(10)
        status(200)(request)

    shop.routes[PATH] = wait
    try:
        with pytest.raises(DeliveryDeferred, match=r"did not answer within 0.2 seconds"):
            post(shop, seconds=0.2)
    finally:
        done.set()


def test_an_endless_answer_is_not_read(shop: WebServer) -> None:
    written: list[int] = []

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for _ in range(10_000):
            written.append(request.wfile.write(b"400\r\n" + b"x" * 1_024 + b"\r\n"))

    shop.routes[PATH] = endless

    post(shop)

    assert len(written) < 10_000


def test_an_address_inside_our_network_is_never_reached(shop: WebServer) -> None:
    shop.routes[PATH] = status(200)

    with pytest.raises(DeliveryDeferred, match="not on the public internet"):
        post(shop, policy=HttpPolicy())

    assert shop.asked == []


def test_a_system_that_fails_is_not_tried_again_in_the_session_and_others_are(
    shop: WebServer,
) -> None:
    shop.routes[PATH] = status(503, Retry_After="120")
    shop.routes["/hook/store-2"] = status(200)

    with transport(shop).open() as send:
        pauses = []
        for number in range(3):
            with pytest.raises(DeliveryDeferred, match="answered 503") as deferral:
                send(an_event(f"m{number}"))
            pauses.append(deferral.value.pause)
        send(an_event("m9", "store-2"))

    assert pauses == [timedelta(minutes=2)] * 3
    assert [each.path.partition("?")[0] for each in shop.asked] == [PATH, "/hook/store-2"]


def test_a_store_that_listens_no_more_is_sent_nothing(shop: WebServer) -> None:
    with (
        StorefrontTransport(lambda store: None, LOCAL).open() as send,
        pytest.raises(DeliveryRefused, match="is told nothing any more"),
    ):
        send(an_event())

    assert shop.asked == []


def test_a_hook_that_does_not_open_waits_for_the_keyring(shop: WebServer) -> None:
    def sealed(store: str) -> StorefrontHook:
        raise Refused("the secret is sealed with the key 'k9', which the keyring does not hold")

    with (
        StorefrontTransport(sealed, LOCAL).open() as send,
        pytest.raises(DeliveryDeferred, match="which the keyring does not hold"),
    ):
        send(an_event())

    assert shop.asked == []
