"""Disputes: asking CJ for money or a parcel back, once an order is paid for.

CJ says which lines can be disputed, then which reasons it takes and how much it gives at most; only
then is a dispute opened. What became of it is read from the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entries, entry, money, name, whole, words
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.adapters.suppliers.cj.api import Api
from zyenta_ops.adapters.suppliers.cj.products import CURRENCY
from zyenta_ops.adapters.suppliers.cj.wire import order_data
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    OrderRejected,
    RejectionReason,
    RequestInvalid,
)

_TO_BALANCE: Final = 1  # `refundType`
_MESSAGE_LENGTH: Final = 500
_REFERENCE_LENGTH: Final = 100
_PAGE_SIZE: Final = 50
_MOST_PAGES: Final = 20


class Remedy(Enum):
    """What is wished for, or was decided; the values are CJ's."""

    REFUND = 1
    REISSUE = 2
    REJECTED = 3  # only as a decision


@dataclass(frozen=True, slots=True)
class DisputeOptions:
    """What CJ would accept for an order.

    Attributes:
        reasons: by id, in CJ's words.
        remedies: what may be wished for.
        most: what CJ gives back at most; None = not said.
        lines: CJ's own documents of the lines, to be sent back as they came.
    """

    reasons: Mapping[int, str]
    remedies: frozenset[Remedy]
    most: Money | None
    lines: tuple[Mapping[str, Any], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DisputeRequest:
    """A dispute to be opened; CJ takes a reference once.

    `variant_refs` names the disputed variants; empty = all that can be. `message` is for people
    at CJ.
    """

    reference: str
    external_id: str
    reason_id: int
    remedy: Remedy
    message: str = field(repr=False)
    variant_refs: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as it stands; `refund` and `decision` are None until CJ has decided."""

    dispute_id: str
    status: str
    reason: str = ""
    decision: Remedy | None = None
    refund: Money | None = None
    resent_as: str = ""


class Disputes:
    """The disputes of one account."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def options(self, external_id: str, variant_refs: Sequence[str] = ()) -> DisputeOptions:
        """What could be disputed.

        Raises:
            OrderRejected: none of it can be.
        """
        listed = self._api.read(
            "disputes/disputeProducts",
            lambda answer: entries(entry(order_data(answer)).get("productInfoList")),
            (("orderId", external_id),),
            urgent=True,
        )
        lines = [
            _sendable(each)
            for each in listed
            if each.get("canChoose") is True
            and (not variant_refs or name(each.get("cjVariantId")) in variant_refs)
        ]
        if not lines:
            raise OrderRejected(
                "CJ takes no dispute about these lines of the order",
                reason=RejectionReason.UNKNOWN,
            )
        body = {"orderId": external_id, "productInfoList": lines}

        def understand(answer: Answer) -> DisputeOptions:
            return _options(entry(order_data(answer)), lines)

        return self._api.read("disputes/disputeConfirmInfo", understand, body=body, urgent=True)

    def open(self, request: DisputeRequest) -> None:
        """Open a dispute; money comes back to the balance.

        Raises:
            RequestInvalid: CJ does not take this reason or remedy for the order.
            OrderRejected: it takes no dispute about it.
            OutcomeUnknown: it may be open; `of` tells.
        """
        if not 0 < len(request.reference) <= _REFERENCE_LENGTH:
            raise RequestInvalid(f"a dispute's reference has 1 to {_REFERENCE_LENGTH} characters")
        if not 0 < len(request.message) <= _MESSAGE_LENGTH:
            raise RequestInvalid(f"a dispute's message has 1 to {_MESSAGE_LENGTH} characters")
        options = self.options(request.external_id, request.variant_refs)
        if request.reason_id not in options.reasons:
            known = ", ".join(f"{key} ({text})" for key, text in options.reasons.items())
            raise RequestInvalid(
                f"CJ takes no such reason for this order; it takes {known or 'none'}"
            )
        if request.remedy not in options.remedies:
            raise RequestInvalid(f"CJ does not offer {request.remedy.name} for this order")
        body = {
            "businessDisputeId": request.reference,
            "orderId": request.external_id,
            "disputeReasonId": request.reason_id,
            "expectType": request.remedy.value,
            "refundType": _TO_BALANCE,
            "messageText": request.message,
            "imageUrl": list(request.images),
            "productInfoList": list(options.lines),
        }
        self._api.write("POST", "disputes/create", order_data, body=body)

    def of(self, external_id: str = "") -> Iterator[Dispute]:
        """The disputes of an order, or all of them."""
        for page in range(1, _MOST_PAGES + 1):
            query = [("pageNum", str(page)), ("pageSize", str(_PAGE_SIZE))]
            if external_id:
                query.append(("orderId", external_id))
            found, total = self._api.read("disputes/getDisputeList", _page, query)
            yield from found
            if not found or page * _PAGE_SIZE >= total:
                return
        raise AnswerInvalid("CJ's list of disputes does not come to an end")


def _sendable(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """A line to be sent back: JSON has no Decimal, and CJ reads an amount from text as well."""
    price = line.get("price")
    return {**line, "price": None if price is None else str(price)}


def _options(info: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> DisputeOptions:
    wishes = info.get("expectResultOptionList")
    said = {name(each) for each in wishes} if isinstance(wishes, list) else set()
    reasons: dict[int, str] = {}
    for each in entries(info.get("disputeReasonList")):
        number = whole(each.get("disputeReasonId"), "reason")
        if number is not None:
            reasons[number] = words(each.get("reasonName"))
    return DisputeOptions(
        reasons,
        frozenset(each for each in (Remedy.REFUND, Remedy.REISSUE) if str(each.value) in said),
        money(info.get("maxAmount"), CURRENCY, "refund"),
        tuple(lines),
    )


def _page(answer: Answer) -> tuple[list[Dispute], int]:
    found = entry(order_data(answer))
    total = whole(found.get("total"), "number of disputes") or 0
    return [_dispute(each) for each in entries(found.get("list"))], total


def _dispute(row: Mapping[str, Any]) -> Dispute:
    decided = {str(each.value): each for each in Remedy}
    return Dispute(
        dispute_id=name(row.get("id")),
        status=words(row.get("status")),
        reason=words(row.get("disputeReason")),
        decision=decided.get(name(row.get("finallyDeal"))),
        refund=money(row.get("money"), CURRENCY, "refund"),
        resent_as=name(row.get("resendOrderCode")),
    )
