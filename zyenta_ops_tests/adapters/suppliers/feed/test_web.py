"""Feeds on a real web server: what is asked, what is believed, what is refused."""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedCredentials, FeedSource
from zyenta_ops.domain.catalog import Market, SourceVersion
from zyenta_ops.domain.errors import SourceError, SourceInvalid, SourceUnavailable
from zyenta_ops_tests.adapters.web_server import LOOPBACK, WebServer, in_turn, status, web_server

FEED = b"sku,title,price\nA-1,Anvil,12.50\n"
QUICK = HttpPolicy(allow_private=(LOOPBACK,), first_wait_seconds=0.01, longest_wait_seconds=0.05)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def source(
    url: str,
    tmp_path: Path,
    credentials: FeedCredentials | None = None,
    policy: HttpPolicy = QUICK,
    **limits: float,
) -> FeedSource:
    config = FeedConfig.of({"location": url, "limits": limits})
    return FeedSource(
        config, Market("US", "USD"), credentials, http=policy, temp_dir=tmp_path / "downloads"
    )


def refusal(feed: FeedSource, kind: type[SourceError]) -> str:
    with pytest.raises(kind) as caught, feed.open(None) as reading:
        list(reading.entries)
    assert type(caught.value) is kind
    return str(caught.value)


def test_a_feed_is_downloaded_read_and_removed(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = status(
        200, FEED, ETag='"v1"', Last_Modified="Mon, 05 Jan 2026 10:00:00 GMT"
    )
    with source(web.url("/feed.csv"), tmp_path).open(None) as reading:
        assert [entry.title for entry in reading.entries] == ["Anvil"]  # type: ignore[union-attr]
        assert not reading.unchanged
    assert replace(reading.version, reader=None) == SourceVersion(
        '"v1"', "Mon, 05 Jan 2026 10:00:00 GMT", hashlib.sha256(FEED).hexdigest()
    )
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_server_that_knows_the_version_sends_nothing(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = status(304)
    feed = source(web.url("/feed.csv"), tmp_path)
    known = SourceVersion('"v1"', "Mon, 05 Jan 2026 10:00:00 GMT", "0" * 64, feed.reader)
    with feed.open(known) as reading:
        assert reading.unchanged
        assert list(reading.entries) == []
        assert reading.version == known
    asked = web.seen[0][1]
    assert asked["if-none-match"] == '"v1"'
    assert asked["if-modified-since"] == "Mon, 05 Jan 2026 10:00:00 GMT"


def test_the_same_bytes_are_unchanged_whatever_the_server_says(
    web: WebServer, tmp_path: Path
) -> None:
    web.routes["/feed.csv"] = in_turn(status(200, FEED, ETag="1"), status(200, FEED, ETag="2"))
    feed = source(web.url("/feed.csv"), tmp_path)
    with feed.open(None) as first:
        list(first.entries)
    with feed.open(first.version) as second:
        assert second.unchanged
        assert second.version.etag == "2"
        assert list(second.entries) == []


@pytest.mark.parametrize(
    ("code", "kind", "words", "requests"),
    [
        (401, SourceInvalid, "asks for other credentials (HTTP 401)", 1),
        (403, SourceInvalid, "refuses access (HTTP 403)", 1),
        (404, SourceInvalid, "not there (HTTP 404)", 1),
        (410, SourceInvalid, "removed for good (HTTP 410)", 1),
        (418, SourceInvalid, "answers HTTP 418 instead of a feed", 1),
        (304, SourceInvalid, "answers HTTP 304 instead of a feed", 1),
        (429, SourceUnavailable, "answers HTTP 429; try again later", 3),
        (500, SourceUnavailable, "answers HTTP 500; try again later", 3),
        (503, SourceUnavailable, "answers HTTP 503; try again later", 3),
    ],
)
def test_every_status_is_a_sentence_and_only_passing_ones_are_tried_again(
    web: WebServer,
    tmp_path: Path,
    code: int,
    kind: type[SourceError],
    words: str,
    requests: int,
) -> None:
    web.routes["/feed.csv"] = status(code)
    message = refusal(source(web.url("/feed.csv?token=hush"), tmp_path), kind)
    assert message.startswith(f"feed {web.url('/feed.csv')}: ")
    assert words in message
    assert "hush" not in message
    assert len(web.seen) == requests


def test_a_feed_that_comes_back_is_read(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = in_turn(status(503), status(429, Retry_After="0"), status(200, FEED))
    with source(web.url("/feed.csv"), tmp_path).open(None) as reading:
        assert len(list(reading.entries)) == 1
    assert len(web.seen) == 3


def test_a_wait_longer_than_ours_ends_the_attempts(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = status(429, Retry_After="3600")
    refusal(source(web.url("/feed.csv"), tmp_path), SourceUnavailable)
    assert len(web.seen) == 1


def test_a_wait_until_a_date_is_understood(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = in_turn(
        status(503, Retry_After="Mon, 05 Jan 2015 10:00:00 GMT"), status(200, FEED)
    )
    with source(web.url("/feed.csv"), tmp_path).open(None) as reading:
        assert len(list(reading.entries)) == 1


def test_a_body_shorter_than_declared_is_never_a_shorter_catalogue(
    web: WebServer, tmp_path: Path
) -> None:
    def cut_short(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(FEED) + 100))
        request.end_headers()
        request.wfile.write(FEED)
        request.close_connection = True

    web.routes["/feed.csv"] = cut_short
    message = refusal(source(web.url("/feed.csv"), tmp_path), SourceUnavailable)
    assert "before the feed was complete" in message
    assert len(web.seen) == 3


def test_a_dripping_server_is_left_when_the_total_time_is_up(
    web: WebServer, tmp_path: Path
) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        for _ in range(300):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.02)

    web.routes["/feed.csv"] = drip
    started = time.monotonic()
    feed = source(web.url("/feed.csv"), tmp_path, timeout_seconds=0.4)
    assert "in time (at most 0.4 s)" in refusal(feed, SourceUnavailable)
    assert time.monotonic() - started < 2


def test_a_server_that_is_down_is_unavailable(tmp_path: Path) -> None:
    with web_server() as gone:
        url = gone.url("/feed.csv")
    assert "cannot be reached" in refusal(source(url, tmp_path), SourceUnavailable)


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::1]/"]
)
def test_a_redirect_inside_is_refused(web: WebServer, tmp_path: Path, target: str) -> None:
    web.routes["/feed.csv"] = status(302, Location=target)
    message = refusal(source(web.url("/feed.csv"), tmp_path), SourceInvalid)
    assert "redirects to" in message
    assert "not on the public internet" in message
    assert len(web.seen) == 1


def test_a_private_host_is_refused_unless_allowed(web: WebServer, tmp_path: Path) -> None:
    feed = source(web.url("/feed.csv"), tmp_path, policy=HttpPolicy())
    assert "127.0.0.1 is not on the public internet" in refusal(feed, SourceInvalid)
    assert web.seen == []


def test_redirects_end(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = status(302, Location="/feed.csv")
    message = refusal(source(web.url("/feed.csv"), tmp_path), SourceInvalid)
    assert "redirects more than 3 times" in message
    assert len(web.seen) == 4


def test_a_redirect_out_of_the_web_is_refused(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = status(302, Location="ftp://example.com/feed.csv")
    message = refusal(source(web.url("/feed.csv"), tmp_path), SourceInvalid)
    assert "redirects to a ftp address" in message


def test_credentials_go_to_the_feeds_own_server_only(web: WebServer, tmp_path: Path) -> None:
    credentials = FeedCredentials(header=("X-Api-Key", "hush-key"), basic=("me", "hush-pass"))
    with web_server() as other:
        other.routes["/there.csv"] = status(200, FEED)
        web.routes["/feed.csv"] = status(302, Location="/moved.csv")
        web.routes["/moved.csv"] = status(302, Location=other.url("/there.csv"))
        with source(web.url("/feed.csv"), tmp_path, credentials).open(None) as reading:
            assert len(list(reading.entries)) == 1
        for _, headers in web.seen:
            assert headers["x-api-key"] == "hush-key"
            assert headers["authorization"] == "Basic bWU6aHVzaC1wYXNz"
        assert "x-api-key" not in other.seen[0][1]
        assert "authorization" not in other.seen[0][1]
    assert "hush" not in repr(credentials)


def test_a_web_page_is_not_a_feed(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = status(200, b"<!DOCTYPE html><html><body>Log in</body></html>")
    message = refusal(source(web.url("/feed.csv"), tmp_path), SourceInvalid)
    assert "a web page (HTML), not a feed" in message


@pytest.mark.parametrize("declared", [True, False])
def test_a_feed_above_the_size_limit_is_refused(
    web: WebServer, tmp_path: Path, declared: bool
) -> None:
    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        if declared:
            request.send_header("Content-Length", "1000000")
        else:
            request.send_header("Connection", "close")
        request.end_headers()
        request.wfile.write(b"x" * 1_000_000)
        request.close_connection = True

    web.routes["/feed.csv"] = respond
    feed = source(web.url("/feed.csv"), tmp_path, download_bytes=1000)
    assert "larger than 1,000 bytes" in refusal(feed, SourceInvalid)
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_compressed_answer_is_unpacked(web: WebServer, tmp_path: Path) -> None:
    web.routes["/feed.csv"] = status(200, gzip.compress(FEED), Content_Encoding="gzip")
    with source(web.url("/feed.csv"), tmp_path).open(None) as reading:
        assert len(list(reading.entries)) == 1
        assert reading.understood is not None
        assert reading.understood.compression == "gzip"


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("ftp://example.com/feed.csv", "must be a path, file://, http(s):// or s3://"),
        ("http:///feed.csv", "the address is not usable; check it"),
        ("http://example.com:port/feed.csv", "the address is not usable; check it"),
        ("http://no-such-host.invalid/feed.csv", "cannot be reached"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_sentence(
    tmp_path: Path, location: str, words: str
) -> None:
    with pytest.raises(SourceError, match=re.escape(words)), source(location, tmp_path).open(None):
        pass
