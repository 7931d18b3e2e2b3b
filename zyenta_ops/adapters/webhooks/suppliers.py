"""Suppliers with an API: what their gateways know of pushes, said as schemes.

Their ids come from the supplier or are made of what stays the same when a push is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from zyenta_ops.adapters.suppliers.aliexpress import pushes as aliexpress
from zyenta_ops.adapters.suppliers.cj import webhooks as cj
from zyenta_ops.adapters.suppliers.printful import webhooks as printful
from zyenta_ops.adapters.webhooks.proof import document, require
from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import Hint
from zyenta_ops.domain.webhooks import EventFacts, NotGenuine
from zyenta_ops.ports.web import Scheme

# A header that no proxy adds by itself; see docs/operations.md.
PRINTFUL_HEADER: Final = "x-webhook-secret"


def verify_aliexpress(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    """What a push of AliExpress says of itself; raises NotGenuine."""
    pairs = [secret.partition(":") for secret in secrets]
    _accept(
        [
            aliexpress.is_genuine(headers, body, {"app_key": key, "app_secret": secret})
            for key, _, secret in pairs
        ]
    )
    push = document(body)
    return _facts(push, "message_type", aliexpress.hints, body, str(push.get("seller_id") or ""))


def verify_cj(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    """What a webhook of CJ says of itself; raises NotGenuine."""
    _accept([cj.is_signed(headers, body, open_id) for open_id in secrets])
    message = document(body)
    return _facts(message, "type", cj.hints, body, str(message.get("openId") or ""))


def verify_printful(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    """What a webhook of Printful says of itself; raises NotGenuine.

    Printful signs nothing (v1). A secret is one that a proxy before us adds; without one the token
    in the address is all the proof.
    """
    if secrets:
        require(secrets, [headers.get(PRINTFUL_HEADER, "")])
    event = document(body)
    account = str(event.get("store") or "")
    return _facts(event, "type", printful.hints, body, account, signed=False)


def _accept(proven: list[bool]) -> None:
    if not any(proven):
        raise NotGenuine("the delivery is not signed with a secret of this endpoint")


def _facts(
    message: Mapping[str, object],
    type_field: str,
    hints: Callable[[bytes], Sequence[Hint]],
    body: bytes,
    account: str,
    *,
    signed: bool = True,
) -> EventFacts:
    try:
        event_id = hints(body)[0].event_id
    except RequestInvalid as error:
        raise NotGenuine(str(error)) from None
    return EventFacts(event_id, str(message[type_field]), account, signed=signed)


ALIEXPRESS: Final = Scheme(
    verify_aliexpress, "app key and app secret, as KEY:SECRET", r"[!-9;-~]{1,100}:[!-~]{8,300}"
)
CJ: Final = Scheme(verify_cj, "the open id of the account", r"[!-~]{1,200}")
PRINTFUL: Final = Scheme(
    verify_printful,
    f"what a proxy of yours adds in the header {PRINTFUL_HEADER}; Printful signs nothing",
    needs_secret=False,
)
