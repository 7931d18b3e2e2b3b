"""Requests and answers of the partner's gateway, and what its errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zyenta_ops.adapters.suppliers.answers import entry, name, quotable
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.adapters.suppliers.spocket.config import SpocketConfig
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    DuplicateOrder,
    LoginExpired,
    Misconfigured,
    OrderRejected,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    UnknownReference,
)
from zyenta_ops.ports.gateway import Secrets

if TYPE_CHECKING:
    import httpx


def request(
    config: SpocketConfig,
    secrets: Secrets,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    key: str = "",
) -> httpx.Request:
    """A request as the contract says; `key` is sent as `Idempotency-Key`."""
    import httpx

    headers = {"authorization": f"Bearer {secrets['token']}"}
    if key:
        headers["idempotency-key"] = key
    return httpx.Request(method, config.base_url + path, params=query, headers=headers, json=body)


def product_document(answer: Answer) -> Mapping[str, Any]:
    """What was asked for, of products; raises the `SupplierError` that came instead."""
    document = _document(answer)
    if answer.status == 200:
        return document
    error = entry(document.get("error"))
    raise _refusal(answer, error) or RequestInvalid(
        f"the gateway does not understand the request: {quotable(error.get('message'))}",
        **_named(error),
    )


def order_document(answer: Answer) -> Mapping[str, Any]:
    """What was asked for, of orders; nothing that is said of them is quoted.

    Raises:
        OrderRejected: refused.
        DuplicateOrder: the key was used for another order.
        SupplierError: what the answer says instead.
    """
    document = _document(answer)
    if answer.status in (200, 201):
        return document
    error = entry(document.get("error"))
    named = _named(error)
    if answer.status == 409:
        raise DuplicateOrder(
            "the gateway has another order with this reference",
            external_id=name(error.get("order_id")) or None,
            **named,
        )
    if answer.status == 422:
        reason = _reason(named["code"])
        raise OrderRejected(
            f"the gateway refuses the order (reason: {reason.value.lower().replace('_', ' ')})",
            reason=reason,
            **named,
        )
    raise _refusal(answer, error) or RequestInvalid(
        "the gateway does not understand the request", **named
    )


def _document(answer: Answer) -> Mapping[str, Any]:
    document = answer.document()
    if not isinstance(document, dict):
        raise AnswerInvalid(f"HTTP {answer.status} came without an object")
    return document


def _refusal(answer: Answer, error: Mapping[str, Any]) -> SupplierError | None:
    named = _named(error)
    if answer.status == 401:
        return LoginExpired("the gateway does not accept the token", **named)
    if answer.status == 403:
        return Misconfigured("the gateway refuses the token this; ask the partner", **named)
    if answer.status == 404:
        return UnknownReference("the gateway knows nothing by this reference", **named)
    if not 400 <= answer.status < 500:
        return AnswerInvalid(f"the contract knows no HTTP {answer.status}", **named)
    return None


def _named(error: Mapping[str, Any]) -> dict[str, str]:
    return {
        "code": name(error.get("code"))[:40],
        "request_id": name(error.get("request_id"))[:80],
    }


def _reason(code: str) -> RejectionReason:
    try:
        return RejectionReason(code.upper())
    except ValueError:
        return RejectionReason.UNKNOWN
