"""Connected accounts: each with a world of its own, until it withdraws."""

from __future__ import annotations

from typing import Any

from zyenta_ops.sandbox.stripe.endpoints import Endpoints, listing, retrieving, takes
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger, change
from zyenta_ops.sandbox.stripe.params import Params

_KINDS = ("custom", "express", "standard")
_FIELDS = "business_profile business_type capabilities email metadata"


def create(ledger: Ledger, asked: Params) -> Document:
    """POST /v1/accounts: connected at once, with everything that is required of it."""
    return ledger.add("account", document(asked))


def document(asked: Params) -> Document:
    """An account in good standing."""
    kind = asked.choice("type", _KINDS, "standard")
    return {
        "business_profile": {
            "mcc": None,
            "name": asked.object("business_profile").optional("name"),
        },
        "business_type": asked.optional("business_type"),
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "application", "is_controller": True},
        "country": asked.text("country", "US"),
        "default_currency": "usd",
        "details_submitted": True,
        "email": asked.optional("email"),
        "future_requirements": _requirements(),
        "metadata": asked.metadata(),
        "payouts_enabled": True,
        "requirements": _requirements(),
        "type": kind,
    }


def update(ledger: Ledger, asked: Params, name: str) -> Document:
    """POST /v1/accounts/{id}."""
    account = ledger.get("account", name)
    fields: Document = {"metadata": asked.metadata(account["metadata"])}
    if "email" in asked:
        fields["email"] = asked.optional("email")
    change(account, **fields)
    return account


def own(ledger: Ledger, asked: Params) -> Document:
    """GET /v1/account: the account that asks."""
    return (ledger.platform or ledger).get("account", ledger.account)


def restrict(ledger: Ledger, enabled: bool) -> Document:
    """Stop an account's charges and payouts, or let them go on.

    Args:
        ledger: of the connected account.
        enabled: whether it may charge from now on.
    """
    account = own(ledger, Params({}))
    lacking = [] if enabled else ["individual.verification.document"]
    due = {**_requirements(), "currently_due": lacking, "past_due": lacking}
    due["disabled_reason"] = None if enabled else "requirements.past_due"
    before = change(account, charges_enabled=enabled, payouts_enabled=enabled, requirements=due)
    ledger.emit("account.updated", account, before)
    return account


def application(ledger: Ledger) -> Document:
    """The platform as its connected accounts see it."""
    return {"id": f"ca_{ledger.account.removeprefix('acct_')}", "object": "application",
            "name": "Sandbox platform"}  # fmt: skip


def _requirements() -> dict[str, Any]:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }


ENDPOINTS: Endpoints = {
    ("GET", "/v1/account"): takes(own),
    ("POST", "/v1/accounts"): takes(create, f"{_FIELDS} controller country type"),
    ("GET", "/v1/accounts"): listing("account", "/v1/accounts"),
    ("GET", "/v1/accounts/{name}"): retrieving("account"),
    ("POST", "/v1/accounts/{name}"): takes(update, _FIELDS),
}
