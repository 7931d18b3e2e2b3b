"""Webhooks: signed, tried again, and told in whatever order the network likes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.stripe.webhooks import signature
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.receiver import Receiver, receiving
from zyenta_ops_tests.sandbox.stripe.conftest import refused
from zyenta_ops_tests.sandbox.stripe.test_payment_intents import paid


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def verified(receiver: Receiver, secret: str, number: int = -1) -> Any:
    """An event that was told, as the library lets it through. The age is not looked at."""
    _, headers, body = receiver.told[number]
    header = headers["stripe-signature"]
    stripe.WebhookSignature.verify_header(body.decode(), header, secret, tolerance=None)
    return json.loads(body)


def told(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"] for _, _, body in receiver.told]


def test_an_endpoint_hears_what_it_asked_for_with_a_signature_that_the_library_accepts(
    api: stripe.StripeClient, world: SandboxWorld, receiver: Receiver
) -> None:
    endpoint = api.v1.webhook_endpoints.create(
        {"url": f"{receiver.url}/hooks", "enabled_events": ["payment_intent.succeeded"]}
    )
    assert "secret" not in api.v1.webhook_endpoints.retrieve(endpoint.id)
    intent = paid(api)
    assert receiver.told == []

    world.settle()

    assert told(receiver) == ["payment_intent.succeeded"]
    event = verified(receiver, str(endpoint.secret))
    assert (event["data"]["object"]["id"], event["pending_webhooks"]) == (intent.id, 1)
    path, headers, _ = receiver.told[0]
    assert (path, headers["content-type"]) == ("/hooks", "application/json; charset=utf-8")
    with pytest.raises(stripe.SignatureVerificationError):
        verified(receiver, "whsec_other")


def test_the_signature_is_the_one_the_library_makes(world: SandboxWorld) -> None:
    at, body = world.clock(), b'{"id": "evt_1"}'

    made = stripe.WebhookSignature.generate_signature_header(
        body.decode(), "whsec_1", int(at.timestamp())
    )

    assert signature(["whsec_1"], at, body) == made


def test_while_a_secret_is_rolled_both_sign(
    api: stripe.StripeClient, world: SandboxWorld, receiver: Receiver
) -> None:
    endpoint = world.payers.listen(receiver.url, ["charge.succeeded"])
    new = world.payers.roll_secret(endpoint["id"], keep_hours=2)
    paid(api)
    world.settle()

    assert verified(receiver, endpoint["secret"]) == verified(receiver, new)
    world.advance(hours=2)
    paid(api)
    world.settle()

    assert verified(receiver, new)["type"] == "charge.succeeded"
    with pytest.raises(stripe.SignatureVerificationError):
        verified(receiver, endpoint["secret"])


def test_what_is_not_taken_is_tried_again_ever_later_for_three_days(
    api: stripe.StripeClient, world: SandboxWorld, receiver: Receiver
) -> None:
    secret = world.payers.listen(receiver.url, ["charge.succeeded"])["secret"]
    receiver.status = 500
    paid(api)
    world.settle()
    tries = [0]

    for hour in range(1, 73):
        before = len(receiver.told)
        world.advance(hours=1)
        tries += [hour] * (len(receiver.told) - before)

    assert tries == [0, 1, 3, 7, 15, 31, 63]
    first, last = (receiver.told[n][1]["stripe-signature"] for n in (0, -1))
    assert int(last[2:12]) - int(first[2:12]) == 63 * 3_600
    assert verified(receiver, secret, 0) == verified(receiver, secret)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("push_lost", ["payment_intent.created", "payment_intent.succeeded"]),
        (
            "push_twice",
            ["payment_intent.created", *["charge.succeeded"] * 2, "payment_intent.succeeded"],
        ),
        (
            "push_last",
            ["payment_intent.created", "payment_intent.succeeded", "charge.succeeded"],
        ),
        ("push_late", ["payment_intent.created", "payment_intent.succeeded"]),
    ],
)
def test_events_get_lost_doubled_late_and_out_of_order(
    api: stripe.StripeClient,
    world: SandboxWorld,
    receiver: Receiver,
    fault: str,
    expected: list[str],
) -> None:
    world.payers.listen(receiver.url)
    rule = Rule(fault, vendor="stripe", operation="charge.*", method="PUSH", seconds=600)
    world.script.add(rule)

    paid(api)
    world.settle()

    assert told(receiver) == expected
    world.advance(minutes=10)
    assert told(receiver)[len(expected) :] == ["charge.succeeded"] * (fault == "push_late")


def test_an_endpoint_is_changed_and_removed(
    api: stripe.StripeClient, world: SandboxWorld, receiver: Receiver
) -> None:
    endpoints = api.v1.webhook_endpoints
    made = endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    assert endpoints.update(made.id, {"disabled": True}).status == "disabled"
    paid(api)
    world.settle()
    endpoints.update(made.id, {"disabled": False, "enabled_events": ["charge.succeeded"]})
    paid(api)
    world.settle()
    assert told(receiver) == ["charge.succeeded"]

    assert endpoints.delete(made.id).deleted is True
    paid(api)
    world.settle()

    assert len(receiver.told) == 1
    assert endpoints.list().data == []
    wrong: Any = {"url": "shop.example", "enabled_events": ["*"]}
    assert "explicit scheme" in str(refused(lambda: endpoints.create(wrong)).user_message)
