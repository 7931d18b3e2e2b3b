"""What operators do about orders by the API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from zyenta_ops.domain.orders import EventKind
from zyenta_ops_tests.web.conftest import House


def act(house: House, token: str = "ours", **body: Any) -> httpx.Response:
    path = f"/v1/orders/{house.orders['ours'].id}/actions"
    return house.ask(token, "POST", path, json={"key": "k1"} | body)


def told(house: House) -> list[tuple[str, str]]:
    """Actor and reason of what was done."""
    timeline = house.edge.orders.show(house.orders["ours"].id).timeline
    return [(each.actor, each.reason) for each in timeline if each.kind is EventKind.ACTED]


def test_an_action_is_done_once_by_its_key_and_named_in_the_timeline(house: House) -> None:
    first = act(house, verb="ASSIGN", to="mira")
    before = house.rows()
    again = act(house, verb="ASSIGN", to="mira")
    other = act(house, verb="ASSIGN", to="jo")

    assert (first.status_code, first.json()["says"]) == (200, ["mira takes care of it"])
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert (other.status_code, other.json()["detail"]) == (
        409,
        "the key k1 belongs to another action on order 1001; use a new key for a new action",
    )
    assert told(house) == [("api:shop", "assign: mira takes care of it")]
    assert house.rows() == before


def test_a_dry_run_says_what_would_happen_and_changes_nothing(house: House) -> None:
    before = house.rows()
    answer = act(house, verb="EDIT_ADDRESS", address={"line1": "Torstraße 2"}, dry_run=True)
    assert (answer.json()["rehearsed"], answer.json()["says"]) == (
        True, ["line1 of the address changed"],
    )  # fmt: skip
    assert house.rows() == before


def test_what_the_state_does_not_allow_is_a_conflict(house: House) -> None:
    before = house.rows()
    answer = act(house, verb="RETRY")
    assert (answer.status_code, answer.json()["detail"]) == (
        409, "nothing is planned for order 1001 yet; retry has to wait",
    )  # fmt: skip
    assert house.rows() == before


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"verb": "NOTE"}, {"where": "note", "problem": "is missing"}),
        (
            {"verb": "NOTE", "note": "x", "to": "mira"},
            {"where": "to", "problem": "is nothing that note takes"},
        ),
        (
            {"verb": "SNOOZE", "until": "2020-01-01T00:00:00Z"},
            {"where": "until", "problem": "is over already"},
        ),
        (
            {"verb": "EDIT_ADDRESS", "address": {"postal_code": "1"}},
            {"where": "address.postal_code", "problem": "…"},
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    house: House, body: dict[str, Any], fault: dict[str, str]
) -> None:
    before = house.rows()
    answer = act(house, **body)
    assert answer.status_code == 422
    (found,) = answer.json()["faults"]
    assert found["where"] == fault["where"]
    assert fault["problem"] in ("…", found["problem"])
    assert house.rows() == before


def test_the_queue_lists_what_waits_until_it_is_approved(house: House) -> None:
    order = house.orders["ours"]
    held = house.edge.orders.hold(order.id, "call her first", "ann").order.holds[0]

    (waiting,) = house.ask("ours", "GET", "/v1/queue").json()["waiting"]
    assert (waiting["number"], waiting["reason"], waiting["hold"]) == (
        "1001", "MANUAL", held.source,
    )  # fmt: skip
    assert waiting["verbs"] == ["EDIT_ADDRESS", "APPROVE", "SNOOZE", "ASSIGN", "NOTE"]
    assert house.ask("theirs", "GET", "/v1/queue").json() == {"waiting": []}

    assert act(house, verb="APPROVE").status_code == 200
    assert house.ask("operator", "GET", "/v1/queue").json() == {"waiting": []}
