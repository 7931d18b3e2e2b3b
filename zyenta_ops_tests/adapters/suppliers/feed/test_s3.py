"""Feeds in S3, against a server that speaks its protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedSource, S3Access
from zyenta_ops.domain.catalog import Market, SourceVersion
from zyenta_ops.domain.errors import SourceInvalid, SourceUnavailable

FEED = b"sku,title,price\nA-1,Anvil,12.50\n"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def access(endpoint: str) -> S3Access:
    return S3Access(endpoint, "us-east-1", "test-key", "hush-secret")


@pytest.fixture
def bucket(access: S3Access) -> Iterator[Any]:
    s3 = boto3.resource(
        "s3",
        endpoint_url=access.endpoint_url,
        region_name=access.region,
        aws_access_key_id=access.access_key,
        aws_secret_access_key=access.secret_key,
    )
    bucket = s3.Bucket("supplier-feeds")
    bucket.create()
    bucket.put_object(Key="daily/feed 1.csv", Body=FEED)
    yield bucket
    bucket.objects.all().delete()
    bucket.delete()


def source(location: str, access: S3Access, tmp_path: Path, **limits: float) -> FeedSource:
    config = FeedConfig.of({"location": location, "limits": limits})
    return FeedSource(config, Market("US", "USD"), s3=access, temp_dir=tmp_path / "downloads")


def test_an_object_is_read(bucket: Any, access: S3Access, tmp_path: Path) -> None:
    feed = source("s3://supplier-feeds/daily/feed 1.csv", access, tmp_path)
    with feed.open(None) as reading:
        assert [entry.title for entry in reading.entries] == ["Anvil"]  # type: ignore[union-attr]
    assert reading.version.etag == bucket.Object("daily/feed 1.csv").e_tag
    assert list((tmp_path / "downloads").iterdir()) == []


def test_an_object_with_the_known_etag_is_unchanged(
    bucket: Any, access: S3Access, tmp_path: Path
) -> None:
    feed = source("s3://supplier-feeds/daily/feed 1.csv", access, tmp_path)
    known = SourceVersion(etag=bucket.Object("daily/feed 1.csv").e_tag, reader=feed.reader)
    with feed.open(known) as reading:
        assert reading.unchanged
        assert reading.version == known
        assert list(reading.entries) == []
    bucket.put_object(Key="daily/feed 1.csv", Body=FEED + b"B,Bell,3.00\n")
    with feed.open(known) as reading:
        assert not reading.unchanged
        assert len(list(reading.entries)) == 2


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("s3://supplier-feeds/none.csv", "there is no such object in the bucket"),
        ("s3://no-such-bucket/feed.csv", "there is no such bucket"),
        ("s3://supplier-feeds", "must name bucket and key: s3://bucket/key"),
        ("s3://no bucket/feed.csv", "not a valid name"),
    ],
)
def test_what_is_not_there_is_a_sentence(
    bucket: Any, access: S3Access, tmp_path: Path, location: str, words: str
) -> None:
    with pytest.raises(SourceInvalid) as caught, source(location, access, tmp_path).open(None):
        pass
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"feed {location}: ")
    assert "hush" not in str(caught.value)


def test_an_object_above_the_size_limit_is_refused(
    bucket: Any, access: S3Access, tmp_path: Path
) -> None:
    feed = source("s3://supplier-feeds/daily/feed 1.csv", access, tmp_path, download_bytes=5)
    with pytest.raises(SourceInvalid, match="larger than 5 bytes"), feed.open(None):
        pass


def test_a_store_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    access = S3Access("http://127.0.0.1:9", "us-east-1", "test-key", "hush-secret")
    with (
        pytest.raises(SourceUnavailable, match="S3 could not be read") as caught,
        source("s3://supplier-feeds/feed.csv", access, tmp_path).open(None),
    ):
        pass
    assert "hush" not in str(caught.value)
    assert "hush" not in repr(access)
