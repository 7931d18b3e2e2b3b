"""The tokens of an account: got for a code, and renewed until a person has to agree again.

How long they last depends on the app, not on us: an app under test gets one day, and two in which
it can be renewed; after "Apply Online" it is thirty days and sixty. Renewing does not move the end
of the second, so that end is what people have to be warned of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.envelopes import result
from zyenta_ops.adapters.suppliers.aliexpress.shapes import moment
from zyenta_ops.adapters.suppliers.answers import name, whole, words
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginExpired,
    LoginRevoked,
    RequestInvalid,
    UnknownReference,
)
from zyenta_ops.ports.gateway import Secrets, Tokens

CREATE: Final = "/auth/token/create"
REFRESH: Final = "/auth/token/refresh"


def tokens(answer: Answer, known: Tokens, now: datetime) -> Tokens:
    """What a token call answers, on top of what is known.

    A renewal that brings no refresh token, or says nothing of its end, leaves the old one in force.

    Raises:
        LoginRevoked: AliExpress does not accept the code or the refresh token.
    """
    try:
        said = result(answer)
    except (LoginExpired, RequestInvalid, UnknownReference) as error:
        raise LoginRevoked(
            "AliExpress no longer accepts what the account was connected with; connect it again",
            code=error.code,
            request_id=error.request_id,
        ) from error
    fresh = {key: words(said.get(key)) for key in ("access_token", "refresh_token", "user_nick")}
    if not fresh["access_token"]:
        raise AnswerInvalid("AliExpress's answer holds no access token")
    return Tokens(
        {**known.secrets, **{key: value for key, value in fresh.items() if value}},
        access_expires_at=_end(said, "expires_in", "expire_time", now),
        refresh_expires_at=_end(said, "refresh_expires_in", "refresh_token_valid_time", now)
        or known.refresh_expires_at,
    )


def account_name(secrets: Secrets, otherwise: str) -> str:
    """How AliExpress names the account."""
    return secrets.get("user_nick") or otherwise


def _end(
    said: Mapping[str, Any], seconds: str, milliseconds: str, now: datetime
) -> datetime | None:
    """The earlier of two ways in which the same end is told; None = neither is."""
    ends = [moment(said.get(milliseconds))]
    lasts = whole(name(said.get(seconds)), seconds)
    ends.append(None if lasts is None else now + timedelta(seconds=lasts))
    return min((each for each in ends if each), default=None)
