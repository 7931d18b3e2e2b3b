"""What is checked right before a supplier order is placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.entitlements import Autonomy
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment import ActionReason, AutomationPolicy, Leash, SupplierOrder
from zyenta_ops.domain.fulfillment.guards import (
    Cleared,
    Held,
    LiveLine,
    Refusal,
    Spending,
    check,
    live_lines,
    way_to_send,
)
from zyenta_ops.domain.fulfillment.holds import WantedHold, is_released
from zyenta_ops.domain.fx import Conversion, FxUnavailable
from zyenta_ops.domain.items import Item, ItemStatus, ItemVariant
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import Hold, HoldReason
from zyenta_ops.domain.stores import PlanTier
from zyenta_ops.domain.supplier_orders import ShippingQuote
from zyenta_ops_tests.domain.fulfillment.making import (
    ADDRESS,
    NOW,
    a_hold,
    a_supplier_order,
    an_order,
    facts,
)

HALF = Conversion("USD", "EUR", Fraction(1, 2))
SLOW = ShippingQuote("SLOW", "Slow", Money(300, "USD"), 10, 20)
FAST = ShippingQuote("FAST", "Fast", Money(600, "USD"), 2, 4, tracked=True)


def live(cost: int = 800, **variant: Any) -> tuple[LiveLine, ...]:
    """Two shirts as the supplier sells them now; 10.00 EUR with slow freight at half a euro."""
    (line,) = a_supplier_order().lines
    offer = Offer(
        line.product_ref, line.variant_ref, line.order_ref, "Shirt", Money(cost, "USD"),
        stock=variant.pop("stock", 9), saleable=variant.pop("saleable", True),
    )  # fmt: skip
    item = Item(line.product_ref, ItemStatus.ON_SALE, variants=(ItemVariant(offer, **variant),))
    return live_lines((line,), [item])


def judge(
    lines: tuple[LiveLine, ...] | None = None,
    it: SupplierOrder | None = None,
    *,
    ways: tuple[ShippingQuote, ...] | None = (SLOW, FAST),
    conversion: Conversion | FxUnavailable = HALF,
    today: int = 0,
    **known: Any,
) -> Cleared | Held | Refusal:
    order = it or a_supplier_order()
    wanted = live() if lines is None else lines
    return check(order, facts(order, **known), wanted, ways, Spending(conversion, today), NOW)


def hold_of(verdict: Cleared | Held | Refusal) -> WantedHold:
    assert isinstance(verdict, Held)
    (hold,) = verdict.holds
    return hold


def released(hold: WantedHold) -> Hold:
    return a_hold(
        hold.source("so-1"),
        reason=hold.reason,
        opened_by="fulfillment",
        released_at=NOW,
        released_by="ann",
    )


def test_a_good_order_is_cleared_with_what_it_costs() -> None:
    verdict = judge()

    assert isinstance(verdict, Cleared)
    assert str(verdict.quote.total) == "19.00 USD"
    assert verdict.cost_minor == 950
    assert (verdict.quote.service_code, verdict.quote.most_days) == ("SLOW", 20)


def test_the_cheapest_way_that_is_quick_enough_is_chosen() -> None:
    quick = AutomationPolicy(longest_delivery_days=5)

    assert way_to_send((SLOW, FAST), AutomationPolicy()) is SLOW
    assert way_to_send((SLOW, FAST), quick) is FAST
    assert way_to_send((SLOW,), quick) is SLOW
    assert way_to_send((), quick) is None


def test_an_address_that_cannot_be_delivered_to_is_refused_without_quoting_it() -> None:
    verdict = judge(order=an_order(address=replace(ADDRESS, postal_code="1")))

    assert verdict == Refusal(
        ActionReason.ADDRESS, "the address cannot be delivered to: see postal_code"
    )


def test_what_is_sent_nowhere_there_is_refused() -> None:
    verdict = judge(ways=())

    assert isinstance(verdict, Refusal)
    assert verdict.reason is ActionReason.REGION


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (live(stock=1), "1 of 2 v-item-1 are in stock"),
        (live(saleable=False), "the supplier does not sell v-item-1 now"),
        (live(most_per_order=1), "one order takes at most 1 v-item-1"),
        (live_lines(a_supplier_order().lines, []), "the supplier no longer lists v-item-1"),
    ],
)
def test_what_cannot_be_had_is_held(lines: tuple[LiveLine, ...], note: str) -> None:
    hold = hold_of(judge(lines))

    assert (hold.reason, hold.note) == (HoldReason.STOCK, note)
    # A person who releases it wants it tried all the same.
    assert isinstance(judge(lines, order=an_order(holds=(released(hold),))), Cleared)


def test_an_unknown_stock_is_no_shortage() -> None:
    assert isinstance(judge(live(stock=None)), Cleared)


def test_goods_that_became_too_dear_are_held() -> None:
    assert isinstance(judge(live(960)), Cleared)
    hold = hold_of(judge(live(961)))

    assert (hold.reason, hold.cost_minor) == (HoldReason.MARGIN, 1_922)
    assert hold.note == "the goods cost 19.22 USD and were 16.00 USD when they were sold"


def test_a_loss_is_held_and_a_released_cost_covers_what_is_cheaper() -> None:
    poor = a_supplier_order(lines=(replace(a_supplier_order().lines[0], revenue_minor=474),))
    hold = hold_of(judge(it=poor))
    assert (hold.word, hold.reason, hold.cost_minor) == ("margin", HoldReason.MARGIN, 1_900)
    assert "9.50 EUR of 9.48 EUR" in hold.note

    accepted = an_order(holds=(released(hold),))
    assert isinstance(judge(it=poor, order=accepted), Cleared)
    assert isinstance(judge(live(790), poor, order=accepted), Cleared)
    assert isinstance(judge(live(801), poor, order=accepted), Held)


def test_the_margin_that_a_store_wants_has_to_remain() -> None:
    # 39.98 EUR of revenue, 9.50 EUR of cost: 76.2 % remain.
    assert isinstance(judge(policy=AutomationPolicy(least_margin=Decimal("76"))), Cleared)
    assert isinstance(judge(policy=AutomationPolicy(least_margin=Decimal("77"))), Held)


def test_caps_hold_what_is_beyond_them() -> None:
    most = AutomationPolicy(most_per_order=Decimal("9.49"))
    hold = hold_of(judge(policy=most))
    assert (hold.word, hold.reason) == ("order-cap", HoldReason.APPROVAL)

    daily = AutomationPolicy(most_per_day=Decimal("100"))
    assert isinstance(judge(policy=daily, today=9_050), Cleared)
    hold = hold_of(judge(policy=daily, today=9_051))
    assert (hold.word, hold.reason) == ("day-cap-2026-11-02", HoldReason.BALANCE)
    assert hold.expires_at == datetime(2026, 11, 3, tzinfo=UTC)


def test_without_a_rate_nothing_is_bought_and_no_release_helps() -> None:
    none = FxUnavailable("USD", "EUR", "there is no exchange rate from USD to EUR")
    hold = hold_of(judge(conversion=none))

    assert (hold.reason, hold.note) == (HoldReason.MARGIN, none.reason)
    assert isinstance(judge(conversion=none, order=an_order(holds=(released(hold),))), Held)


def test_a_store_that_wants_to_be_asked_is_asked_once() -> None:
    hold = hold_of(judge(autonomy=Autonomy.PROPOSE))

    assert (hold.source("so-1"), hold.reason) == ("approval", HoldReason.APPROVAL)
    approved = an_order(holds=(released(hold),))
    assert isinstance(judge(autonomy=Autonomy.PROPOSE, order=approved), Cleared)


def test_what_fulfilment_released_itself_is_no_persons_decision() -> None:
    hold = WantedHold("margin", HoldReason.MARGIN, "too dear", 100)
    ours = replace(released(hold), released_by="fulfillment")

    assert not is_released([ours], hold, "so-1")
    assert not is_released([released(hold)], hold, "so-2")
    assert is_released([released(hold)], replace(hold, cost_minor=99), "so-1")
    assert not is_released([released(hold)], replace(hold, cost_minor=101), "so-1")


def test_the_plan_is_the_ceiling_of_what_a_store_wants() -> None:
    auto, off = AutomationPolicy(), AutomationPolicy(purchases=Leash.OFF)

    assert auto.autonomy(PlanTier.AUTOPILOT) is Autonomy.AUTO
    assert auto.autonomy(PlanTier.STARTER) is Autonomy.PROPOSE
    assert off.autonomy(PlanTier.AUTOPILOT) is Autonomy.OFF


@pytest.mark.parametrize(
    "fields",
    [
        {"cooling_off_minutes": -1},
        {"most_per_order": Decimal(0)},
        {"most_per_day": Decimal("NaN")},
        {"least_margin": Decimal(100)},
        {"most_cost_rise": Decimal(-1)},
        {"longest_delivery_days": 0},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_by_name(fields: dict[str, Any]) -> None:
    (name,) = fields
    with pytest.raises(Refused, match=f"^{name} is "):
        AutomationPolicy(**fields)


def test_a_cooling_off_is_minutes() -> None:
    assert AutomationPolicy(cooling_off_minutes=10).cooling_off == timedelta(minutes=10)
