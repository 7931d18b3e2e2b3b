"""`aliexpress.trade.ds.order.get`: an order as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.products import is_number
from zyenta_ops.adapters.suppliers.aliexpress.shapes import objects
from zyenta_ops.adapters.suppliers.aliexpress.tracking import is_internal
from zyenta_ops.adapters.suppliers.aliexpress.wire import nested
from zyenta_ops.adapters.suppliers.answers import entry, money, name, whole, words
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid, UnknownReference
from zyenta_ops.domain.supplier_orders import ExternalOrder, Parcel, SupplierOrderState

METHOD: Final = "aliexpress.trade.ds.order.get"

_State = SupplierOrderState
_STATES: Final = {
    "PLACE_ORDER_SUCCESS": _State.AWAITING_PAYMENT,
    "WAIT_SELLER_EXAMINE_MONEY": _State.PAID,
    "WAIT_SELLER_SEND_GOODS": _State.PAID,
    "SELLER_PART_SEND_GOODS": _State.PARTIALLY_SHIPPED,
    "SELLER_SEND_PART_GOODS": _State.PARTIALLY_SHIPPED,
    "WAIT_BUYER_ACCEPT_GOODS": _State.SHIPPED,
    "IN_ISSUE": _State.DISPUTED,
}
# What an order waits for that is neither us paying nor the seller sending.
_HOLDS: Final = {
    "PAYMENT_PROCESSING": "the payment is being processed",
    "RISK_CONTROL": "AliExpress examines the payment, for up to 24 hours",
    "RISK_CONTROL_HOLD": "AliExpress examines the payment",
    "FUND_PROCESSING": "AliExpress processes the money",
    "IN_FROZEN": "AliExpress has frozen the order",
    "IN_CANCEL": "the order is being cancelled",
    "WAIT_GROUP": "the order waits for other buyers",
    "WAIT_COMPLETE_ADDRESS": "the address has to be completed on the site",
}
_FINISHED: Final = "FINISH"
_RECEIVED: Final = "BUYER_ACCEPT_GOODS"
# Words in `end_reason` of an order that was given up. The document names CANCELED.
_GIVEN_UP: Final = ("cancel", "close", "timeout", "refund")


def params(external_id: str) -> dict[str, str]:
    """What to ask for an order.

    Raises:
        UnknownReference: AliExpress could not have named an order so.
    """
    if not is_number(external_id):
        raise UnknownReference("no order at AliExpress is named so; they have numbers")
    return {"single_order_query": nested({"order_id": external_id})}


def external_order(external_id: str, result: Mapping[str, Any]) -> ExternalOrder:
    """An order. Our reference is not in it, nor are the orders it was split from.

    Raises:
        AnswerInvalid: it is no order.
    """
    word = words(result.get("order_status"))
    if not word:
        raise AnswerInvalid("AliExpress's order has no status")
    children = objects(result.get("child_order_list"))
    state = _state(word, words(result.get("logistics_status")), children)
    return ExternalOrder(
        external_id=external_id,
        state=state,
        raw_state=word,
        total=_total(result),
        parcels=_parcels(result),
        holds=(_HOLDS[word],) if word in _HOLDS else (),
        pay_until=_pay_until(result) if state is _State.AWAITING_PAYMENT else None,
    )


def _state(word: str, logistics: str, children: list[Mapping[str, Any]]) -> SupplierOrderState:
    if word in _HOLDS:
        return _State.ON_HOLD
    if word != _FINISHED:
        return _STATES.get(word, _State.UNKNOWN)
    # Finished is what was received and what was given up alike.
    reasons = [words(each.get("end_reason")).lower() for each in children]
    given_up = [any(each in reason for each in _GIVEN_UP) for reason in reasons]
    if given_up and all(given_up):
        return _State.CANCELLED
    return _State.DELIVERED if logistics == _RECEIVED else _State.UNKNOWN


def _total(result: Mapping[str, Any]) -> Money | None:
    """What we pay, in the currency we pay in; else what the seller asks."""
    for key in ("user_order_amount", "order_amount"):
        amount = entry(result.get(key))
        try:
            found = money(amount.get("amount"), words(amount.get("currency_code")).upper(), key)
        except Refused:
            continue
        if found is not None:
            return found
    return None


def _parcels(result: Mapping[str, Any]) -> tuple[Parcel, ...]:
    """Numbers only, and not for long: events come with tracking."""
    found = objects(result.get("logistics_info_list"))
    return tuple(
        Parcel(number, words(each.get("logistics_service")), internal_number=is_internal(number))
        for each in found
        if (number := name(each.get("logistics_no")))
    )


def _pay_until(result: Mapping[str, Any]) -> datetime | None:
    """The end of the seconds that begin with the order.

    AliExpress writes the time of the order without a zone. Its own is behind UTC, so that reading
    it as UTC gives an end some hours too early, which is the safe side.
    """
    try:
        created = datetime.fromisoformat(words(result.get("gmt_create")))
        seconds = whole(name(result.get("pay_timeout_second")), "pay_timeout_second")
    except (ValueError, Refused):
        return None
    if seconds is None:
        return None
    return (created if created.tzinfo else created.replace(tzinfo=UTC)) + timedelta(seconds=seconds)
