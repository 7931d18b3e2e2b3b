"""Orders at CJ: what is sent, and what comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entries, entry, money, name, quotable, words
from zyenta_ops.adapters.suppliers.cj.config import CjConfig
from zyenta_ops.adapters.suppliers.cj.countries import NAMES
from zyenta_ops.adapters.suppliers.cj.products import CURRENCY
from zyenta_ops.adapters.suppliers.cj.references import origin, products
from zyenta_ops.adapters.suppliers.text import addresses
from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid, RequestInvalid
from zyenta_ops.domain.supplier_orders import (
    ExternalOrder,
    OrderRequest,
    Parcel,
    ParcelState,
    PlacedOrder,
    SupplierOrderState,
)

LONGEST_REFERENCE: Final = 50  # published, of `orderNumber`
_REFERENCE: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_REFERENCE}}}")

# The published words. An order in the cart waits to be confirmed, as a created one does.
STATES: Final = {
    "CREATED": SupplierOrderState.CREATED,
    "IN_CART": SupplierOrderState.CREATED,
    "UNPAID": SupplierOrderState.AWAITING_PAYMENT,
    "UNSHIPPED": SupplierOrderState.PAID,
    "SHIPPED": SupplierOrderState.SHIPPED,
    "DELIVERED": SupplierOrderState.DELIVERED,
    "CANCELLED": SupplierOrderState.CANCELLED,
}
# What an order says of its parcels; more is asked of `logistic/trackInfo`.
_PARCELS: Final = {
    SupplierOrderState.SHIPPED: ParcelState.IN_TRANSIT,
    SupplierOrderState.DELIVERED: ParcelState.DELIVERED,
}

_CREATE_ONLY: Final = 3  # `payType`: neither confirmed nor paid; 2 would do both at once
_SHIPPED_BY_CJ: Final = 2  # `shopLogisticsType`
_CJ_VARIANTS: Final = 1  # `orderFlow`
_WORDS: Final = re.compile(r"\w{3,}")


def is_reference(text: str) -> bool:
    """Whether CJ can keep it as the number of an order."""
    return bool(_REFERENCE.fullmatch(text))


def order_body(request: OrderRequest, config: CjConfig) -> dict[str, Any]:
    """The order as CJ wants it.

    A province is mandatory at CJ; where an address has none the city stands for it.

    Raises:
        RequestInvalid: CJ could not take it.
    """
    if not is_reference(request.reference):
        raise RequestInvalid(
            f"a reference at CJ has 1 to {LONGEST_REFERENCE} letters, digits, _ and -"
        )
    if not request.service_code:
        raise RequestInvalid("an order at CJ names a shipping method; quote shipping first")
    body = {
        "orderNumber": request.reference,
        "payType": _CREATE_ONLY,
        "orderFlow": _CJ_VARIANTS,
        "shopLogisticsType": _SHIPPED_BY_CJ,
        "logisticName": request.service_code,
        "fromCountryCode": origin(request.lines, request.ships_from, config.from_country[0]),
        **_recipient(request.address),
        "remark": request.note,
        "platform": config.platform,
        "isSandbox": int(config.sandbox),
        "products": products(request.lines),
    }
    return {key: value for key, value in body.items() if value != ""}


def placed(document: Any, recipient: Address) -> PlacedOrder:
    """The data of `createOrderV2`.

    Raises:
        AnswerInvalid: it names no order.
    """
    order = entry(document)
    external_id = name(order.get("orderId"))
    if not external_id:
        raise AnswerInvalid("CJ's answer names no order")
    held = _holds(order.get("interceptOrderReasons"), recipient)
    state = STATES.get(words(order.get("orderStatus")).upper(), SupplierOrderState.CREATED)
    return PlacedOrder(
        (external_id,),
        SupplierOrderState.ON_HOLD if held else state,
        total=total(order),
        pay_url=next(iter(addresses(order.get("cjPayUrl"))), ""),
        holds=held,
    )


def external_order(document: Any, asked: str) -> ExternalOrder:
    """The data of `getOrderDetail`.

    An order has up to three names at CJ, of which only the one given when it was created is sure
    to find it again (seen live). So it keeps the name it was asked for by, unless that was ours.

    Raises:
        AnswerInvalid: it is no order.
    """
    order = entry(document)
    names = [name(order.get(each)) for each in ("cjOrderId", "cjOrderCode", "orderId")]
    external_id = asked if asked in names else next(filter(None, names), "")
    raw_state = words(order.get("orderStatus"))
    if not external_id or not raw_state:
        raise AnswerInvalid("CJ's order has no id or no status")
    state = STATES.get(raw_state.upper(), SupplierOrderState.UNKNOWN)
    return ExternalOrder(
        external_id=external_id,
        state=state,
        raw_state=raw_state,
        reference=name(order.get("orderNum")) or name(order.get("orderNumber")),
        total=total(order),
        parcels=tuple(
            Parcel(
                number=number,
                carrier=words(order.get("logisticName")),
                url=next(iter(addresses(order.get("trackingUrl"))), ""),
                state=_PARCELS.get(state, ParcelState.ANNOUNCED),
            )
            for number in dict.fromkeys(re.split(r"[\s,;]+", words(order.get("trackNumber"))))
            if number
        ),
        children=_children(order.get("splitOrderList")),
    )


def total(order: Mapping[str, Any]) -> Money | None:
    """What CJ wants for an order; None while it is being calculated.

    The sum is empty at first (seen live), then it is that of the parts.
    """
    if (said := money(order.get("orderAmount"), CURRENCY, "total")) is not None:
        return said
    goods = money(order.get("productAmount"), CURRENCY, "price of the goods")
    postage = money(order.get("postageAmount"), CURRENCY, "postage")
    if goods is None or postage is None:
        return None
    for each in ("iossAmount", "iossTaxHandlingFee"):
        postage += money(order.get(each), CURRENCY, "tax") or Money(0, CURRENCY)
    return goods + postage


def _children(listed: Any) -> tuple[str, ...]:
    """Orders that this one was split into, as webhooks list them or by name alone.

    Unverified: that they are in the order is not published.
    """
    parts = listed if isinstance(listed, list) else []
    codes = (each.get("orderCode") if isinstance(each, dict) else each for each in parts)
    return tuple(code for code in map(name, codes) if code)


def _recipient(address: Address) -> dict[str, str]:
    return {
        "shippingCountryCode": address.country,
        "shippingCountry": NAMES.get(address.country, address.country),
        "shippingProvince": address.province or address.city,
        "shippingCity": address.city,
        "shippingZip": address.postal_code,
        "shippingPhone": address.phone,
        "shippingCustomerName": address.name,
        "shippingAddress": address.line1,
        "shippingAddress2": address.line2,
        "email": address.email,
        "taxId": address.tax_id,
    }


def _holds(reasons: Any, recipient: Address) -> tuple[str, ...]:
    """Why CJ created an order and holds it back; quoted unless it speaks of the recipient."""
    if not reasons:
        return ()
    personal = (recipient.name, recipient.line1, recipient.line2, recipient.city)
    private = {word for each in personal for word in _WORDS.findall(each.casefold())}
    told = []
    for each in entries(reasons):
        message = quotable(each.get("message"))
        if private & set(_WORDS.findall(message.casefold())):
            message = ""
        code = name(each.get("code"))[:20]
        told.append(": ".join(part for part in (code, message) if part))
    return tuple(filter(None, told)) or ("CJ holds the order back and does not say why",)
