"""Ship24, API v1: a Bearer key, a request for each number, ten requests a second."""

from __future__ import annotations

import math
from typing import Any

from zyenta_ops.sandbox.chance import digest
from zyenta_ops.sandbox.limits import Rate
from zyenta_ops.sandbox.trackers.desk import Desk, DeskCounter, has_carrier, is_number
from zyenta_ops.sandbox.trackers.journeys import Journey, Scan
from zyenta_ops.sandbox.wire import Answer, Call, Request, Routes

DEMO_KEY = "apik_sandbox_ship24_key"
RATE = Rate(calls=10, seconds=1)
QUOTA = 10_000
_BASE = "/public/v1"
# Milestone and code.
_WORDS = {
    Scan.ANNOUNCED: ("info_received", "data_order_created"),
    Scan.MOVING: ("in_transit", None),
    Scan.CUSTOMS: ("in_transit", "customs_received"),
    Scan.PAPERS_MISSING: ("exception", "customs_exception"),
    Scan.OUT: ("out_for_delivery", "delivery_out_for_delivery"),
    Scan.AT_PICKUP_POINT: ("available_for_pickup", "delivery_available_for_pickup"),
    Scan.NOBODY_HOME: ("failed_attempt", "delivery_attempted"),
    Scan.DELIVERED: ("delivered", "delivery_delivered"),
    Scan.TROUBLE: ("exception", "delivery_exception"),
    Scan.GOING_BACK: ("exception", "exception_return"),
    # It has no words for what comes after, nor for what is lost.
    Scan.BACK: ("exception", "exception_return"),
    Scan.LOST: ("exception", None),
}


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str, wait: float = 0) -> None:
        super().__init__(message)
        self.status, self.code, self.wait = status, code, wait


class Ship24(DeskCounter):
    """The counter of Ship24."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._routes = Routes()
        self._routes.add("POST", f"{_BASE}/trackers", self._create)
        self._routes.add("GET", f"{_BASE}/trackers", self._list)
        self._routes.add("GET", f"{_BASE}/trackers/search/{{number}}/results", self._results)

    def identify(self, request: Request) -> Call:
        """The pattern of the path, the account whose key it is, and the number it is about."""
        pattern, handler, parts = self._routes.find(request.method, request.path)
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        account = self.desk.keys.get(key, "")
        operation = pattern.removeprefix(_BASE) if handler else "unknown"
        return Call(self.desk.vendor, request.method, operation, account, parts.get("number", ""))

    def answer(self, request: Request, call: Call) -> Answer:
        """Answer as Ship24 does."""
        try:
            return self._serve(request, call)
        except _Refused as error:
            headers = {"Retry_After": str(math.ceil(error.wait))} if error.wait else {}
            document = {"errors": [{"code": error.code, "message": str(error)}], "data": None}
            return Answer.of(document, error.status, error.code, **headers)

    def _serve(self, request: Request, call: Call) -> Answer:
        if not self.desk.admits(call.account):
            raise _Refused(401, "auth_invalid_key", "The API key is not valid.")
        if "forbidden" in call.effects:
            raise _Refused(403, "forbidden", "The API key may not do this.")
        _, handler, parts = self._routes.find(request.method, request.path)
        if handler is None:
            raise _Refused(404, "not_found", "There is nothing here.")
        wait = self.desk.limits.wait(call, f"{request.method} of {call.account}", RATE)
        if wait or "throttled" in call.effects:
            raise _Refused(429, "too_many_requests", "Slow down.", max(wait, 1))
        return handler(request, call, **parts)

    def _create(self, request: Request, call: Call) -> Answer:
        """POST /trackers: the same number again is the same tracker."""
        try:
            number = request.document().get("trackingNumber")
        except ValueError:
            raise _Refused(400, "validation_error", "The body is not JSON.") from None
        if not is_number(number) or not has_carrier(number):
            raise _Refused(400, "validation_error", "trackingNumber is not valid.")
        if self.desk.follows(call.account, number):
            return Answer.of({"data": {"tracker": self._tracker(call.account, number)}})
        if self.desk.left(call.account) <= 0:
            raise _Refused(403, "quota_limit_reached", "The quota of your plan is used up.")
        self.desk.follow(call.account, number)
        return Answer.of({"data": {"tracker": self._tracker(call.account, number)}}, 201)

    def _list(self, request: Request, call: Call) -> Answer:
        """GET /trackers."""
        found = [self._tracker(call.account, each) for each in self.desk.numbers(call.account)]
        return Answer.of({"data": {"trackers": found}})

    def _results(self, request: Request, call: Call, number: str) -> Answer:
        """GET /trackers/search/{number}/results."""
        if not self.desk.follows(call.account, number):
            raise _Refused(404, "tracker_not_found", "There is no such tracker.")
        journey = self.desk.news(call.account, number) or Journey((), "")
        milestone, code = _WORDS[journey.scans[-1].what] if journey.scans else ("pending", None)
        numbers = [number, *([journey.later_number] if journey.later_number else [])]
        tracking = {
            "tracker": self._tracker(call.account, number),
            "shipment": {
                "statusMilestone": milestone,
                "statusCode": code,
                "statusCategory": code.partition("_")[0] if code else None,
                "delivery": {
                    "estimatedDeliveryDate": (
                        journey.expected_at.isoformat() if journey.expected_at else None
                    )
                },
                "trackingNumbers": [{"tn": each} for each in numbers],
            },
            "events": [
                {
                    "eventId": digest(number, each.at.isoformat(), each.text)[:32],
                    "status": each.text,
                    # Local time, with the offset beside it where the courier tells it.
                    "occurrenceDatetime": f"{each.at:%Y-%m-%dT%H:%M:%S}",
                    "utcOffset": "+00:00",
                    "location": each.place or None,
                    "statusMilestone": _WORDS[each.what][0],
                    "statusCode": _WORDS[each.what][1],
                }
                for each in reversed(journey.scans)
            ],
        }
        return Answer.of({"data": {"trackings": [tracking]}})

    def _tracker(self, account: str, number: str) -> dict[str, Any]:
        return {
            "trackerId": digest(self.desk.vendor, account, number)[:32],
            "trackingNumber": number,
            "isSubscribed": True,
        }
