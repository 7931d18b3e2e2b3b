"""CJ's disputes: opened for lines of a paid order under an id of the buyer's own, then listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zyenta_ops.sandbox.cj.accounts import Asked
from zyenta_ops.sandbox.cj.envelope import CjError, Code, plain
from zyenta_ops.sandbox.cj.orders import order_of
from zyenta_ops.sandbox.orders import Order
from zyenta_ops.sandbox.prices import number
from zyenta_ops.sandbox.trade import Trade

REASONS = {1: "Unfulfilled Order Cancellation", 2: "Order Not Received", 3: "Quality Problem"}


@dataclass
class Dispute:
    """A dispute; `business_id` is the buyer's own and unique."""

    number: int
    account: str
    business_id: str
    order: Order
    reason: int
    expects: int
    cents: int
    opened_at: datetime
    cancelled: bool = False


class Disputes:
    """The disputes of every account."""

    def __init__(self) -> None:
        self.all: list[Dispute] = []
        self.services: dict[tuple[str, str], Callable[[Trade, Asked], Any]] = {
            ("GET", "/disputes/disputeProducts"): self.products,
            ("POST", "/disputes/disputeConfirmInfo"): self.confirm_info,
            ("POST", "/disputes/create"): self.create,
            ("POST", "/disputes/cancel"): self.cancel,
            ("GET", "/disputes/getDisputeList"): self.listed,
            ("GET", "/disputes/getDisputeDetail"): self.detail,
        }

    def products(self, trade: Trade, asked: Asked) -> dict[str, Any]:
        """What of an order can be disputed."""
        order = _paid(trade, asked, asked.parameters.get("orderId"))
        lines = [_line(order, n) | {"canChoose": True} for n in range(len(order.lines))]
        return {
            "orderId": str(order.number),
            "orderNumber": order.reference,
            "productInfoList": lines,
        }

    def confirm_info(self, trade: Trade, asked: Asked) -> dict[str, Any]:
        """How much can be asked for, and with what reasons."""
        order = _paid(trade, asked, asked.body.get("orderId"))
        cents, lines = _claimed(order, asked.body.get("productInfoList"))
        return {
            "orderId": str(order.number),
            "orderNumber": order.reference,
            "maxAmount": number(cents),
            "expectResultOptionList": ["1", "2"],
            "productInfoList": lines,
            "disputeReasonList": [
                {"disputeReasonId": key, "reasonName": name} for key, name in REASONS.items()
            ],
        }

    def create(self, trade: Trade, asked: Asked) -> bool:
        """Open a dispute; CJ's own id of it is only in the list."""
        body, name = asked.body, asked.account.name
        order = _paid(trade, asked, body.get("orderId"))
        business_id = str(body.get("businessDisputeId") or "")
        if not business_id or any(d.business_id == business_id for d in self._of(name)):
            raise CjError(Code.PARAMETER, "Param error: businessDisputeId is missing or in use")
        if body.get("disputeReasonId") not in REASONS or body.get("expectType") not in (1, 2):
            raise CjError(Code.PARAMETER, "Param error: disputeReasonId or expectType")
        cents, _ = _claimed(order, body.get("productInfoList"))
        dispute = Dispute(
            number=len(self.all) + 1,
            account=name,
            business_id=business_id,
            order=order,
            reason=body["disputeReasonId"],
            expects=body["expectType"],
            cents=cents,
            opened_at=trade.clock(),
        )
        self.all.append(dispute)
        return True

    def cancel(self, trade: Trade, asked: Asked) -> bool:
        """Withdraw a dispute."""
        self._dispute(asked, asked.body.get("disputeId")).cancelled = True
        return True

    def listed(self, trade: Trade, asked: Asked) -> dict[str, Any]:
        """The account's disputes, newest first, or those of one order."""
        order = asked.parameters.get("orderId", "")
        found = [d for d in self._of(asked.account.name) if order in ("", str(d.order.number))]
        documents = [_document(dispute) for dispute in reversed(found)]
        return {"pageNum": 1, "pageSize": len(found), "total": len(found), "list": documents}

    def detail(self, trade: Trade, asked: Asked) -> dict[str, Any]:
        """One dispute."""
        return _document(self._dispute(asked, asked.parameters.get("disputeId")))

    def _of(self, account: str) -> list[Dispute]:
        return [dispute for dispute in self.all if dispute.account == account]

    def _dispute(self, asked: Asked, name: object) -> Dispute:
        found = [d for d in self._of(asked.account.name) if str(d.number) == str(name)]
        if not found:
            raise CjError(Code.PARAMETER, "Param error: dispute not found")
        return found[0]


def _paid(trade: Trade, asked: Asked, name: object) -> Order:
    order = order_of(trade, asked, name)
    if order.paid_at is None or order.cancelled_at is not None:
        raise CjError(Code.PARAMETER, "Param error: the order cannot be disputed")
    return order


def _line(order: Order, n: int) -> dict[str, Any]:
    line = order.lines[n]
    return {
        "lineItemId": f"{order.number}{n:02d}",
        "price": number(line.unit_price),
        "quantity": line.units,
        "cjProductName": line.product.title,
    }


def _claimed(order: Order, claims: object) -> tuple[int, list[dict[str, Any]]]:
    """The amount in US cents that claims come to, and the lines they are about."""
    if not isinstance(claims, list) or not claims:
        raise CjError(Code.PARAMETER, "Param error: productInfoList must not be empty")
    known = {f"{order.number}{n:02d}": n for n in range(len(order.lines))}
    cents, lines = 0, []
    for claim in claims:
        n = known.get(str(claim.get("lineItemId"))) if isinstance(claim, dict) else None
        units = str(claim.get("quantity")) if isinstance(claim, dict) else ""
        if n is None or not units.isdecimal() or not 0 < int(units) <= order.lines[n].units:
            raise CjError(Code.PARAMETER, "Param error: productInfoList")
        cents += order.lines[n].unit_price * int(units)
        lines.append(_line(order, n) | {"quantity": int(units)})
    return cents, lines


def _document(dispute: Dispute) -> dict[str, Any]:
    return {
        "id": dispute.number,
        "disputeId": dispute.number,
        "businessDisputeId": dispute.business_id,
        "orderId": str(dispute.order.number),
        "orderNumber": dispute.order.reference,
        "status": "cancelled" if dispute.cancelled else "processing",
        "disputeReason": REASONS[dispute.reason],
        "expectType": dispute.expects,
        "money": number(dispute.cents),
        "resendOrderCode": None,
        "finallyDeal": None,
        "createDate": plain(dispute.opened_at),
    }
