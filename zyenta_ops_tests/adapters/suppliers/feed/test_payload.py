"""Archives: read while they are unpacked, refused when damaged, ambiguous or hostile."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from zyenta_ops.domain.errors import SourceInvalid
from zyenta_ops_tests.adapters.suppliers.feed.conftest import Read, read_path

FEED = b"sku,title,price\n" + b"".join(b"A%d,Anvil number %d,5.00\n" % (n, n) for n in range(3000))


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("packed", "compression"),
    [
        (gzip.compress(FEED), "gzip"),
        (gzip.compress(FEED[:100]) + gzip.compress(FEED[100:]), "gzip"),
        (zipped(feed_csv=FEED), "zip"),
        (zipped(feed_csv=FEED, readme_md=b"# read me", sub__logo_png=b"\x89PNG"), "zip"),
        (FEED, "none"),
    ],
)
def test_a_feed_is_unpacked_by_what_it_is(
    read: Callable[..., Read], packed: bytes, compression: str
) -> None:
    found = read(packed)
    assert found.understood.compression == compression
    assert len(found.offers) == 3000


@pytest.mark.parametrize("cut", [20, 200, -9, -1])
def test_a_gzip_cut_short_is_never_a_shorter_catalogue(read: Callable[..., Read], cut: int) -> None:
    with pytest.raises(SourceInvalid, match="gzip archive is damaged or cut short"):
        read(gzip.compress(FEED)[:cut])


def test_a_zip_cut_short_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="zip archive is damaged or cut short"):
        read(zipped(feed_csv=FEED)[:-30])


def test_a_zip_with_a_wrong_checksum_is_refused(read: Callable[..., Read]) -> None:
    packed = bytearray(zipped(feed_csv=FEED))
    packed[200] ^= 0xFF
    with pytest.raises(SourceInvalid, match="zip archive is damaged or cut short"):
        read(bytes(packed))


def test_a_zip_of_several_feeds_is_refused_with_their_names(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match=r"holds 'a\.csv', 'b\.xml'"):
        read(zipped(a_csv=FEED, b_xml=b"<a/>"))


def test_a_zip_of_nothing_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="exactly one feed file; it holds nothing"):
        read(zipped())


def test_a_workbook_is_called_one(read: Callable[..., Read]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(SourceInvalid, match="an Excel or Office document; export it as CSV"):
        read(buffer.getvalue())


def test_an_archive_inside_an_archive_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="an archive inside an archive"):
        read(gzip.compress(gzip.compress(FEED)))


def test_a_packing_that_the_settings_contradict_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="not compressed with zip"):
        read(gzip.compress(FEED), compression="zip")


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_unpacks_without_bounds_is_refused_before_it_is_unpacked(
    tmp_path: Path, packing: int
) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("feed.csv", FEED + b"Z," * 4 * 1024**2)

    peak = refused_peak(path, match="packed in a way that is not supported; use deflate")

    assert peak < 4 * 1024**2


def test_a_zip_of_very_many_files_is_refused_without_listing_them(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    listed = zipped(feed_csv=FEED)
    start, end = listed.index(b"PK\x01\x02"), listed.index(b"PK\x05\x06")
    entries = listed[start:end] * 100_000
    closing = bytearray(listed[end:])
    closing[12:16] = len(entries).to_bytes(4, "little")
    path.write_bytes(listed[:start] + entries + closing)

    peak = refused_peak(path, match="the zip archive holds too many files")

    assert peak < 8 * 1024**2


def refused_peak(path: Path, match: str) -> int:
    """The most bytes of memory that a feed took before it was refused."""
    tracemalloc.start()
    try:
        with pytest.raises(SourceInvalid, match=match):
            read_path(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_more_bytes_than_the_limit_refuse_the_feed(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="more than 5,000 bytes"):
        read(gzip.compress(FEED), limits={"uncompressed_bytes": 5000})
    with pytest.raises(SourceInvalid, match="more than 5,000 bytes"):
        read(zipped(feed_csv=FEED), limits={"uncompressed_bytes": 5000})


TWO_GIGABYTES = 2 * 1024**3


def bomb(path: Path) -> None:
    """A gzip of two gigabytes of well-formed rows: one compressed block, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(b"sku,title,price\n") + packer.flush(zlib.Z_FULL_FLUSH)
    block = (b"B," + b"Bomb " * 1000 + b",5.00\n") * 2000
    repeat = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    with path.open("wb") as file:
        file.write(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + start)
        for _ in range(TWO_GIGABYTES // len(block)):
            file.write(repeat)


def test_a_gzip_bomb_of_two_gigabytes_is_refused_quickly_and_in_flat_memory(
    tmp_path: Path,
) -> None:
    path = tmp_path / "feed.gz"
    bomb(path)
    assert path.stat().st_size < 6 * 1024**2
    started = time.monotonic()
    peak = refused_peak(path, match="unpacks to more than 400 times its size")
    assert time.monotonic() - started < 10
    assert peak < 40 * 1024**2


def test_two_gigabytes_of_zeros_in_a_zip_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    zeros = bytes(8 * 1024**2)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("feed.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(TWO_GIGABYTES // len(zeros)):
            member.write(zeros)
    started = time.monotonic()
    with pytest.raises(SourceInvalid, match="binary data"):
        read_path(path)
    assert time.monotonic() - started < 1
