"""Orders of the partner's gateway.

An order is sent as `{"reference", "lines": [{"product_id", "variant_id", "quantity"}], "address":
{…}, "shipping_method", "note"}` and comes back as `{"id", "reference", "status", "total",
"currency", "shipments": [{"tracking_number", "carrier", "tracking_url", "status", "expected_at",
"events": [{"at", "text", "place", "status"}]}]}`. Statuses are those of `SupplierOrderState` and
`ParcelState` in lower case. The partner bills what it orders; there is no step of paying.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any, Final, TypeVar

from zyenta_ops.adapters.suppliers.answers import entries, instant, money, name, words
from zyenta_ops.adapters.suppliers.text import addresses
from zyenta_ops.domain.supplier_errors import AnswerInvalid, RequestInvalid
from zyenta_ops.domain.supplier_orders import (
    ExternalOrder,
    OrderRequest,
    Parcel,
    ParcelEvent,
    ParcelState,
    SupplierOrderState,
)

State = TypeVar("State", bound=StrEnum)

LONGEST_REFERENCE: Final = 64


def order_body(request: OrderRequest) -> dict[str, Any]:
    """The order as the contract says.

    Raises:
        RequestInvalid: it could not be taken.
    """
    reference = request.reference
    if not (reference.isascii() and reference.isprintable() and " " not in reference):
        raise RequestInvalid("a reference is made of ASCII letters, digits and signs")
    if not 1 <= len(reference) <= LONGEST_REFERENCE:
        raise RequestInvalid(f"a reference has 1 to {LONGEST_REFERENCE} characters")
    if not request.lines or any(line.quantity < 1 for line in request.lines):
        raise RequestInvalid("there are no lines to order, or none of something")
    return {
        "reference": reference,
        "lines": [
            {
                "product_id": line.product_ref,
                "variant_id": line.order_ref,
                "quantity": line.quantity,
            }
            for line in request.lines
        ],
        "address": {key: value for key, value in asdict(request.address).items() if value},
        "shipping_method": request.service_code,
        "note": request.note,
    }


def external_order(document: Mapping[str, Any]) -> ExternalOrder:
    """An order as it stands.

    Raises:
        AnswerInvalid: it is no order.
    """
    external_id, raw_state = name(document.get("id")), words(document.get("status"))
    if not external_id or not raw_state:
        raise AnswerInvalid("the gateway's order has no id or no status")
    state = _state(SupplierOrderState, raw_state)
    return ExternalOrder(
        external_id=external_id,
        state=state,
        raw_state=raw_state,
        reference=name(document.get("reference")),
        total=money(document.get("total"), document.get("currency"), "total"),
        parcels=tuple(
            _parcel(each)
            for each in entries(document.get("shipments"))
            if words(each.get("tracking_number"))
        ),
        holds=(raw_state,) if state is SupplierOrderState.ON_HOLD else (),
    )


def _parcel(shipment: Mapping[str, Any]) -> Parcel:
    raw_state = words(shipment.get("status"))
    events = [_event(each) for each in entries(shipment.get("events"))]
    return Parcel(
        number=words(shipment["tracking_number"]),
        carrier=words(shipment.get("carrier")),
        url=next(iter(addresses(shipment.get("tracking_url"))), ""),
        state=_state(ParcelState, raw_state),
        raw_state=raw_state,
        events=tuple(
            sorted(
                (each for each in events if each is not None),
                key=lambda event: event.at,
                reverse=True,
            )
        ),
        expected_at=instant(shipment.get("expected_at")),
    )


def _event(event: Mapping[str, Any]) -> ParcelEvent | None:
    at = instant(event.get("at"))
    if at is None:
        return None
    return ParcelEvent(
        at,
        words(event.get("text")),
        place=words(event.get("place")),
        state=_state(ParcelState, words(event.get("status"))),
    )


def _state(states: type[State], word: str) -> State:
    try:
        return states(word.upper())
    except ValueError:
        return states("UNKNOWN")
