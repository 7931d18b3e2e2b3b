"""The API for those who may: what is answered, and how a refusal is told."""

from __future__ import annotations

from typing import Any

import pytest

from zyenta_ops_tests.web.conftest import House

ORDER = {"store": "ours", "number": "1002", "total": 19.99}


def faults(answer: Any) -> list[str]:
    return [each["where"] for each in answer.json()["faults"]]


def test_an_order_is_created_once_and_shown_when_it_is_handed_over_again(house: House) -> None:
    first = house.ask("ours", "POST", "/v1/orders", json=ORDER)
    again = house.ask("ours", "POST", "/v1/orders", json=ORDER)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["number"] == "1002"
    assert first.json()["amounts"]["total_minor"] == 1500
    received = [each for each in house.orders.done if each[0] == "received"]
    assert received == [("received", first.json()["id"], "api:shop")]


def test_no_fraction_of_an_order_becomes_a_float(house: House) -> None:
    order = house.ask("ours", "POST", "/v1/orders", json=ORDER).json()
    document = house.orders.documents[order["id"]]
    assert "store" not in document
    assert str(document["total"]) == "19.99"
    assert not isinstance(document["total"], float)


def test_another_content_under_the_same_number_is_a_conflict(house: House) -> None:
    house.ask("ours", "POST", "/v1/orders", json=ORDER)
    answer = house.ask("ours", "POST", "/v1/orders", json=ORDER | {"total": 5})
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "the number belongs to an order with another content",
    }


def test_every_fault_of_an_order_is_named(house: House) -> None:
    answer = house.ask("ours", "POST", "/v1/orders", json={"store": "ours"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["faults"] == [
        {"where": "number", "problem": "is missing"},
        {"where": "items", "problem": "there is nothing to buy"},
    ]
    assert house.orders.done == []


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b'{"a": 1e999999999}', "application/json", 422),
        (b'{"a":' * 50_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"store": "ours", "number": "\\u0000"}', "application/json", 422),
        (b'{"store": "ours", "x": [{"y": "\\ud800"}]}', "application/json", 422),
        (b'{"store": "ours", "\\ud800": 1}', "application/json", 422),
        (b'{"store": 7}', "application/json", 422),
        (b"store=ours", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
        (b"x" * 300_000, "application/json", 413),
    ],
)
def test_a_body_that_is_none_is_refused_and_nothing_is_done(
    house: House, content: bytes, media_type: str, status: int
) -> None:
    answer = house.ask(
        "ours", "POST", "/v1/orders", content=content, headers={"Content-Type": media_type}
    )
    assert answer.status_code == status, answer.text
    assert house.orders.done == []


def test_where_a_text_cannot_be_stored_is_said(house: House) -> None:
    content = b'{"store": "ours", "items": [{"title": "\\u0000"}]}'
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = house.ask("ours", "POST", "/v1/orders", content=content, headers=headers)
    assert faults(answer) == ["items[0].title"]


def test_a_list_holds_what_the_token_reaches_and_the_filter_lets_through(house: House) -> None:
    def ids(token: str, path: str, **params: str) -> list[str]:
        (found,) = house.ask(token, "GET", path, params=params).json().values()
        return [each["id"] for each in found]

    assert ids("ours", "/v1/stores") == ["store-ours"]
    assert ids("operator", "/v1/stores") == ["store-ours", "store-theirs"]
    assert ids("ours", "/v1/orders") == ["order-ours"]
    assert ids("operator", "/v1/orders") == ["order-ours", "order-theirs"]
    assert ids("operator", "/v1/orders", store="theirs") == ["order-theirs"]
    assert ids("operator", "/v1/orders", payment_status="PAID") == []
    assert ids("operator", "/v1/orders", limit="1", before="order-theirs") == ["order-ours"]
    assert ids("ours", "/v1/alerts") == ["alert-ours"]
    assert ids("ours", "/v1/alerts", status="RESOLVED") == []
    assert ids("operator", "/v1/alerts", limit="2") == ["alert-theirs", "alert-ours"]
    assert ids("operator", "/v1/inbox", source="cj") == ["event-1"]
    assert ids("operator", "/v1/inbox", source="stripe") == []


def test_the_body_of_an_event_is_not_told(house: House) -> None:
    (event,) = house.ask("operator", "GET", "/v1/inbox").json()["events"]
    assert "body" not in event
    assert event["verified"] is True


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("payment_status=RICH", "payment_status"),
        ("store=%00", "store"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
    ],
)
def test_a_parameter_that_is_none_is_named(house: House, query: str, fault: str) -> None:
    answer = house.ask("ours", "GET", f"/v1/orders?{query}")
    assert (answer.status_code, faults(answer)) == (422, [fault])


def test_where_there_are_no_parameters_none_is_taken(house: House) -> None:
    assert house.ask("ours", "GET", "/v1/stores?limit=1").status_code == 422


@pytest.mark.parametrize("order_id", ["%00", "a%2Fb", "x" * 65, "%FF", "order ours", "..", "%0a"])
def test_an_id_that_is_none_is_nowhere(house: House, order_id: str) -> None:
    assert house.ask("operator", "GET", f"/v1/orders/{order_id}").status_code == 404


def test_an_order_is_shown_with_what_happened_to_it(house: House) -> None:
    shown = house.ask("ours", "GET", "/v1/orders/order-ours").json()
    assert shown["order"]["customer"]["email"] == "eve@example.com"
    assert [each["kind"] for each in shown["timeline"]] == ["RECEIVED"]


def test_a_hold_is_opened_and_released_in_the_name_of_the_token(house: House) -> None:
    wish = {"note": "call first", "expires_at": "2026-12-01T00:00:00Z"}
    held = house.ask("ours", "POST", "/v1/orders/order-ours/holds", json=wish)
    assert held.status_code == 201
    (hold,) = held.json()["holds"]
    assert (hold["note"], hold["opened_by"]) == ("call first", "api:shop")

    path = "/v1/orders/order-ours/holds/release"
    unknown = house.ask("ours", "POST", path, json={"hold_ids": ["hold-9"]})
    released = house.ask("ours", "POST", path, json={"hold_ids": [hold["id"]]})

    assert (unknown.status_code, released.status_code) == (409, 200)
    assert [each[0] for each in house.orders.done] == ["held", "released"]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"note": ""},
        {"note": "x" * 501},
        {"note": "x", "who": 1},
        {"note": "x", "expires_at": "2026-12-01T00:00:00"},
    ],
)
def test_a_hold_without_a_reason_or_with_more_than_there_is_opens_nothing(
    house: House, wish: dict[str, Any]
) -> None:
    assert house.ask("ours", "POST", "/v1/orders/order-ours/holds", json=wish).status_code == 422
    assert house.orders.done == []


def test_a_refund_is_planned_as_it_was_wished(house: House) -> None:
    wish = {"key": "r-1", "reason": "broken", "items": [{"item_id": "item-1", "quantity": 1}]}
    answer = house.ask("ours", "POST", "/v1/orders/order-ours/refunds", json=wish)
    assert (answer.status_code, answer.json()["status"]) == (202, "PLANNED")
    ((_, order_id, wished, actor),) = house.orders.done
    assert (order_id, actor) == ("order-ours", "api:shop")
    assert vars_of(wished) == ("r-1", "broken", None, (("item-1", 1),), 0)


def vars_of(wish: Any) -> tuple[Any, ...]:
    return wish.key, wish.reason, wish.amount_minor, wish.quantities, wish.shipping_minor


@pytest.mark.parametrize(
    "more",
    [
        {"amount_minor": 0},
        {"amount_minor": 1.5},
        {"amount_minor": "5"},
        {"amount_minor": 5, "shipping_minor": 1},
        {"items": [{"item_id": "item-1", "quantity": 0}]},
        {"amount_minor": True},
    ],
)
def test_a_refund_of_no_clear_amount_is_not_planned(house: House, more: dict[str, Any]) -> None:
    wish = {"key": "r-1", "reason": "broken"} | more
    answer = house.ask("ours", "POST", "/v1/orders/order-ours/refunds", json=wish)
    assert answer.status_code == 422
    assert house.orders.done == []


def test_an_alert_is_acknowledged_once(house: House) -> None:
    path = "/v1/alerts/alert-ours/acknowledge"
    assert house.ask("ours", "POST", path).json()["status"] == "ACKNOWLEDGED"
    assert house.ask("ours", "POST", path).status_code == 409


def test_an_event_that_waits_anyway_is_not_replayed(house: House) -> None:
    assert house.ask("operator", "POST", "/v1/inbox/event-1/replay").status_code == 409
    assert house.ask("operator", "POST", "/v1/inbox/event-2/replay").status_code == 404


def test_a_token_that_is_used_too_often_is_told_to_wait_and_others_are_not(house: House) -> None:
    answers = [house.ask("ours", "GET", "/v1/stores") for _ in range(201)]
    assert [each.status_code for each in answers].count(200) == 200
    assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "1")
    assert house.ask("theirs", "GET", "/v1/stores").status_code == 200
