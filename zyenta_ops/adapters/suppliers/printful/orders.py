"""Orders at Printful: what is sent, and what comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entries, entry, instant, money, name, whole, words
from zyenta_ops.adapters.suppliers.text import addresses
from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid, RequestInvalid
from zyenta_ops.domain.supplier_orders import (
    ExternalOrder,
    OrderLine,
    OrderRequest,
    Parcel,
    ParcelEvent,
    ParcelState,
    ShippingQuote,
    ShippingRequest,
    SupplierOrderState,
)

# Of our reference. Unverified: the reference says nothing, one public project found 32.
LONGEST_REFERENCE: Final = 32
MOST_UNITS: Final = 1_000  # of one item; published

_REFERENCE: Final = re.compile(r"[A-Za-z0-9_-]+")
_STATE_CODE: Final = re.compile(r"[A-Z0-9]{1,3}")

# The published words. An order is charged when it is confirmed, so whatever comes after is paid.
STATES: Final = {
    "draft": SupplierOrderState.CREATED,
    "pending": SupplierOrderState.PAID,
    "failed": SupplierOrderState.ON_HOLD,
    "canceled": SupplierOrderState.CANCELLED,
    "cancelled": SupplierOrderState.CANCELLED,
    "onhold": SupplierOrderState.ON_HOLD,
    "inprocess": SupplierOrderState.PAID,
    "partial": SupplierOrderState.PARTIALLY_SHIPPED,
    "fulfilled": SupplierOrderState.SHIPPED,
}


def is_reference(text: str) -> bool:
    """Whether Printful can keep it as the external id of an order."""
    return len(text) <= LONGEST_REFERENCE and bool(_REFERENCE.fullmatch(text))


def is_order_number(text: str) -> bool:
    """Whether Printful could have numbered an order so."""
    return text.isascii() and text.isdigit()


def order_body(request: OrderRequest) -> dict[str, Any]:
    """The order as Printful wants it. `note` is not sent: v1 has no field for it.

    Raises:
        RequestInvalid: Printful could not take it.
    """
    if not is_reference(request.reference):
        raise RequestInvalid(
            f"a reference at Printful has at most {LONGEST_REFERENCE} letters, digits, _ and -"
        )
    return {
        "external_id": request.reference,
        "shipping": request.service_code,
        "recipient": _recipient(request.address),
        "items": _items(request.lines, "sync_variant_id"),
    }


def rates_body(request: ShippingRequest) -> dict[str, Any]:
    """A question for shipping rates. They are quoted for catalogue variants, `order_ref`.

    Raises:
        RequestInvalid: Printful could not take it.
    """
    recipient = {
        "country_code": request.country,
        "city": request.city,
        "zip": request.postal_code,
        **_state(request.province),
    }
    return {
        "recipient": {key: value for key, value in recipient.items() if value},
        "items": _items(request.lines, "variant_id"),
        "currency": request.currency,
        "locale": "en_US",
    }


def quotes(document: Any) -> tuple[ShippingQuote, ...]:
    """The result of `POST /shipping/rates`, cheapest first. Tracking is not said."""
    found = [_quote(each) for each in entries(document)]
    return tuple(sorted(found, key=lambda quote: (quote.cost.currency, quote.cost.minor)))


def external_order(document: Any) -> ExternalOrder:
    """An order as it stands.

    A failed order is one that Printful could not charge or make; once the reason is gone it can
    be confirmed again. Delivery is not told in v1.

    Raises:
        AnswerInvalid: it is no order.
    """
    order = entry(document)
    external_id, raw_state = name(order.get("id")), words(order.get("status"))
    if not external_id or not raw_state:
        raise AnswerInvalid("Printful's order has no id or no status")
    state = STATES.get(raw_state.lower(), SupplierOrderState.UNKNOWN)
    held = state is SupplierOrderState.ON_HOLD
    return ExternalOrder(
        external_id=external_id,
        state=state,
        raw_state=raw_state,
        reference=name(order.get("external_id")),
        total=total(order),
        parcels=tuple(
            _parcel(each)
            for each in entries(order.get("shipments"))
            if words(each.get("tracking_number"))
        ),
        holds=(raw_state,) if held else (),
    )


def total(order: Mapping[str, Any]) -> Money | None:
    """What Printful charges; None while it is being calculated."""
    costs = entry(order.get("costs"))
    return money(costs.get("total"), costs.get("currency"), "total")


def _items(lines: Sequence[OrderLine], field: str) -> list[dict[str, Any]]:
    if not lines:
        raise RequestInvalid("there are no lines to order")
    items: list[dict[str, Any]] = []
    for line in lines:
        ref = line.variant_ref if field == "sync_variant_id" else line.order_ref
        if not (ref.isascii() and ref.isdigit()):
            raise RequestInvalid("a line does not name a variant by Printful's number of it")
        if not 1 <= line.quantity <= MOST_UNITS:
            raise RequestInvalid(f"Printful takes 1 to {MOST_UNITS} units of an item")
        items.append({field: int(ref), "quantity": line.quantity})
    return items


def _recipient(address: Address) -> dict[str, str]:
    fields = {
        "name": address.name,
        "address1": address.line1,
        "address2": address.line2,
        "city": address.city,
        "country_code": address.country,
        "zip": address.postal_code,
        "phone": address.phone,
        "email": address.email,
        "tax_number": address.tax_id,
        **_state(address.province),
    }
    return {key: value for key, value in fields.items() if value}


def _state(province: str) -> dict[str, str]:
    """Printful wants codes of states where a country has them, and takes names elsewhere."""
    field = "state_code" if _STATE_CODE.fullmatch(province) else "state_name"
    return {field: province}


def _quote(rate: Mapping[str, Any]) -> ShippingQuote:
    cost = money(rate.get("rate"), rate.get("currency"), "shipping rate")
    code = name(rate.get("id"))
    if cost is None or not code:
        raise AnswerInvalid("Printful's shipping rate has no id or no price")
    return ShippingQuote(
        service_code=code,
        service_name=words(rate.get("name")),
        cost=cost,
        min_days=whole(rate.get("minDeliveryDays"), "delivery time"),
        max_days=whole(rate.get("maxDeliveryDays"), "delivery time"),
    )


def _parcel(shipment: Mapping[str, Any]) -> Parcel:
    shipped_at = instant(shipment.get("shipped_at")) or instant(shipment.get("created"))
    state = ParcelState.IN_TRANSIT if shipped_at else ParcelState.UNKNOWN
    return Parcel(
        number=words(shipment["tracking_number"]),
        carrier=words(shipment.get("carrier")),
        url=next(iter(addresses(shipment.get("tracking_url"))), ""),
        state=state,
        events=(ParcelEvent(shipped_at, "Shipped", state=state),) if shipped_at else (),
    )
