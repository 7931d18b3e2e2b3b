"""Payments driven over HTTP, as people and other programs do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import stripe

from zyenta_ops.sandbox.stripe.admin import VERBS
from zyenta_ops.sandbox.stripe.gateway import DEMO_KEY
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.receiver import receiving

ORDER: Any = {"order": "o1", "store": "ann", "amount": 4_200, "currency": "usd"}


@pytest.fixture
def do(world: SandboxWorld, http: httpx.Client) -> Any:
    def post(verb: str, **given: Any) -> Any:
        answer = http.post(f"{world.urls['sandbox']}/stripe/{verb}", json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return post


def test_an_order_is_paid_disputed_and_lost(
    do: Any, world: SandboxWorld, http: httpx.Client
) -> None:
    paid = do("pay_order", **ORDER)
    assert (paid["status"], paid["metadata"]) == ("succeeded", {"order_id": "o1", "store": "ann"})

    do("refund", name="o1", amount=200)
    dispute = do("dispute", name="o1", reason="product_not_received")
    assert (dispute["amount"], dispute["status"]) == (4_000, "needs_response")
    assert do("close_dispute", dispute=dispute["id"], outcome="lost")["status"] == "lost"

    assert http.get(f"{world.urls['sandbox']}/stripe/payments").json() == [
        {
            "account": "acct_1SandboxPlatform",
            "order": "o1",
            "store": "ann",
            "id": paid["id"],
            "status": "succeeded",
            "amount": 4_200,
            "amount_received": 4_200,
            "currency": "usd",
            "created": paid["created"],
        }
    ]


@pytest.mark.parametrize(
    ("how", "through", "status"),
    [
        ("pay", "payment_intent", "succeeded"),
        ("decline", "payment_intent", "requires_payment_method"),
        ("authorize", "payment_intent", "requires_capture"),
        ("bank", "payment_intent", "processing"),
        ("review", "payment_intent", "succeeded"),
        ("leave", "payment_intent", "requires_payment_method"),
        ("pay", "session", "complete"),
        ("decline", "session", "open"),
        ("leave", "session", "open"),
    ],
)
def test_an_order_is_paid_in_many_ways(do: Any, how: str, through: str, status: str) -> None:
    assert do("pay_order", **ORDER, how=how, through=through)["status"] == status


@pytest.mark.parametrize("through", ["payment_intent", "session"])
def test_an_order_that_was_declined_is_paid_where_it_is_open(do: Any, through: str) -> None:
    tried = do("pay_order", **ORDER, how="decline", through=through)
    paid = do("pay_order", **ORDER, through=through)
    again = do("pay_order", **ORDER, through=through)

    assert paid["id"] == tried["id"] != again["id"]


def test_people_of_all_kinds_act(do: Any, world: SandboxWorld, api: stripe.StripeClient) -> None:
    do("pay_order", **ORDER)
    assert do("warn", name="o1")["object"] == "radar.early_fraud_warning"
    review = do("review", name="o1")
    assert do("close_review", review=review["id"], reason="approved")["open"] is False
    refund = do("refund", name="o1")
    assert do("fail_refund", refund=refund["id"])["status"] == "failed"
    inquiry = do("dispute", name="o1", inquiry=True)
    assert do("escalate", dispute=inquiry["id"])["status"] == "needs_response"
    made = do("subscribe", email="a@a.example", lookup_key="autopilot")
    ended = do("set_subscription", subscription=made["id"], status="canceled")
    assert ended["status"] == "canceled"
    merchant = do("connect", email="m@m.example")["id"]
    assert do("pay_order", **{**ORDER, "account": merchant})["status"] == "succeeded"
    assert do("restrict", account=merchant)["charges_enabled"] is False
    assert do("withdraw", account=merchant)["type"] == "account.application.deauthorized"
    waiting = do("pay_order", **{**ORDER, "order": "o2"}, how="bank")
    assert do("conclude", name="o2", succeeds=False)["id"] == waiting["id"]
    page = do("pay_order", **{**ORDER, "order": "o3"}, how="leave", through="session")
    assert do("complete", session=page["id"])["payment_status"] == "paid"
    intent: Any = {"amount": 99, "currency": "usd", "confirm": True}
    intent["payment_method"] = "pm_card_threeDSecure2Required"
    asked = api.v1.payment_intents.create(intent)
    assert do("authenticate", name=asked.id)["status"] == "succeeded"
    with receiving() as receiver:
        endpoint = do("listen", url=receiver.url, events=["refund.*"])
        assert do("roll_secret", endpoint=endpoint["id"]) != endpoint["secret"]
        do("refund", name="o3")
    assert len(receiver.told) == 1
    do("pay_order", **{**ORDER, "order": "o4"}, how="leave", through="session")
    assert do("expire", name="o4")["status"] == "expired"
    assert len(VERBS) == 20


@pytest.mark.parametrize(
    ("verb", "given", "sentence"),
    [
        ("steal", {}, "a verb is one of authenticate, close_dispute"),
        ("pay_order", {"order": "o1"}, "pay_order: missing a required argument: 'store'"),
        ("pay_order", {**ORDER, "colour": 1}, "got an unexpected keyword argument 'colour'"),
        ("pay_order", {**ORDER, "amount": "1"}, "amount is of type int"),
        ("pay_order", {**ORDER, "amount": True}, "amount is of type int"),
        ("pay_order", {**ORDER, "how": "beg"}, "how is one of authorize, leave, pay"),
        ("pay_order", {**ORDER, "through": "post"}, "through is one of payment_intent, session"),
        ("pay_order", {**ORDER, "account": "acct_none"}, "there is no account acct_none"),
        ("pay_order", {**ORDER, "amount": 1}, "Amount must be at least $0.50 usd"),
        ("refund", {"name": "o9"}, "there is no payment o9"),
        ("dispute", {"name": "o1", "reason": "spite"}, "reason is one of bank_cannot_process"),
        ("close_dispute", {"dispute": "du_1", "outcome": "won"}, "No such dispute: 'du_1'"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_happens(
    world: SandboxWorld, http: httpx.Client, verb: str, given: Any, sentence: str
) -> None:
    answer = http.post(f"{world.urls['sandbox']}/stripe/{verb}", json=given)

    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert world.stripe.platform.events == []
    assert DEMO_KEY not in answer.text
