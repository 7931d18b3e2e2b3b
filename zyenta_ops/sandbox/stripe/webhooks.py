"""Webhook endpoints: registered per account, and told of events with a signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from zyenta_ops.sandbox.pushes import Push
from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.errors import invalid
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.params import Params

# Stripe documents up to three days of ever longer waits; these sum up to 63 hours.
WAITS = tuple(timedelta(hours=2**number) for number in range(6))
_FIELDS = "description enabled_events metadata url"


def signature(secrets: Iterable[str], at: datetime, body: bytes) -> str:
    """The `Stripe-Signature` header: a time, and a signature by each secret in force."""
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode() + body
    made = (hmac.new(s.encode(), signed, hashlib.sha256).hexdigest() for s in secrets)
    return ",".join([f"t={seconds}", *(f"v1={each}" for each in made)])


def create(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/webhook_endpoints: the only answer that shows the secret."""
    asked.require("url", "enabled_events")
    made = ledger.add(
        "webhook_endpoint",
        {
            "api_version": asked.optional("api_version"),
            "application": None,
            "description": asked.optional("description"),
            "enabled_events": asked.texts("enabled_events"),
            "metadata": asked.metadata(),
            "status": "enabled",
            "url": _url(asked),
        },
    )
    secret = ledger.new_id("whsec_")
    ledger.notes[made["id"]] = {"connect": asked.flag("connect"), "secrets": {secret: None}}
    return {**made, "secret": secret}


def update(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/webhook_endpoints/{id}."""
    endpoint = ledger.get("webhook_endpoint", name)
    fields: Document = {"metadata": asked.metadata(endpoint["metadata"])}
    if "url" in asked:
        fields["url"] = _url(asked)
    if "enabled_events" in asked:
        fields["enabled_events"] = asked.texts("enabled_events")
    if "description" in asked:
        fields["description"] = asked.optional("description")
    fields["status"] = "disabled" if asked.flag("disabled") else "enabled"
    change(endpoint, **fields)
    return endpoint


def delete(ledger: Ledger, asked: Params, name: str) -> Document:
    """DELETE /v1/webhook_endpoints/{id}."""
    ledger.get("webhook_endpoint", name)
    del ledger.objects["webhook_endpoint"][name]
    return {"id": name, "object": "webhook_endpoint", "deleted": True}


def roll(ledger: Ledger, name: str, keep: timedelta = timedelta(hours=24)) -> str:
    """Give an endpoint a new secret; those before sign as well until they expire."""
    notes = ledger.notes[ledger.get("webhook_endpoint", name)["id"]]
    secret = ledger.new_id("whsec_")
    until = ledger.now + keep
    notes["secrets"] = {secret: None, **{s: at or until for s, at in notes["secrets"].items()}}
    return secret


def announce(ledger: Ledger) -> list[Push]:
    """Messages about events that nobody was told of yet."""
    made = []
    for event in ledger.events[len(ledger.deliveries) :]:
        hearers = [(ledger, each, False) for each in ledger.all("webhook_endpoint")]
        if ledger.platform is not None:
            everyone = ledger.platform.all("webhook_endpoint")
            hearers += [(ledger.platform, each, True) for each in everyone]
        told = [
            _push(owner, endpoint, event, ledger.shown_from(event["id"]))
            for owner, endpoint, connect in hearers
            if owner.notes[endpoint["id"]]["connect"] is connect and _wants(endpoint, event)
        ]
        ledger.deliveries[event["id"]] = told
        made += told
    return made


def _wants(endpoint: Document, event: Document) -> bool:
    patterns = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and any(
        fnmatchcase(event["type"], pattern) for pattern in patterns
    )


def _push(owner: Ledger, endpoint: Document, event: Document, due: datetime) -> Push:
    body = json.dumps({**event, "pending_webhooks": 1}, ensure_ascii=False, indent=2).encode()
    return Push(
        "stripe",
        endpoint["url"],
        {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        },
        body,
        due,
        topic=event["type"],
        waits=WAITS,
        accepted=range(200, 300),
        signature=_signer(owner, endpoint["id"], body),
    )


def _signer(owner: Ledger, endpoint: str, body: bytes) -> Callable[[datetime], dict[str, str]]:
    def sign(at: datetime) -> dict[str, str]:
        secrets = owner.notes[endpoint]["secrets"].items()
        valid = [secret for secret, until in secrets if until is None or until > at]
        return {"Stripe-Signature": signature(valid, at, body)}

    return sign


def _url(asked: Params) -> str:
    url = asked.text("url")
    if not url.startswith(("http://", "https://")):
        raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url")
    return url


_PATH = "/v1/webhook_endpoints"
ENDPOINTS: Endpoints = {
    ("POST", _PATH): takes(create, f"{_FIELDS} api_version connect"),
    ("GET", _PATH): listing("webhook_endpoint", _PATH),
    ("GET", _PATH + "/{name}"): retrieving("webhook_endpoint"),
    ("POST", _PATH + "/{name}"): takes(update, f"{_FIELDS} disabled"),
    ("DELETE", _PATH + "/{name}"): takes(delete),
}
