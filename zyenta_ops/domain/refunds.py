"""Refunds that we ask for, and how a refund is told from another.

The intent is stored before the provider is asked, with a key made of it, so that a refund whose
answer was lost is found again and not made twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact

# Stripe may forget an idempotency key after a day (docs.stripe.com/api/idempotent_requests); from
# then on a lost refund has to be looked for before it is asked for again.
KEY_LIFE: Final = timedelta(hours=23)


class RefundStatus(StrEnum):
    """Where a refund stands."""

    PLANNED = "PLANNED"  # stored, the provider was not asked yet
    REQUESTED = "REQUESTED"  # being asked; after a crash nobody knows whether it was
    PENDING = "PENDING"  # accepted, on its way to the customer
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


# The provider has accepted them.
MADE: Final = frozenset({RefundStatus.PENDING, RefundStatus.SUCCEEDED})
OVER: Final = frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Units of an order's item that are refunded, and what for; minor units."""

    item_id: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund of ours.

    Attributes:
        number: counts the refunds of the order from 1.
        epoch: raised when a new idempotency key is needed: after a day, or when the provider has
            stored an error under the old one.
        intent_id: the payment it takes from.
        reverse_transfer: with Connect, take the share back from the connected account.
        refund_application_fee: with Connect, give our fee back too.
        first_asked_at: when the provider was first asked under the key of this epoch.
        lines: what was asked for, whole: every refund of one request has all of its lines.
        request_key: the caller's; asking for a refund twice under it refunds once. A request that
            takes from several payments is as many refunds.
    """

    id: str
    order_id: str
    number: int
    amount_minor: int
    currency: str
    reason: str
    intent_id: str
    account: str
    status: RefundStatus
    requested_by: str
    requested_at: datetime
    lines: tuple[RefundLine, ...] = ()
    epoch: int = 0
    reverse_transfer: bool = False
    refund_application_fee: bool = False
    external_id: str | None = None
    attempts: int = 0
    next_attempt_at: datetime | None = None
    first_asked_at: datetime | None = None
    error: str | None = None
    request_key: str = ""

    @property
    def idempotency_key(self) -> str:
        """The key under which the provider is asked; the same for every attempt of an epoch."""
        return f"zy:refund:{self.order_id}:{self.number}:{self.epoch}"


_FACT_STATUS: Final = {
    FactState.OPEN: RefundStatus.PENDING,
    FactState.SUCCEEDED: RefundStatus.SUCCEEDED,
    FactState.FAILED: RefundStatus.FAILED,
    FactState.CANCELLED: RefundStatus.CANCELLED,
}


def as_seen(refund: Refund, fact: PaymentFact) -> Refund:
    """The refund as the provider tells of it."""
    return replace(
        refund,
        status=_FACT_STATUS[fact.state],
        external_id=fact.external_id,
        next_attempt_at=None,
        error=fact.note if fact.state is FactState.FAILED else None,
    )


def given_back(facts: Iterable[PaymentFact], currency: str) -> int:
    """What we gave back, in minor units; what a lost dispute took was not ours to give."""
    return sum(
        fact.amount.minor
        for fact in facts
        if fact.kind is FactKind.REFUND
        and fact.state is FactState.SUCCEEDED
        and fact.amount.currency == currency
    )
