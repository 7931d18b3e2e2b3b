"""What plans allow."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.entitlements import (
    NEVER_REFUSED,
    TERMS,
    Action,
    Autonomy,
    Feature,
    Verdict,
    autonomy,
    frequency_allowed,
    is_lower,
    judge,
    tier_of,
)
from zyenta_ops.domain.stores import PlanTier, SyncFrequency


@pytest.mark.parametrize(
    ("keys", "tier"),
    [
        ((), PlanTier.FREE),
        (("something.else",), PlanTier.FREE),
        (("starter",), PlanTier.STARTER),
        (("starter", "autopilot"), PlanTier.AUTOPILOT),
        (("autopilot", "autopilot.video"), PlanTier.AUTOPILOT),
    ],
)
def test_the_best_entitlement_decides_the_plan(keys: tuple[str, ...], tier: PlanTier) -> None:
    assert tier_of(keys) is tier


def test_every_plan_says_what_each_action_may_do() -> None:
    for tier, action in product(PlanTier, Action):
        assert action in TERMS[tier].ceilings


def test_a_better_plan_never_allows_less() -> None:
    for lower, higher in (
        (PlanTier.FREE, PlanTier.STARTER),
        (PlanTier.STARTER, PlanTier.AUTOPILOT),
    ):
        assert is_lower(lower, higher)
        assert not is_lower(higher, lower)
        for action in Action:
            assert TERMS[lower].ceilings[action] <= TERMS[higher].ceilings[action]
        for feature, limit in TERMS[higher].limits.items():
            assert TERMS[lower].limits.get(feature, 0) <= limit


def test_only_autopilot_allows_the_high_cadence() -> None:
    allowed = {tier for tier in PlanTier if frequency_allowed(tier, SyncFrequency.HIGH)}

    assert allowed == {PlanTier.AUTOPILOT}
    assert all(frequency_allowed(tier, SyncFrequency.STANDARD) for tier in PlanTier)


levels = st.sampled_from(Autonomy)


@given(st.sampled_from(PlanTier), st.sampled_from(Action), levels, levels, levels)
def test_an_action_goes_as_far_as_the_most_careful_allows(
    tier: PlanTier, action: Action, store: Autonomy, supplier: Autonomy, switch: Autonomy
) -> None:
    found = autonomy(tier, action, store=store, supplier=supplier, kill_switch=switch)

    assert found == min(TERMS[tier].ceilings[action], store, supplier, switch)


@given(st.sampled_from(PlanTier), st.sampled_from(sorted(NEVER_REFUSED)), st.integers(0, 10**6))
def test_what_a_customer_has_paid_for_is_never_refused(
    tier: PlanTier, feature: Feature, used: int
) -> None:
    assert judge(tier, feature, used).allowed


def test_a_limit_warns_when_it_is_near_and_refuses_when_it_is_passed() -> None:
    assert judge(PlanTier.FREE, Feature.VARIANTS, 100) == Verdict(True)
    assert judge(PlanTier.FREE, Feature.VARIANTS, 399) == Verdict(
        True, "400 of the 500 variants of the FREE plan are used"
    )
    assert judge(PlanTier.FREE, Feature.VARIANTS, 490, 11) == Verdict(
        False, "the FREE plan includes 500 variants; this would make 501"
    )
    assert judge(PlanTier.FREE, Feature.ORDERS, 50) == Verdict(
        True, "the FREE plan includes 50 orders; this would make 51"
    )
