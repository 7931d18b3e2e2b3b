"""What CJ's codes mean. CJ asks to judge by the code, for its messages change.

The codes are those of CJ's page of global error codes and of the interfaces' own pages. A code
that is in neither is a refusal that says no more than its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    LoginExpired,
    Misconfigured,
    OrderRejected,
    RateLimited,
    RateScope,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
    Unsupported,
)

OFF_SHELVES: Final = frozenset({"1602002", "1602003"})  # known to CJ, no longer sold
NO_WAY_THERE: Final = frozenset({"1605000", "1605002"})  # to a question for shipping methods


class About(Enum):
    """What was asked about: the same code means less where no order is at stake."""

    PRODUCTS = auto()
    ORDERS = auto()


@dataclass(frozen=True)
class Meaning:
    """What a code stands for.

    Attributes:
        kind: the error, for an order and for everything else.
        sentence: what CJ says, in our words.
        reason: why an order is refused; None = the code refuses no order.
        scope: of a rate limit.
    """

    kind: type[SupplierError]
    sentence: str
    reason: RejectionReason | None = None
    scope: RateScope = RateScope.RATE


def _order(sentence: str, reason: RejectionReason) -> Meaning:
    return Meaning(RequestInvalid, sentence, reason)


def _gone(sentence: str) -> Meaning:
    return Meaning(UnknownReference, sentence, RejectionReason.OUT_OF_STOCK)


_EXPIRED: Final = Meaning(LoginExpired, "CJ no longer accepts the token")
_ACCOUNT: Final = Meaning(
    Misconfigured, "CJ refuses the account; check it and its API key in the CJ dashboard"
)
_MALFORMED: Final = Meaning(RequestInvalid, "CJ does not understand the request")

MEANINGS: Final[dict[int, Meaning]] = {
    1600000: Meaning(SupplierUnavailable, "CJ is busy"),
    1600001: _EXPIRED,
    1600002: _EXPIRED,
    1600003: _EXPIRED,
    1600030: _EXPIRED,
    1600031: _EXPIRED,
    **dict.fromkeys(range(1600004, 1600013), _ACCOUNT),
    # "Interface offline" on the page of codes, "param error" in the examples of the interfaces.
    1600100: Meaning(RequestInvalid, "CJ takes the request for wrong, or offers it no longer"),
    1600101: Meaning(Unsupported, "CJ has no such interface; check the base address"),
    1600200: Meaning(RateLimited, "CJ is asked too often"),
    1600201: Meaning(RateLimited, "CJ's quota for today is used up", scope=RateScope.DAY),
    1600300: _MALFORMED,
    1600301: Meaning(SupplierUnavailable, "CJ timed out"),
    1601000: Meaning(Misconfigured, "CJ does not know the user of the API key"),
    1602000: _gone("CJ knows no such variant"),
    1602001: _gone("CJ knows no such product"),
    1602002: _gone("CJ no longer sells the product"),
    1602003: _gone("CJ no longer sells the variant"),
    1603000: _order("CJ could not create the order", RejectionReason.UNKNOWN),
    1603001: _order("CJ could not confirm the order", RejectionReason.UNKNOWN),
    1603002: _order("CJ could not delete the order", RejectionReason.UNKNOWN),
    1603003: Meaning(DuplicateOrder, "CJ has an order with this reference"),
    1603100: Meaning(UnknownReference, "CJ knows no such order"),
    1603101: _order("CJ could not take the payment", RejectionReason.PAYMENT),
    1603102: _order("CJ has not enough in stock", RejectionReason.OUT_OF_STOCK),
    1604000: _order("the balance at CJ is too low; top it up", RejectionReason.PAYMENT),
    1604001: _order("CJ does not let the account pay from its balance", RejectionReason.PAYMENT),
    1605000: _order("CJ knows no such shipping method", RejectionReason.SHIPPING_METHOD),
    1605001: _order("CJ cannot use the shipping method", RejectionReason.SHIPPING_METHOD),
    1605002: _order("CJ does not deliver to the country", RejectionReason.REGION),
    1607004: Meaning(SupplierUnavailable, "CJ could not calculate the freight"),
    5027: Meaning(
        RequestInvalid,
        "CJ wants to know the shop platform; set the CJ setting 'platform', such as shopify",
    ),
    **dict.fromkeys((16900202, 16900203, 16900204, 16900205, 16900403), _MALFORMED),
}


def error_of(code: str, about: About, *, said: str = "", request_id: str = "") -> SupplierError:
    """The error that a code stands for.

    Args:
        code: as CJ wrote it.
        about: what was asked about.
        said: of CJ's message, what may be quoted; never of an order.
        request_id: CJ's name of the request.
    """
    meaning = MEANINGS.get(int(code) if code.isascii() and code.isdigit() else 0)
    if meaning is None:
        unknown = "CJ refuses this with a code that is not published"
        meaning = Meaning(RequestInvalid, unknown, RejectionReason.UNKNOWN)
    sentence = f"{meaning.sentence} (code {code})" + (f": {said}" if said else "")
    if about is About.ORDERS and meaning.reason is not None:
        return OrderRejected(sentence, reason=meaning.reason, code=code, request_id=request_id)
    if meaning.kind is RateLimited:
        return RateLimited(sentence, scope=meaning.scope, code=code, request_id=request_id)
    return meaning.kind(sentence, code=code, request_id=request_id)
