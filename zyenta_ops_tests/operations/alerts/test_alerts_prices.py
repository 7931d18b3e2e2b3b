from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from zyenta_ops.domain.alerts import AlertType
from zyenta_ops.persistence.schema import alert, alert_subject, product_variant
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop


def row_of(shop: Shop, number: int = -1) -> dict[str, Any]:
    """The first variant of a price mail."""
    variant: dict[str, Any] = shop.mails()[number]["context"]["products"][0]["variants"][0]
    return variant


def test_a_cost_beyond_the_threshold_is_told_with_what_became_of_the_price(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 1_150, price_minor=2_299)

    report = shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert (found["type"], found["severity"]) == ("PRICE_CHANGE", "MEDIUM")
    assert found["title"] == "Significant price changes detected"
    assert found["message"] == (
        "1 product had supplier price changes > 10%."
        " Your selling prices have been automatically adjusted."
    )
    assert found["metadata"]["products"][0]["variants"] == [
        {
            "id": bottle,
            "title": "M",
            "cause": "COST_UP",
            "previous_cost_minor": 1_000,
            "previous_cost_currency": "USD",
            "new_cost_minor": 1_150,
            "cost_currency": "USD",
            "change_percent": "15.0",
            "selling": "ADJUSTED",
            "previous_selling_price_minor": 1_999,
            "new_selling_price_minor": 2_299,
            "proposed_selling_price_minor": None,
            "selling_currency": "EUR",
        }
    ]
    assert row_of(shop) == {
        "title": "M",
        "previous_cost": "10.00 USD",
        "new_cost": "11.50 USD",
        "change": "+15.0 %",
        "selling_price": "22.99 EUR",
        "selling_note": "adjusted from 19.99 EUR",
    }
    assert report.raised == {AlertType.PRICE_CHANGE: 1}
    assert shop.row(product_variant, bottle)["alerted_cost_minor"] == 1_150


def test_exactly_the_threshold_is_not_beyond_it(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 1_100)

    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.rows(alert) == []
    assert shop.row(product_variant, bottle)["alerted_cost_minor"] == 1_000


def test_steps_below_the_threshold_add_up_until_they_are_told(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 1_090)
    shop.alerts.tell(SUPPLIER, None, None)
    assert shop.rows(alert) == []
    shop.cost(bottle, 1_188)

    shop.alerts.tell(SUPPLIER, None, None)

    assert row_of(shop)["previous_cost"] == "10.00 USD"
    assert row_of(shop)["change"] == "+18.8 %"


@pytest.mark.parametrize("told", [None, 1_000])
def test_the_first_known_cost_is_the_base_of_the_first_alert(shop: Shop, told: int | None) -> None:
    (bottle,) = shop.sells("bottle")
    shop.set(product_variant, bottle, alerted_cost_minor=told)
    shop.cost(bottle, 1_050)
    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.row(product_variant, bottle)["alerted_cost_minor"] == 1_000
    assert shop.rows(alert) == []


@pytest.mark.parametrize(
    ("status", "note", "summary"),
    [
        ("WAITING", "24.99 EUR awaits your approval", "1 awaiting your approval"),
        ("BLOCKED", "24.99 EUR was blocked", "1 blocked because the change is too large"),
        ("REJECTED", "no new price could be computed", "1 unchanged because no price could be"),
    ],
)
def test_a_price_that_was_not_adjusted_is_not_said_to_be(
    shop: Shop, status: str, note: str, summary: str
) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 1_500)
    shop.decides(bottle, status, 2_499)

    shop.alerts.tell(SUPPLIER, None, None)

    assert row_of(shop)["selling_price"] == "19.99 EUR"
    assert row_of(shop)["selling_note"] == note
    message = shop.rows(alert)[0]["message"]
    assert summary in message
    assert "automatically adjusted" not in message


def test_a_price_raised_to_its_floor_while_a_higher_one_waits_says_both(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 2_200, price_minor=2_299)
    shop.decides(bottle, "WAITING", 3_999)

    shop.alerts.tell(SUPPLIER, None, None)

    assert row_of(shop)["selling_price"] == "22.99 EUR"
    assert row_of(shop)["selling_note"] == (
        "39.99 EUR awaits your approval; meanwhile adjusted from 19.99 EUR"
    )


def test_a_decision_that_was_settled_says_nothing(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.decides(bottle, "DECLINED", 2_499)
    shop.cost(bottle, 1_500)

    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.rows(alert)[0]["message"] == (
        "1 product had supplier price changes > 10%. Your selling prices are unchanged."
    )


def test_a_newer_price_alert_replaces_the_older_one(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 1_200)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.cost(bottle, 1_500)

    report = shop.alerts.tell(SUPPLIER, None, None)

    assert [row["status"] for row in shop.rows(alert)] == ["RESOLVED", "OPEN"]
    assert report.resolved == {AlertType.PRICE_CHANGE: 1}
    assert row_of(shop)["previous_cost"] == "12.00 USD"


def test_a_price_alert_is_over_when_the_cost_is_back_near_where_it_was(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 1_120)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.cost(bottle, 1_040)  # 7 % below what was told, 4 % above what was known before

    shop.alerts.tell(SUPPLIER, None, None)

    assert [row["status"] for row in shop.rows(alert)] == ["RESOLVED"]


def test_a_cost_that_rises_from_zero_is_told_without_a_percentage(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.set(product_variant, bottle, alerted_cost_minor=0, cost_minor=0)
    shop.cost(bottle, 300)

    shop.alerts.tell(SUPPLIER, None, None)

    assert (row_of(shop)["previous_cost"], row_of(shop)["change"]) == ("0.00 USD", "")


def test_a_cost_in_another_currency_without_a_rate_is_told_in_both_amounts(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 900, currency="EUR")

    shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert (found["type"], found["message"]) == (
        "PRICE_CHANGE",
        "1 product is now priced by their supplier in another currency."
        " Your selling prices are unchanged.",
    )
    assert [row["cause"] for row in shop.rows(alert_subject)] == ["COST_CURRENCY"]
    assert (row_of(shop)["previous_cost"], row_of(shop)["new_cost"]) == ("10.00 USD", "9.00 EUR")
    assert row_of(shop)["change"] == ""
    before = shop.everything()

    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.everything() == before


def test_a_mass_change_of_currency_is_one_alert(shop: Shop) -> None:
    for number in range(12):
        (variant,) = shop.sells(f"item{number}")
        shop.cost(variant, 900, currency="EUR")

    report = shop.alerts.tell(SUPPLIER, None, None)

    assert (report.raised, report.queued) == ({AlertType.PRICE_CHANGE: 1}, 1)
    assert report.rows[0].products == 12


def test_with_a_rate_the_threshold_applies_to_the_converted_cost(shop: Shop) -> None:
    """10.00 USD are 9.20 EUR."""
    shop.rate("USD", "EUR", "0.92")
    (bottle,), (mug,) = shop.sells("bottle"), shop.sells("mug")
    shop.cost(bottle, 1_000, currency="EUR")
    shop.cost(mug, 1_020, currency="EUR")

    shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert found["message"].startswith("1 product had supplier price changes > 10%.")
    assert (row_of(shop)["previous_cost"], row_of(shop)["new_cost"]) == ("10.00 USD", "10.20 EUR")
    assert row_of(shop)["change"] == "+10.9 %"
    told = shop.row(product_variant, bottle)
    assert (told["alerted_cost_minor"], told["alerted_cost_currency"]) == (920, "EUR")


def test_a_rate_too_old_to_price_with_says_nothing_about_a_cost(shop: Shop) -> None:
    shop.rate("USD", "EUR", "0.92", age=timedelta(days=7))
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 920, currency="EUR")

    shop.alerts.tell(SUPPLIER, None, None)

    assert row_of(shop)["change"] == ""


def test_once_converted_the_moves_of_the_rate_do_not_add_to_those_of_the_supplier(
    shop: Shop,
) -> None:
    shop.rate("USD", "EUR", "0.92")
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 920, currency="EUR")
    shop.alerts.tell(SUPPLIER, None, None)
    shop.clock.advance(days=1)
    shop.rate("USD", "EUR", "0.70")
    shop.cost(bottle, 930, currency="EUR")

    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.rows(alert) == []


def test_an_alert_about_another_currency_is_over_when_the_old_one_is_back(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.cost(bottle, 900, currency="EUR")
    shop.alerts.tell(SUPPLIER, None, None)
    shop.cost(bottle, 1_000, currency="USD")

    shop.alerts.tell(SUPPLIER, None, None)

    first, second = shop.rows(alert)
    assert (first["status"], second["status"]) == ("RESOLVED", "OPEN")
    assert (row_of(shop)["previous_cost"], row_of(shop)["new_cost"]) == ("9.00 EUR", "10.00 USD")


def test_the_words_tell_costs_that_moved_from_costs_in_another_currency(shop: Shop) -> None:
    (bottle,), (mug,) = shop.sells("bottle"), shop.sells("mug")
    shop.cost(bottle, 900, currency="EUR")
    shop.cost(mug, 1_500)

    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.rows(alert)[0]["message"] == (
        "2 products had supplier price changes > 10% or are now priced by their supplier in"
        " another currency. Your selling prices are unchanged."
    )
