"""Every object has the fields that Stripe's library declares for it, and no others."""

from __future__ import annotations

import importlib
import types
from collections.abc import Iterator
from typing import Any, ClassVar, Literal, Union, get_args, get_origin

import pytest
import stripe
from stripe._object_classes import OBJECT_CLASSES

from zyenta_ops.sandbox.stripe.ledger import Document
from zyenta_ops.sandbox.world import SandboxWorld

KINDS = {
    "account", "charge", "checkout.session", "customer", "dispute",
    "entitlements.active_entitlement", "entitlements.feature", "invoice", "payment_intent",
    "payment_method", "price", "product", "product_feature", "radar.early_fraud_warning",
    "refund", "review", "subscription", "webhook_endpoint",
}  # fmt: skip


def class_of(kind: str) -> Any:
    """The library's class for objects of a kind, None when it has none."""
    module, name = OBJECT_CLASSES.get(kind, ("", ""))
    return getattr(importlib.import_module(module), name) if module else None


def complaints(document: Document, declared: Any, path: str) -> Iterator[str]:
    """What of a document its class does not declare, or declares and the document lacks."""
    fields = declared.__annotations__
    for name in document.keys() - fields.keys():
        yield f"{path}.{name} is not declared"
    for name, annotation in fields.items():
        if get_origin(annotation) is ClassVar:
            continue
        options = get_args(annotation) if get_origin(annotation) is Union else (annotation,)
        if name in document and document[name] is not None:
            yield from wrong(document[name], options, f"{path}.{name}")
        elif types.NoneType not in options:
            yield f"{path}.{name} is missing"


def wrong(value: Any, options: tuple[Any, ...], path: str) -> Iterator[str]:
    words = [word for o in options if get_origin(o) is Literal for word in get_args(o)]
    if words and value not in words and not isinstance(value, dict):
        yield f"{path} is {value}, which is none of {words}"
    plain = tuple(o for o in options if o in (int, str, bool))
    if len(plain) == len(options) and (not isinstance(value, plain) or type(value) not in plain):
        yield f"{path} is {value!r}, which is not of {plain}"
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from inside(each, options, path)


def inside(value: Document, options: tuple[Any, ...], path: str) -> Iterator[str]:
    if value.get("object") == "list":
        assert set(value) == {"object", "data", "has_more", "url"}
        for each in value["data"]:
            yield from inside(each, (), f"{path}[]")
        return
    declared = class_of(str(value.get("object")))
    if declared is None:
        nested = [a for o in options for a in (o, *get_args(o)) if isinstance(a, type)]
        found = [a for a in nested if issubclass(a, stripe.StripeObject) and a.__annotations__]
        declared = found[0] if found else None
    if declared is not None:
        yield from complaints(value, declared, path)


@pytest.fixture
def busy(world: SandboxWorld) -> SandboxWorld:
    """A world in which everything has happened that can happen to an object."""
    payers = world.payers
    payers.connect()
    payers.listen("http://127.0.0.1:9/")
    for how in ("pay", "decline", "authorize", "bank", "bank_fails", "review"):
        for through in ("payment_intent", "session"):
            payers.pay_order(f"{how}-{through}", "ann", 5_000, "usd", how=how, through=through)
    payers.refund("pay-payment_intent", 1_000)
    payers.fail_refund(payers.refund("pay-payment_intent", 1_000)["id"])
    payers.close_dispute(payers.dispute("pay-session")["id"], "won")
    payers.dispute("review-session", inquiry=True)
    payers.warn("pay-session")
    payers.close_review(world.stripe.platform.all("review")[0]["id"])
    payers.subscribe("a@a.example", "autopilot", trial_days=3)
    payers.subscribe("b@b.example", "autopilot")
    world.advance(days=40)
    return world


def test_every_object_is_as_the_library_declares_it(busy: SandboxWorld) -> None:
    objects = busy.stripe.platform.objects

    assert set(objects) == KINDS
    found = [
        complaint
        for kind, documents in objects.items()
        for document in documents.values()
        for complaint in complaints(document, class_of(kind), kind)
    ]
    assert sorted(set(found)) == []


def test_every_event_is_as_the_library_declares_it_and_of_a_type_it_knows(
    busy: SandboxWorld,
) -> None:
    busy.stripe.news()
    found = [
        complaint
        for event in busy.stripe.platform.events
        for complaint in complaints({**event, "pending_webhooks": 0}, stripe.Event, event["type"])
    ]

    assert sorted(set(found)) == []
    assert len({event["id"] for event in busy.stripe.platform.events}) > 100


def test_a_document_that_is_not_as_declared_is_complained_about() -> None:
    document = {"id": "re_1", "object": "refund", "amount": "5", "colour": 1, "reason": "spite"}

    assert sorted(complaints(document, stripe.Refund, "refund")) == [
        "refund.amount is '5', which is not of (<class 'int'>,)",
        "refund.colour is not declared",
        "refund.created is missing",
        "refund.currency is missing",
        "refund.reason is spite, which is none of ['duplicate', 'expired_uncaptured_charge', "
        "'fraudulent', 'requested_by_customer']",
    ]
