"""`aliexpress.ds.order.create`: what is sent, and what came of it.

There is no way to look an order up by our reference, and none to cancel one. The reference keeps
a second order from being placed for 24 hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.addresses import recipient
from zyenta_ops.adapters.suppliers.aliexpress.config import AliExpressConfig
from zyenta_ops.adapters.suppliers.aliexpress.envelopes import opened
from zyenta_ops.adapters.suppliers.aliexpress.products import NO_OPTIONS, is_number
from zyenta_ops.adapters.suppliers.aliexpress.shapes import array
from zyenta_ops.adapters.suppliers.aliexpress.wire import nested
from zyenta_ops.adapters.suppliers.answers import name, words
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.domain.supplier_errors import AnswerInvalid, DuplicateOrder, RequestInvalid
from zyenta_ops.domain.supplier_orders import (
    OrderLine,
    OrderRequest,
    PlacedOrder,
    SupplierOrderState,
)

METHOD: Final = "aliexpress.ds.order.create"
LONGEST_REFERENCE: Final = 40

# "OrderCreated, autoPay fail:APIPayFail": the order exists and nobody paid for it.
_CREATED: Final = "ordercreated"
_PAYMENT_FAILED: Final = "the automatic payment failed; pay on the site"
_UNCLEAR: Final = "AliExpress reports a fault although it placed the order; look at it on the site"


def params(request: OrderRequest, config: AliExpressConfig) -> dict[str, str]:
    """The order as AliExpress wants it.

    Raises:
        RequestInvalid: AliExpress could not take it.
        OrderRejected: ADDRESS: the recipient lacks something.
    """
    reference = request.reference
    if not (0 < len(reference) <= LONGEST_REFERENCE and reference.isascii()):
        raise RequestInvalid(
            f"a reference at AliExpress has 1 to {LONGEST_REFERENCE} plain characters"
        )
    if not request.lines:
        raise RequestInvalid("the order has no lines")
    if not request.service_code:
        raise RequestInvalid("the order names no way of sending; ask for a quote first")
    order = {
        "out_order_id": reference,
        "logistics_address": recipient(request.address, config.language),
        "product_items": [_line(each, request) for each in request.lines],
    }
    extended = {
        "payment": {"pay_currency": "USD", "try_to_pay": "true" if config.try_to_pay else "false"},
        "trade_extra_param": {"business_model": "retail"},
    }
    return {
        "param_place_order_request4_open_api_d_t_o": nested(order),
        "ds_extend_request": nested(extended),
    }


def placed(answer: Answer, config: AliExpressConfig) -> PlacedOrder:
    """What came of an order. Wherever ids are answered there are orders, whatever else is said.

    Only a failed payment is told. A reference that is placed again answers like the first time,
    so that without a failure the order alone knows whether it was paid.

    Raises:
        DuplicateOrder: there is one under the reference; its id where it is told.
        SupplierError: nothing was ordered.
        AnswerInvalid: it cannot be told.
    """
    found = opened(answer.document())
    ids = tuple(name(each) for each in array(found.result.get("order_list")) if name(each))
    message = words(found.result.get("error_msg")).lower().replace(" ", "")
    created = message.startswith(_CREATED)
    if isinstance(found.fault, DuplicateOrder) and ids:
        found.fault.external_id = ids[0]
        raise found.fault
    if not ids:
        if found.fault is not None and not created:
            raise found.fault
        raise AnswerInvalid("AliExpress placed an order and does not say which")
    holds = (_PAYMENT_FAILED,) if created else (_UNCLEAR,) if found.fault else ()
    untold = config.try_to_pay and not holds
    state = SupplierOrderState.CREATED if untold else SupplierOrderState.AWAITING_PAYMENT
    return PlacedOrder(ids, state, holds=holds)


def _line(line: OrderLine, request: OrderRequest) -> Mapping[str, Any]:
    if not is_number(line.product_ref):
        raise RequestInvalid("a product at AliExpress is a number")
    if line.quantity < 1:
        raise RequestInvalid("an order has at least one unit of each line")
    fields = {
        "product_id": int(line.product_ref),
        "product_count": line.quantity,
        "sku_attr": "" if line.order_ref == NO_OPTIONS else line.order_ref,
        "logistics_service_name": request.service_code,
        "order_memo": request.note,
    }
    return {key: value for key, value in fields.items() if value}
