"""JSON, NDJSON and XML: wherever the items are, whatever surrounds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zyenta_ops.adapters.suppliers.feed import Format
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.errors import SourceInvalid
from zyenta_ops.domain.money import Money
from zyenta_ops_tests.adapters.suppliers.feed.conftest import Read

ITEM: dict[str, Any] = {"sku": "A", "title": "Anvil", "price": 12.5, "stock": 3}


@pytest.mark.parametrize(
    "document",
    [
        [ITEM],
        {"products": [ITEM]},
        {"meta": {"tags": ["x", "y"], "links": [{"rel": "next"}]}, "products": [ITEM]},
        {"response": {"data": [ITEM]}},
        {"things": [ITEM]},
    ],
)
def test_the_array_of_items_is_found(read: Callable[..., Read], document: Any) -> None:
    found = read(json.dumps(document, indent=1))
    assert found.understood.format is Format.JSON
    assert [(o.sku, o.list_price, o.stock) for o in found.offers] == [("A", Money(1250, "USD"), 3)]


def test_the_path_to_the_items_can_be_named(read: Callable[..., Read]) -> None:
    document = {"products": [{"sku": "old"}], "export": {"rows": [ITEM]}}
    assert [o.sku for o in read(json.dumps(document), item_path="export.rows").offers] == ["A"]


def test_a_path_that_leads_to_nothing_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="holds no items"):
        read(json.dumps([ITEM]), item_path="export.rows")


def test_a_document_that_is_no_catalogue_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="no array of objects"):
        read('{"error": "try again", "codes": [1, 2]}', format="json")
    with pytest.raises(SourceInvalid, match="no array of objects"):
        read('{"errors": []}', format="json")


def test_a_price_of_three_decimals_is_no_thousand_in_json(read: Callable[..., Read]) -> None:
    found = read('[{"sku": "A", "title": "Anvil", "price": 1.234}]')
    assert found.offers[0].list_price == Money(123, "USD")


def test_numbers_and_booleans_are_read_as_what_they_are(read: Callable[..., Read]) -> None:
    found = read(
        json.dumps(
            [
                {**ITEM, "sku": 1, "stock": 1, "in_stock": True, "active": True},
                {**ITEM, "sku": 2, "stock": 9, "in_stock": False, "active": False},
                {**ITEM, "sku": 3, "stock": None, "in_stock": True},
            ]
        )
    )
    assert [(o.sku, o.stock, o.saleable) for o in found.offers] == [
        ("1", 1, True),
        ("2", 0, False),
        ("3", None, True),
    ]


def test_variants_inside_an_item_become_offers_of_one_product(read: Callable[..., Read]) -> None:
    document = {
        "products": [
            {
                "id": 7,
                "title": "Apron",
                "images": [{"src": "https://i.example/1.jpg"}, {"src": "https://i.example/2.jpg"}],
                "variants": [
                    {"id": 71, "option1": "Oat", "sku": "AP-O", "price": "38.00"},
                    {"id": 72, "option1": "Slate", "sku": None, "price": "39.00"},
                ],
            }
        ]
    }
    found = read(json.dumps(document))
    assert [
        (o.product_ref, o.variant_ref, o.sku, o.list_price, o.attributes) for o in found.offers
    ] == [
        ("7", "71", "AP-O", Money(3800, "USD"), (("Option 1", "Oat"),)),
        ("7", "72", None, Money(3900, "USD"), (("Option 1", "Slate"),)),
    ]
    assert found.offers[1].images == ("https://i.example/1.jpg", "https://i.example/2.jpg")


def test_a_nested_field_has_a_dotted_path(read: Callable[..., Read]) -> None:
    document = [{"code": "A", "text": {"en": "Anvil"}, "money": {"net": "3.10", "unit": "GBP"}}]
    found = read(
        json.dumps(document),
        columns={"title": "text.en", "cost": "money.net", "currency": "money.unit"},
    )
    assert [(o.title, o.unit_cost) for o in found.offers] == [("Anvil", Money(310, "GBP"))]


def test_an_item_that_is_no_object_is_rejected_alone(read: Callable[..., Read]) -> None:
    found = read(json.dumps([ITEM, "surprise", {**ITEM, "sku": "B"}]))
    assert [o.sku for o in found.offers] == ["A", "B"]
    assert found.reasons == [(2, "the item is not an object: surprise")]


@pytest.mark.parametrize("cut", [-1, -2, -30])
def test_a_json_document_cut_short_is_never_a_shorter_catalogue(
    read: Callable[..., Read], cut: int
) -> None:
    document = json.dumps([{**ITEM, "sku": f"A{n}"} for n in range(3000)])
    with pytest.raises(SourceInvalid, match="damaged or cut short after item"):
        read(document[:cut])


def test_an_item_that_never_ends_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="far too long to be a product"):
        read('[{"sku": "A"}, {"junk": [' + "1," * 20_000_000)


def test_more_fields_than_a_catalogue_has_refuse_the_feed(read: Callable[..., Read]) -> None:
    wide = [{**ITEM, f"field{number}": number} for number in range(1_001)]
    with pytest.raises(SourceInvalid, match="has more than 1,000 columns; no catalogue does"):
        read(json.dumps(wide))


def test_one_object_a_line_is_read_and_a_broken_line_rejected(read: Callable[..., Read]) -> None:
    lines = [json.dumps(ITEM), "", "{broken", json.dumps({**ITEM, "sku": "B"}), "[1]", ""]
    found = read("\n".join(lines))
    assert found.understood.format is Format.NDJSON
    assert [o.sku for o in found.offers] == ["A", "B"]
    assert found.reasons == [
        (3, "the line is not a JSON object"),
        (5, "the item is not an object: [1]"),
    ]


def test_lines_that_end_inside_an_object_are_a_feed_cut_short(read: Callable[..., Read]) -> None:
    content = "\n".join(json.dumps({**ITEM, "sku": f"A{n}"}) for n in range(2000))
    with pytest.raises(SourceInvalid, match="cut short inside line 2000"):
        read(content[:-5])


def test_a_number_that_is_none_rejects_its_line(read: Callable[..., Read]) -> None:
    found = read(f'{json.dumps(ITEM)}\n{{"sku": "B", "title": "Bell", "price": NaN}}\n')
    assert found.reasons == [(2, "the line is not a JSON object")]


def test_an_xml_price_list_of_its_own_kind_is_read(read: Callable[..., Read]) -> None:
    found = read(
        '<?xml version="1.0" encoding="ISO-8859-1"?><CATALOG date="2026-01-01">'
        '<WARE code="W1"><NAME>Käse</NAME><PRICE>9,90</PRICE><QTY>4</QTY></WARE>'
        '<WARE code="W2"><NAME>Brot</NAME><PRICE>3,50</PRICE><QTY/></WARE></CATALOG>'.encode(
            "iso-8859-1"
        ),
        Market("DE", "EUR"),
    )
    assert [(o.product_ref, o.title, o.list_price, o.stock) for o in found.offers] == [
        ("W1", "Käse", Money(990, "EUR"), 4),
        ("W2", "Brot", Money(350, "EUR"), None),
    ]


def test_the_repeated_element_can_be_named(read: Callable[..., Read]) -> None:
    xml = (
        "<a><group><x><sku>1</sku><title>T</title><price>2.50</price></x></group>"
        "<product>not this</product></a>"
    )
    assert [o.sku for o in read(xml, item_path="x").offers] == ["1"]


def test_variants_inside_an_xml_product_are_offers(read: Callable[..., Read]) -> None:
    found = read(
        "<products><product><id>7</id><title>Apron</title><variants>"
        "<variant><sku>O</sku><price>3.00</price></variant>"
        "<variant><sku>S</sku><price>4.00</price></variant></variants></product></products>"
    )
    assert [(o.product_ref, o.variant_ref, o.title) for o in found.offers] == [
        ("7", "O", "Apron"),
        ("7", "S", "Apron"),
    ]


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]><products><product><title>&lol9;</title></product></products>"
)


QUADRATIC_BLOWUP = (
    f'<!DOCTYPE p [<!ENTITY x "{"x" * 50_000}">]>'
    f"<products><product><title>{'&x;' * 50_000}</title></product></products>"
)
LONG_COMMENT = f"<!--{'x' * 200_000}-->"


def entities(declared: str, before: str = "") -> str:
    """A document that declares something in its document type and uses `&x;`."""
    return (
        f"{before}<!DOCTYPE p [{declared}]>"
        "<products><product><title>&x;</title><price>1</price></product></products>"
    )


@pytest.mark.parametrize(
    "xml",
    [
        BILLION_LAUGHS,
        QUADRATIC_BLOWUP,
        entities('<!ENTITY x "y">'),
        entities('<!ENTITY x SYSTEM "file:///etc/passwd">'),
        entities('<!ENTITY % e SYSTEM "file:///etc/passwd"> %e;'),
        entities('<!NOTATION n SYSTEM "n"><!ENTITY x SYSTEM "file:///etc/passwd" NDATA n>'),
        # In a part of the document that is read later than its beginning.
        entities('<!ENTITY x "y">', before=LONG_COMMENT),
        entities(f'{LONG_COMMENT}<!ENTITY x "y">'),
        entities('<!ENTITY x "y">').encode("utf-16"),
    ],
    ids=[
        "billion laughs",
        "quadratic blowup",
        "internal",
        "external",
        "parameter",
        "unparsed",
        "after a long comment",
        "in a long document type",
        "UTF-16",
    ],
)
def test_entities_are_refused(read: Callable[..., Read], xml: str | bytes) -> None:
    with pytest.raises(SourceInvalid, match="declares entities, which are not accepted"):
        read(xml)


def test_an_external_document_type_is_neither_read_nor_believed(
    read: Callable[..., Read], tmp_path: Path
) -> None:
    (tmp_path / "p.dtd").write_text('<!ENTITY x "from outside">')
    doctype = f'<!DOCTYPE p SYSTEM "{(tmp_path / "p.dtd").as_uri()}">'
    product = "<product><sku>1</sku><title>{}</title><price>2.50</price></product>"

    plain = read(f"{doctype}<products>{product.format('T')}</products>")
    assert [offer.title for offer in plain.offers] == ["T"]

    with pytest.raises(SourceInvalid, match="damaged or cut short at line 1"):
        read(f"{doctype}<products>{product.format('&x;')}</products>")


def test_a_document_type_cannot_follow_the_first_element(read: Callable[..., Read]) -> None:
    product = "<product><sku>1</sku><title>T</title><price>2.50</price></product>"
    with pytest.raises(SourceInvalid, match="damaged or cut short at line 1"):
        read(f"<products>{product}" + entities('<!ENTITY x "y">'))


def test_an_xml_document_cut_short_is_never_a_shorter_catalogue(
    read: Callable[..., Read],
) -> None:
    item = "<product><sku>{}</sku><title>T</title><price>2.50</price></product>\n"
    xml = "<products>" + "".join(item.format(n) for n in range(8000)) + "</products>"
    with pytest.raises(SourceInvalid, match="damaged or cut short at line 8001"):
        read(xml[:-5])


def test_an_xml_document_without_products_is_refused(read: Callable[..., Read]) -> None:
    with pytest.raises(SourceInvalid, match="no element of the XML document looks like a product"):
        read("<error/>")


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '{"products": []}',
        '<rss version="2.0"><channel><title>t</title></channel></rss>',
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title></feed>',
    ],
)
def test_a_whole_document_without_items_is_an_empty_catalogue(
    read: Callable[..., Read], content: str
) -> None:
    """An empty catalogue is the sweep's to judge; only an unreadable one is a failed read."""
    found = read(content)
    assert (found.offers, found.rejections) == ([], [])


@pytest.mark.parametrize("broken", ["{not json", "null", '"text"', "[1", ""])
def test_a_broken_second_line_is_one_rejected_line(read: Callable[..., Read], broken: str) -> None:
    first, third = (
        '{"sku": "A", "title": "A", "price": 5}',
        '{"sku": "B", "title": "B", "price": 5}',
    )

    found = read(f"{first}\n{broken}\n{third}\n")

    assert found.understood.format is Format.NDJSON
    assert [each.sku for each in found.offers] == ["A", "B"]
    assert [each.line for each in found.rejections] == ([2] if broken else [])
