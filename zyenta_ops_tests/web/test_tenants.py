"""What belongs to one tenant does not exist for another: every route there is, one by one."""

from __future__ import annotations

from typing import Any

import pytest

from zyenta_ops.domain.stores import Store
from zyenta_ops.persistence.stores.stores import StoreRecords
from zyenta_ops.web.api.actions import ACTIONS, Action
from zyenta_ops.web.app import build_app
from zyenta_ops.web.receiving import PATH
from zyenta_ops_tests.web.conftest import House, order_for

# A route that is not named here fails the first test; its strangers must be thought of.
BODIES: dict[str, dict[str, Any]] = {
    "hand_over_order": order_for("ours"),
    "hold_order": {"note": "wait"},
    "release_order": {"source": "manual:hold"},
    "refund_order": {"key": "k", "reason": "broken"},
    "act_on_order": {"key": "k", "verb": "NOTE", "note": "called her"},
}
IDS = {
    "/v1/orders/{id}": "order-ours",
    "/v1/orders/{id}/holds": "order-ours",
    "/v1/orders/{id}/holds/release": "order-ours",
    "/v1/orders/{id}/refunds": "order-ours",
    "/v1/orders/{id}/actions": "order-ours",
    "/v1/alerts/{id}/acknowledge": "alert-ours",
    "/v1/inbox/{id}/replay": "event-1",
}
LISTS = {"/v1/stores", "/v1/orders", "/v1/queue", "/v1/alerts", "/v1/inbox"}
OPEN_TO_ALL = {"/healthz", "/readyz", "/openapi.json", PATH}


def request_for(house: House, action: Action) -> tuple[str, str, dict[str, Any]]:
    known = IDS.get(action.path, "")
    path = action.path.replace("{id}", house.orders["ours"].id if "order" in known else known)
    body = BODIES.get(action.name)
    return action.method, path, {} if body is None else {"json": body}


def test_every_route_of_the_app_is_thought_of_here(house: House) -> None:
    paths = {getattr(route, "path", None) for route in build_app(house.edge).routes}
    assert paths == OPEN_TO_ALL | LISTS | IDS.keys()
    assert {each.path for each in ACTIONS} == LISTS | IDS.keys()
    assert {each.name for each in ACTIONS if each.takes} == BODIES.keys()


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.name)
def test_another_tenants_token_gets_404_or_nothing_and_changes_nothing(
    house: House, action: Action
) -> None:
    before = house.rows()
    method, path, request = request_for(house, action)

    answer = house.ask("theirs", method, path, **request)

    if action.method == "GET" and action.path in LISTS - {"/v1/inbox"}:
        assert answer.status_code == 200
        assert_tells_nothing_of_ours(house, answer.text)
        if action.query is not None:
            of_ours = house.ask("theirs", method, path, params={"store": "ours"})
            assert of_ours.status_code == 404
    else:
        assert answer.status_code == 404
        assert answer.json()["detail"] == "There is nothing here."
        assert_tells_nothing_of_ours(house, answer.text)
    assert house.rows() == before


@pytest.mark.parametrize("action", [each for each in ACTIONS if each.path in IDS])
def test_what_is_ours_and_what_does_not_exist_look_the_same_to_them(
    house: House, action: Action
) -> None:
    method, path, request = request_for(house, action)
    nowhere = path.replace(house.orders["ours"].id, "none").replace("ours", "none")
    there = house.ask("theirs", method, path, **request)
    missing = house.ask("theirs", method, nowhere, **request)
    assert there.status_code == 404
    assert (there.status_code, there.text) == (missing.status_code, missing.text)


@pytest.mark.parametrize("action", [each for each in ACTIONS if "/orders/{" in each.path])
def test_an_order_is_not_found_by_the_name_of_another_tenants_store(
    house: House, action: Action
) -> None:
    before = house.rows()
    method, _, request = request_for(house, action)
    for ref in ("ours:1001", "store-ours:1001"):
        path = action.path.replace("{id}", ref)
        assert house.ask("theirs", method, path, **request).status_code == 404
    assert house.rows() == before


def test_a_store_of_another_tenant_and_one_that_does_not_exist_look_the_same(house: House) -> None:
    there, missing = (
        house.ask("theirs", "POST", "/v1/orders", json=order_for("ours") | {"store": store})
        for store in ("ours", "none")
    )
    assert (there.status_code, there.text) == (missing.status_code, missing.text)


def test_a_page_does_not_begin_at_another_tenants_order(house: House) -> None:
    params = {"before": house.orders["ours"].id}
    assert house.ask("theirs", "GET", "/v1/orders", params=params).status_code == 404


def test_a_variant_of_another_tenants_store_cannot_be_ordered(house: House) -> None:
    before = house.rows()
    order = order_for("theirs") | {"items": order_for("ours")["items"]}
    answer = house.ask("theirs", "POST", "/v1/orders", json=order)
    assert (answer.status_code, answer.json()["faults"]) == (
        422,
        [{"where": "items[0].variant_id", "problem": "names no variant of the store"}],
    )
    assert house.rows() == before


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.name)
def test_the_same_request_works_for_its_owner_and_for_operators(
    house: House, action: Action
) -> None:
    method, path, request = request_for(house, action)
    if action.name == "release_order":
        held = house.edge.orders.hold(house.orders["ours"].id, "wait", "api:ops")
        request = {"json": {"source": held.order.holds[0].source}}
    if action.name == "replay_event":
        settled(house)

    mine = house.ask("ours", method, path, **request)
    assert mine.status_code == (404 if action.operators_only else action.status), mine.text
    if action.operators_only:
        assert house.ask("operator", method, path, **request).status_code == action.status


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer zyt_nonsense", "Basic eDp5", "Bearer \xe9"]
)
def test_without_a_valid_token_no_route_says_or_does_anything(
    house: House, header: str | None
) -> None:
    before = house.rows()
    headers = {} if header is None else {b"Authorization": header.encode("latin-1")}

    for action in ACTIONS:
        method, path, request = request_for(house, action)
        answer = house.client.request(method, path, headers=headers, **request)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), path

    assert house.rows() == before


def test_an_expired_and_a_revoked_token_open_nothing(house: House) -> None:
    ends = house.clock.now.replace(hour=13)
    expiring = house.edge.tokens.add("short", store_refs=["ours"], expires_at=ends)
    revoked = house.edge.tokens.add("gone", store_refs=["ours"])
    house.tokens |= {"expiring": expiring.text, "revoked": revoked.text}
    assert house.ask("expiring", "GET", "/v1/stores").status_code == 200

    house.edge.tokens.revoke(revoked.token.id)
    house.clock.advance(hours=1)

    assert house.ask("expiring", "GET", "/v1/stores").status_code == 401
    assert house.ask("revoked", "GET", "/v1/stores").status_code == 401


def test_internal_alerts_are_the_operators(house: House) -> None:
    path = "/v1/alerts/alert-internal/acknowledge"
    assert house.ask("ours", "POST", path).status_code == 404
    assert house.ask("operator", "POST", path).json()["status"] == "ACKNOWLEDGED"


def settled(house: House) -> None:
    """Somebody has given up the event."""
    from sqlalchemy import text

    with house.database.write() as records:
        records.connection.execute(text("UPDATE inbox_event SET status = 'PARKED'"))


def assert_tells_nothing_of_ours(house: House, text: str) -> None:
    assert "ours" not in text
    assert house.orders["ours"].id not in text


def test_the_stores_of_a_token_are_looked_up_by_their_owner_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    every = StoreRecords.every

    def counting(records: StoreRecords, account_id: str | None = None) -> tuple[Store, ...]:
        asked.append(account_id)
        return every(records, account_id)

    monkeypatch.setattr(StoreRecords, "every", counting)
    house.ask("ours", "GET", "/v1/orders")
    house.ask("theirs", "GET", "/v1/stores")

    assert asked == ["account-ours", "account-theirs"]
