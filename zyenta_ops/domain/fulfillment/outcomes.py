"""What an error of a supplier says about a write: whether it was done, and what may be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from zyenta_ops.domain.errors import reason_of
from zyenta_ops.domain.fulfillment.reasons import OF_REJECTION, ActionReason
from zyenta_ops.domain.fulfillment.supplier_order import AttemptOutcome
from zyenta_ops.domain.orders import HoldReason
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    LoginExpired,
    LoginFailed,
    OrderRejected,
    RateLimited,
    RejectionReason,
    RequestInvalid,
    SupplierUnavailable,
    UnknownReference,
    Unsupported,
)

# A refusal that waits for something to change: goods, prices or money. The order is held and tried
# again by itself.
_HOLDS: Final = {
    RejectionReason.OUT_OF_STOCK: HoldReason.STOCK,
    RejectionReason.PRICE: HoldReason.MARGIN,
    RejectionReason.PAYMENT: HoldReason.BALANCE,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an error comes to.

    Attributes:
        outcome: for the attempt.
        sentence: the error in words, fit to show.
        reason: what a person has to decide; None = nobody has to.
        hold: what the order waits for; None = nothing but time.
        retry_after: at least so long until the next try.
        external_id: DUPLICATE: what the supplier calls the order, where it says so.
    """

    outcome: AttemptOutcome
    sentence: str
    reason: ActionReason | None = None
    hold: HoldReason | None = None
    retry_after: timedelta | None = None
    external_id: str | None = None


def judge(error: Exception) -> Verdict:
    """What an error that a write ended with says.

    Whatever is not known to mean that nothing was done leaves the outcome unknown.
    """
    said = reason_of(error)
    match error:
        case RateLimited():
            seconds = None if error.retry_after is None else ceil(error.retry_after)
            wait = None if seconds is None else timedelta(seconds=seconds)
            return Verdict(AttemptOutcome.RATE_LIMITED, said, retry_after=wait)
        # Login trouble opens the account's circuit; the order waits for it like for an outage.
        case SupplierUnavailable() | LoginFailed() | LoginExpired():
            return Verdict(AttemptOutcome.NOT_SENT, said)
        case OrderRejected():
            return _rejection(error, said)
        case DuplicateOrder():
            return Verdict(AttemptOutcome.DUPLICATE, said, external_id=error.external_id)
        case RequestInvalid():
            return Verdict(AttemptOutcome.REFUSED, said, ActionReason.REJECTED)
        case UnknownReference():
            return Verdict(AttemptOutcome.REFUSED, said, ActionReason.VARIANT_UNKNOWN)
        case Unsupported():
            return Verdict(AttemptOutcome.REFUSED, said, ActionReason.BY_HAND)
        case _:
            return Verdict(AttemptOutcome.UNKNOWN, said)


def _rejection(error: OrderRejected, said: str) -> Verdict:
    hold = _HOLDS.get(error.reason)
    if hold is not None:
        return Verdict(AttemptOutcome.RETRYABLE, said, hold=hold)
    if error.reason is RejectionReason.SHIPPING_METHOD:
        return Verdict(AttemptOutcome.RETRYABLE, said)
    return Verdict(AttemptOutcome.REFUSED, said, OF_REJECTION[error.reason])
