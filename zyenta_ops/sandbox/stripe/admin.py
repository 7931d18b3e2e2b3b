"""`/_sandbox/stripe/`: what `Drivers` do, for people and for other programs.

POST a JSON object with the parameters of a verb, for example to `/_sandbox/stripe/pay_order`.
"""

from __future__ import annotations

import inspect
from typing import Any

from zyenta_ops.sandbox.stripe.drivers import Drivers
from zyenta_ops.sandbox.stripe.gateway import Stripe
from zyenta_ops.sandbox.stripe.ledger import Document
from zyenta_ops.sandbox.wire import Answer, Request, Routes

VERBS = (
    "authenticate", "close_dispute", "close_review", "complete", "conclude", "connect", "dispute",
    "escalate", "expire", "fail_refund", "listen", "pay_order", "refund", "restrict", "review",
    "roll_secret", "set_subscription", "subscribe", "warn", "withdraw",
)  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "int | None": (int, type(None)),
    "float": (int, float),
    "bool": (bool,),
    "list[str] | None": (list, type(None)),
}


class StripeAdmin:
    """Answers for `/_sandbox/stripe/`."""

    def __init__(self, stripe: Stripe, drivers: Drivers) -> None:
        self._stripe, self._drivers = stripe, drivers

    def mount(self, routes: Routes) -> None:
        """Answer for the paths below `/stripe`."""
        routes.add("GET", "/stripe/payments", self._payments)
        routes.add("POST", "/stripe/{verb}", self._drive)

    def _payments(self, request: Request) -> Answer:
        found = [
            _payment(ledger.account, intent)
            for ledger in self._stripe.ledgers()
            for intent in ledger.all("payment_intent")
        ]
        return Answer.of(found)

    def _drive(self, request: Request, verb: str) -> Answer:
        if verb not in VERBS:
            raise ValueError(f"a verb is one of {', '.join(VERBS)}")
        driver, given = getattr(self._drivers, verb), request.document()
        signature = inspect.signature(driver)
        try:
            signature.bind(**given)
        except TypeError as error:
            raise ValueError(f"{verb}: {error}") from None
        for name, value in given.items():
            _check(name, value, signature.parameters[name].annotation)
        return Answer.of(driver(**given))


def _check(name: str, value: Any, annotation: str) -> None:
    expected = _TYPES[annotation]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        raise ValueError(f"{name} is of type {annotation}")


def _payment(account: str, intent: Document) -> Document:
    same = ("id", "status", "amount", "amount_received", "currency", "created")
    return {
        "account": account,
        "order": intent["metadata"].get("order_id"),
        "store": intent["metadata"].get("store"),
        **{name: intent[name] for name in same},
    }
