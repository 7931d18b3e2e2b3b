"""The sandbox's own pages under `/_sandbox/`: what was asked, what time it is, what goes wrong.

They are for people and tests. No vendor has them, and no credential or address is on them, save
for the secret of a webhook endpoint that is registered here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.counter import Counter
from zyenta_ops.sandbox.faults import MOVES, FaultScript, read_rules
from zyenta_ops.sandbox.orders import NotEnough, Order, OrderBook
from zyenta_ops.sandbox.request_log import RequestLog
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Answer, Request, Routes

_VERBS: dict[str, Callable[[OrderBook, Order], None]] = {
    "pay": OrderBook.pay,
    "cancel": OrderBook.cancel,
    "hold": OrderBook.hold,
    "release": OrderBook.release,
    "split": OrderBook.split,
}


class Admin:
    """Answers for `/_sandbox/`.

    Attributes:
        routes: more of them may be added.
    """

    def __init__(
        self,
        trades: Mapping[str, Trade],
        counters: Mapping[str, Counter],
        clock: Clock,
        script: FaultScript,
        log: RequestLog,
    ) -> None:
        self._trades, self._counters = trades, counters
        self._clock, self._script, self._log = clock, script, log
        self.routes = Routes()
        for method, path, handler in (
            ("GET", "/requests", self._requests),
            ("GET", "/clock", self._read_clock),
            ("POST", "/clock", self._advance),
            ("GET", "/faults", self._read_faults),
            ("POST", "/faults", self._add_faults),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/orders", self._orders),
            ("POST", "/orders", self._change_order),
            ("POST", "/moves", self._move),
            ("POST", "/accounts", self._change_account),
        ):
            self.routes.add(method, path, handler)

    def answer(self, request: Request) -> Answer:
        """Answer a request; what is wrong with it is said in one sentence."""
        _, handler, parts = self.routes.find(request.method, request.path)
        if handler is None:
            return Answer.of({"error": f"there is no {request.method} {request.path} here"}, 404)
        try:
            return handler(request, **parts)
        except ValueError as error:
            return Answer.of({"error": str(error)}, 400)

    def _requests(self, request: Request) -> Answer:
        asked = request.parameters()
        after = asked.get("after", "0")
        if not after.isdecimal():
            raise ValueError("after is the number of a request")
        entries = self._log.all(asked.get("vendor", ""), int(after))
        return Answer.of([entry.document() for entry in entries])

    def _read_clock(self, request: Request) -> Answer:
        return Answer.of({"now": self._clock().isoformat()})

    def _advance(self, request: Request) -> Answer:
        seconds = request.document().get("advance_seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ValueError("advance_seconds is a number of seconds")
        self._clock.advance(timedelta(seconds=seconds))
        return self._read_clock(request)

    def _read_faults(self, request: Request) -> Answer:
        return Answer.of(self._script.state())

    def _add_faults(self, request: Request) -> Answer:
        for rule in read_rules(request.body):
            self._script.add(rule)
        return self._read_faults(request)

    def _clear_faults(self, request: Request) -> Answer:
        self._script.clear()
        return self._read_faults(request)

    def _orders(self, request: Request) -> Answer:
        asked = request.parameters().get("vendor", "")
        return Answer.of(
            [
                {"vendor": vendor, **self._order(order)}
                for vendor, trade in self._trades.items()
                if asked in ("", vendor)
                for _, order in sorted(trade.orders.orders.items())
            ]
        )

    def _change_order(self, request: Request) -> Answer:
        asked = request.document()
        trade = self._trade(asked)
        order = trade.orders.orders.get(_number(asked, "order"))
        verb = _VERBS.get(str(asked.get("do")))
        if order is None or verb is None:
            raise ValueError(f"order is the number of an order, do is one of {', '.join(_VERBS)}")
        try:
            verb(trade.orders, order)
        except NotEnough as lacking:
            raise ValueError(f"there is not enough {lacking}") from None
        return Answer.of(self._order(order))

    def _move(self, request: Request) -> Answer:
        asked = request.document()
        if asked.get("move") not in MOVES:
            raise ValueError(f"move is one of {', '.join(MOVES)}")
        count, percent = _number(asked, "count", 1), _number(asked, "percent", 20)
        changed = self._trade(asked).catalogue.move(str(asked["move"]), count, percent)
        return Answer.of({"products": [product.number for product in changed]})

    def _change_account(self, request: Request) -> Answer:
        asked = request.document()
        counter = self._counters.get(str(asked.get("vendor")))
        if counter is None:
            raise ValueError(f"vendor is one of {', '.join(self._counters)}")
        if asked.get("do") != "revoke":
            raise ValueError("do is revoke")
        account = str(asked.get("account"))
        if not counter.revoke(account):
            raise ValueError("account is the name of an account, as requests show it")
        return Answer.of({"vendor": asked["vendor"], "account": account, "revoked": True})

    def _trade(self, asked: Mapping[str, Any]) -> Trade:
        trade = self._trades.get(str(asked.get("vendor")))
        if trade is None:
            raise ValueError(f"vendor is one of {', '.join(self._trades)}")
        return trade

    def _order(self, order: Order) -> dict[str, Any]:
        now = self._clock()
        return {
            "order": order.number,
            "account": order.account,
            "reference": order.reference,
            "standing": order.standing(now),
            "total_cents": order.total,
            "country": order.country,
            "units": sum(line.units for line in order.lines),
            "created_at": order.created_at.isoformat(),
            "tracking": [parcel.tracking for parcel, _ in order.shipped(now)],
        }


def _number(asked: Mapping[str, Any], name: str, default: int | None = None) -> int:
    found = asked.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int):
        raise ValueError(f"{name} is a whole number")
    return found
