"""Requests to AliExpress, signed.

Everything goes into the body of a POST: a query string ends up in logs, and would take the token
and the recipient's address there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.config import AliExpressConfig
from zyenta_ops.adapters.suppliers.aliexpress.signing import SignMethod, sign
from zyenta_ops.ports.gateway import Secrets

if TYPE_CHECKING:
    import httpx

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def business_request(
    config: AliExpressConfig,
    secrets: Secrets,
    now: datetime,
    method: str,
    params: Mapping[str, str],
) -> httpx.Request:
    """A call of a method such as `aliexpress.ds.product.get`, on behalf of the account.

    The token goes by the name `session`, as in the official SDK; a newer table in the documents
    calls it access_token, which no client seen at work sends.
    """
    signed = {
        **params,
        "app_key": secrets["app_key"],
        "method": method,
        "session": secrets["access_token"],
        "timestamp": _milliseconds(now),
        "sign_method": config.sign_method.value,
        "format": "json",
        "simplify": "false",
    }
    signed["sign"] = sign(signed, secrets["app_secret"], config.sign_method)
    return _post(f"{config.base_url}/sync", signed)


def token_request(
    config: AliExpressConfig,
    secrets: Secrets,
    now: datetime,
    path: str,
    params: Mapping[str, str],
) -> httpx.Request:
    """A call of a system path such as `/auth/token/create`, on behalf of the app."""
    signed = {
        **params,
        "app_key": secrets["app_key"],
        "timestamp": _milliseconds(now),
        "sign_method": SignMethod.SHA256.value,
    }
    signed["sign"] = sign(signed, secrets["app_secret"], path=path)
    return _post(f"{config.base_url}/rest{path}", signed)


def nested(document: Mapping[str, Any]) -> str:
    """An object as the text that a parameter holds: what is signed is what is sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _milliseconds(now: datetime) -> str:
    return str((now - _EPOCH) // timedelta(milliseconds=1))


def _post(url: str, params: Mapping[str, str]) -> httpx.Request:
    import httpx

    return httpx.Request("POST", url, data=dict(params))
