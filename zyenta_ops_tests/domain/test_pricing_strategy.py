"""Strategies as JSON carries them, and what they refuse."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.pricing import (
    ApprovalPolicy,
    CompareAt,
    CompareAtRule,
    DeadBand,
    EndingRule,
    Fees,
    LandedCost,
    PricingKind,
    PricingStrategy,
    Tier,
)

ADAPTER = TypeAdapter(PricingStrategy)

FULL = PricingStrategy(
    kind=PricingKind.FIXED_MARGIN,
    value=Decimal("4.5"),
    tiers=(
        Tier(Decimal(5), PricingKind.PERCENTAGE_MARGIN, Decimal(100)),
        Tier(None, PricingKind.TARGET_MARGIN, Decimal("33.33")),
    ),
    min_margin=Decimal(10),
    max_margin=Decimal(300),
    min_price=Decimal("1.99"),
    max_price=Decimal(999),
    minimum_advertised_price=Decimal(5),
    endings=(
        EndingRule("USD", (Decimal("0.49"), Decimal("0.99"))),
        EndingRule("JPY", (Decimal(980),), Decimal(1000)),
        EndingRule("*"),
    ),
    compare_at=CompareAt(CompareAtRule.PERCENT_ABOVE, Decimal("12.5")),
    landed_cost=LandedCost(Decimal(3), Decimal(1), Decimal(5), Decimal(2), Decimal("1.5")),
    fees=Fees(Decimal("2.9"), Decimal("0.30"), Decimal(5)),
    dead_band=DeadBand(Decimal(1), one_ending=True),
    approval=ApprovalPolicy(Decimal(10), None),
)


@pytest.mark.parametrize("strategy", [PricingStrategy(), FULL])
def test_a_strategy_survives_json(strategy: PricingStrategy) -> None:
    text = json.dumps(ADAPTER.dump_python(strategy, mode="json"))
    again = ADAPTER.validate_python(json.loads(text))
    assert again == strategy
    assert again.fingerprint() == strategy.fingerprint()


def test_json_may_write_percentages_as_number_or_text() -> None:
    for written in (12.5, "12.5", "12.50", Decimal("12.5")):
        strategy = ADAPTER.validate_python({"value": written})
        assert strategy == PricingStrategy(value=Decimal("12.5"))


def test_an_empty_document_is_the_default_strategy() -> None:
    assert ADAPTER.validate_python({}) == PricingStrategy()


def test_markup_is_another_name_for_percentage_margin() -> None:
    strategy = ADAPTER.validate_python({"kind": "MARKUP", "value": 50})
    assert strategy == PricingStrategy()
    assert ADAPTER.dump_python(strategy, mode="json")["kind"] == "PERCENTAGE_MARGIN"


@pytest.mark.parametrize(
    "document",
    [
        {"margin": 50},
        {"fees": {"stripe": 3}},
        {"tiers": [{"up_to": None, "kind": "MARKUP", "value": 1, "from": 0}]},
        {"endings": [{"currency": "USD", "ending": ["0.99"]}]},
    ],
)
def test_an_unknown_key_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Unexpected keyword argument"):
        ADAPTER.validate_python(document)


@pytest.mark.parametrize("value", [True, "half", "NaN", None, [50]])
def test_a_value_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="value"):
        ADAPTER.validate_python({"value": value})


def test_a_float_is_refused_where_no_border_turned_it_into_text() -> None:
    with pytest.raises(TypeError, match="value: prices never meet a float"):
        PricingStrategy(value=12.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["half", "NaN", "Infinity", None])
def test_a_strategy_built_in_code_refuses_what_is_no_number(value: object) -> None:
    with pytest.raises(Refused, match=f"value is '{value}'; write a"):
        PricingStrategy(value=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"value": -1}, "value is -1 %; write a percentage from 0 to 10000"),
        ({"value": "12.345"}, "value is 12.345 %; write at most two decimals (basis points)"),
        (
            {"kind": "FIXED_MARGIN", "value": "0.00001"},
            "value is 0.00001; write at most 4 decimals",
        ),
        (
            {"kind": "TARGET_MARGIN", "value": 100},
            "value (a target margin) is 100 %; it must be less than 100 %",
        ),
        (
            {"kind": "TARGET_MARGIN", "value": 96, "fees": {"platform": 4}},
            "value: a target margin of 96 % and fees of 4 % leave nothing of the price for the "
            "cost; together they must be less than 100 %",
        ),
        (
            {"min_margin": 60, "max_margin": 20},
            "min_margin 60 is above max_margin 20; lower it or raise max_margin",
        ),
        (
            {"min_price": 6, "max_price": 5},
            "min_price 6 is above max_price 5; lower it or raise max_price",
        ),
        (
            {"minimum_advertised_price": 6, "max_price": 5},
            "minimum_advertised_price 6 is above max_price 5; lower it or raise max_price",
        ),
        (
            {"tiers": [{"up_to": 5, "kind": "MARKUP", "value": 10}]},
            "tiers: costs above 5 have no tier; leave up_to of the last one empty (null)",
        ),
        (
            {
                "tiers": [
                    {"up_to": 5, "kind": "MARKUP", "value": 10},
                    {"up_to": 5, "kind": "MARKUP", "value": 20},
                    {"up_to": None, "kind": "MARKUP", "value": 30},
                ]
            },
            "tiers: up_to 5 does not rise above 5; ranges must not overlap",
        ),
        (
            {
                "tiers": [
                    {"up_to": None, "kind": "MARKUP", "value": 10},
                    {"up_to": None, "kind": "MARKUP", "value": 20},
                ]
            },
            "tiers: only the last tier may leave up_to empty (null)",
        ),
        (
            {"tiers": [{"up_to": None, "kind": "DYNAMIC", "value": 10}]},
            "tiers: kind DYNAMIC is not available yet; use FIXED_MARGIN, PERCENTAGE_MARGIN or "
            "TARGET_MARGIN",
        ),
        (
            {"endings": [{"currency": "USD"}, {"currency": "USD"}]},
            "endings: USD has two rules; write its endings in one",
        ),
        (
            {"endings": [{"currency": "JPY", "endings": ["0.99"]}]},
            "endings of JPY are finer than its minor unit; write amounts one can pay",
        ),
        (
            {"endings": [{"currency": "USD", "endings": ["0.99", "0.99"]}]},
            "endings of USD: an ending is written twice; write each once",
        ),
        (
            {"endings": [{"currency": "USD", "step": 0}]},
            "endings of USD: step is 0; write a positive amount such as 1",
        ),
        (
            {"endings": [{"currency": "usd"}]},
            "'usd' is not an ISO 4217 currency code; write one such as EUR or USD",
        ),
        (
            {"compare_at": {"rule": "PERCENT_ABOVE"}},
            "compare_at: percent is 0 %; write how far above the price it stands",
        ),
        (
            {"fees": {"payment": 60, "platform": 40}},
            "fees: payment 60 % and platform 40 % take the whole price; together they must be "
            "less than 100 %",
        ),
        (
            {"landed_cost": {"refunds": 100}},
            "landed_cost: refunds is 100 %; it must be less than 100 %",
        ),
        (
            {"landed_cost": {"shipping": 1_000_000_001}},
            "landed_cost: shipping is 1000000001; write an amount from 0 to 1000000000",
        ),
        (
            {"approval": {"auto_up_to": 60, "blocked_above": 50}},
            "approval: auto_up_to (60 %) is above blocked_above (50 %); raise the one or lower "
            "the other",
        ),
        (
            {"approval": {"auto_up_to": None}},
            "approval: auto_up_to (no limit) is above blocked_above (100 %); raise the one or "
            "lower the other",
        ),
    ],
)
def test_a_contradiction_is_refused_with_the_name_of_its_field(
    document: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        ADAPTER.validate_python(document)
    assert str(refusal.value) == sentence


def test_every_field_counts_in_the_fingerprint() -> None:
    default = PricingStrategy()
    changed = {
        name: replace(default, **{name: getattr(FULL, name)}).fingerprint()
        for name in FULL.__dataclass_fields__
        if getattr(FULL, name) != getattr(default, name) and name != "kind"
    }
    assert len(changed) == 13
    assert len({*changed.values(), default.fingerprint()}) == 14


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    assert PricingStrategy().fingerprint() == "5cf62fe1c906b641005fcdd4304082b4"
