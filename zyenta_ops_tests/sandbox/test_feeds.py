from __future__ import annotations

import csv
import io
from collections.abc import Callable
from http.client import HTTPConnection

import pytest

from zyenta_ops.sandbox.catalogues import apparel_feed, home_feed
from zyenta_ops.sandbox.feeds import FeedWorld, SupplierFeed, google_feed, shopify_feed

FEEDS = [apparel_feed, home_feed]


def stocks(feed: SupplierFeed) -> list[str]:
    return [row[feed.stock] for row in feed.rows]


def get(world: FeedWorld, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection(world.url.removeprefix("http://"))
    connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, dict(response.getheaders()), body


@pytest.mark.parametrize("make", FEEDS)
def test_the_same_seed_gives_the_same_catalogue_and_the_same_fate(
    make: Callable[[int], SupplierFeed],
) -> None:
    one, two, other = make(5), make(5), make(6)
    for feed in (one, two, other):
        feed.sell_out(3)
        feed.raise_prices(3, 10)
        feed.delist(1)

    assert one.document() == two.document()
    assert one.document() != other.document()


@pytest.mark.parametrize("make", FEEDS)
def test_selling_out_empties_as_many_as_asked(make: Callable[[int], SupplierFeed]) -> None:
    feed = make(5)
    before = stocks(feed).count("0")

    sold_out = feed.sell_out(4)

    assert len(sold_out) == 4
    assert stocks(feed).count("0") == before + 4


def test_running_low_leaves_a_few_units_and_lifts_nobody() -> None:
    feed = apparel_feed(5)
    before = stocks(feed)

    low = feed.run_low(5, units=3)

    assert [row[feed.stock] for row in low] == ["3"] * 5
    assert all(int(after) <= int(was) for after, was in zip(stocks(feed), before, strict=True))


def test_restocking_fills_what_was_empty_and_no_more_than_there_is() -> None:
    feed = apparel_feed(5)
    empty = stocks(feed).count("0")

    restocked = feed.restock(1_000)

    assert len(restocked) == empty > 0
    assert stocks(feed).count("0") == 0
    assert all(20 <= int(row[feed.stock]) <= 80 for row in restocked)


def test_prices_rise_by_the_percentage_to_the_cent() -> None:
    feed = shopify_feed(
        "f.csv", "Handle,Variant Inventory Qty,Variant Price\na,1,10.05\nb,1,19.99\n", seed=1
    )

    feed.raise_prices(2, percent=18)

    assert [row["Variant Price"] for row in feed.rows] == ["11.86", "23.59"]


def test_delisting_drops_every_row_of_a_product() -> None:
    feed = apparel_feed(5)

    (gone,) = feed.delist(1)

    assert gone not in {row["Handle"] for row in feed.rows}
    assert feed.rows


def test_a_shopify_feed_is_the_text_it_was_made_of() -> None:
    text = 'Handle,Title,Variant Inventory Qty,Variant Price\na,"A, b",4,9.00\n,,,\n'

    document = shopify_feed("f.csv", text, seed=1).document().decode()

    assert list(csv.reader(io.StringIO(document))) == list(csv.reader(io.StringIO(text)))


def test_a_google_feed_states_currency_and_availability() -> None:
    row = {
        "id": "1",
        "item_group_id": "g",
        "title": "Tea & cake",
        "price": "8.00",
        "cost_of_goods_sold": "4.00",
        "quantity": "0",
    }

    document = google_feed("f.xml", [row], seed=1).document().decode()

    assert "<g:price>8.00 EUR</g:price>" in document
    assert "<g:cost_of_goods_sold>4.00 EUR</g:cost_of_goods_sold>" in document
    assert "<g:availability>out of stock</g:availability>" in document
    assert "<g:title>Tea &amp; cake</g:title>" in document


def test_a_broken_feed_is_well_formed_and_empty() -> None:
    feed = apparel_feed(5)
    header = feed.document().splitlines()[0]
    feed.broken = True

    assert feed.document().splitlines() == [header]


def test_a_feed_is_served_once_and_then_only_when_it_changed() -> None:
    feed = home_feed(5)
    with FeedWorld({"home.xml": feed}).serve() as world:
        status, headers, body = get(world, "/home.xml")
        assert (status, body) == (200, feed.document())
        assert headers["Content-Type"] == "application/xml"

        assert get(world, "/home.xml", If_None_Match=headers["ETag"])[::2] == (304, b"")

        feed.sell_out(1)
        assert get(world, "/home.xml", If_None_Match=headers["ETag"])[0] == 200
        assert get(world, "/other.xml")[0] == 404

    assert world.requests == [
        ("/home.xml", 200),
        ("/home.xml", 304),
        ("/home.xml", 200),
        ("/other.xml", 404),
    ]


def test_the_world_is_gone_when_its_block_ends() -> None:
    with FeedWorld({}).serve() as world:
        assert get(world, "/")[0] == 404

    with pytest.raises(ConnectionRefusedError):
        get(world, "/")
