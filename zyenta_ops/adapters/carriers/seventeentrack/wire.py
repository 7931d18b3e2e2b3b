"""17TRACK's envelope and error codes, and what its tracking says.

Every answer is `{"code": 0, "data": {"accepted": […], "rejected": […]}}`; what concerns the whole
request is in `data.errors`. A rejected number has an error of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from zyenta_ops.adapters.carriers.reading import Told, answer, handover, happened, moment
from zyenta_ops.adapters.http.documents import entries, entry, name, words
from zyenta_ops.adapters.http.line import Answer
from zyenta_ops.domain.carriers import carrier_code
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    Misconfigured,
    RateLimited,
    RateScope,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.tracking import TrackedNumber, TrackingAnswer
from zyenta_ops.domain.tracking.words import NOTHING, said_by_17track

ALREADY_REGISTERED: Final = -18019901
NOT_REGISTERED: Final = -18019902
DAY_USED_UP: Final = -18019907
QUOTA_USED_UP: Final = -18019908
NOTHING_YET: Final = -18019909
# Why a number is not followed, for people.
REFUSALS: Final = {
    -18010012: "the form of the number is not known",
    -18010013: "the number is not valid",
    -18010018: "its carrier asks for country and postal code besides",
    -18010019: "its carrier asks for a postal code besides",
    -18010020: "its carrier asks for a phone number besides",
    -18019903: "no carrier can be told from the number",
    -18019910: "its carrier is not known there",
}
_KEY_CODES: Final = {-18010002: "the key", -18010004: "the account, which is disabled"}
_PERMISSION_CODES: Final = {
    -18010001: "17TRACK does not know this network address; add it in its dashboard",
    -18010005: "the key at 17TRACK may not do this",
}

# Their numbers for carriers, where several public sources agree. For all others 17TRACK finds out.
_CARRIERS: Final = {
    "cainiao": 190271,
    "china-post": 3011,
    "dhl": 100001,
    "fedex": 100003,
    "ups": 100002,
    "usps": 21051,
    "yanwen": 190012,
}


def item(number: str, asked: TrackedNumber) -> dict[str, Any]:
    """A number as it is asked about."""
    carrier = _CARRIERS.get(carrier_code(asked.carrier))
    return {"number": number, **({} if carrier is None else {"carrier": carrier})}


def data(reply: Answer) -> Mapping[str, Any]:
    """What the envelope holds.

    Raises:
        SupplierError: what it says instead.
    """
    document = reply.document()
    if not isinstance(document, dict) or not isinstance(document.get("code"), int):
        raise AnswerInvalid(f"HTTP {reply.status} came without 17TRACK's envelope")
    held = entry(document.get("data"))
    errors = [_code(each) for each in entries(held.get("errors"))]
    if document["code"] == 0 and not errors and reply.status == 200:
        return held
    raise _error(errors[0] if errors else document["code"], reply.status)


def accepted(held: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The entries of numbers that were taken, by number."""
    return {name(each.get("number")): each for each in entries(held.get("accepted"))}


def rejected(held: Mapping[str, Any]) -> dict[str, int]:
    """The error codes of numbers that were not, by number."""
    return {
        name(each.get("number")): _code(entry(each.get("error")))
        for each in entries(held.get("rejected"))
    }


def tracking(asked: TrackedNumber, accepted: Mapping[str, Any]) -> TrackingAnswer:
    """What 17TRACK says of a number."""
    info = entry(accepted.get("track_info"))
    latest = entry(info.get("latest_status"))
    providers = entries(entry(info.get("tracking")).get("providers"))
    named = [words(entry(each.get("provider")).get("name")) for each in providers]
    metrics = entry(entry(info.get("time_metrics")).get("estimated_delivery_date"))
    misc = entry(info.get("misc_info"))
    return answer(
        asked,
        said_by_17track(words(latest.get("status")), words(latest.get("sub_status"))),
        [told for each in providers for told in _events(each)],
        carrier=next(iter(named), ""),
        expected_at=moment(metrics.get("to")) or moment(metrics.get("from")),
        handovers=handover(misc.get("local_number"), misc.get("local_provider"), asked),
    )


def _events(provider: Mapping[str, Any]) -> Iterator[Told]:
    for each in entries(provider.get("events")):
        word = words(each.get("sub_status"))
        # Of events only the fine word is given, whose beginning is the coarse one.
        heard = said_by_17track(word.partition("_")[0], word) if word else NOTHING
        at = moment(each.get("time_utc")) or moment(each.get("time_iso"))
        yield happened(at, each.get("description"), each.get("location"), heard)


def _code(error: Mapping[str, Any]) -> int:
    found = error.get("code")
    return found if isinstance(found, int) else 0


def _error(code: int, status: int) -> SupplierError:
    if code in _KEY_CODES:
        return LoginRevoked(f"17TRACK does not accept {_KEY_CODES[code]}", code=str(code))
    if code in _PERMISSION_CODES:
        return Misconfigured(_PERMISSION_CODES[code], code=str(code))
    if code in (DAY_USED_UP, QUOTA_USED_UP):
        return RateLimited("the quota at 17TRACK is used up", scope=RateScope.DAY, code=str(code))
    if status == 401:
        return LoginRevoked("17TRACK does not accept the key", code=str(code))
    if code == -18010003:
        return SupplierUnavailable("17TRACK has a fault of its own", code=str(code))
    return RequestInvalid("17TRACK does not understand the request", code=str(code))
