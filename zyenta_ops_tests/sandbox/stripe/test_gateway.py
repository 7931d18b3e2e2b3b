"""Who is let in, and what is not there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import stripe

from zyenta_ops.sandbox.faults import FaultScript, Rule
from zyenta_ops.sandbox.stripe.gateway import DEMO_KEY
from zyenta_ops.sandbox.stripe.params import Params, nested
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.stripe.conftest import Connect, refused
from zyenta_ops_tests.sandbox.stripe.test_payment_intents import ORDER


def test_a_wrong_key_is_refused_and_shown_in_part_only(
    connect: Connect, world: SandboxWorld
) -> None:
    error = refused(lambda: connect("sk_test_4eC39HqLyjWDarjtT1zdp7dc").v1.events.list())

    assert isinstance(error, stripe.AuthenticationError)
    assert error.http_status == 401
    assert error.user_message == "Invalid API Key provided: sk_test_********************p7dc"
    assert (world.log.all()[0].account, world.log.all()[0].outcome) == (
        "", "invalid_request_error",
    )  # fmt: skip


def test_no_key_is_refused(world: SandboxWorld, http: httpx.Client) -> None:
    answer = http.get(f"{world.urls['stripe']}/v1/events")

    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("You did not provide an API key.")
    assert answer.headers["Request-Id"].startswith("req_")


def test_a_key_that_has_expired_is_refused_once(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    world.script.add(Rule("expired_token", vendor="stripe", times=1))

    error: Any = refused(lambda: api.v1.events.list())

    assert (error.http_status, error.error.code) == (401, "api_key_expired")
    assert api.v1.events.list().data == []


def test_an_address_that_is_none_is_not_found(world: SandboxWorld, http: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {DEMO_KEY}"}
    answer = http.get(f"{world.urls['stripe']}/v1/nothing", headers=headers)

    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")
    assert "Unrecognized request URL (GET: /v1/nothing)" in answer.json()["error"]["message"]


def test_requests_are_logged_by_pattern_and_account(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    intent = api.v1.payment_intents.create(ORDER)
    api.v1.payment_intents.retrieve(intent.id)

    assert [(e.method, e.operation, e.account, e.status) for e in world.log.all("stripe")] == [
        ("POST", "/v1/payment_intents", "acct_1SandboxPlatform", 200),
        ("GET", "/v1/payment_intents/{name}", "acct_1SandboxPlatform", 200),
    ]


def test_the_same_calls_in_another_world_of_the_seed_give_the_same_objects() -> None:
    found = []
    for _ in range(2):
        world = SandboxWorld(seed=3, products=1)
        world.payers.pay_order("o1", "ann", 4_200, "usd")
        world.payers.dispute("o1")
        found.append((world.stripe.platform.objects, world.stripe.platform.events))

    assert found[0] == found[1]


def test_brackets_stand_for_objects_and_lists() -> None:
    tree = nested(
        [
            ("a[b][0][c]", "1"),
            ("a[b][1][c]", "2"),
            ("expand[]", "x"),
            ("expand[]", "y"),
            ("metadata[k[1]]", "v"),
            ("plain", ""),
        ]
    )

    assert [each.number("c") for each in Params(tree).object("a").objects("b")] == [1, 2]
    assert Params(tree).texts("expand") == ["x", "y"]
    assert (Params(tree).optional("plain"), Params(tree).text("plain")) == (None, "")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("amount=1&amount[x]=2", "Invalid object: amount"),
        ("amount=500&currency[x]=usd", "Invalid string: must be a string"),
        ("amount=500&currency=usd&confirm=maybe", "Invalid boolean: maybe"),
        ("amount=500&currency=usd&transfer_data=x", "Invalid object"),
        ("amount=500&currency=usd&payment_method_types=card", "Invalid array"),
        (f"amount=500&currency=usd&metadata[{'k' * 41}]=v", "Invalid metadata: too long"),
        (
            "amount=500&currency=usd&" + "&".join(f"metadata[k{n}]=v" for n in range(51)),
            "Metadata can have up to 50 keys.",
        ),
    ],
)
def test_a_form_that_is_none_is_refused(
    world: SandboxWorld, http: httpx.Client, body: str, message: str
) -> None:
    headers = {
        "Authorization": f"Bearer {DEMO_KEY}",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    answer = http.post(f"{world.urls['stripe']}/v1/payment_intents", content=body, headers=headers)

    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)
    assert world.stripe.platform.objects.get("payment_intent", {}) == {}


def test_on_a_bad_day_everything_is_done_once_by_a_client_that_keeps_its_keys(
    connect: Connect, world: SandboxWorld
) -> None:
    bad = FaultScript.from_seed(4)
    for rule in bad.state():
        known = {name: rule[name] for name in ("fault", "probability", "status", "seconds", "move")}
        known["probability"] = min(1, known["probability"] * 5)
        world.script.add(Rule(**known, calls=rule["calls"], count=rule["count"]))
    api = connect(retries=2)

    for number in range(60):
        asked: Any = {**ORDER, "payment_method": "pm_card_visa", "confirm": True}
        options: Any = {"idempotency_key": f"order-{number}"}
        for _ in range(50):
            world.advance(seconds=1)
            try:
                api.v1.payment_intents.create(asked, options)
                break
            except stripe.StripeError:
                continue

    made = world.stripe.platform.objects["payment_intent"].values()
    assert [each["status"] for each in made] == ["succeeded"] * 60
    outcomes = {entry.outcome for entry in world.log.all("stripe")}
    faults = {fault for entry in world.log.all("stripe") for fault in entry.faults}
    assert {"ok", "status", "rate_limit", "reset_before", "html"} <= outcomes
    assert {"reset_after", "truncated", "slow_landing"} <= faults
