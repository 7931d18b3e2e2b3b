"""Suppliers that publish their catalogue as a feed, and change their minds.

A `FeedWorld` serves feeds on loopback with ETag and Last-Modified, as web servers do. A
`SupplierFeed` is a table of rows in some published format; its verbs are what happens to real
suppliers: they sell out, restock, raise prices, delist and break. The same seed gives the same
world.
"""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import formatdate
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

Row = dict[str, str]
_CENT = Decimal("0.01")


@dataclass
class SupplierFeed:
    """A supplier's catalogue as rows in the supplier's own columns.

    Attributes:
        name: file name it is served under.
        rows: one dict per row; rows without a price are continuations (further images).
        key: column that groups rows into products.
        stock, price: columns of the stock and of the price that costs are read from.
        render: rows to bytes, in the published format.
    """

    name: str
    rows: list[Row]
    key: str
    stock: str
    price: str
    render: Callable[[list[Row]], bytes]
    random: Random = field(default_factory=lambda: Random(7))
    broken: bool = False

    def document(self) -> bytes:
        """What the supplier publishes right now."""
        return self.render([] if self.broken else self.rows)

    def sell_out(self, count: int) -> list[Row]:
        """Take the stock of some variants to zero."""
        return self._set_stock(
            self._pick(count, lambda row: _units(row[self.stock]) > 0), lambda: 0
        )

    def run_low(self, count: int, units: int) -> list[Row]:
        """Take the stock of some variants down to a few units."""
        rows = self._pick(count, lambda row: _units(row[self.stock]) > units)
        return self._set_stock(rows, lambda: units)

    def restock(self, count: int) -> list[Row]:
        """Fill up some variants that had none."""
        rows = self._pick(count, lambda row: row[self.stock] == "0")
        return self._set_stock(rows, lambda: self.random.randint(20, 80))

    def raise_prices(self, count: int, percent: int) -> list[Row]:
        """Make some variants dearer."""
        rows = self._pick(count, lambda row: True)
        for row in rows:
            dearer = Decimal(row[self.price]) * (100 + percent) / 100
            row[self.price] = str(dearer.quantize(_CENT))
        return rows

    def delist(self, count: int) -> list[str]:
        """Drop some products altogether; returns their keys."""
        keys = sorted({row[self.key] for row in self.rows})
        gone = self.random.sample(keys, min(count, len(keys)))
        self.rows = [row for row in self.rows if row[self.key] not in gone]
        return gone

    def _pick(self, count: int, condition: Callable[[Row], bool]) -> list[Row]:
        fit = [row for row in self.rows if row.get(self.price) and condition(row)]
        return self.random.sample(fit, min(count, len(fit)))

    def _set_stock(self, rows: list[Row], units: Callable[[], int]) -> list[Row]:
        for row in rows:
            row[self.stock] = str(units())
        return rows


def _units(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else 0


def shopify_feed(name: str, text: str, seed: int) -> SupplierFeed:
    """A feed in the Shopify product CSV format from its text."""
    reader = csv.DictReader(io.StringIO(text))
    columns = list(reader.fieldnames or [])
    return SupplierFeed(
        name=name,
        rows=list(reader),
        key="Handle",
        stock="Variant Inventory Qty",
        price="Variant Price",
        render=lambda rows: _csv(columns, rows),
        random=Random(seed),
    )


def google_feed(name: str, rows: list[Row], seed: int) -> SupplierFeed:
    """A feed in the Google Merchant RSS format; rows carry the g: fields without the prefix."""
    return SupplierFeed(
        name=name,
        rows=rows,
        key="item_group_id",
        stock="quantity",
        price="cost_of_goods_sold",
        render=_google_rss,
        random=Random(seed),
    )


def _csv(columns: list[str], rows: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _google_rss(rows: list[Row]) -> bytes:
    items = "".join(f"<item>{_google_item(row)}</item>" for row in rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
        f"<title>products</title>{items}</channel></rss>"
    ).encode()


def _google_item(row: Row) -> str:
    units = _units(row["quantity"])
    fields = dict(row)
    fields["price"] = f"{row['price']} EUR"
    fields["cost_of_goods_sold"] = f"{row['cost_of_goods_sold']} EUR"
    fields["availability"] = "in stock" if units else "out of stock"
    return "".join(f"<g:{name}>{escape(value)}</g:{name}>" for name, value in fields.items())


@dataclass
class FeedWorld:
    """Serves feeds at `url/<name>` on loopback; `requests` logs (path, status) of each answer."""

    feeds: dict[str, SupplierFeed]
    requests: list[tuple[str, int]] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[FeedWorld]:
        """Answer over HTTP until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, path: str, if_none_match: str | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a GET."""
        feed = self.feeds.get(path.strip("/"))
        if feed is None:
            return HTTPStatus.NOT_FOUND, {}, b"no such feed\n"
        body = feed.document()
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Content-Type": _content_type(feed.name)}
        if if_none_match == etag:
            return HTTPStatus.NOT_MODIFIED, headers, b""
        return HTTPStatus.OK, headers, body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = world.answer(self.path, self.headers["If-None-Match"])
                world.requests.append((self.path, int(status)))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Last-Modified", formatdate(usegmt=True))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Requests are in `FeedWorld.requests`, not on the terminal."""

        return Handler


def _content_type(name: str) -> str:
    kinds = {".csv": "text/csv; charset=utf-8", ".xml": "application/xml"}
    return kinds.get(Path(name).suffix, "application/octet-stream")
