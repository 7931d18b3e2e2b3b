"""Ship24's envelope and error codes, and what its trackings say.

An answer is `{"data": {…}}`; a failure has an HTTP status and `{"errors": [{"code", "message"}]}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from zyenta_ops.adapters.carriers.reading import Told, answer, handover, happened, moment
from zyenta_ops.adapters.http.documents import entries, entry, words
from zyenta_ops.adapters.http.line import Answer
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
from zyenta_ops.domain.tracking.words import said_by_ship24

_GOOD: Final = (200, 201)


def item(number: str, asked: TrackedNumber) -> dict[str, Any]:
    """A number as it is handed over."""
    return {
        "trackingNumber": number,
        **({"destinationCountryCode": asked.country} if asked.country else {}),
    }


def data(reply: Answer) -> Mapping[str, Any]:
    """What the envelope holds.

    Raises:
        SupplierError: what it says instead; `code` is Ship24's.
    """
    document = reply.document()
    if not isinstance(document, dict) or not ({"data", "errors"} & document.keys()):
        raise AnswerInvalid(f"HTTP {reply.status} came without Ship24's envelope")
    if reply.status in _GOOD:
        if not isinstance(document.get("data"), dict):
            raise AnswerInvalid("Ship24 answered without data")
        return entry(document["data"])
    codes = [words(each.get("code")) for each in entries(document.get("errors"))]
    raise _error(next(iter(codes), ""), reply.status)


def tracking(asked: TrackedNumber, document: Mapping[str, Any]) -> TrackingAnswer:
    """What Ship24 says of a number."""
    shipment = entry(document.get("shipment"))
    delivery = entry(shipment.get("delivery"))
    return answer(
        asked,
        said_by_ship24(words(shipment.get("statusMilestone")), words(shipment.get("statusCode"))),
        _events(document),
        expected_at=moment(delivery.get("estimatedDeliveryDate"))
        or moment(delivery.get("courierEstimatedDeliveryDate")),
        handovers=[
            found
            for each in entries(shipment.get("trackingNumbers"))
            for found in handover(each.get("tn"), "", asked)
        ],
    )


def _events(document: Mapping[str, Any]) -> Iterator[Told]:
    for each in entries(document.get("events")):
        heard = said_by_ship24(words(each.get("statusMilestone")), words(each.get("statusCode")))
        at = moment(each.get("occurrenceDatetime"), each.get("utcOffset"))
        yield happened(at, each.get("status"), each.get("location"), heard)


def _error(code: str, status: int) -> SupplierError:
    if "quota" in code or status == 402:
        return RateLimited("the quota at Ship24 is used up", scope=RateScope.DAY, code=code)
    if status == 401:
        return LoginRevoked("Ship24 does not accept the key", code=code)
    if status == 403:
        return Misconfigured("the key at Ship24 may not do this", code=code)
    if status == 404:
        return UnknownReference("Ship24 knows no such number", code=code)
    return RequestInvalid("Ship24 does not understand the request", code=code)
