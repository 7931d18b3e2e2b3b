"""What came in by each payment of an order, and what of it went back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.payments.facts import FactKind, FactState, PaymentFact

_RECEIVED = (FactKind.INTENT, FactState.SUCCEEDED)
_RETURNED = frozenset({(FactKind.REFUND, FactState.SUCCEEDED), (FactKind.DISPUTE, FactState.LOST)})


@dataclass(frozen=True, slots=True)
class Balance:
    """A payment that was received; `returns` took from it, the oldest first."""

    payment: PaymentFact
    returns: tuple[PaymentFact, ...] = ()

    @property
    def currency(self) -> str:
        """What was paid in."""
        return self.payment.amount.currency

    @property
    def received(self) -> int:
        """Minor units that came in."""
        return self.payment.amount.minor

    @property
    def returned(self) -> int:
        """Minor units that went back: refunds, and lost disputes, which take like refunds.

        Never more than came in: what a bank disputes may differ from what was paid.
        """
        return min(self.received, sum(each.amount.minor for each in self.returns))

    @property
    def kept(self) -> int:
        """Minor units that are still with us."""
        return self.received - self.returned


def balances(facts: Iterable[PaymentFact]) -> list[Balance]:
    """The payments that were received, by id."""
    payments, returns = [], defaultdict(list)
    for fact in sorted(facts, key=lambda each: (each.moved_at, each.external_id)):
        if (fact.kind, fact.state) == _RECEIVED:
            payments.append(fact)
        elif (fact.kind, fact.state) in _RETURNED:
            returns[fact.payment_id, fact.amount.currency].append(fact)
    return [
        Balance(each, tuple(returns[each.payment_id, each.amount.currency]))
        for each in sorted(payments, key=lambda each: each.external_id)
    ]


@dataclass(frozen=True, slots=True)
class Till:
    """What an order's payments in its own currency come to; minor units.

    Attributes:
        received: what came in, in all.
        returned: what of it went back.
        covered: the order was paid since all money was last back with the customer; what went back
            since then was refunded of a paid order.
        ever_covered: it was paid at some time.
    """

    received: int
    returned: int
    covered: bool
    ever_covered: bool

    @property
    def kept(self) -> int:
        """What is still with us."""
        return self.received - self.returned


def till_of(total: Money, ours: Sequence[Balance]) -> Till:
    """How the money came and went.

    What is left of 29.90 after 19.90 went back says not whether the order was ever paid; that is
    told by the order in which it came and went.
    """
    kept, covered, ever_covered = 0, False, False
    for amount in _course(ours):
        kept += amount
        if kept >= total.minor:
            covered = ever_covered = True
        elif kept == 0:
            covered = False
    received = sum(each.received for each in ours)
    return Till(received, received - kept, covered, ever_covered)


def _course(ours: Sequence[Balance]) -> Iterator[int]:
    """What came (> 0) and went (< 0), the oldest first.

    Of one instant, which the provider counts in whole seconds, comes first what lets the order look
    less paid: what goes back of earlier payments, then each payment with what goes back of it, that
    of which the most goes back first.
    """
    moves: list[tuple[datetime, bool, int, str, int, int]] = []
    for each in ours:
        paid_at, name = each.payment.moved_at, each.payment.external_id
        at_once = sum(fact.amount.minor for fact in each.returns if fact.moved_at <= paid_at)
        moves.append((paid_at, True, -at_once, name, 0, each.received))
        left = each.received
        for place, fact in enumerate(each.returns, start=1):
            at, amount = max(fact.moved_at, paid_at), min(fact.amount.minor, left)
            left -= amount
            moves.append((at, at == paid_at, -at_once, name, place, -amount))
    return (amount for *_, amount in sorted(moves))
