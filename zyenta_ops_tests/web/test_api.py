"""The API for those who may: what is answered, and how a refusal is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from zyenta_ops.domain.orders import EventKind
from zyenta_ops_tests.orders import PERSONAL
from zyenta_ops_tests.web.conftest import House, order_for
from zyenta_ops_tests.web.running import running


def faults(answer: Any) -> list[str]:
    return [each["where"] for each in answer.json()["faults"]]


def test_an_order_is_created_once_and_shown_when_it_is_handed_over_again(house: House) -> None:
    first = house.ask("ours", "POST", "/v1/orders", json=order_for("ours"))
    stored = house.rows()
    again = house.ask("ours", "POST", "/v1/orders", json=order_for("ours"))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["number"] == "1002"
    assert first.json()["amounts"]["total_minor"] == 4938
    assert house.rows() == stored
    (event,) = house.edge.orders.show("ours:1002").timeline
    assert (event.kind, event.actor) == (EventKind.RECEIVED, "api:shop")


def test_another_content_under_the_same_number_is_a_conflict(house: House) -> None:
    before = house.rows()
    changed = order_for("ours", "1001", discount_minor=400, total_minor=5038)
    answer = house.ask("ours", "POST", "/v1/orders", json=changed)
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": f"order '1001' was handed over before with other content, as"
        f" {house.orders['ours'].id}; give a new order a new number",
    }
    assert house.rows() == before


def test_every_fault_of_an_order_is_named_and_nothing_of_it_is_stored(house: House) -> None:
    before = house.rows()
    order = order_for("ours", total_minor=49.38, colour="red")
    del order["address"]["city"]
    answer = house.ask("ours", "POST", "/v1/orders", json=order)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["faults"] == [
        {"where": "address.city", "problem": "is missing"},
        {"where": "total_minor", "problem": "must be a whole number"},
        {"where": "colour", "problem": "is not a field; correct or remove it"},
    ]
    assert not any(secret in answer.text for secret in PERSONAL)
    assert house.rows() == before


def test_an_order_for_a_store_that_is_closed_is_refused(house: House) -> None:
    house.edge.stores.close("ours")
    before = house.rows()
    answer = house.ask("ours", "POST", "/v1/orders", json=order_for("ours"))
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "the store 'ours' is closed; it takes no more orders",
    )
    assert house.rows() == before


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
    before = house.rows()
    answer = house.ask(
        "ours", "POST", "/v1/orders", content=content, headers={"Content-Type": media_type}
    )
    assert answer.status_code == status, answer.text
    assert house.rows() == before


def test_a_field_that_comes_twice_is_refused_by_its_name(house: House) -> None:
    before = house.rows()
    order = json.dumps(order_for("ours"))
    content = order.replace('"number":', '"number": "1003", "number":', 1)
    headers = {"Content-Type": "application/json"}
    answer = house.ask("ours", "POST", "/v1/orders", content=content, headers=headers)
    assert (answer.status_code, faults(answer)) == (422, ["number"])
    assert answer.json()["detail"] == "A field comes twice."
    hold = '{"note": "wait", "note": "go"}'
    path = "/v1/orders/ours:1001/holds"
    answer = house.ask("ours", "POST", path, content=hold, headers=headers)
    assert (answer.status_code, faults(answer)) == (422, ["note"])
    assert house.rows() == before


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
    ours, theirs = house.orders["ours"].id, house.orders["theirs"].id
    assert ids("ours", "/v1/orders") == [ours]
    assert ids("operator", "/v1/orders") == [theirs, ours]
    assert ids("operator", "/v1/orders", store="theirs") == [theirs]
    assert ids("operator", "/v1/orders", payment_status="PAID") == [theirs, ours]
    assert ids("operator", "/v1/orders", payment_status="PENDING") == []
    assert ids("operator", "/v1/orders", limit="1", before=theirs) == [ours]
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


@pytest.mark.parametrize("by_number", [True, False])
def test_an_order_is_shown_with_what_happened_to_it(house: House, by_number: bool) -> None:
    ref = "ours:1001" if by_number else house.orders["ours"].id
    shown = house.ask("ours", "GET", f"/v1/orders/{ref}").json()
    assert shown["store"] == "ours"
    assert shown["order"]["customer"]["email"] == "ann@example.com"
    assert (shown["order"]["payment_status"], shown["order"]["paid_minor"]) == ("PAID", 4938)
    assert [each["kind"] for each in shown["timeline"]] == ["RECEIVED", "PAYMENT_CHANGED"]
    assert shown["refunds"] == []


def test_a_hold_is_opened_and_released_in_the_name_of_the_token(house: House) -> None:
    wish = {"note": "call first", "expires_at": "2026-12-01T00:00:00Z"}
    held = house.ask("ours", "POST", "/v1/orders/ours:1001/holds", json=wish)
    assert held.status_code == 201
    (hold,) = held.json()["holds"]
    assert (hold["reason"], hold["note"], hold["opened_by"]) == ("MANUAL", "call first", "api:shop")

    path = "/v1/orders/ours:1001/holds/release"
    stored = house.rows()
    unknown = house.ask("ours", "POST", path, json={"source": "manual:9"})
    assert (unknown.status_code, house.rows()) == (409, stored)

    released = house.ask("ours", "POST", path, json={"source": hold["source"]})
    assert released.status_code == 200
    (over,) = released.json()["holds"]
    assert (over["released_at"], over["released_by"]) == ("2026-11-02T12:00:00Z", "api:shop")


def test_a_hold_that_would_be_over_already_is_refused(house: House) -> None:
    before = house.rows()
    wish = {"note": "call first", "expires_at": "2026-11-01T00:00:00Z"}
    answer = house.ask("ours", "POST", "/v1/orders/ours:1001/holds", json=wish)
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "the hold would have ended at 2026-11-01 00:00 UTC already",
    )
    assert house.rows() == before


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"note": ""},
        {"note": "x" * 1_001},
        {"note": "x", "who": 1},
        {"note": "x", "expires_at": "2026-12-01T00:00:00"},
    ],
)
def test_a_hold_without_a_reason_or_with_more_than_there_is_opens_nothing(
    house: House, wish: dict[str, Any]
) -> None:
    before = house.rows()
    assert house.ask("ours", "POST", "/v1/orders/ours:1001/holds", json=wish).status_code == 422
    assert house.rows() == before


def test_a_refund_is_planned_as_it_was_wished_once_by_its_key(house: House) -> None:
    mug = house.orders["ours"].items[1].id
    wish = {
        "key": "r-1",
        "reason": "broken",
        "items": [{"item_id": mug, "quantity": 1}],
        "shipping_minor": 490,
    }
    path = "/v1/orders/ours:1001/refunds"
    answer = house.ask("ours", "POST", path, json=wish)
    stored = house.rows()
    again = house.ask("ours", "POST", path, json=wish)

    (planned,) = answer.json()["refunds"]
    assert (answer.status_code, planned["status"]) == (202, "PLANNED")
    assert (planned["amount_minor"], planned["currency"]) == (1344, "EUR")
    assert planned["requested_by"] == "api:shop"
    assert (again.json(), house.rows()) == (answer.json(), stored)
    (shown,) = house.ask("ours", "GET", "/v1/orders/ours:1001").json()["refunds"]
    assert shown == planned


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ({"amount_minor": 4_939}, "of order 1001 49.38 EUR can be refunded, not 49.39 EUR"),
        ({"items": [{"item_id": "none", "quantity": 1}]}, "order 1001 has no item none"),
    ],
)
def test_more_than_was_paid_or_bought_is_not_refunded(
    house: House, more: dict[str, Any], detail: str
) -> None:
    before = house.rows()
    wish = {"key": "r-1", "reason": "broken"} | more
    answer = house.ask("ours", "POST", "/v1/orders/ours:1001/refunds", json=wish)
    assert (answer.status_code, answer.json()["detail"]) == (409, detail)
    assert house.rows() == before


def test_without_a_key_of_the_payment_provider_no_refund_is_planned(house: House) -> None:
    before = house.rows()
    headers = {"Authorization": f"Bearer {house.tokens['ours']}"}
    wish = {"key": "r-1", "reason": "broken"}
    with running(replace(house.edge, refunds=None)) as client:
        answer = client.post("/v1/orders/ours:1001/refunds", json=wish, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "refunds need a key of the payment provider; set ZYENTA_STRIPE_KEY",
    )
    assert house.rows() == before


def test_a_reason_is_as_long_as_the_document_says_or_refused(house: House) -> None:
    path, wish = "/v1/orders/ours:1001/refunds", {"key": "r-1", "amount_minor": 5}
    document = house.client.get("/openapi.json").json()["components"]["schemas"]["RefundOrder"]
    longest = document["properties"]["reason"]["maxLength"]
    before = house.rows()

    answer = house.ask("ours", "POST", path, json=wish | {"reason": "x" * (longest + 1)})
    assert (answer.status_code, faults(answer)) == (422, ["reason"])
    assert house.rows() == before
    answer = house.ask("ours", "POST", path, json=wish | {"reason": "x" * longest})
    assert answer.status_code == 202
    assert len(answer.json()["refunds"][0]["reason"]) == longest


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
    before = house.rows()
    wish = {"key": "r-1", "reason": "broken"} | more
    answer = house.ask("ours", "POST", "/v1/orders/ours:1001/refunds", json=wish)
    assert answer.status_code == 422
    assert house.rows() == before


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
