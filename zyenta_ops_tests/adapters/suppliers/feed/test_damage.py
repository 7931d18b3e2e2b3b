"""Whatever happens to a feed's bytes, it is read, its rows are refused, or it is refused in words.

Small valid feeds of every format and packing are damaged the ways that disks, proxies and careless
exports damage them. Nothing else than a `SourceError` may come out, and no process may die of it.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedSource
from zyenta_ops.domain.catalog import Market, Offer, Rejection
from zyenta_ops.domain.errors import SourceError, SourceInvalid

ITEMS = [
    {"sku": "A-1", "title": "Anvil", "price": "12.50", "stock": 3, "image": "https://a.example/1"},
    {"sku": "B-2", "title": 'Bell, "brass"', "price": 7.25, "stock": None, "brand": "Ünal"},
]
CSV = 'sku,title,price,stock\nA-1,Anvil,12.50,3\nB-2,"Bell, ""brass""\nand ribbon",7.25,\n'
XML = """<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>A-1</g:id><g:title>Anvil</g:title><g:price>12.50 USD</g:price></item>
<item><g:id>B-2</g:id><g:title>Bell &amp; rope</g:title><g:price>7.25 USD</g:price></item>
</channel></rss>"""

FEEDS = {
    "feed.csv": CSV.encode(),
    "feed.tsv": CSV.replace(",", "\t").encode("utf-16"),
    "feed.json": json.dumps({"products": ITEMS}).encode(),
    "list.json": json.dumps(ITEMS, indent=1).encode(),
    "feed.ndjson": "".join(json.dumps(item) + "\n" for item in ITEMS).encode(),
    "feed.xml": XML.encode(),
}

_PIECES = st.sampled_from(
    [
        b"\x00",
        b"\xff\xfe",
        b'"',
        b'"""',
        b"\\",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"&b;",
        b"<![CDATA[",
        b"{" * 2_000,
        b"[" * 50_000,
        b"<a>" * 5_000,
        b"9" * 5_000,
        b"1e999999999",
        b"-1e-999999999",
        b"NaN",
        b"Infinity",
        b"\\ud800",
        b"\xed\xa0\x80",
        b"\r",
        b"\n" * 3_000,
        b"\x1f\x8b",
        b"PK\x03\x04",
        b"," * 2_000,
    ]
)


@st.composite
def damages(draw: st.DrawFn) -> list[Callable[[bytes], bytes]]:
    """Some blows in a row, each at a place given as a share of the length."""
    blows: list[Callable[[bytes], bytes]] = []
    for _ in range(draw(st.integers(1, 3))):
        share = draw(st.integers(0, 1_000))
        kind = draw(st.sampled_from(["cut", "drop", "repeat", "insert", "flip"]))
        piece, width = draw(_PIECES), draw(st.integers(1, 40))

        def blow(
            data: bytes, share: int = share, kind: str = kind, piece: bytes = piece, w: int = width
        ) -> bytes:
            at = len(data) * share // 1_000
            return {
                "cut": data[:at],
                "drop": data[:at] + data[at + w :],
                "repeat": data[: at + w] + data[at:],
                "insert": data[:at] + piece + data[at:],
                "flip": data[:at]
                + bytes(each ^ 0x55 for each in data[at : at + w])
                + data[at + w :],
            }[kind]

        blows.append(blow)
    return blows


def packed(data: bytes, packing: str) -> bytes:
    if packing == "gzip":
        return gzip.compress(data, mtime=0)
    if packing == "zip":
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("feed", data)
        return archive.getvalue()
    return data


def read(name: str, content: bytes) -> list[Offer | Rejection] | str:
    """The entries of a feed with this content, or the sentence that refuses it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            with FeedSource(FeedConfig(location=str(path)), Market("US", "USD")).open(None) as feed:
                return list(feed.entries)
        except SourceError as error:
            return str(error)


@pytest.mark.parametrize("name", FEEDS)
def test_the_undamaged_feeds_are_understood(name: str) -> None:
    entries = read(name, FEEDS[name])

    assert [type(entry) for entry in entries] == [Offer, Offer]


# Three times as many examples as usual, for there are eighteen kinds of feed among them.
@settings(max_examples=3 * settings().max_examples)
@given(
    name=st.sampled_from(sorted(FEEDS)),
    packing=st.sampled_from(["plain", "gzip", "zip"]),
    blows=damages(),
    inside=st.booleans(),
)
def test_a_damaged_feed_is_read_or_refused_in_words(
    name: str, packing: str, blows: list[Callable[[bytes], bytes]], inside: bool
) -> None:
    content = FEEDS[name] if inside else packed(FEEDS[name], packing)
    for blow in blows:
        content = blow(content)
    outcome = read(name, packed(content, packing) if inside else content)

    if isinstance(outcome, str):
        assert outcome.startswith("feed ")
        assert "\n" not in outcome
        # The last resort names the parser's exception; a sentence of our own is wanted instead.
        assert "its content is damaged (" not in outcome


@pytest.mark.parametrize(
    ("ending", "refused"),
    [
        ("C-3,Cup,4.00,1\n", False),
        ("C-3,Cup,4.00,1", False),
        ("C-3,Cup,4.", True),
        ("C-3,Cup", True),
        ('C-3,"Cup, with', True),
        ('C-3,"Cup",4.00,"', True),
    ],
)
def test_a_last_row_that_is_cut_is_not_believed(ending: str, refused: bool, tmp_path: Path) -> None:
    outcome = read("feed.csv", (CSV + ending).encode())

    if refused:
        assert isinstance(outcome, str)
        assert "cut short" in outcome
    else:
        assert len(outcome) == 3


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"[1,"])
def test_a_document_nested_without_end_is_refused_before_it_fills_the_memory(
    opening: bytes,
) -> None:
    nested = opening * 100_000

    assert "nested more than 2000 levels deep" in str(read("feed.json", nested))
    later = b'{"products": [' + b'{"sku": "A", "title": "B", "price": 1},' * 5_000 + nested
    assert "nested more than 2000 levels deep" in str(read("feed.json", later))


def test_a_refusal_is_final_where_trying_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_bytes(b'[{"sku": 1' + b"9" * 5_000)

    source = FeedSource(FeedConfig(location=str(path)), Market("US", "USD"))
    with pytest.raises(SourceInvalid, match="a number of more than"), source.open(None) as feed:
        list(feed.entries)
