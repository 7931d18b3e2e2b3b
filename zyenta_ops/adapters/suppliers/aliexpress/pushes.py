"""What AliExpress pushes to an address of ours: hints about what to read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from zyenta_ops.adapters.suppliers.aliexpress.signing import is_signed
from zyenta_ops.adapters.suppliers.answers import entry, name
from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import Hint, HintKind
from zyenta_ops.ports.gateway import Secrets

# By `message_type`. 53 is documented, the others are reported by public projects.
_KINDS: Final = {
    "53": HintKind.ORDER,
    "51": HintKind.ORDER,
    "18": HintKind.PARCEL,
    "65": HintKind.ACCOUNT,
}


def is_genuine(headers: Mapping[str, str], body: bytes, secrets: Secrets) -> bool:
    """Whether the header Authorization signs the body."""
    given = next((value for key, value in headers.items() if key.lower() == "authorization"), "")
    return is_signed(body, given, secrets["app_key"], secrets["app_secret"])


def hints(body: bytes) -> tuple[Hint, ...]:
    """What a push says changed.

    AliExpress numbers no push. The id is made of all that is in it, which stays the same when it
    is sent again.

    Raises:
        RequestInvalid: it is not readable.
    """
    try:
        push = json.loads(body)
        kind = _KINDS.get(name(push["message_type"]), HintKind.OTHER)
        told = json.dumps(push, sort_keys=True).encode()
    except (ValueError, LookupError, TypeError, RecursionError):
        raise RequestInvalid("the push is not one of AliExpress's messages") from None
    order = name(entry(push.get("data")).get("orderId"))
    return (Hint(kind, blake2b(told, digest_size=16).hexdigest(), (order,) if order else ()),)
