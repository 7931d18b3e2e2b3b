from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from zyenta_ops.adapters.chat import SlackTransport
from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.domain.errors import DeliveryDeferred, DeliveryError, DeliveryRefused
from zyenta_ops_tests.adapters.mail.messages import a_message

PATH = "/services/T0/B0/s3cret"


@dataclass
class Channel:
    """A chat server on loopback that answers with `status`."""

    port: int = 0
    status: int = 200
    posts: list[dict[str, Any]] = field(default_factory=list)

    def transport(self) -> SlackTransport:
        policy = HttpPolicy(allow_private=("127.0.0.1/32",))
        return SlackTransport(f"http://127.0.0.1:{self.port}{PATH}", policy)


@pytest.fixture
def channel() -> Iterator[Channel]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == PATH
            state.posts.append(json.loads(body))
            self.send_response(state.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    state = Channel()
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


def test_a_sync_failure_is_posted_as_text_and_blocks(channel: Channel) -> None:
    with channel.transport().open() as send:
        send(a_message("sync-failure", "internal"))

    (post,) = channel.posts
    title = "CRITICAL: Inventory sync failed for supplier Nordic Supply (212 store(s) affected)"
    assert post["text"] == title
    header, reason, fields = post["blocks"]
    assert header == {
        "type": "header",
        "text": {"type": "plain_text", "text": title, "emoji": False},
    }
    assert reason["text"]["text"] == "the feed answered with an HTML page; correct its URL"
    assert [each["text"] for each in fields["fields"]] == [
        "*Supplier*\nNordic Supply",
        "*Stores affected*\n212",
        "*Run*\nrun-1",
        "*Since*\n2 November 2026, 12:05 UTC",
    ]


def test_an_account_that_needs_a_person_is_posted_alike(channel: Channel) -> None:
    with channel.transport().open() as send:
        send(a_message("account-failure", "internal"))

    (post,) = channel.posts
    assert post["text"] == "HIGH: AliExpress refuses the account fox"
    assert post["blocks"][1]["text"]["text"] == (
        "AliExpress refuses the account fox: the app may not read products"
    )


def test_nothing_of_the_url_or_the_message_is_logged(
    channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with channel.transport().open() as send:
        send(a_message("sync-failure", "internal"))

    assert len(channel.posts) == 1
    assert "s3cret" not in caplog.text
    assert "Nordic" not in caplog.text


def test_a_supplier_cannot_mention_a_channel_or_break_the_limits(channel: Channel) -> None:
    with channel.transport().open() as send:
        send(
            a_message(
                "sync-failure",
                "internal",
                supplier_name="<!channel> & co",
                title="<!here>" + "x" * 400,
                reason="y" * 9_000,
            )
        )

    (post,) = channel.posts
    header, reason, fields = post["blocks"]
    assert fields["fields"][0]["text"] == "*Supplier*\n&lt;!channel&gt; &amp; co"
    assert "<!here>" not in post["text"]
    assert (header["text"]["type"], reason["text"]["type"]) == ("plain_text", "plain_text")
    assert (len(header["text"]["text"]), len(reason["text"]["text"])) == (150, 2_000)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, DeliveryDeferred),
        (503, DeliveryDeferred),
        (404, DeliveryRefused),
        (302, DeliveryRefused),
    ],
)
def test_a_refused_post_tells_for_now_from_for_good_and_hides_the_url(
    channel: Channel, status: int, error: type[DeliveryError]
) -> None:
    channel.status = status
    with channel.transport().open() as send, pytest.raises(error) as refusal:
        send(a_message("sync-failure", "internal"))

    assert f"({status})" in str(refusal.value)
    assert "s3cret" not in str(refusal.value) + repr(channel.transport())


@pytest.mark.parametrize(
    ("url", "error", "text"),
    [
        (f"http://127.0.0.1:1{PATH}", DeliveryDeferred, "the webhook failed: ConnectError"),
        (f"ftp://127.0.0.1{PATH}", DeliveryRefused, "is not an http or https URL"),
        (f"nonsense{PATH}", DeliveryRefused, "is not an http or https URL"),
    ],
)
def test_an_unreachable_webhook_hides_its_url(
    url: str, error: type[DeliveryError], text: str
) -> None:
    transport = SlackTransport(url, HttpPolicy(allow_private=("127.0.0.1/32",)))
    with transport.open() as send, pytest.raises(error, match=text) as refusal:
        send(a_message("sync-failure", "internal"))

    assert "s3cret" not in str(refusal.value)


def test_a_webhook_inside_the_network_needs_permission(channel: Channel) -> None:
    with (
        SlackTransport(f"http://127.0.0.1:{channel.port}{PATH}").open() as send,
        pytest.raises(DeliveryRefused, match="ZYENTA_PRIVATE_NETWORKS"),
    ):
        send(a_message("sync-failure", "internal"))

    assert channel.posts == []


def test_a_message_without_a_chat_form_is_refused(channel: Channel) -> None:
    with (
        channel.transport().open() as send,
        pytest.raises(DeliveryRefused, match="no chat message for template 'stock-alert'"),
    ):
        send(a_message("stock-alert", "internal"))

    assert channel.posts == []
