from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from zyenta_ops.domain import customer_notices as notices
from zyenta_ops.domain.customer_notices import MAX_AGES, Shop, dedupe_key
from zyenta_ops.domain.notifications import Channel
from zyenta_ops.domain.store_voice import Notice, StoreVoice
from zyenta_ops.domain.supplier_orders import Parcel, ParcelState
from zyenta_ops_tests.conftest import CountingIds
from zyenta_ops_tests.orders import SHOP, an_order

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
A_SHOP = Shop(SHOP, "My Shop")
NUMBER = "00340434161094042557"


@pytest.fixture
def given() -> dict[str, Any]:
    return {"new_id": CountingIds(), "now": NOW}


def a_parcel(number: str = NUMBER, **fields: Any) -> Parcel:
    values: dict[str, Any] = {"carrier": "DHL", "state": ParcelState.IN_TRANSIT}
    return Parcel(number, **values | fields)


def on(day: int) -> datetime:
    return datetime(2026, 11, day, 18, tzinfo=UTC)


def keys(messages: list[Any]) -> list[str]:
    return [each.dedupe_key for each in messages]


def test_a_paid_order_is_confirmed_to_its_customer_once_and_for_a_day(
    given: dict[str, Any],
) -> None:
    (message,) = notices.confirmed(an_order(), A_SHOP, **given)

    assert (message.dedupe_key, message.template) == ("order-confirmed:order-1", "order-confirmed")
    assert (message.channel, message.recipient) == (Channel.EMAIL, "ann@example.com")
    assert (message.due_at, message.expires_at) == (NOW, NOW + timedelta(days=1))
    assert (message.store_id, message.regarding) == (SHOP, "order:order-1")
    assert message.context["items"] == [
        {"title": "Shirt (M)", "quantity": 2, "price_minor": 3998},
        {"title": "Mug", "quantity": 1, "price_minor": 950},
    ]
    assert message.context["address"] == ["Ann Buyer", "Chausseestraße 1", "10115 Berlin", "DE"]
    assert message.context["total_minor"] == 4938


def test_orders_from_long_ago_are_not_confirmed(given: dict[str, Any]) -> None:
    history = an_order(placed_at=NOW - timedelta(days=31))

    assert notices.confirmed(history, A_SHOP, **given) == []


@pytest.mark.parametrize("notice", list(Notice))
def test_what_a_store_has_muted_is_not_sent(notice: Notice, given: dict[str, Any]) -> None:
    def told(shop: Shop) -> list[str]:
        order = an_order()
        late = a_parcel(expected_at=on(20))
        messages = [
            *notices.confirmed(order, shop, **given),
            *notices.parcel_news(order, shop, [late], {NUMBER: date(2026, 11, 9)}, **given)[0],
            *notices.delivered(order, shop, **given),
            *notices.cancelled(order, shop, **given),
            *notices.refunded(order, shop, 100, 100, **given),
        ]
        return [each.template for each in messages]

    muted = replace(A_SHOP, voice=StoreVoice(muted=frozenset({notice})))
    assert sorted(told(A_SHOP)) == sorted(Notice)
    assert sorted(told(muted)) == sorted(set(Notice) - {notice})


def test_a_store_speaks_under_its_own_name_in_its_own_language(given: dict[str, Any]) -> None:
    voice = StoreVoice("Fjord Team", "", "help@fjord.example", locale="de-AT")
    (message,) = notices.delivered(an_order(), replace(A_SHOP, voice=voice), **given)

    said = {name: message.context[name] for name in ("locale", "sender_name", "reply_to")}
    assert said == {
        "locale": "de-AT",
        "sender_name": "Fjord Team",
        "reply_to": "help@fjord.example",
    }


def test_a_store_that_never_chose_speaks_english_under_its_name(given: dict[str, Any]) -> None:
    (message,) = notices.delivered(an_order(), A_SHOP, **given)

    assert (message.context["locale"], message.context["sender_name"]) == ("en", "My Shop")
    assert (message.context["reply_to"], message.context["review_url"]) == ("", "")


def test_the_language_that_the_customer_ordered_in_wins(given: dict[str, Any]) -> None:
    (message,) = notices.delivered(an_order(locale="de"), A_SHOP, **given)

    assert message.context["locale"] == "de"


def test_every_parcel_is_told_once_however_its_carrier_is_called_later(
    given: dict[str, Any],
) -> None:
    first, _ = notices.parcel_news(
        an_order(), A_SHOP, [a_parcel(carrier=""), a_parcel("LB1DE")], {}, **given
    )
    again, _ = notices.parcel_news(an_order(), A_SHOP, [a_parcel(carrier="DHL")], {}, **given)

    assert keys(first) == [f"order-shipped:order-1:{NUMBER}", "order-shipped:order-1:LB1DE"]
    assert keys(again) == keys(first)[:1]
    assert (first[0].context["url"], again[0].context["parcel"]) == ("", NUMBER)
    assert again[0].context["url"].startswith("https://www.dhl.com/")


@pytest.mark.parametrize(
    "state",
    [ParcelState.DELIVERED, ParcelState.RETURNING, ParcelState.RETURNED, ParcelState.LOST],
)
def test_a_parcel_that_has_come_or_comes_back_is_not_on_its_way(
    state: ParcelState, given: dict[str, Any]
) -> None:
    told = notices.parcel_news(an_order(), A_SHOP, [a_parcel(state=state)], {}, **given)

    assert told == ([], {})


def test_a_number_that_only_the_supplier_knows_is_not_told(given: dict[str, Any]) -> None:
    told = notices.parcel_news(
        an_order(), A_SHOP, [a_parcel("77", internal_number=True)], {}, **given
    )

    assert told == ([], {})


def test_the_first_day_that_is_said_becomes_the_promise(given: dict[str, Any]) -> None:
    parcels = [a_parcel(expected_at=on(9))]
    told, promised = notices.parcel_news(an_order(), A_SHOP, parcels, {}, **given)

    assert [each.template for each in told] == ["order-shipped"]
    assert promised == {NUMBER: date(2026, 11, 9)}
    assert told[0].context["eta"] == "2026-11-09"


@pytest.mark.parametrize(("day", "news"), [(7, False), (9, False), (10, False), (11, True)])
def test_a_delay_is_told_from_two_days_on(day: int, news: bool, given: dict[str, Any]) -> None:
    promised = {NUMBER: date(2026, 11, 9)}
    told, after = notices.parcel_news(
        an_order(), A_SHOP, [a_parcel(expected_at=on(day))], promised, **given
    )

    delays = [each for each in told if each.template == "order-delayed"]
    assert keys(delays) == ([f"order-delayed:order-1:{NUMBER}:2026-11-{day}"] if news else [])
    assert after == ({NUMBER: date(2026, 11, day)} if news else promised)


def test_days_that_slip_one_by_one_are_told_once_they_come_to_two(given: dict[str, Any]) -> None:
    promised: dict[str, date] = {}
    told = []
    for day in (9, 10, 11, 12, 13):
        parcels = [a_parcel(expected_at=on(day))]
        messages, promised = notices.parcel_news(an_order(), A_SHOP, parcels, promised, **given)
        told += [each.context["eta"] for each in messages if each.template == "order-delayed"]

    assert told == ["2026-11-11", "2026-11-13"]


def test_an_order_without_parcels_can_be_late(given: dict[str, Any]) -> None:
    (message,) = notices.delayed(an_order(), A_SHOP, date(2026, 11, 20), **given)

    assert message.dedupe_key == "order-delayed:order-1::2026-11-20"
    assert (message.context["parcel"], message.context["eta"]) == ("", "2026-11-20")


def test_each_sum_that_went_back_is_told_once(given: dict[str, Any]) -> None:
    (first,) = notices.refunded(an_order(), A_SHOP, 500, 500, **given)
    (second,) = notices.refunded(an_order(), A_SHOP, 500, 1_000, **given)

    assert keys([first, second]) == [
        "order-refunded:order-1:500",
        "order-refunded:order-1:1000",
    ]


@pytest.mark.parametrize(("refunded", "paid"), [(0, True), (4938, False)])
def test_a_cancelled_order_speaks_of_money_where_some_is_owed(
    refunded: int, paid: bool, given: dict[str, Any]
) -> None:
    (message,) = notices.cancelled(an_order(refunded_minor=refunded), A_SHOP, **given)

    assert message.context["paid"] is paid


def test_every_notice_has_an_age_at_which_it_is_dropped() -> None:
    assert set(MAX_AGES) == set(Notice)


def test_a_key_is_kept_short_and_still_tells_two_apart() -> None:
    one, other = (dedupe_key("order-shipped", "o", "9" * 400 + end) for end in "ab")

    assert len(one) == len(other) == 200
    assert one != other
    assert dedupe_key("a", "b") == "a:b"
