"""Values as suppliers write them, and the sentences about those that make no sense."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from zyenta_ops.adapters.suppliers import answers
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import Money


@pytest.mark.parametrize(
    ("value", "found"),
    [("7", 7), (7, 7), (0, 0), ("0", 0), (None, None), ("", None), (10**9, 10**9)],
)
def test_a_count_may_be_text_and_nothing_is_not_zero(value: Any, found: int | None) -> None:
    assert answers.whole(value, "stock") == found


@pytest.mark.parametrize(
    "value", [-1, "-1", "7.5", Decimal("7.5"), True, "many", "\u0667", 10**10, []]
)
def test_a_count_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(Refused, match="the stock "):
        answers.whole(value, "stock")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.50", "USD", 1250), (Decimal("12.5"), "USD", 1250), (12, "JPY", 12), ("0", "USD", 0)],
)
def test_an_amount_is_exact(amount: Any, currency: str, minor: int) -> None:
    assert answers.money(amount, currency, "price") == Money(minor, currency)


@pytest.mark.parametrize("amount", [None, ""])
def test_an_amount_that_is_not_said_is_not_zero(amount: Any) -> None:
    assert answers.money(amount, "USD", "price") is None


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("-0.01", "USD"),
        ("12.50", "XXX"),
        ("12.50", None),
        ("12.50", ["USD"]),
        ("1.2 -- 3.4", "USD"),
        ("NaN", "USD"),
        ("1e30", "USD"),
        (True, "USD"),
        ({"amount": 1}, "USD"),
    ],
)
def test_an_amount_that_is_none_is_refused(amount: Any, currency: Any) -> None:
    with pytest.raises(Refused):
        answers.money(amount, currency, "price")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1588716060, datetime(2020, 5, 5, 22, 1, tzinfo=UTC)),
        ("2020-05-06T00:01:00+02:00", datetime(2020, 5, 5, 22, 1, tzinfo=UTC)),
        ("2020-05-05T22:01:00", None),
        ("yesterday", None),
        (10**30, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_a_time_has_an_offset_or_is_none(value: Any, found: datetime | None) -> None:
    assert answers.instant(value) == found


def test_text_is_one_line_that_can_be_stored() -> None:
    assert answers.words("a\x00b\ud800 \n c") == "ab c"
    assert answers.words(["a"]) == ""
    assert answers.words(None) == ""
    assert (answers.name(4011), answers.name("x"), answers.name(True)) == ("4011", "x", "")


def test_what_a_supplier_says_is_quoted_without_addresses_and_numbers() -> None:
    said = "Bad SKU for erika@example.com, call +1 541 555 0123 about card 4111111111111111. "
    assert answers.quotable(said) == "Bad SKU for … call … about card …"
    assert len(answers.quotable("x " * 1_000)) == 119
    assert answers.quotable({"message": "secret"}) == ""


def test_a_token_that_a_supplier_quotes_is_not_quoted_again() -> None:
    said = "Invalid token eyJhbGciOiJIUzI1NiJ9.e30 (Bearer:50000s3cret/token+77aa) for this app"

    assert answers.quotable(said) == "Invalid token … … for this app"


def test_lists_and_objects_hold_only_what_they_should() -> None:
    assert answers.entries([{"a": 1}, 2, None]) == [{"a": 1}]
    assert answers.entries({"a": 1}) == []
    assert answers.entry([1]) == {}


def test_only_the_number_of_the_request_is_left_out_of_an_answer() -> None:
    body = rb'{"requestId" : "a-1", "title": "\"request_id\":\"kept\"", "x": {"request_id":"2"}}'
    assert answers.without_request_id(body) == (
        rb'{"requestId" : "", "title": "\"request_id\":\"kept\"", "x": {"request_id":""}}'
    )
