"""Events: what has happened to an account in the last thirty days, newest first."""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from fnmatch import fnmatchcase

from zyenta_ops.sandbox.stripe.endpoints import Endpoints, takes
from zyenta_ops.sandbox.stripe.errors import invalid, missing
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger
from zyenta_ops.sandbox.stripe.lists import LISTED, listed
from zyenta_ops.sandbox.stripe.params import Params

KEPT_FOR = timedelta(days=30)
_MOST_TYPES = 20


def index(ledger: Ledger, asked: Params) -> Document:
    """GET /v1/events."""
    patterns = asked.texts("types")
    if len(patterns) > _MOST_TYPES:
        raise invalid(f"You may only specify up to {_MOST_TYPES} types.", "types")
    if patterns and "type" in asked:
        raise invalid("You may only specify one of these parameters: type, types.", "type")
    if "type" in asked:
        patterns = [asked.text("type")]
    delivered = asked.flag("delivery_success") if "delivery_success" in asked else None

    def wanted(event: Document) -> bool:
        named = not patterns or any(fnmatchcase(event["type"], each) for each in patterns)
        return named and delivered in (None, not _pending(ledger, event))

    page = listed("/v1/events", _kept(ledger)[::-1], asked, "event", wanted)
    return {**page, "data": [_shown(ledger, event) for event in page["data"]]}


def retrieve(ledger: Ledger, asked: Params, name: str) -> Document:
    """GET /v1/events/{id}."""
    for event in _kept(ledger):
        if event["id"] == name:
            return _shown(ledger, event)
    raise missing("event", name, "id")


def _kept(ledger: Ledger) -> list[Document]:
    since = int((ledger.now - KEPT_FOR).timestamp())
    first = bisect_left(ledger.events, since, key=lambda event: event["created"])
    return [event for event in ledger.events[first:] if ledger.visible(event)]


def _shown(ledger: Ledger, event: Document) -> Document:
    return {**event, "pending_webhooks": _pending(ledger, event)}


def _pending(ledger: Ledger, event: Document) -> int:
    return sum(not push.arrived for push in ledger.deliveries.get(event["id"], []))


ENDPOINTS: Endpoints = {
    ("GET", "/v1/events"): takes(index, f"{LISTED} delivery_success type types"),
    ("GET", "/v1/events/{name}"): takes(retrieve),
}
