"""How the provider's objects stood when they were last read.

Source: Stripe's documentation of PaymentIntents, Checkout Sessions, refunds, disputes and reviews.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.money import Money


class FactKind(StrEnum):
    """The provider's objects that decide an order's payment."""

    SESSION = "SESSION"
    INTENT = "INTENT"
    REFUND = "REFUND"
    DISPUTE = "DISPUTE"
    WARNING = "WARNING"
    REVIEW = "REVIEW"


class FactState(StrEnum):
    """How such an object stands; which words a kind uses is said by `STATES`."""

    OPEN = "OPEN"  # still undecided
    PROCESSING = "PROCESSING"
    FAILED = "FAILED"  # the last attempt was; a customer may try again
    AUTHORIZED = "AUTHORIZED"
    SUCCEEDED = "SUCCEEDED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    ASKED = "ASKED"  # a dispute that is an inquiry yet: no money was taken
    WON = "WON"  # a dispute closed in our favour, inquiries included
    LOST = "LOST"
    CLOSED = "CLOSED"  # over, with nothing to be done


STATES: Final[dict[FactKind, frozenset[FactState]]] = {
    FactKind.SESSION: frozenset(
        {FactState.OPEN, FactState.PROCESSING, FactState.SUCCEEDED, FactState.EXPIRED}
    ),
    FactKind.INTENT: frozenset(
        {
            FactState.OPEN,
            FactState.PROCESSING,
            FactState.FAILED,
            FactState.AUTHORIZED,
            FactState.SUCCEEDED,
            FactState.CANCELLED,
        }
    ),
    FactKind.REFUND: frozenset(
        {FactState.OPEN, FactState.SUCCEEDED, FactState.FAILED, FactState.CANCELLED}
    ),
    FactKind.DISPUTE: frozenset({FactState.ASKED, FactState.OPEN, FactState.WON, FactState.LOST}),
    FactKind.WARNING: frozenset({FactState.OPEN, FactState.CLOSED}),
    FactKind.REVIEW: frozenset({FactState.OPEN, FactState.CLOSED}),
}


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """How one of the provider's objects stood at `as_of`.

    Attributes:
        kind: what it is.
        external_id: the provider's id of it (pi_…, cs_…, re_…, dp_…).
        account: whose it is at the provider; "" = the platform's own.
        state: how it stands.
        amount: INTENT: received, or capturable while AUTHORIZED, or asked for before; SESSION:
            its total; REFUND and DISPUTE: what goes back.
        as_of: the time just before it was read.
        moved_at: when its money moved, and of what moved none when it was made; whole seconds.
        intent_id: the payment it belongs to; an INTENT names itself.
        order_ref: our order's id, from the object's metadata; "" = it names none.
        store_ref: the store's id or subdomain, from the metadata.
        order_number: the storefront's number, from the metadata; only with `store_ref`.
        refund_ref: our refund's id, from a REFUND's metadata.
        note: the provider's reason in its own word ("fraudulent", "insufficient_funds").
    """

    kind: FactKind
    external_id: str
    account: str
    state: FactState
    amount: Money
    as_of: datetime
    moved_at: datetime
    intent_id: str = ""
    order_ref: str = ""
    store_ref: str = ""
    order_number: str = ""
    refund_ref: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATES[self.kind]:
            raise ValueError(f"a {self.kind} is never {self.state}")

    @property
    def payment_id(self) -> str:
        """What facts of one payment share; a checkout without a payment stands for itself."""
        return self.intent_id or self.external_id
