"""Printful's webhooks (v1): unsigned, so believed only with a secret that a proxy vouches for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entry, name
from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import Hint, HintKind

# By event, what it speaks of and where in `data` that is named. `stock_updated` names products of
# the catalogue, which ours are only made of.
_EVENTS: Final[dict[str, tuple[HintKind, str]]] = {
    "package_shipped": (HintKind.PARCEL, "order"),
    "package_returned": (HintKind.PARCEL, "order"),
    "order_created": (HintKind.ORDER, "order"),
    "order_updated": (HintKind.ORDER, "order"),
    "order_failed": (HintKind.ORDER, "order"),
    "order_canceled": (HintKind.ORDER, "order"),
    "order_put_hold": (HintKind.ORDER, "order"),
    "order_put_hold_approval": (HintKind.ORDER, "order"),
    "order_remove_hold": (HintKind.ORDER, "order"),
    "order_refunded": (HintKind.ORDER, "order"),
    "product_synced": (HintKind.PRODUCT, "sync_product"),
    "product_updated": (HintKind.PRODUCT, "sync_product"),
    "product_deleted": (HintKind.PRODUCT, "sync_product"),
    "stock_updated": (HintKind.STOCK, ""),
}


def is_vouched_for(headers: Mapping[str, str], header: str, secret: str) -> bool:
    """Whether the header brings the secret; False when either is not configured."""
    given = next((value for key, value in headers.items() if key.lower() == header), "")
    return bool(header and secret) and compare_digest(given.encode(), secret.encode())


def hints(body: bytes) -> tuple[Hint, ...]:
    """What a webhook says changed.

    Printful numbers no event. The id is made of what stays the same when it is sent again, which
    is everything but the count of attempts.

    Raises:
        RequestInvalid: it is not readable.
    """
    try:
        event = json.loads(body)
        kind, place = _EVENTS.get(event["type"], (HintKind.OTHER, ""))
        told = json.dumps(
            {key: value for key, value in event.items() if key != "retries"}, sort_keys=True
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise RequestInvalid("the webhook is not one of Printful's events") from None
    named: Any = entry(entry(event.get("data")).get(place)).get("id")
    digest = blake2b(told.encode(), digest_size=16).hexdigest()
    return (Hint(kind, digest, (name(named),) if name(named) else ()),)
