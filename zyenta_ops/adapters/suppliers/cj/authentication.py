"""Getting tokens from CJ, and renewing them.

An access token serves for 15 days, a refresh token for 180. Within 24 hours CJ gives the same
tokens again, whichever way they are asked for. Once the refresh token has ended, the API key gets
new ones; only when CJ refuses the key must a person connect the account again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entry, instant, name
from zyenta_ops.adapters.suppliers.calls import Ask, Calls
from zyenta_ops.adapters.suppliers.cj.config import (
    CjConfig,
    log_in_allowances,
    refresh_allowances,
    user_of,
)
from zyenta_ops.adapters.suppliers.cj.wire import product_data, request
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginExpired,
    LoginRevoked,
    Misconfigured,
)
from zyenta_ops.ports.gateway import Allowance, Secrets, Tokens

# Secrets, by the names that CJ's answers give them.
_GIVEN: Final = {
    "access_token": "accessToken",
    "refresh_token": "refreshToken",
    "open_id": "openId",
}


def log_in(calls: Calls, config: CjConfig, secrets: Secrets) -> Tokens:
    """Tokens for the API key.

    Raises:
        LoginRevoked: CJ does not accept the key.
    """
    key = secrets.get("api_key", "")
    try:
        return _ask(
            calls,
            config,
            secrets,
            "authentication/getAccessToken",
            {"apiKey": key},
            log_in_allowances(user_of(secrets)),
        )
    except (LoginExpired, Misconfigured) as error:
        if not error.code:
            raise  # CJ was not even asked
        raise LoginRevoked(
            "CJ does not accept the API key; connect the account with a new one",
            code=error.code,
            request_id=error.request_id,
        ) from error


def renewed(calls: Calls, config: CjConfig, secrets: Secrets) -> Tokens:
    """New tokens for the refresh token, or for the API key once that has ended.

    Raises:
        LoginRevoked: CJ accepts neither.
    """
    token = secrets.get("refresh_token", "")
    if not token:
        return log_in(calls, config, secrets)
    try:
        return _ask(
            calls,
            config,
            secrets,
            "authentication/refreshAccessToken",
            {"refreshToken": token},
            refresh_allowances(user_of(secrets)),
        )
    except LoginExpired:
        return log_in(calls, config, secrets)


def _ask(
    calls: Calls,
    config: CjConfig,
    secrets: Secrets,
    interface: str,
    body: Mapping[str, str],
    allowances: tuple[Allowance, ...],
) -> Tokens:
    def prepare(_: Secrets) -> Any:
        return request(config, {}, "POST", interface, body=body)

    found = entry(calls.read_once(Ask(prepare, product_data, allowances), secrets))
    given = {ours: name(found.get(theirs)) for ours, theirs in _GIVEN.items()}
    if not given["access_token"]:
        raise AnswerInvalid("CJ's answer holds no access token")
    return Tokens(
        {**secrets, **{ours: value for ours, value in given.items() if value}},
        # No end of renewing is told: the key gets new tokens once the refresh token has ended.
        access_expires_at=instant(found.get("accessTokenExpiryDate")),
    )
