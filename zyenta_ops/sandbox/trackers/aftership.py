"""AfterShip Tracking, version 2025-07: a key in `as-api-key`, a request to follow each number."""

from __future__ import annotations

from typing import Any

from zyenta_ops.sandbox.chance import digest
from zyenta_ops.sandbox.limits import Rate
from zyenta_ops.sandbox.trackers.desk import Desk, DeskCounter, has_carrier, is_number
from zyenta_ops.sandbox.trackers.journeys import Journey, Scan
from zyenta_ops.sandbox.wire import Answer, Call, Request, Routes

DEMO_KEY = "asat_sandbox_aftership_key"
CREATE_RATE = Rate(calls=20, seconds=1)
LIST_RATE = Rate(calls=6, seconds=1)
QUOTA = 10_000
PAGE = 100
_BASE = "/tracking/2025-07"
_WORDS = {
    Scan.ANNOUNCED: "InfoReceived_001",
    Scan.MOVING: "InTransit_001",
    Scan.CUSTOMS: "InTransit_006",
    Scan.PAPERS_MISSING: "Exception_004",
    Scan.OUT: "OutForDelivery_001",
    Scan.AT_PICKUP_POINT: "AvailableForPickup_001",
    Scan.NOBODY_HOME: "AttemptFail_002",
    Scan.DELIVERED: "Delivered_001",
    Scan.TROUBLE: "Exception_001",
    Scan.GOING_BACK: "Exception_010",
    Scan.BACK: "Exception_011",
    Scan.LOST: "Exception_013",
}


class _Refused(Exception):
    def __init__(self, status: int, code: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.kind = status, code, kind


class AfterShip(DeskCounter):
    """The counter of AfterShip."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._routes = Routes()
        self._routes.add("POST", f"{_BASE}/trackings", self._create)
        self._routes.add("GET", f"{_BASE}/trackings", self._list)

    def identify(self, request: Request) -> Call:
        """The path, the account whose key it is, and the numbers it is about."""
        pattern, handler, _ = self._routes.find(request.method, request.path)
        account = self.desk.keys.get(request.headers.get("as-api-key", ""), "")
        operation = pattern.removeprefix(_BASE) if handler else "unknown"
        numbers = request.parameters().get("tracking_numbers", "")
        return Call(self.desk.vendor, request.method, operation, account, numbers)

    def answer(self, request: Request, call: Call) -> Answer:
        """Answer in AfterShip's envelope."""
        try:
            return self._serve(request, call)
        except _Refused as error:
            meta = {"code": error.code, "type": error.kind, "message": str(error)}
            return Answer.of({"meta": meta, "data": {}}, error.status, str(error.code))

    def _serve(self, request: Request, call: Call) -> Answer:
        if not self.desk.admits(call.account):
            raise _Refused(401, 401, "Unauthorized", "The API key is invalid.")
        if "forbidden" in call.effects:
            raise _Refused(403, 403, "Forbidden", "The request is not allowed.")
        _, handler, _ = self._routes.find(request.method, request.path)
        if handler is None:
            raise _Refused(404, 404, "NotFound", "The requested URI is invalid.")
        rate = CREATE_RATE if request.method == "POST" else LIST_RATE
        key = f"{request.method} of {call.account}"
        if self.desk.limits.wait(call, key, rate) or "throttled" in call.effects:
            raise _Refused(429, 429, "TooManyRequests", "You have exceeded the API call limit.")
        return handler(request, call)

    def _create(self, request: Request, call: Call) -> Answer:
        """POST /trackings."""
        try:
            number = request.document().get("tracking_number")
        except ValueError:
            raise _Refused(400, 4001, "BadRequest", "Invalid JSON data.") from None
        if not number:
            raise _Refused(400, 4007, "BadRequest", "tracking_number is required.")
        if not is_number(number):
            message = "The value of tracking_number is invalid."
            raise _Refused(400, 4005, "BadRequest", message)
        if self.desk.follows(call.account, number):
            raise _Refused(400, 4003, "BadRequest", "Tracking already exists.")
        if not has_carrier(number):
            message = "Unable to import shipment as we don't recognize the carrier."
            raise _Refused(400, 4012, "BadRequest", message)
        if self.desk.left(call.account) <= 0:
            raise _Refused(402, 402, "PaymentRequired", "The quota of your plan is used up.")
        self.desk.follow(call.account, number)
        found = self._tracking(call.account, number)
        return Answer.of({"meta": {"code": 201}, "data": found}, 201)

    def _list(self, request: Request, call: Call) -> Answer:
        """GET /trackings, of all numbers or of some, page by page."""
        asked = request.parameters()
        wanted = asked.get("tracking_numbers", "").split(",")
        mine = self.desk.numbers(call.account)
        found = [each for each in mine if wanted == [""] or each in wanted]
        limit = int(asked["limit"]) if asked.get("limit", "").isdecimal() else PAGE
        start = int(asked["cursor"]) if asked.get("cursor", "").isdecimal() else 0
        more = start + limit < len(found)
        shown = found[start : start + limit]
        data = {
            "pagination": {
                "total": len(found),
                "next_cursor": str(start + limit) if more else "",
                "has_next_page": more,
            },
            "trackings": [self._tracking(call.account, each) for each in shown],
        }
        return Answer.of({"meta": {"code": 200}, "data": data})

    def _tracking(self, account: str, number: str) -> dict[str, Any]:
        journey = self.desk.news(account, number) or Journey((), "")
        subtag = _WORDS[journey.scans[-1].what] if journey.scans else "Pending_001"
        eta = journey.expected_at.isoformat() if journey.expected_at else None
        last_mile = {"tracking_number": journey.later_number, "slug": journey.later_carrier}
        return {
            "id": digest(self.desk.vendor, account, number)[:32],
            "tracking_number": number,
            "slug": journey.carrier.lower() or None,
            "tag": subtag.partition("_")[0],
            "subtag": subtag,
            "courier_estimated_delivery_date": {"estimated_delivery_date": eta} if eta else None,
            "last_mile": last_mile if journey.later_number else None,
            "checkpoints": [
                {
                    "checkpoint_time": each.at.isoformat(),
                    "message": each.text,
                    "city": each.place or None,
                    "location": None,
                    "tag": _WORDS[each.what].partition("_")[0],
                    "subtag": _WORDS[each.what],
                }
                for each in journey.scans
            ],
        }
