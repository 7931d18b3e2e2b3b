from __future__ import annotations

from collections.abc import Callable

from zyenta_ops.adapters.suppliers.feed import Format, Preset
from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.money import Money
from zyenta_ops_tests.adapters.suppliers.feed.conftest import DATA, Read, read_path


def test_an_rss_feed_becomes_offers() -> None:
    found = read_path(DATA / "google.xml")
    assert (found.understood.format, found.understood.preset) == (Format.XML, Preset.GOOGLE)
    assert found.offers[0] == Offer(
        product_ref="NL-1",
        variant_ref="NL-1-S",
        order_ref="NL-1-S",
        title="Wool Socks & Liners",
        unit_cost=Money(720, "USD"),
        list_price=Money(1500, "USD"),
        stock=None,
        saleable=True,
        sku=None,
        attributes=(("size", "S"),),
        images=(
            "https://img.example.com/socks.jpg",
            "https://img.example.com/socks-2.jpg",
            "https://img.example.com/socks-3.jpg",
        ),
        in_stock=True,
    )


def test_availability_cost_and_currency_are_each_items_own() -> None:
    lamp, next_lamp = read_path(DATA / "google.xml").offers[1:]
    assert (lamp.unit_cost, lamp.list_price) == (Money(2150, "EUR"), Money(4000, "EUR"))
    assert (lamp.stock, lamp.saleable) == (0, True)
    assert (next_lamp.stock, next_lamp.saleable) == (None, False)


def test_an_unknown_currency_rejects_the_item_alone() -> None:
    found = read_path(DATA / "google.xml")
    assert len(found.offers) == 3
    assert found.reasons == [
        (4, "the price '41.00 ABC' is in 'ABC', which is not an ISO 4217 code")
    ]


def test_an_atom_feed_is_read_as_well(read: Callable[..., Read]) -> None:
    found = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">'
        "<title>Shop</title><entry><g:id>1</g:id><title>Cup</title><g:price>4 USD</g:price>"
        "<g:availability>in stock</g:availability></entry></feed>"
    )
    assert [(o.product_ref, o.title) for o in found.offers] == [("1", "Cup")]


def test_a_tab_separated_feed_is_read_with_spaces_in_its_column_names(
    read: Callable[..., Read],
) -> None:
    found = read(
        "id\ttitle\tprice\tavailability\titem group id\timage link\tquantity\n"
        "1\tCup, blue\t4.00 USD\tin stock\tG\thttps://img.example.com/a.jpg\t8\n"
    )
    assert found.understood.delimiter == "\t"
    assert found.understood.preset is Preset.GOOGLE
    assert [(o.product_ref, o.variant_ref, o.title, o.stock) for o in found.offers] == [
        ("G", "1", "Cup, blue", 8)
    ]
