"""A supplier order of ours: the lines of a customer order that one supplier account buys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from zyenta_ops.domain.fulfillment.reasons import ActionReason
from zyenta_ops.domain.fulfillment.stages import BEFORE_PLACED, TERMINAL, Stage
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_orders import Parcel, SupplierOrderState

# The shortest that a supplier keeps (Printful's external ids).
LONGEST_REFERENCE: Final = 32
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")


def client_ref(order_id: str, seq: int) -> str:
    """Our reference of a supplier order: the same for every attempt, another for a new `seq`."""
    whole = f"zy-{order_id}-{seq}"
    if len(whole) <= LONGEST_REFERENCE and _PLAIN.fullmatch(whole):
        return whole
    return f"zy-{blake2b(whole.encode(), digest_size=14).hexdigest()}"


@dataclass(frozen=True, slots=True)
class SupplierLine:
    """Units of one item of the customer's order, bought as one offer.

    `unit_cost` is what the offer cost when it was planned, `revenue_minor` what the customer pays
    for a unit, in minor units of the order's currency.
    """

    item_id: str
    variant_id: str
    offer_id: str
    product_ref: str
    variant_ref: str
    order_ref: str
    quantity: int
    unit_cost: Money
    revenue_minor: int


class AttemptKind(StrEnum):
    """What the supplier was asked for."""

    PLACE = "PLACE"
    PAY = "PAY"
    CANCEL = "CANCEL"


class AttemptOutcome(StrEnum):
    """What asking came to."""

    ACCEPTED = "ACCEPTED"
    NOT_SENT = "NOT_SENT"  # the supplier was not reached; nothing was done
    RATE_LIMITED = "RATE_LIMITED"
    RETRYABLE = "RETRYABLE"  # refused, and worth another try
    REFUSED = "REFUSED"  # refused for good
    DUPLICATE = "DUPLICATE"  # the supplier has it already
    UNKNOWN = "UNKNOWN"


# What may be sent again without looking first; neither of the first two counts as a try.
FREE: Final = frozenset({AttemptOutcome.NOT_SENT, AttemptOutcome.RATE_LIMITED})


@dataclass(frozen=True, slots=True)
class Attempt:
    """An intent: stored before the supplier is asked, settled after.

    Attributes:
        number: counts the attempts of a supplier order from 1, of all kinds.
        request_hash: of everything that is sent; the same reference never goes with another.
        request: what is sent, without the recipient.
        external_id: the supplier's order that is paid or cancelled; "" when placing.
        outcome: None = nobody knows; the process is at work or died.
    """

    number: int
    kind: AttemptKind
    request_hash: str
    request: Mapping[str, object]
    started_at: datetime
    external_id: str = ""
    settled_at: datetime | None = None
    outcome: AttemptOutcome | None = None
    error: str = ""


class SpendState(StrEnum):
    """Whether money that a supplier order costs is set aside or gone."""

    RESERVED = "RESERVED"
    SPENT = "SPENT"  # the supplier has the order


@dataclass(frozen=True, slots=True)
class External:
    """An order at the supplier that belongs to a supplier order; one request may make several.

    `attempt` is the number of the attempt that made it; None = it was found.
    """

    external_id: str
    state: SupplierOrderState
    attempt: int | None = None
    total: Money | None = None
    pay_until: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel as it is followed.

    Attributes:
        external_id: the supplier's order it belongs to; "" = entered by hand.
        first_seen_at: when its number was first told.
        shipped_at: when it was first seen to move.
        settled_at: when a person dealt with its not arriving; it says nothing of the order since.
    """

    id: str
    external_id: str
    parcel: Parcel
    first_seen_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What placing costs now: goods and freight in the supplier's currency, and the way to send.

    `goods_expected` is what the goods cost when they were planned.
    """

    goods: Money
    freight: Money
    goods_expected: Money
    service_code: str = ""
    service_name: str = ""
    ships_from: str | None = None
    most_days: int | None = None

    @property
    def total(self) -> Money:
        """Goods and freight."""
        return self.goods + self.freight


@dataclass(frozen=True, slots=True)
class SupplierOrder:
    """A supplier order as it stands.

    Attributes:
        account_id: our account at the supplier; None until it is first asked for.
        seq: counts the supplier orders of the customer order from 1.
        reason: why a person has to decide; only in NEEDS_ACTION.
        stuck_in: the stage in which it came to need action; `stuck_at` since when it does.
        note: one sentence on how it came to where it is.
        quote: what it was last quoted at.
        attempts: tries that count; `failures` are those in a row that do not.
        claims: how often it was taken up since work on it last ended in an orderly way.
        eligible_at: since when it may be bought.
        settle_until: UNKNOWN: until then a search that finds nothing means nothing.
        negatives: UNKNOWN: searches in a row, after that, that found nothing.
        sent_at: since when the supplier may have it; None = it provably has not.
        unwanted_at: when a person called it off.
        cancel_refused_at: when the supplier last refused to take it back.
        reserves: whether its units are kept from being sold once more.
    """

    id: str
    order_id: str
    store_id: str
    supplier_key: str
    seq: int
    client_ref: str
    stage: Stage
    lines: tuple[SupplierLine, ...]
    created_at: datetime
    account_id: str | None = None
    reason: ActionReason | None = None
    stuck_in: Stage | None = None
    stuck_at: datetime | None = None
    note: str = ""
    quote: Quote | None = None
    attempts: int = 0
    failures: int = 0
    claims: int = 0
    eligible_at: datetime | None = None
    sent_at: datetime | None = None
    unwanted_at: datetime | None = None
    placed_at: datetime | None = None
    confirmed_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    settle_until: datetime | None = None
    negatives: int = 0
    cancel_refused_at: datetime | None = None
    reserves: bool = True
    next_check_at: datetime | None = None
    deadline_at: datetime | None = None
    lease_until: datetime | None = None
    version: int = 0
    external: tuple[External, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    attempt: Attempt | None = None  # the newest

    @property
    def is_over(self) -> bool:
        """Whether nothing moves it any more."""
        return self.stage in TERMINAL

    @property
    def is_live(self) -> bool:
        """Whether its units are, or will be, bought."""
        return self.stage is not Stage.CANCELLED

    @property
    def was_placed(self) -> bool:
        """Whether the supplier has it, as far as we know."""
        return bool(self.external) or (
            self.stage not in BEFORE_PLACED | {Stage.NEEDS_ACTION, Stage.CANCELLED}
        )

    @property
    def open_attempt(self) -> Attempt | None:
        """The attempt whose outcome nobody knows."""
        attempt = self.attempt
        unsettled = attempt is not None and attempt.outcome in (None, AttemptOutcome.UNKNOWN)
        return attempt if unsettled else None

    def units(self) -> int:
        """How many units it buys."""
        return sum(line.quantity for line in self.lines)
