"""CJ's requests, and the envelope of its answers.

An answer is `{"code": 200, "result": true, "message": "…", "data": …, "requestId": "…"}`. It is
good when HTTP says 200 and the code is 200 or left out; `result` and `message` decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zyenta_ops.adapters.suppliers.answers import name, quotable, words
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.adapters.suppliers.cj.config import CjConfig
from zyenta_ops.adapters.suppliers.cj.errors import About, error_of
from zyenta_ops.domain.supplier_errors import AnswerInvalid
from zyenta_ops.ports.gateway import Secrets

if TYPE_CHECKING:
    import httpx

Query = Sequence[tuple[str, str]]


def request(
    config: CjConfig,
    secrets: Secrets,
    method: str,
    interface: str,
    query: Query = (),
    body: Mapping[str, Any] | None = None,
) -> httpx.Request:
    """A request as CJ wants it. A name may be in the query several times."""
    import httpx

    return httpx.Request(
        method,
        f"{config.base_url}/{interface}",
        params=list(query) or None,
        headers={"CJ-Access-Token": secrets.get("access_token", "")},
        json=body,
    )


def data(answer: Answer, about: About) -> Any:
    """What was asked for.

    Raises:
        SupplierError: what the code stands for.
    """
    document = answer.document()
    if not isinstance(document, dict):
        raise AnswerInvalid(f"HTTP {answer.status} came without CJ's envelope")
    code = name(document.get("code"))
    if answer.status == 200 and code in ("", "200"):
        return document.get("data")
    if code in ("", "200"):
        raise AnswerInvalid(f"HTTP {answer.status} came without one of CJ's codes")
    raise error_of(
        code[:20],
        about,
        said=quotable(document.get("message")) if about is About.PRODUCTS else "",
        request_id=words(document.get("requestId"))[:64],
    )


def product_data(answer: Answer) -> Any:
    """What was asked for, of products and of the account."""
    return data(answer, About.PRODUCTS)


def order_data(answer: Answer) -> Any:
    """What was asked for, of orders; nothing that CJ says of them is quoted."""
    return data(answer, About.ORDERS)
