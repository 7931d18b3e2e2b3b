"""A merchant's whole installation in a folder: commands, workers, a supplier on the web."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import dagster as dg
from click.testing import CliRunner, Result

from zyenta_ops.bootstrap import Operations, build
from zyenta_ops.cli import main
from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.sandbox.feeds import SupplierFeed
from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.web_server import Respond, WebServer, web_server
from zyenta_ops_tests.defs.world import LOOPBACK, PARTITIONS, a_feed

FEED = "/fjord.csv"


@dataclass
class Shop:
    """Commands and workers on one state; the feed is served at `server` + FEED."""

    settings: Settings
    server: WebServer
    feed: SupplierFeed

    def command(self, *words: str, given: str | None = None) -> Any:
        """The JSON answer of a command that must succeed."""
        result = self.run(*words, "--json", given=given)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def run(self, *words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(main, list(words), obj=Wiring(self.settings), input=given)

    @property
    def operations(self) -> Operations:
        return build(self.settings)

    def supplier(self, *options: str, given: str | None = None) -> None:
        """Add the supplier `fjord` and its partition, as the sensor would."""
        location = self.server.url(FEED)
        self.command("supplier", "add", "fjord", "--feed", location, *options, given=given)
        prepare_instance(self.settings)
        with self.instance() as instance:
            instance.add_dynamic_partitions(PARTITIONS, ["fjord"])

    def store(self, name: str = "Ann") -> None:
        """Add a store that sells all of it."""
        strategy = {"kind": "PERCENTAGE_MARGIN", "value": 100, "endings": [{"currency": "USD"}]}
        self.command(
            *("store", "add", name, "--email", f"{name.lower()}@example.com"),
            *("--currency", "USD", "--country", "US", "--strategy", json.dumps(strategy)),
        )
        self.command("products", "import", "--store", name.lower(), "--supplier", "fjord", "--all")

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        with dg.DagsterInstance.from_config(str(self.settings.dagster_home)) as instance:
            yield instance

    def sync(self) -> None:
        """Sweep and apply in this process, where no worker is the point of the test."""
        operations = self.operations
        operations.catalog.sweep("fjord")
        operations.inventory.sync("fjord", SweepScope())

    def serve_feed(self) -> None:
        """Publish the feed as it is now."""
        self.server.routes[FEED] = document(self.feed.document())

    def stocks(self, store: str = "ann") -> dict[str, int | None]:
        """Published stock by product."""
        return {
            product["product_ref"]: product["variants"][0]["published_stock"]
            for product in self.command("products", "list", "--store", store, "--limit", "9999")
        }

    def alerts(self) -> list[tuple[str, str]]:
        """(type, status) of every alert, sorted."""
        return sorted((each["type"], each["status"]) for each in self.command("alerts", "list"))


def document(content: bytes) -> Respond:
    """Answer with a CSV file."""

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/csv; charset=utf-8")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return respond


def half(content: bytes, reached: Event, released: Event) -> Respond:
    """Send the first half, say so, and wait before the rest."""

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/csv; charset=utf-8")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        middle = len(content) // 2
        request.wfile.write(content[:middle])
        request.wfile.flush()
        reached.set()
        released.wait(30)
        request.wfile.write(content[middle:])

    return respond


@contextmanager
def a_shop(home: Path, database_url: str = "") -> Iterator[Shop]:
    """An installation in an empty folder; the feed is that of `a_feed`."""
    settings = Settings(home=home, database_url=database_url, private_networks=LOOPBACK)
    with web_server() as server:
        shop = Shop(settings, server, a_feed())
        shop.serve_feed()
        yield shop
