"""Folder and bucket keep the same promises; the bucket is a real S3 server on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zyenta_ops.adapters.storage.bucket import BucketStore
from zyenta_ops.adapters.storage.folder import FolderStore
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.ports.storage import ObjectStore

CONTENT = b'{"title": "Anvil"}' * 100
NAME = "d37e38ea2bbcc6ff4f7b5cfc2ba4d2ac5fd8da8d0e4b9c3bd9a4b9a3d1a5d6c0"


@pytest.fixture(params=["folder", "bucket"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ObjectStore]:
    if request.param == "folder":
        yield FolderStore(tmp_path / "objects")
        return
    from moto.server import ThreadedMotoServer

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    import boto3

    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="shelf")
    yield BucketStore("s3://shelf/answers", endpoint)
    server.stop()


def test_content_comes_back_by_its_own_digest(store: ObjectStore) -> None:
    name = store.put(CONTENT)

    assert len(name) == 64
    assert store.get(name) == CONTENT
    assert store.put(CONTENT) == name
    assert store.put(b"") != name
    assert store.get(store.put(b"")) == b""


def test_what_was_never_kept_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFound, match=f"no object {NAME} is kept in"):
        store.get(NAME)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, NAME + "0"])
def test_a_name_that_no_content_has_is_refused(store: ObjectStore, name: str) -> None:
    with pytest.raises(Refused, match="64 hexadecimal digits"):
        store.get(name)


def test_the_same_content_is_kept_once_and_packed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "objects")
    store.put(CONTENT)
    store.put(CONTENT)

    (kept,) = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert kept.stat().st_size < len(CONTENT) / 10


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = FolderStore(tmp_path / "file" / "objects")

    with pytest.raises(Refused, match="make the folder writable or set ZYENTA_OBJECT_STORE"):
        store.put(CONTENT)


def test_what_is_deleted_is_kept_no_longer_and_the_rest_is(store: ObjectStore) -> None:
    kept, gone = store.put(b"kept"), store.put(b"gone")

    store.delete([gone, NAME])
    store.delete([])

    assert store.get(kept) == b"kept"
    with pytest.raises(NotFound):
        store.get(gone)


def test_what_was_put_before_a_time_is_listed(store: ObjectStore) -> None:
    names = {store.put(b"one"), store.put(b"two")}
    now = datetime.now(UTC)

    # The buckets of all tests are one.
    assert names <= set(store.kept_before(now + timedelta(minutes=1)))
    assert list(store.kept_before(now - timedelta(minutes=1))) == []


def test_what_is_put_again_is_new_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "objects")
    name = store.put(CONTENT)
    os.utime(tmp_path / "objects" / name[:2] / f"{name}.gz", (0, 0))
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert list(store.kept_before(yesterday)) == [name]

    store.put(CONTENT)

    assert list(store.kept_before(yesterday)) == []


def test_files_of_others_are_not_listed(tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    store = FolderStore(folder)
    store.put(CONTENT)
    (folder / "readme.gz").touch()
    (folder / "ab").mkdir()
    (folder / "ab" / ".draft.gz.0123").touch()
    (folder / "ab" / "notes.gz").touch()

    assert len(list(store.kept_before(datetime.now(UTC) + timedelta(minutes=1)))) == 1


def test_a_store_that_could_keep_content_is_left_as_it_is(tmp_path: Path) -> None:
    FolderStore(tmp_path / "objects").check()

    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="objects cannot be kept in"):
        FolderStore(tmp_path / "file" / "objects").check()


def test_a_bucket_that_is_not_there_is_said_so(store: ObjectStore) -> None:
    if isinstance(store, FolderStore):
        pytest.skip("a folder is made when needed")
    assert isinstance(store, BucketStore)
    store.check()
    store._bucket = "elsewhere"
    with pytest.raises(Refused, match=r"s3://elsewhere: 404; check ZYENTA_OBJECT_STORE"):
        store.check()
    with pytest.raises(Refused, match="NoSuchBucket; check ZYENTA_OBJECT_STORE"):
        list(store.kept_before(datetime.now(UTC)))


@pytest.mark.parametrize("url", ["https://bucket/x", "s3://", "bucket"])
def test_a_url_without_a_bucket_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="write s3://bucket/prefix"):
        BucketStore(url)
