"""What is checked right before a supplier order is placed, with what the supplier says now.

A guard answers with a hold, which ends by itself or by a person, or with a refusal that only a
person can remedy; each says in one sentence why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from math import ceil

from zyenta_ops.domain.addresses import faults_of
from zyenta_ops.domain.entitlements import Autonomy
from zyenta_ops.domain.fulfillment.facts import Facts
from zyenta_ops.domain.fulfillment.holds import APPROVAL, WantedHold, is_released
from zyenta_ops.domain.fulfillment.policy import AutomationPolicy
from zyenta_ops.domain.fulfillment.reasons import ActionReason
from zyenta_ops.domain.fulfillment.supplier_order import Quote, SupplierLine, SupplierOrder
from zyenta_ops.domain.fx import Conversion, FxUnavailable
from zyenta_ops.domain.items import Item, ItemVariant
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import HoldReason
from zyenta_ops.domain.supplier_orders import ShippingQuote

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class LiveLine:
    """A line as the supplier sells it now; `variant` None = it no longer does."""

    line: SupplierLine
    variant: ItemVariant | None

    @property
    def order_ref(self) -> str:
        """What an order has to quote."""
        return self.line.order_ref if self.variant is None else self.variant.offer.order_ref

    @property
    def cost(self) -> Money:
        """What the units cost."""
        unit = self.line.unit_cost if self.variant is None else self.variant.offer.unit_cost
        return Money(unit.minor * self.line.quantity, unit.currency)


@dataclass(frozen=True, slots=True)
class Spending:
    """What the store spends.

    Attributes:
        conversion: from the supplier's currency into the store's.
        today_minor: what the day's other supplier orders cost, in the store's currency.
    """

    conversion: Conversion | FxUnavailable
    today_minor: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """It must not be placed, and a person has to decide what about it."""

    reason: ActionReason
    sentence: str


@dataclass(frozen=True, slots=True)
class Held:
    """It must not be placed yet."""

    holds: tuple[WantedHold, ...]


@dataclass(frozen=True, slots=True)
class Cleared:
    """It may be placed; `cost_minor` is reserved, in the store's currency."""

    quote: Quote
    cost_minor: int


def live_lines(lines: Sequence[SupplierLine], items: Sequence[Item]) -> tuple[LiveLine, ...]:
    """Each line with what the supplier said of its variant."""
    variants = {
        (item.product_ref, each.offer.variant_ref): each for item in items for each in item.variants
    }
    return tuple(
        LiveLine(line, variants.get((line.product_ref, line.variant_ref))) for line in lines
    )


def way_to_send(ways: Sequence[ShippingQuote], policy: AutomationPolicy) -> ShippingQuote | None:
    """The cheapest way that is quick enough; the quickest where none is. None = there is none."""
    if not ways:
        return None
    longest = policy.longest_delivery_days
    fit = [each for each in ways if longest is None or (each.max_days or 0) <= longest]
    if fit:
        return min(fit, key=lambda each: (each.cost.minor, not each.tracked))
    return min(ways, key=lambda each: (each.max_days or 0, each.cost.minor))


def quoted(lines: Sequence[LiveLine], way: ShippingQuote | None) -> Quote:
    """What the lines cost now; without a way to send nothing is known of the freight.

    Raises:
        Refused: goods and freight are in different currencies.
    """
    currency = lines[0].cost.currency
    goods = expected = nothing = Money(0, currency)
    for each in lines:
        goods += each.cost
        expected += Money(
            each.line.unit_cost.minor * each.line.quantity, each.line.unit_cost.currency
        )
    if way is None:
        return Quote(goods, nothing, expected)
    freight = way.cost if way.taxes is None else way.cost + way.taxes
    return Quote(
        goods, freight, expected, way.service_code, way.service_name, way.ships_from, way.max_days
    )


def check(
    supplier_order: SupplierOrder,
    facts: Facts,
    lines: Sequence[LiveLine],
    ways: Sequence[ShippingQuote] | None,
    spending: Spending,
    now: datetime,
) -> Cleared | Held | Refusal:
    """Whether a supplier order may be placed.

    Args:
        supplier_order: with the lines to buy.
        facts: as of the transaction that stores the intent.
        lines: as the supplier sells them now.
        ways: of sending them there; None = the supplier quotes none, empty = there are none.
        spending: of the store.
        now: when.
    """
    faults = faults_of(facts.order.address)
    if faults:
        named = ", ".join(fault.where for fault in faults)
        return Refusal(ActionReason.ADDRESS, f"the address cannot be delivered to: see {named}")
    missing = tuple(_missing(lines, supplier_order, facts))
    if missing:
        return Held(missing)
    if ways is not None and not ways:
        country = facts.order.address.country
        return Refusal(ActionReason.REGION, f"the supplier sends these goods nowhere in {country}")
    if isinstance(spending.conversion, FxUnavailable):
        return Held((WantedHold("rate", HoldReason.MARGIN, spending.conversion.reason),))
    quote = quoted(lines, way_to_send(ways or (), facts.policy))
    cost_minor = ceil(spending.conversion.minor(quote.total))
    wanted = (
        approval(facts.autonomy),
        _cost_rise(facts.policy, quote),
        _margin(supplier_order, facts, quote, cost_minor),
        _order_cap(facts, quote, cost_minor),
        _day_cap(facts, cost_minor, spending.today_minor, now),
    )
    found = tuple(
        hold
        for hold in wanted
        if hold is not None and not is_released(facts.order.holds, hold, supplier_order.id)
    )
    return Held(found) if found else Cleared(quote, cost_minor)


def _missing(lines: Sequence[LiveLine], it: SupplierOrder, facts: Facts) -> Iterator[WantedHold]:
    reasons = [why for each in lines if (why := _shortage(each))]
    if reasons:
        hold = WantedHold("stock", HoldReason.STOCK, "; ".join(reasons))
        if not is_released(facts.order.holds, hold, it.id):
            yield hold


def _shortage(each: LiveLine) -> str:
    variant, units = each.variant, each.line.quantity
    if variant is None:
        return f"the supplier no longer lists {each.line.variant_ref}"
    if not variant.offer.saleable:
        return f"the supplier does not sell {each.line.variant_ref} now"
    if variant.offer.stock is not None and variant.offer.stock < units:
        return f"{variant.offer.stock} of {units} {each.line.variant_ref} are in stock"
    if variant.most_per_order is not None and variant.most_per_order < units:
        return f"one order takes at most {variant.most_per_order} {each.line.variant_ref}"
    return ""


def approval(autonomy: Autonomy) -> WantedHold | None:
    """The hold of a store whose purchases a person approves; None = they go by themselves."""
    if autonomy is Autonomy.AUTO:
        return None
    notes = {
        Autonomy.PROPOSE: "a person approves purchases in this store",
        Autonomy.OBSERVE: "purchases in this store are only watched; release it to buy this one",
        Autonomy.OFF: "purchases in this store are switched off; release it to buy this one",
    }
    return WantedHold(APPROVAL, HoldReason.APPROVAL, notes[autonomy])


def _cost_rise(policy: AutomationPolicy, quote: Quote) -> WantedHold | None:
    most = quote.goods_expected.minor * (_PERCENT + policy.most_cost_rise) / _PERCENT
    if quote.goods.minor <= most:
        return None
    note = f"the goods cost {quote.goods} and were {quote.goods_expected} when they were sold"
    return WantedHold("cost", HoldReason.MARGIN, note, quote.goods.minor)


def _margin(it: SupplierOrder, facts: Facts, quote: Quote, cost_minor: int) -> WantedHold | None:
    revenue = sum(line.quantity * line.revenue_minor for line in it.lines)
    least = revenue * facts.policy.least_margin / _PERCENT
    if Decimal(revenue - cost_minor) >= least:
        return None
    currency = facts.order.currency
    note = (
        f"goods and freight cost {Money(cost_minor, currency)} of {Money(revenue, currency)}, which"
        f" leaves less than {facts.policy.least_margin} %"
    )
    return WantedHold("margin", HoldReason.MARGIN, note, quote.total.minor)


def _order_cap(facts: Facts, quote: Quote, cost_minor: int) -> WantedHold | None:
    cap = facts.policy.most_per_order
    currency = facts.order.currency
    if cap is None or Money(cost_minor, currency) <= Money.of(cap, currency):
        return None
    note = f"it costs {Money(cost_minor, currency)}, more than {Money.of(cap, currency)} an order"
    return WantedHold("order-cap", HoldReason.APPROVAL, note, quote.total.minor)


def _day_cap(facts: Facts, cost_minor: int, today_minor: int, now: datetime) -> WantedHold | None:
    cap = facts.policy.most_per_day
    currency = facts.order.currency
    if cap is None or Money(today_minor + cost_minor, currency) <= Money.of(cap, currency):
        return None
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    note = f"{Money(today_minor, currency)} of {Money.of(cap, currency)} a day are spent"
    word = f"day-cap-{now.astimezone(UTC):%Y-%m-%d}"
    return WantedHold(word, HoldReason.BALANCE, note, expires_at=tomorrow)
