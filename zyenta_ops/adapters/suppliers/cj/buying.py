"""Placing, paying for and cancelling orders at CJ, in steps that can be taken again.

An order is created, then confirmed, then paid for from the balance. Each step first looks where the
order stands, so one that was done is not done again, and one whose reply was lost is found done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from zyenta_ops.adapters.suppliers.answers import entry, money
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.adapters.suppliers.cj import orders
from zyenta_ops.adapters.suppliers.cj.api import Api
from zyenta_ops.adapters.suppliers.cj.products import CURRENCY
from zyenta_ops.adapters.suppliers.cj.wire import order_data
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    OrderRejected,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.domain.supplier_orders import (
    ExternalOrder,
    OrderRequest,
    PlacedOrder,
    SupplierOrderState,
)

# Whether an order that CJ does not know is one that was not found: its answer to that is the code
# of wrong parameters, and the only parameter is the name of the order.
_NOT_FOUND: Final = "1600300"
_CANCELLABLE: Final = frozenset({SupplierOrderState.CREATED, SupplierOrderState.AWAITING_PAYMENT})


class Buying:
    """The orders of one account."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def order(self, name: str) -> ExternalOrder:
        """An order by CJ's name of it or by ours.

        Raises:
            UnknownReference: there is none.
        """
        if not orders.is_reference(name):
            raise UnknownReference("no order at CJ is named so")

        def understand(answer: Answer) -> ExternalOrder:
            return orders.external_order(order_data(answer), name)

        try:
            query = (("orderId", name),)
            return self._api.read("shopping/order/getOrderDetail", understand, query, urgent=True)
        except RequestInvalid as error:
            if error.code != _NOT_FOUND:
                raise
            raise UnknownReference(
                "CJ knows no such order", code=error.code, request_id=error.request_id
            ) from error

    def find(self, reference: str) -> ExternalOrder | None:
        """The order under our reference."""
        try:
            return self.order(reference)
        except UnknownReference:
            return None

    def place(self, request: OrderRequest) -> PlacedOrder:
        """Create an order and confirm it.

        CJ is asked for the reference first: it may take a second order under it (seen live).
        An order that is created and not confirmed is placed, too; paying confirms it.
        """
        body = orders.order_body(request, self._api.config)
        if known := self.find(request.reference):
            raise DuplicateOrder(
                "CJ has an order with this reference", external_id=known.external_id
            )

        def understand(answer: Answer) -> PlacedOrder:
            return orders.placed(order_data(answer), request.address)

        order = self._api.write("POST", "shopping/order/createOrderV2", understand, body=body)
        if order.state is not SupplierOrderState.CREATED:
            return order
        try:
            self._confirm(order.external_ids[0])
        except (OrderRejected, RequestInvalid) as error:
            hold = f"CJ does not confirm the order (code {error.code})"
            return replace(order, state=SupplierOrderState.ON_HOLD, holds=(hold,))
        except SupplierError:
            return order
        return replace(order, state=SupplierOrderState.AWAITING_PAYMENT)

    def pay(self, external_id: str, most: Money) -> None:
        """Pay for an order from the balance, confirming it first where that is still to do."""
        order = self.order(external_id)
        if order.state is SupplierOrderState.CREATED:
            _price_of(order, most)
            self._confirm(external_id)
            order = self.order(external_id)
        if order.state is SupplierOrderState.CANCELLED:
            raise OrderRejected("the order was cancelled at CJ", reason=RejectionReason.UNKNOWN)
        if order.state in (SupplierOrderState.UNKNOWN, SupplierOrderState.CREATED):
            raise OrderRejected(
                "the order cannot be paid for as it stands at CJ; see it in the dashboard",
                reason=RejectionReason.UNKNOWN,
                code=order.raw_state[:40],
            )
        if order.state is not SupplierOrderState.AWAITING_PAYMENT:
            return  # it is paid for
        price = _price_of(order, most)
        if self._api.config.sandbox:
            self._api.order_step("POST", "shopping/sandbox/simulatePay", external_id)
            return
        self._refuse_beyond_balance(price)
        self._api.order_step("POST", "shopping/pay/payBalance", external_id)

    def cancel(self, external_id: str) -> None:
        """Delete an order that is not paid for; afterwards it is unknown to CJ, or cancelled."""
        order = self.order(external_id)
        if order.state is SupplierOrderState.CANCELLED:
            return
        if order.state not in _CANCELLABLE:
            raise OrderRejected(
                "CJ takes no order back that is paid for; open a dispute",
                reason=RejectionReason.UNKNOWN,
                code=order.raw_state[:40],
            )
        query = (("orderId", external_id),)
        self._api.write("DELETE", "shopping/order/deleteOrder", order_data, query)

    def balance(self) -> Money | None:
        """What can be spent; None = not said."""

        def understand(answer: Answer) -> Money | None:
            return money(entry(order_data(answer)).get("amount"), CURRENCY, "balance")

        return self._api.read("shopping/pay/getBalance", understand, urgent=True)

    def _confirm(self, external_id: str) -> None:
        self._api.order_step("PATCH", "shopping/order/confirmOrder", external_id)

    def _refuse_beyond_balance(self, price: Money) -> None:
        balance = self.balance()
        if balance is not None and balance < price:
            raise OrderRejected(
                f"the balance at CJ is {balance}, the order costs {price}; top it up",
                reason=RejectionReason.PAYMENT,
            )


def _price_of(order: ExternalOrder, most: Money) -> Money:
    """What CJ wants for it, no more than the limit."""
    if order.total is None:
        raise SupplierUnavailable("CJ has not calculated what the order costs yet")
    if order.total.currency != most.currency:
        raise RequestInvalid(f"CJ charges {order.total.currency}, the limit is in {most.currency}")
    if most < order.total:
        raise OrderRejected(
            f"CJ wants {order.total} for the order, at most {most} was allowed",
            reason=RejectionReason.PRICE,
        )
    return order.total
