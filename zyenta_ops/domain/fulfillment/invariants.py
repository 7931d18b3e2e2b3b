"""What always holds of orders and their supplier orders, whatever died and whenever.

Where one is broken something was bought twice, is being lost, or nobody works. Nothing here mends
it: a person looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

# Whoever works does so every half a minute; what is left alone for longer is left alone by all.
UNWORKED_FOR: Final = timedelta(minutes=15)


class Invariant(StrEnum):
    """What always holds; the value is how it is told when it does not."""

    BOUGHT_ONCE = "more units are bought than were ordered"
    SENT_ONCE = "more units are sent than were ordered"
    ONE_ORDER_EACH = "the supplier has it more than once"
    PLACED_UNDER_AN_ID = "it counts as placed, and the supplier's number of it is not known"
    PLACING_IS_LEASED = "it is being placed, and nobody is at work on it"
    PAID_IS_PLANNED = "it is paid for, and nothing is planned"
    PAID_IS_BOUGHT_OR_REFUNDED = "it is paid for, and neither bought nor refunded"
    WAITING_ENDS = "it waits, and nothing that could happen would make it go on"
    DUE_IS_WORKED_ON = "it is due, and nobody works on it"
    STOCK_IS_CONSERVED = "the units kept back are not those that are going to be bought"
    SPENDING_IS_CONSERVED = "the money set aside is not what was spent"
    MESSAGES_LEAVE = "a message is due, and nobody sends it"


@dataclass(frozen=True, slots=True)
class Breach:
    """Something of which an invariant does not hold.

    Attributes:
        subject: the id of what it is about: an order's item, supplier order, variant or message.
        order_id: the customer order; None = none, or several.
        detail: figures, fit to show; nothing of a customer.
    """

    invariant: Invariant
    subject: str
    order_id: str | None = None
    detail: str = ""
