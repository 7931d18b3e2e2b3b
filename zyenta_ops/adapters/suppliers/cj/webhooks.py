"""CJ's webhooks: whether CJ sent them, and what to read again.

The key of the signature is the account's open id, which every body shows. Whoever saw one body can
sign another, so nothing in it is believed: a hint holds names, never values.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import blake2b, sha256
from hmac import compare_digest, new
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entries, entry, name
from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import Hint, HintKind

_SIGNATURE: Final = "sign"
# Published with three N; whatever follows the prefix, a shop's order was connected to one of CJ's.
_ORDER_CONNECTED: Final = "ORDER_CONN"

Params = Mapping[str, Any]


def _order(params: Params) -> list[Any]:
    return [params.get("cjOrderId"), params.get("orderNumber")]


def _split(params: Params) -> list[Any]:
    parts = entries(params.get("splitOrderList"))
    return [params.get("originalOrderId"), *(each.get("orderCode") for each in parts)]


def _parcel(params: Params) -> list[Any]:
    ours = params.get("storeOrderNumbers")
    return [params.get("orderId"), *(ours if isinstance(ours, list) else ())]


# By type: what it speaks of, and the names of that, the supplier's own first.
_TYPES: Final[dict[str, tuple[HintKind, Callable[[Params], list[Any]]]]] = {
    "PRODUCT": (HintKind.PRODUCT, lambda params: [params.get("pid")]),
    "VARIANT": (HintKind.PRODUCT, lambda params: [params.get("pid") or params.get("vid")]),
    "STOCK": (HintKind.STOCK, list),  # the keys are variants
    "ORDER": (HintKind.ORDER, _order),
    "ORDERSPLIT": (HintKind.ORDER, _split),
    "LOGISTIC": (HintKind.PARCEL, _parcel),
    "SOURCINGCREATE": (HintKind.PRODUCT, lambda params: [params.get("cjProductId")]),
}


def is_signed(headers: Mapping[str, str], body: bytes, open_id: str) -> bool:
    """Whether the header holds Base64 of HMAC-SHA256 of the body with the open id as key."""
    given = next((value for key, value in headers.items() if key.lower() == _SIGNATURE), "")
    expected = b64encode(new(open_id.encode(), body, sha256).digest())
    return bool(open_id) and compare_digest(given.encode(), expected)


def hints(body: bytes) -> tuple[Hint, ...]:
    """What a webhook says changed.

    Raises:
        RequestInvalid: it is not readable.
    """
    try:
        message = json.loads(body)
        kinds = [message["type"], str(message.get("messageType"))]
        kind, names = _TYPES.get(kinds[0], (HintKind.OTHER, lambda params: []))
        if any(each.startswith(_ORDER_CONNECTED) for each in kinds):
            kind, names = _TYPES["ORDER"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise RequestInvalid("the webhook is not one of CJ's messages") from None
    refs = (name(each) for each in names(entry(message.get("params"))))
    digest = blake2b(body, digest_size=16).hexdigest()
    event_id = name(message.get("messageId")) or digest
    return (Hint(kind, event_id, tuple(dict.fromkeys(each for each in refs if each))),)
