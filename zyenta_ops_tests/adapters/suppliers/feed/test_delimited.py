from __future__ import annotations

import codecs
from collections.abc import Callable
from io import StringIO

import pytest

from zyenta_ops.adapters.suppliers.feed import Preset
from zyenta_ops.adapters.suppliers.feed.formats.delimited import delimited_table
from zyenta_ops.domain.errors import SourceInvalid
from zyenta_ops.domain.money import Money
from zyenta_ops_tests.adapters.suppliers.feed.conftest import Read

HEADER = "sku,title,price,cost,stock\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_text(read: Callable[..., Read], delimiter: str) -> None:
    rows = [["sku", "title", "price"], ["A", '"a, b; c | d"', "12.50"], ["B", "plain", "3.00"]]
    found = read("\n".join(delimiter.join(row) for row in rows))
    assert found.understood.delimiter == delimiter
    assert [o.title for o in found.offers] == ["a, b; c | d", "plain"]


def test_the_delimiter_that_a_spreadsheet_declares_is_believed(read: Callable[..., Read]) -> None:
    found = read("sep=;\nsku;title;price\nA;Anvil;12,50\n")
    assert [(o.sku, o.list_price) for o in found.offers] == [("A", Money(1250, "USD"))]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_told_from_the_bytes(
    read: Callable[..., Read], encoding: str, told: str
) -> None:
    rows = "".join(f"A{n},Größe für Käufer à Besançon,12.50\n" for n in range(40))
    found = read(("sku,title,price\n" + rows).encode(encoding))
    assert found.understood.encoding == told
    assert {o.title for o in found.offers} == {"Größe für Käufer à Besançon"}
    assert found.offers[0].sku == "A0"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("cp1250", "Příliš žluťoučký kůň"),
        ("cp1251", "Красный заварочный чайник для кухни и сада"),
        ("shift_jis", "急須と日本茶のカップ"),
        ("cp1252", "Wärmflasche"),
        ("cp1252", "Niño pequeño"),
    ],
)
def test_an_encoding_older_than_unicode_is_told_from_its_words(
    read: Callable[..., Read], encoding: str, title: str
) -> None:
    rows = "".join(f"A{n},{title},1.50\n" for n in range(40))
    assert read(f"sku,title,price\n{rows}".encode(encoding)).offers[0].title == title


def test_a_foreign_byte_far_beyond_the_sample_is_read_as_windows_text(
    read: Callable[..., Read],
) -> None:
    plain = "".join(f"A{n},Plain title of some length,1.50\n" for n in range(12_000))
    found = read(b"sku,title,price\n" + plain.encode() + b"Z,Caf\xe9,1.50\n")
    assert found.offers[-1].title == "Café"


def test_an_encoding_that_the_settings_name_is_meant_strictly(read: Callable[..., Read]) -> None:
    with pytest.raises(
        SourceInvalid, match="not in the expected encoding; name the right one under 'encoding'"
    ):
        read(b"sku,title,price\nA,Caf\xe9,1.50\n", encoding="utf-8")


def test_line_numbers_are_physical_and_name_where_a_record_starts(
    read: Callable[..., Read],
) -> None:
    found = read(HEADER + 'A,"two\nlines",1.00,0.50,1\n\n,,,,\nB,Bad,x,,1\nC,Worse,-1,,1\n')
    assert [o.title for o in found.offers] == ["two lines"]
    assert [line for line, _ in found.reasons] == [6, 7]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_one(read: Callable[..., Read], end: str) -> None:
    found = read(f"sku,title,price{end}A,One,1.00{end}B,Two,2.00")
    assert [o.title for o in found.offers] == ["One", "Two"]


def test_a_row_with_more_fields_than_the_header_is_rejected_not_shifted(
    read: Callable[..., Read],
) -> None:
    found = read("sku,title,price\nA,Pan, black,5.00\nB,Pot,6.00,,\nC,Lid,7.00\n")
    assert [o.sku for o in found.offers] == ["B", "C"]
    assert found.reasons == [
        (2, "the row has 4 fields, the header 3; quote text that holds the delimiter")
    ]


def test_a_row_with_too_many_fields_still_names_its_product(read: Callable[..., Read]) -> None:
    found = read(HEADER + "A,Anvil, big,5.00,,\n,Bellows, big,5.00,,\n")
    assert [each.product_ref for each in found.rejections] == ["A", None]


def test_two_columns_of_one_name_are_not_guessed_between(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="two columns are called 'price', and either may hold"):
        read("sku,title,price,price\nA,Anvil,5.00,3.00\n")


def test_columns_that_nothing_is_read_from_may_repeat(read: Callable[..., Read]) -> None:
    found = read("sku,title,price,note,note\nA,Anvil,5.00,x,y\n")
    assert [each.sku for each in found.offers] == ["A"]


def test_cells_missing_at_the_end_are_empty(read: Callable[..., Read]) -> None:
    assert read(HEADER + "A,Anvil,5.00\n").offers[0].stock is None


def test_a_quote_that_is_never_closed_is_a_feed_cut_short(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="in the row of line 3 is never closed"):
        read(HEADER + 'A,Anvil,5.00,,1\nB,"Bellows, big\n')


def test_a_quote_that_swallows_megabytes_is_refused_in_bounded_memory(
    read: Callable[..., Read],
) -> None:
    with pytest.raises(SourceInvalid, match="row of line 2 is not readable as CSV"):
        read(HEADER + 'A,"' + "x,y\n" * 1_500_000)


def test_a_row_of_many_long_quoted_fields_is_refused(read: Callable[..., Read]) -> None:
    field = '"' + "x\n" * 500_000 + '",'
    with pytest.raises(SourceInvalid, match="a row of the feed is far too long"):
        read(HEADER + f"A,Anvil,5.00\nB,{field * 20}\n")


def test_more_columns_than_a_catalogue_has_refuse_the_feed(read: Callable[..., Read]) -> None:
    wide = "".join(f",c{number}" for number in range(997))
    assert len(read(f"sku,title,price{wide}\nA,Anvil,5.00\n").offers) == 1
    with pytest.raises(SourceInvalid, match="has more than 1,000 columns; no catalogue does"):
        read(f"sku,title,price{wide},one\nA,Anvil,5.00\n")


def test_the_sample_of_a_feed_with_long_cells_stays_small() -> None:
    row = "A,Anvil,5.00," + "x" * 1024**2 + "\n"

    table = delimited_table(StringIO("sku,title,price,text\n" + row * 64), ",")

    assert len(table.sample) == 32
    assert sum(1 for _ in table.rows) == 64


def test_a_line_without_end_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="far too long"):
        read(HEADER + "A,b," * 5_000_000)


def test_long_and_dirty_text_is_cleaned_and_cut(read: Callable[..., Read]) -> None:
    found = read(
        HEADER + f'A\x00,"  Tab\there\x07 and\u202e \u200bhere  ",5.00,,1\nB,{"t" * 5000},5.00,,1\n'
    )
    assert [(o.sku, o.title) for o in found.offers] == [
        ("A", "Tab here and here"),
        ("B", "t" * 300),
    ]


def test_references_too_long_to_keep_stay_different(read: Callable[..., Read]) -> None:
    long = "R" * 500
    first, second = read(HEADER + f"{long}1,One,5.00,,\n{long}2,Two,5.00,,\n").offers
    assert first.variant_ref != second.variant_ref
    assert len(first.variant_ref) == len(second.variant_ref) == 128


def test_a_missing_column_is_named_beside_those_that_exist(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid) as caught:
        read("sku,colour,amount\nA,red,5\n")
    assert str(caught.value).endswith(
        "no column of the feed gives title and price or cost; name it under 'columns'. The feed "
        "has 'sku', 'colour', 'amount'"
    )


def test_a_merchant_can_name_the_columns(read: Callable[..., Read]) -> None:
    found = read(
        "sku,colour,amount,label\nA,red,5,Anvil\n", columns={"title": "Label", "cost": "amount"}
    )
    assert [(o.title, o.unit_cost, o.list_price) for o in found.offers] == [
        ("Anvil", Money(500, "USD"), None)
    ]


def test_a_named_column_that_does_not_exist_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="there is no column 'Dealer' for cost; the feed has"):
        read(HEADER + "A,Anvil,5.00,,1\n", columns={"cost": "Dealer"})


def test_a_german_price_list_is_understood(read: Callable[..., Read]) -> None:
    found = read(
        "Artikel-Nr.;Bezeichnung;Einkaufspreis;UVP;Bestand;Größe;Währung\n"
        "4711;Wärmflasche;1.234;2.499,00;>10;M;EUR\n4712;Decke;9,90;19,90;0;;EUR\n"
    )
    assert found.understood.preset is Preset.GENERIC
    assert found.understood.decimal == ","
    assert [(o.product_ref, o.unit_cost, o.list_price, o.stock) for o in found.offers] == [
        ("4711", Money(123400, "EUR"), Money(249900, "EUR"), 10),
        ("4712", Money(990, "EUR"), Money(1990, "EUR"), 0),
    ]
    assert found.offers[0].attributes == (("size", "M"),)


def test_variants_join_their_parent_in_a_generic_list(read: Callable[..., Read]) -> None:
    found = read("id,parent_id,title,price\n1,,Cup,5.00\n2,1,Cup blue,5.00\n3,1,Cup red,5.00\n")
    assert [(o.product_ref, o.variant_ref, o.order_ref) for o in found.offers] == [
        ("1", "default", "1"),
        ("1", "2", "2"),
        ("1", "3", "3"),
    ]


def test_only_web_addresses_are_pictures(read: Callable[..., Read]) -> None:
    found = read(
        "sku,title,price,images\n"
        'A,Anvil,5,"https://i.example/a,b.jpg, //i.example/c.jpg|javascript:alert(1) ftp://x/y"\n'
        "B,Bell,5,file:///etc/passwd\n"
    )
    assert found.offers[0].images[:1] == ("https://i.example/a,b.jpg",)
    assert found.offers[0].images[1].startswith("https://i.example/c.jpg")
    assert found.offers[1].images == ()


def test_more_rows_than_the_limit_refuse_the_feed(read: Callable[..., Read]) -> None:
    content = HEADER + "".join(f"A{n},Anvil,5.00,,1\n" for n in range(11))
    with pytest.raises(SourceInvalid, match="more than 10 rows; raise its limit 'rows'"):
        read(content, limits={"rows": 10})
    assert len(read(content, limits={"rows": 11}).offers) == 11


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the feed is empty"),
        (b" \n\n", "the feed is empty"),
        (codecs.BOM_UTF8, "the feed is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel or Office document"),
        (b"BZh91AY&SY", "a bzip2 archive"),
        (bytes(range(32)) * 50, "binary data"),
        (b"<!doctype html><p>hello", "a web page (HTML)"),
        (b"\n <html lang='en'><body>", "a web page (HTML)"),
        (b'<?xml version="1.0"?><!-- x --><html xmlns="x">', "a web page (HTML)"),
    ],
)
def test_what_is_no_feed_is_called_by_its_name(
    read: Callable[..., Read], content: bytes, words: str
) -> None:
    with pytest.raises(SourceInvalid) as caught:
        read(content)
    assert words in str(caught.value)


def test_a_repeated_offer_far_away_is_still_found(read: Callable[..., Read]) -> None:
    rows = [f"A{n},Anvil,5.00,,1\n" for n in range(5000)]
    found = read(HEADER + "".join([*rows, rows[0], rows[4999]]))
    assert len(found.offers) == 5000
    assert [line for line, _ in found.reasons] == [5002, 5003]
