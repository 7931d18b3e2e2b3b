"""`aliexpress.ds.order.tracking.get`: the parcels of an order, and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.shapes import moment, objects
from zyenta_ops.adapters.suppliers.answers import entry, name, words
from zyenta_ops.domain.supplier_errors import AnswerInvalid
from zyenta_ops.domain.supplier_orders import Parcel, ParcelEvent, ParcelState

METHOD: Final = "aliexpress.ds.order.tracking.get"

# Numbers of Cainiao, which no carrier at the destination knows; what it does know is not told.
_INTERNAL: Final = "AP"

# Titles of events, unverified. Only whole titles count: "Delivered to local carrier" is not the
# end of a journey.
_STATES: Final = {
    "in transit": ParcelState.IN_TRANSIT,
    "customs clearance": ParcelState.CUSTOMS,
    "out for delivery": ParcelState.OUT_FOR_DELIVERY,
    "ready for pickup": ParcelState.READY_FOR_PICKUP,
    "delivery attempt failed": ParcelState.FAILED_ATTEMPT,
    "delivered": ParcelState.DELIVERED,
    "package delivered": ParcelState.DELIVERED,
    "returned to sender": ParcelState.RETURNED,
}


def params(external_id: str, language: str) -> dict[str, str]:
    """What to ask for the parcels of an order."""
    return {"ae_order_id": external_id, "language": language}


def parcels(result: Mapping[str, Any]) -> tuple[Parcel, ...]:
    """The parcels of an order; those without a number and without an event are not there yet.

    Raises:
        AnswerInvalid: it is no tracking.
    """
    if "data" not in result:
        raise AnswerInvalid("AliExpress's answer holds no tracking")
    lines = objects(entry(result["data"]).get("tracking_detail_line_list"))
    found = (_parcel(each) for each in lines)
    return tuple(each for each in found if each.number or each.events)


def is_internal(number: str) -> bool:
    """Whether only AliExpress's own network knows a number."""
    return number.upper().startswith(_INTERNAL)


def _parcel(line: Mapping[str, Any]) -> Parcel:
    number = name(line.get("mail_no"))
    nodes = objects(line.get("detail_node_list"))
    events = sorted(
        (event for each in nodes if (event := _event(each))), key=lambda each: each.at, reverse=True
    )
    latest = events[0].state if events else ParcelState.ANNOUNCED
    return Parcel(
        number,
        carrier=words(line.get("carrier_name")),
        state=latest,
        raw_state=words(nodes[0].get("tracking_name")) if nodes else "",
        events=tuple(events),
        expected_at=moment(line.get("eta_time_stamps")),
        internal_number=is_internal(number),
    )


def _event(node: Mapping[str, Any]) -> ParcelEvent | None:
    at, title = moment(node.get("time_stamp")), words(node.get("tracking_name"))
    if at is None:
        return None
    text = words(node.get("tracking_detail_desc")) or title
    return ParcelEvent(at, text, state=_STATES.get(title.lower(), ParcelState.UNKNOWN))
