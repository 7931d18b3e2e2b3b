"""Printful's requests and answers: the envelope, and what its errors mean.

Every answer is `{"code": 200, "result": …}`; an error is `{"code": 400, "result": "…", "error":
{"reason": "…", "message": "…"}}`, now and then with an `api_error_code` such as OR-13.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from zyenta_ops.adapters.suppliers.answers import entry, name, quotable, words
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.adapters.suppliers.printful.config import PrintfulConfig
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

# "Order with this External ID already exists". Published, and seen live.
_DUPLICATE: Final = "OR-13"

# Words in what Printful says of a refused order. Only a few codes are published, so words decide;
# they are unverified, and what they do not tell is UNKNOWN.
_REASONS: Final = (
    ("out of stock", RejectionReason.OUT_OF_STOCK),
    ("discontinued", RejectionReason.OUT_OF_STOCK),
    ("payment", RejectionReason.PAYMENT),
    ("billing", RejectionReason.PAYMENT),
    ("credit card", RejectionReason.PAYMENT),
    ("shipping method", RejectionReason.SHIPPING_METHOD),
    ("shipping service", RejectionReason.SHIPPING_METHOD),
    ("cannot ship", RejectionReason.REGION),
    ("can't ship", RejectionReason.REGION),
    ("not ship", RejectionReason.REGION),
    ("address", RejectionReason.ADDRESS),
    ("recipient", RejectionReason.ADDRESS),
    ("zip", RejectionReason.ADDRESS),
    ("state", RejectionReason.ADDRESS),
    ("country", RejectionReason.ADDRESS),
)


def request(
    config: PrintfulConfig,
    secrets: Secrets,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
) -> httpx.Request:
    """A request as Printful wants it."""
    import httpx

    headers = {"authorization": f"Bearer {secrets['token']}"}
    if config.store_id is not None:
        headers["x-pf-store-id"] = str(config.store_id)
    return httpx.Request(method, config.base_url + path, headers=headers, json=body)


def result(answer: Answer) -> Any:
    """What was asked for, of products and of the account.

    Raises:
        SupplierError: what the answer says instead.
    """
    document = _envelope(answer)
    if _is_good(answer, document):
        return document["result"]
    raise _refusal(answer, document) or RequestInvalid(
        f"Printful does not understand the request: {quotable(_message(document)) or 'no reason'}",
        code=_code(document),
    )


def order_result(answer: Answer) -> Any:
    """What was asked for, of orders; nothing that Printful says of them is quoted.

    Raises:
        OrderRejected: refused.
        DuplicateOrder: there is one under the reference.
        SupplierError: what the answer says instead.
    """
    document = _envelope(answer)
    if _is_good(answer, document):
        return document["result"]
    message, code = _message(document).casefold(), _code(document)
    if code == _DUPLICATE or "external id already exists" in message:
        raise DuplicateOrder("Printful has an order with this reference", code=code)
    if error := _refusal(answer, document):
        raise error
    reason = next((reason for word, reason in _REASONS if word in message), RejectionReason.UNKNOWN)
    raise OrderRejected(
        f"Printful refuses the order (reason: {reason.value.lower().replace('_', ' ')})",
        reason=reason,
        code=code,
    )


def _envelope(answer: Answer) -> Mapping[str, Any]:
    document = answer.document()
    if not isinstance(document, dict) or "code" not in document:
        raise AnswerInvalid(f"HTTP {answer.status} came without Printful's envelope")
    return document


def _is_good(answer: Answer, document: Mapping[str, Any]) -> bool:
    return answer.status == 200 and document["code"] == 200 and "result" in document


def _refusal(answer: Answer, document: Mapping[str, Any]) -> SupplierError | None:
    """The error that a status stands for wherever it comes; None = it depends on the request."""
    code = _code(document)
    status = answer.status if answer.status != 200 else document["code"]
    if status == 401:
        return LoginExpired("Printful does not accept the token", code=code)
    if status == 403:
        return Misconfigured(
            "Printful refuses the token this; check its scopes and the store_id", code=code
        )
    if status == 404:
        return UnknownReference("Printful knows nothing by this reference", code=code)
    if not isinstance(status, int) or not 400 <= status < 500:
        return AnswerInvalid("Printful answered with a status it does not document", code=code)
    return None


def _message(document: Mapping[str, Any]) -> str:
    return words(entry(document.get("error")).get("message")) or words(document.get("result"))


def _code(document: Mapping[str, Any]) -> str:
    error = entry(document.get("error"))
    found = (
        error.get("api_error_code")
        or document.get("api_error_code")
        or error.get("reason")
        or document.get("code")
    )
    return name(found)[:40]
