"""The world of the sandbox: every vendor behind one port, on one clock, from one seed.

    with SandboxWorld(seed=7, products=200).serving() as world:
        world.urls["cj"]

Each vendor has a catalogue, orders and limits of its own. The demo credentials are constants in
`sandbox.accounts`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from zyenta_ops.sandbox import spocket
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.admin import Admin
from zyenta_ops.sandbox.aliexpress.gateway import AliExpress
from zyenta_ops.sandbox.aliexpress.products import product_id
from zyenta_ops.sandbox.cj.gateway import Cj
from zyenta_ops.sandbox.cj.products import pid
from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.counter import Counter
from zyenta_ops.sandbox.faults import INSTEAD, FaultScript, Rule, read_rules
from zyenta_ops.sandbox.http import SandboxServer
from zyenta_ops.sandbox.images import image_answer
from zyenta_ops.sandbox.limits import Limits
from zyenta_ops.sandbox.orders import OrderBook
from zyenta_ops.sandbox.printful.gateway import Printful
from zyenta_ops.sandbox.printful.products import sync_product_id
from zyenta_ops.sandbox.products import Catalogue, Product
from zyenta_ops.sandbox.pushes import Pushes
from zyenta_ops.sandbox.request_log import RequestLog
from zyenta_ops.sandbox.stripe.admin import StripeAdmin
from zyenta_ops.sandbox.stripe.drivers import Drivers
from zyenta_ops.sandbox.stripe.gateway import Stripe
from zyenta_ops.sandbox.trackers import aftership, seventeentrack, ship24
from zyenta_ops.sandbox.trackers.desk import Desk
from zyenta_ops.sandbox.trackers.journeys import Journeys
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Answer, Call, Request

_TELLS_EVERY_SECONDS = 1
_EXAMPLES = 3


@dataclass(frozen=True)
class _Shop:
    """A vendor: where its API begins, its first order number, how it ships, times in hours."""

    base: str
    first_number: int
    prefix: str
    carrier: str
    packing: tuple[int, int]
    transit: tuple[int, int]


_SHOPS = {
    # Long enough for an order that is first looked at for a day.
    "aliexpress": _Shop("", 8_190_000_000_000_001, "AP", "Cainiao", (26, 72), (192, 384)),
    "cj": _Shop("/api2.0/v1", 2_611_021_200_000_000_001, "CJPKL", "CJPacket", (20, 60), (120, 288)),
    "printful": _Shop("", 120_000_001, "PF", "FEDEX", (48, 120), (72, 192)),
    "spocket": _Shop("", 7_001, "SPK", "UPS", (24, 72), (72, 240)),
}


# Where each tracker's API begins below the address of the sandbox.
TRACKER_BASES = {
    "17track": "/17track/track/v2.2",
    "aftership": "/aftership/tracking/2025-07",
    "ship24": "/ship24/public/v1",
}

# Where each seller's API begins below the address of the sandbox, and how it names a product.
BASES = {name: f"/{name}{shop.base}" for name, shop in _SHOPS.items()}
_TRACKERS: dict[str, Any] = {
    "17track": seventeentrack,
    "aftership": aftership,
    "ship24": ship24,
}
_NAMES: dict[str, Callable[[Product], object]] = {
    "aliexpress": product_id,
    "cj": pid,
    "printful": sync_product_id,
    "spocket": spocket.product_id,
}


class SandboxWorld:
    """Fake counterparties over HTTP.

    Attributes:
        clock: stands still unless another is given; `advance` moves it.
        script: what goes wrong; nothing unless a script is given.
        log: every request.
        pushes: every message that a vendor has sent or is about to send.
        trades: catalogue, orders and limits by vendor that sells.
        journeys: where parcels are, for the trackers.
        trackers: the desks of 17TRACK, AfterShip and Ship24, by name.
        stripe, payers: Stripe, and everybody who pays, disputes or subscribes there.
        urls: base URL of each vendor's API while it is served.
    """

    def __init__(
        self,
        seed: int = 7,
        products: int = 500,
        *,
        clock: Clock | None = None,
        script: FaultScript | None = None,
        enforce_limits: bool = True,
    ) -> None:
        self.seed = seed
        self.clock = clock or Clock.standing()
        self.script = script or FaultScript(seed=seed)
        self.log = RequestLog()
        self.pushes = Pushes(self.clock, self.script)
        self.urls: dict[str, str] = {}
        self.trades = {name: self._trade(name, products, enforce_limits) for name in _SHOPS}
        self.aliexpress = AliExpress(self.trades["aliexpress"])
        self.cj = Cj(self.trades["cj"])
        self.printful = Printful(self.trades["printful"])
        self.spocket = spocket.Spocket(self.trades["spocket"])
        self.journeys = Journeys(f"{seed}/journeys", self.clock, self.trades)
        self.trackers = {
            name: Desk(
                name,
                self.clock,
                self.journeys,
                Limits(self.clock, enforce_limits),
                {module.DEMO_KEY: "demo"},
                module.QUOTA,
            )
            for name, module in _TRACKERS.items()
        }
        self.stripe = Stripe(f"{seed}/stripe", self.clock)
        self.payers = Drivers(self.stripe)
        self._counters: Mapping[str, Counter] = {
            "aliexpress": self.aliexpress,
            "cj": self.cj,
            "printful": self.printful,
            "spocket": self.spocket,
            "stripe": self.stripe,
            "17track": seventeentrack.SeventeenTrack(self.trackers["17track"]),
            "aftership": aftership.AfterShip(self.trackers["aftership"]),
            "ship24": ship24.Ship24(self.trackers["ship24"]),
        }
        self._admin = Admin(self.trades, self._counters, self.clock, self.script, self.log)
        StripeAdmin(self.stripe, self.payers).mount(self._admin.routes)
        self._lock = threading.RLock()

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[SandboxWorld]:
        """Answer over HTTP on loopback until the block ends."""
        with SandboxServer(port, self._respond).serving() as server:
            for name in _SHOPS:
                self.trades[name].url = server.url
                self.urls[name] = f"{server.url}{BASES[name]}"
            self.urls["stripe"] = f"{server.url}/stripe"
            self.urls |= {name: f"{server.url}{base}" for name, base in TRACKER_BASES.items()}
            self.urls["sandbox"] = f"{server.url}/_sandbox"
            yield self

    def examples(self, count: int) -> dict[str, list[str]]:
        """References of the first products on sale, by vendor, as its API takes them."""
        return {
            vendor: [str(name(each)) for each in self.trades[vendor].catalogue.on_sale()[:count]]
            for vendor, name in _NAMES.items()
        }

    def advance(self, **delta: float) -> datetime:
        """Go forward in time, and tell those who asked to be told what has happened."""
        with self._lock:
            now = self.clock.advance(timedelta(**delta))
        self.settle()
        return now

    def settle(self) -> None:
        """Deliver the pushes that are due, among them those about what has just happened."""
        with self._lock:
            for counter in self._counters.values():
                self.pushes.add(counter.news())
        # Outside of the lock: who is told may well ask the sandbox what happened.
        self.pushes.deliver()

    def _respond(self, request: Request) -> tuple[Answer | None, Mapping[str, Rule]]:
        vendor, _, rest = request.path.lstrip("/").partition("/")
        inner = Request(
            request.method, f"/{rest}", request.query, request.headers, request.body, request.client
        )
        if vendor == "_sandbox":
            with self._lock:
                answer = self._admin.answer(inner)
            if request.method == "POST":
                self.settle()
            return answer, {}
        if vendor == "images":
            answer = image_answer(inner.path)
            self._note(Call("images", request.method, "image"), answer)
            return answer, {}
        counter = self._counters.get(vendor)
        if counter is None:
            return Answer.of({"error": "no such vendor in this sandbox"}, 404), {}
        with self._lock:
            return self._at_counter(counter, inner)

    def _at_counter(
        self, counter: Counter, request: Request
    ) -> tuple[Answer | None, Mapping[str, Rule]]:
        call = counter.identify(request)
        call.effects = self.script.due(call.vendor, call.operation, call.method, call.product)
        if "expired_token" in call.effects:
            counter.forget_token(call)
        if (rule := call.effects.get("move")) and call.vendor in self.trades:
            self.trades[call.vendor].catalogue.move(rule.move, rule.count, rule.percent)
        instead = INSTEAD & call.effects.keys() - {"throttled"}
        answer = None if instead else counter.answer(request, call)
        if answer and answer.status < 400 and (rule := call.effects.get("status_after")):
            answer = Answer(rule.status, b"", outcome="status_after")
        self._note(call, answer)
        return answer, call.effects

    def _note(self, call: Call, answer: Answer | None) -> None:
        broken = answer is None or "reset_after" in call.effects
        outcome = answer.outcome if answer else next(f for f in call.effects if f in INSTEAD)
        status = 0 if broken or answer is None else answer.status
        if answer is None and outcome == "status":
            status = call.effects["status"].status
        self.log.add(
            at=self.clock(),
            vendor=call.vendor,
            method=call.method,
            operation=call.operation,
            account=call.account,
            status=status,
            outcome=outcome,
            faults=tuple(call.effects),
            violation=call.violation,
        )

    def _trade(self, name: str, products: int, enforce_limits: bool) -> Trade:
        shop = _SHOPS[name]
        seed = f"{self.seed}/{name}"
        catalogue = Catalogue.from_seed(seed, products, self.clock)
        orders = OrderBook(
            seed,
            catalogue,
            self.clock,
            shop.first_number,
            shop.prefix,
            shop.carrier,
            shop.packing,
            shop.transit,
        )
        limits = Limits(self.clock, enforce_limits)
        return Trade(name, seed, self.clock, catalogue, orders, limits)


def run(
    port: int, seed: int, script: Path | None, announce: Callable[[str], None], products: int = 500
) -> None:
    """Serve a world on the time of day until interrupted, and tell those who subscribed.

    Args:
        port: 0 for any that is free.
        seed: the same one makes the same world.
        script: a JSON file of fault rules; nothing goes wrong without one.
        announce: told line by line where everything is, with what credentials, and what is sold.
        products: how many each vendor has.

    Raises:
        ValueError: the script is not one; says what is wrong with it.
        OSError: the script cannot be read, or the port is taken.
    """
    rules = read_rules(script.read_bytes()) if script else []
    clock = Clock(lambda: datetime.now(UTC))
    world = SandboxWorld(seed, products, clock=clock, script=FaultScript(rules, seed))
    with world.serving(port):
        for name, url in world.urls.items():
            announce(f"{name}: {url}")
        for name, secrets in DEMO_SECRETS.items():
            announce(f"{name} account: {' '.join(f'{k}={v}' for k, v in secrets.items())}")
        for name, examples in world.examples(_EXAMPLES).items():
            announce(f"{name} sells {', '.join(examples)}, …")
        try:
            while True:
                threading.Event().wait(_TELLS_EVERY_SECONDS)
                world.settle()
        except KeyboardInterrupt:
            announce("the sandbox ends")
