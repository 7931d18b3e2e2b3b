"""What of an order can be refunded, and from which of its payments it is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import Money, shares
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact, balances
from zyenta_ops.domain.refunds import OVER, Refund, RefundLine, RefundStatus


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What to refund: an amount, or units of items and shipping; minor units.

    With none of them, everything that is left. `key` is the caller's: asking twice under it refunds
    once.
    """

    key: str
    reason: str
    amount_minor: int | None = None
    quantities: tuple[tuple[str, int], ...] = ()
    shipping_minor: int = 0

    @property
    def everything(self) -> bool:
        """Whether all that is left is to be refunded."""
        return self.amount_minor is None and not self.quantities and not self.shipping_minor

    def amount_with(self, lines: Sequence[RefundLine]) -> int:
        """What is asked for, unless it is everything."""
        if self.amount_minor is not None:
            return self.amount_minor
        return sum(line.amount_minor for line in lines) + self.shipping_minor


@dataclass(frozen=True, slots=True)
class Refundable:
    """A payment, and what can still be refunded of it; where the rest is; minor units.

    Attributes:
        refunded: went back to the customer.
        under_way: was asked for, and has not arrived; the provider may not know of it yet.
        disputed: of a payment that was charged back, which the provider does not refund
            (docs.stripe.com/disputes); an inquiry is none.
    """

    payment: PaymentFact
    left: int
    refunded: int = 0
    under_way: int = 0
    disputed: int = 0

    @property
    def currency(self) -> str:
        """What was paid in."""
        return self.payment.amount.currency


@dataclass(frozen=True, slots=True)
class Part:
    """What a request takes from one payment."""

    payment: PaymentFact
    amount: Money


def refundable(facts: Sequence[PaymentFact], refunds: Sequence[Refund]) -> list[Refundable]:
    """What is left to refund of each payment of an order, the most first.

    Refunds under way count, ours that the provider was not seen to know included: nothing is
    promised twice.
    """
    seen = {fact.external_id for fact in facts if fact.kind is FactKind.REFUND}
    ours = [each for each in refunds if each.status not in OVER and each.external_id not in seen]
    found = []
    for balance in balances(facts):
        payment = balance.payment
        about = [fact for fact in facts if fact.intent_id == payment.external_id]
        refunded = _sum(about, FactKind.REFUND, FactState.SUCCEEDED)
        under_way = _sum(about, FactKind.REFUND, FactState.OPEN) + sum(
            each.amount_minor for each in ours if each.intent_id == payment.external_id
        )
        left = max(0, balance.received - refunded - under_way)
        charged_back = any(
            fact.kind is FactKind.DISPUTE and fact.state in (FactState.OPEN, FactState.LOST)
            for fact in about
        )
        disputed = left if charged_back else 0
        found.append(Refundable(payment, left - disputed, refunded, under_way, disputed))
    return sorted(found, key=lambda each: (-each.left, each.payment.external_id))


def parts_of(
    order: Order, wanted: RefundRequest, lines: Sequence[RefundLine], found: Sequence[Refundable]
) -> list[Part]:
    """From which payments a request is taken, from as few as can be.

    Everything is every payment, in whatever currency; all else is the order's currency.

    Raises:
        Refused: nothing is left, or less than is asked for.
    """
    if not found:
        raise Refused(f"order {order.number} was not paid; there is nothing to refund")
    wide = [each for each in found if wanted.everything or each.currency == order.currency]
    available = sum(each.left for each in wide)
    if not available:
        raise Refused(f"nothing of order {order.number} can be refunded: {_whereabouts(found)}")
    if wanted.everything:
        return [Part(each.payment, Money(each.left, each.currency)) for each in wide if each.left]
    amount = wanted.amount_with(lines)
    if amount == 0 and lines:
        raise Refused(f"nothing was paid for these items of order {order.number}")
    if not 0 < amount <= available:
        raise Refused(
            f"of order {order.number} {Money(available, order.currency)} can be refunded,"
            f" not {Money(amount, order.currency)}"
        )
    parts = []
    for each in wide:
        taken = min(amount, each.left)
        amount -= taken
        if taken:
            parts.append(Part(each.payment, Money(taken, each.currency)))
    return parts


def lines_of(
    order: Order, wanted: RefundRequest, before: Iterable[Refund]
) -> tuple[RefundLine, ...]:
    """The units of a request and what was paid for them.

    What was paid for an item is its share of the order's total without shipping: the discount and
    what was added as tax are spread over the items by what they cost, to the last minor unit (by
    largest remainder). Of an item's units the last one takes what rounding left: all units of all
    items together are exactly what was paid for them, however many refunds they come in.

    Raises:
        Refused: there is no such item, or less of it is left.
    """
    items = {item.id: item for item in order.items}
    paid = paid_for_items(order)
    taken = _taken(before)
    lines = []
    for item_id, quantity in wanted.quantities:
        item = items.get(item_id)
        if item is None:
            raise Refused(f"order {order.number} has no item {item_id}")
        units, minor = taken.get(item_id, (0, 0))
        left = item.quantity - units
        if not 0 < quantity <= left:
            raise Refused(f"{left} of item {item_id} can be refunded, not {quantity}")
        amount = max(0, paid[item_id] * (units + quantity) // item.quantity - minor)
        taken[item_id] = (units + quantity, minor + amount)
        lines.append(RefundLine(item_id, quantity, amount))
    return tuple(lines)


def paid_for_items(order: Order) -> dict[str, int]:
    """What of an order's total was for each of its items, in minor units; see `lines_of`."""
    goods = max(0, order.amounts.total_minor - order.amounts.shipping_minor)
    spread = shares(goods, [item.total_minor for item in order.items])
    return {item.id: share for item, share in zip(order.items, spread, strict=True)}


def same_request(
    order: Order, wanted: RefundRequest, known: Sequence[Refund]
) -> tuple[Refund, ...]:
    """The refunds stored under the request's key, when the same is asked for again.

    Raises:
        Refused: something else was asked for under the key.
    """
    lines = known[0].lines
    units = tuple((line.item_id, line.quantity) for line in lines)
    stored = sum(each.amount_minor for each in known)
    if units != wanted.quantities or not (wanted.everything or stored == wanted.amount_with(lines)):
        raise Refused(
            f"the key {wanted.key} belongs to another refund of order {order.number};"
            " use a new key for a new refund"
        )
    return tuple(known)


def _taken(before: Iterable[Refund]) -> dict[str, tuple[int, int]]:
    """Units that were refunded before, and for how much, by item.

    Every refund of a request names all its units; as long as one of them stands, they count once.
    """
    requests = {
        refund.request_key: refund.lines
        for refund in before
        if refund.status not in OVER - {RefundStatus.SUCCEEDED}
    }
    taken: dict[str, tuple[int, int]] = {}
    for lines in requests.values():
        for line in lines:
            units, minor = taken.get(line.item_id, (0, 0))
            taken[line.item_id] = (units + line.quantity, minor + line.amount_minor)
    return taken


def _whereabouts(found: Sequence[Refundable]) -> str:
    """Where the money is that cannot be asked back."""
    said = []
    for words, part in _PARTS:
        sums: dict[str, int] = {}
        for each in found:
            sums[each.currency] = sums.get(each.currency, 0) + part(each)
        amounts = [str(Money(minor, name)) for name, minor in sorted(sums.items()) if minor]
        if amounts:
            said.append(f"{' and '.join(amounts)} {words}")
    return ", ".join(said)


_PARTS: Final[tuple[tuple[str, Callable[[Refundable], int]], ...]] = (
    ("went back already", lambda each: each.refunded),
    ("is on its way back", lambda each: each.under_way),
    ("was charged back by the bank", lambda each: each.disputed),
    ("in another currency can only be refunded as a whole", lambda each: each.left),
)


def _sum(facts: Iterable[PaymentFact], kind: FactKind, state: FactState) -> int:
    return sum(fact.amount.minor for fact in facts if fact.kind is kind and fact.state is state)
