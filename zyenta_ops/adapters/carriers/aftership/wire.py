"""AfterShip's envelope and error codes, and what its trackings say.

Every answer is `{"meta": {"code": 200}, "data": {…}}`; `meta.code` of a failure is finer than the
HTTP status.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from zyenta_ops.adapters.carriers.reading import Told, answer, handover, happened, moment
from zyenta_ops.adapters.http.documents import entries, entry, words
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
    UnknownReference,
)
from zyenta_ops.domain.tracking import TrackedNumber, TrackingAnswer
from zyenta_ops.domain.tracking.words import said_by_aftership

ALREADY_THERE: Final = 4003
# Why a number is not followed, for people.
REFUSALS: Final = {
    4005: "the number is not valid",
    4008: "the number is not valid",
    4010: "its carrier is not known there",
    4011: "its carrier asks for more than the number",
    4012: "no carrier can be told from the number",
}
# Carriers that AfterShip calls as we do. It refuses a number with a name for its carrier that it
# does not know, so only what is well known is here; for all others it finds out.
_SAME_NAME: Final = frozenset(
    {
        "canada-post",
        "china-post",
        "dhl",
        "fedex",
        "royal-mail",
        "ups",
        "usps",
        "yanwen",
        "yodel",
        "yunexpress",
    }
)


def item(number: str, asked: TrackedNumber) -> dict[str, Any]:
    """A number as it is handed over."""
    code = carrier_code(asked.carrier)
    return {"tracking_number": number, **({"slug": code} if code in _SAME_NAME else {})}


def data(reply: Answer) -> Mapping[str, Any]:
    """What the envelope holds.

    Raises:
        SupplierError: what it says instead; `code` is AfterShip's.
    """
    document = reply.document()
    meta = entry(document.get("meta")) if isinstance(document, dict) else {}
    code = meta.get("code")
    if not isinstance(code, int):
        raise AnswerInvalid(f"HTTP {reply.status} came without AfterShip's envelope")
    if reply.status in (200, 201) and code in (200, 201):
        return entry(document.get("data"))
    raise _error(code, reply.status)


def tracking(asked: TrackedNumber, document: Mapping[str, Any]) -> TrackingAnswer:
    """What AfterShip says of a number."""
    last_mile = entry(document.get("last_mile"))
    return answer(
        asked,
        said_by_aftership(words(document.get("tag")), words(document.get("subtag"))),
        _checkpoints(document),
        carrier=words(document.get("slug")),
        expected_at=_expected(document),
        handovers=handover(last_mile.get("tracking_number"), last_mile.get("slug"), asked),
    )


def is_of(document: Mapping[str, Any], asked: TrackedNumber) -> bool:
    """Whether a tracking is of the carrier that was asked for."""
    return carrier_code(words(document.get("slug"))) == carrier_code(asked.carrier)


def _checkpoints(document: Mapping[str, Any]) -> Iterator[Told]:
    for each in entries(document.get("checkpoints")):
        heard = said_by_aftership(words(each.get("tag")), words(each.get("subtag")))
        place = words(each.get("location")) or ", ".join(
            part for key in ("city", "state", "country_region") if (part := words(each.get(key)))
        )
        yield happened(moment(each.get("checkpoint_time")), each.get("message"), place, heard)


def _expected(document: Mapping[str, Any]) -> Any:
    for key in ("courier_estimated_delivery_date", "aftership_estimated_delivery_date"):
        told = entry(document.get(key))
        for part in ("estimated_delivery_date_max", "estimated_delivery_date"):
            if found := moment(told.get(part)):
                return found
    return None


def _error(code: int, status: int) -> SupplierError:
    if status == 401:
        return LoginRevoked("AfterShip does not accept the key", code=str(code))
    if status == 402:
        return RateLimited("the quota at AfterShip is used up", scope=RateScope.DAY, code=str(code))
    if status == 403:
        return Misconfigured("the key at AfterShip may not do this", code=str(code))
    if status == 404:
        return UnknownReference("AfterShip knows no such number", code=str(code))
    return RequestInvalid("AfterShip does not understand the request", code=str(code))
