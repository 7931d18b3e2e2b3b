"""17TRACK, API v2.2: a key in `17token`, 40 numbers a request, three requests a second."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from zyenta_ops.sandbox.limits import Rate
from zyenta_ops.sandbox.trackers.desk import Desk, DeskCounter, has_carrier, is_number
from zyenta_ops.sandbox.trackers.journeys import Journey, Scan
from zyenta_ops.sandbox.wire import Answer, Call, Request, Routes

DEMO_KEY = "sandbox-17track-security-key"
RATE = Rate(calls=3, seconds=1)
MOST = 40
QUOTA = 100  # a month, of the free plan

_INVALID, _TOO_MANY, _DETECT, _KNOWN, _UNKNOWN, _QUOTA, _NO_NEWS = (
    -18010012, -18010014, -18019903, -18019901, -18019902, -18019908, -18019909,
)  # fmt: skip
_MESSAGES = {
    -18010001: "IP is not in the whitelist.",
    -18010002: "Invalid security key.",
    -18010013: "Invalid submitted data.",
    _INVALID: "The format of data 'number' is invalid.",
    _TOO_MANY: "Tracking numbers exceed the 40 limit.",
    _DETECT: "Carrier cannot be detected.",
    _KNOWN: "Tracking number is already registered.",
    _UNKNOWN: "Tracking number is not registered yet. Register first.",
    _QUOTA: "Quota is not enough for use.",
    _NO_NEWS: "No tracking information at this time.",
}
_WORDS = {
    Scan.ANNOUNCED: "InfoReceived",
    Scan.MOVING: "InTransit_Other",
    Scan.CUSTOMS: "InTransit_CustomsProcessing",
    Scan.PAPERS_MISSING: "InTransit_CustomsRequiringInformation",
    Scan.OUT: "OutForDelivery_Other",
    Scan.AT_PICKUP_POINT: "AvailableForPickup_Other",
    Scan.NOBODY_HOME: "DeliveryFailure_NoBody",
    Scan.DELIVERED: "Delivered_Other",
    Scan.TROUBLE: "Exception_Other",
    Scan.GOING_BACK: "Exception_Returning",
    Scan.BACK: "Exception_Returned",
    Scan.LOST: "Exception_Lost",
}


class _Refused(Exception):
    def __init__(self, code: int, status: int = 200) -> None:
        super().__init__(_MESSAGES[code])
        self.code, self.status = code, status


class SeventeenTrack(DeskCounter):
    """The counter of 17TRACK."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._routes = Routes()
        for path, handler in (
            ("register", self._register),
            ("gettrackinfo", self._track_info),
            ("getquota", self._quota),
        ):
            self._routes.add("POST", f"/track/v2.2/{path}", handler)

    def identify(self, request: Request) -> Call:
        """The path, the account whose key it is, and the numbers it is about."""
        pattern, handler, _ = self._routes.find(request.method, request.path)
        account = self.desk.keys.get(request.headers.get("17token", ""), "")
        operation = pattern.rpartition("/")[2] if handler else "unknown"
        return Call(self.desk.vendor, request.method, operation, account, _numbers(request))

    def answer(self, request: Request, call: Call) -> Answer:
        """Answer in 17TRACK's envelope."""
        _, handler, _ = self._routes.find(request.method, request.path)
        if handler is None:
            return Answer(404, b"", outcome="404")
        try:
            if not self.desk.admits(call.account):
                raise _Refused(-18010002, 401)
            if "forbidden" in call.effects:
                raise _Refused(-18010001, 401)
            if self.desk.limits.wait(call, f"key of {call.account}", RATE):
                return Answer(429, b"", outcome="429")
            if "throttled" in call.effects:
                return Answer(429, b"", outcome="429")
            return handler(request, call)
        except _Refused as error:
            said = {"code": error.code, "message": str(error)}
            document = {"code": error.code, "data": {"errors": [said]}}
            return Answer.of(document, error.status, str(error.code))

    def _register(self, request: Request, call: Call) -> Answer:
        """POST /register."""
        accepted, rejected = [], []
        for item in _items(request):
            number = item.get("number")
            if code := self._reason_against(call.account, item):
                rejected.append(_rejected(number, code))
            else:
                self.desk.follow(call.account, str(number))
                accepted.append({"origin": 1, "number": number, "carrier": _carrier(item)})
        return _found(accepted, rejected)

    def _reason_against(self, account: str, item: dict[str, Any]) -> int:
        number = item.get("number")
        if not is_number(number):
            return _INVALID
        if self.desk.follows(account, str(number)):
            return _KNOWN
        if not has_carrier(str(number)):
            return _DETECT
        return 0 if self.desk.left(account) > 0 else _QUOTA

    def _track_info(self, request: Request, call: Call) -> Answer:
        """POST /gettrackinfo."""
        accepted, rejected = [], []
        for item in _items(request):
            number = item.get("number")
            if not is_number(number):
                rejected.append(_rejected(number, _INVALID))
            elif not self.desk.follows(call.account, str(number)):
                rejected.append(_rejected(number, _UNKNOWN))
            elif (journey := self.desk.news(call.account, str(number))) is None:
                rejected.append(_rejected(number, _NO_NEWS))
            else:
                info = _track_info(journey)
                accepted.append({"number": number, "carrier": _carrier(item), "track_info": info})
        return _found(accepted, rejected)

    def _quota(self, request: Request, call: Call) -> Answer:
        """POST /getquota."""
        left = self.desk.left(call.account)
        quota = self.desk.quota
        found = {"quota_total": quota, "quota_used": quota - left, "quota_remain": left}
        return Answer.of({"code": 0, "data": found})


def _items(request: Request) -> list[dict[str, Any]]:
    try:
        found = json.loads(request.body)
    except ValueError:
        raise _Refused(-18010013) from None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _Refused(-18010013)
    if len(found) > MOST:
        raise _Refused(_TOO_MANY)
    return found


def _numbers(request: Request) -> str:
    try:
        return ",".join(str(each.get("number")) for each in _items(request))
    except _Refused:
        return ""


def _carrier(item: dict[str, Any]) -> int:
    return item["carrier"] if isinstance(item.get("carrier"), int) else 190271


def _rejected(number: object, code: int) -> dict[str, Any]:
    return {"number": number, "error": {"code": code, "message": _MESSAGES[code]}}


def _found(accepted: list[Any], rejected: list[Any]) -> Answer:
    return Answer.of({"code": 0, "data": {"accepted": accepted, "rejected": rejected}})


def _track_info(journey: Journey) -> dict[str, Any]:
    events = [
        {
            "time_iso": each.at.isoformat(),
            "time_utc": _utc(each.at),
            "time_raw": {"date": f"{each.at:%Y-%m-%d}", "time": f"{each.at:%H:%M:%S}"},
            "description": each.text,
            "location": each.place or None,
            "stage": None,
            "sub_status": _WORDS[each.what],
        }
        for each in reversed(journey.scans)
    ]
    word = _WORDS[journey.scans[-1].what] if journey.scans else "NotFound_Other"
    eta = _utc(journey.expected_at) if journey.expected_at else None
    provider = {"provider": {"key": 190271, "name": journey.carrier}, "events": events}
    return {
        "shipping_info": {},
        "latest_status": {
            "status": word.partition("_")[0],
            "sub_status": word,
            "sub_status_descr": None,
        },
        "latest_event": events[0] if events else None,
        "time_metrics": {"estimated_delivery_date": {"source": None, "from": eta, "to": eta}},
        "misc_info": {
            "local_number": journey.later_number or None,
            "local_provider": journey.later_carrier or None,
        },
        "tracking": {"providers": [provider] if events else []},
    }


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
