"""Places where a process may die: before and after every commit and every effect.

A test hands over what is called at each of them; in production nothing is.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Failpoint(StrEnum):
    """What is about to happen, or has just happened."""

    PLAN_COMMIT = "plan.commit"
    PLANNED = "plan.committed"
    CLAIM_COMMIT = "claim.commit"
    CLAIMED = "claim.committed"
    DECISION_COMMIT = "decision.commit"
    DECIDED = "decision.committed"
    QUOTED = "place.quoted"
    PLACE_INTENT_COMMIT = "place.intent.commit"
    PLACE_CALL = "place.call"
    PLACE_CALLED = "place.called"
    PLACE_SETTLE_COMMIT = "place.settle.commit"
    PLACE_SETTLED = "place.settled"
    SEARCHED = "search.called"
    SEARCH_SETTLE_COMMIT = "search.settle.commit"
    SEARCH_SETTLED = "search.settled"
    PAY_INTENT_COMMIT = "pay.intent.commit"
    PAY_CALL = "pay.call"
    PAY_CALLED = "pay.called"
    PAY_SETTLE_COMMIT = "pay.settle.commit"
    PAY_SETTLED = "pay.settled"
    CANCEL_INTENT_COMMIT = "cancel.intent.commit"
    CANCEL_CALL = "cancel.call"
    CANCEL_CALLED = "cancel.called"
    CANCEL_SETTLE_COMMIT = "cancel.settle.commit"
    CANCEL_SETTLED = "cancel.settled"
    FOLLOWED = "follow.called"
    FOLLOW_SETTLE_COMMIT = "follow.settle.commit"
    FOLLOW_SETTLED = "follow.settled"


Failpoints = Callable[[Failpoint], None]


def pass_by(failpoint: Failpoint) -> None:
    """Nobody dies here."""
