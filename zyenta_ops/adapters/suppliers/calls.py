"""How gateways call a supplier's API: allowed, signed, sent, understood, and tried again.

What may be repeated differs between reads and writes, and nothing else does:

- A read is repeated after anything that may pass, within a bounded time.
- A write is repeated only when it provably was not done: no connection was made, the supplier
  said that it is asked too often, or it refused the access token. Whatever else happens after the
  request was sent is `OutcomeUnknown`.

Each attempt takes its slot from the limiter and is signed anew with the tokens in force, since
signatures hold a time and tokens are renewed by other processes. Reads that go well go on with the
tokens of a few seconds ago: looking them up costs more than asking for a product, and a token that
was replaced meanwhile is refused and looked up again.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from zyenta_ops.adapters.http.line import Answer, Ask, CallPolicy, Line, NotSent, Result
from zyenta_ops.domain.supplier_errors import (
    LoginExpired,
    LoginRevoked,
    OutcomeUnknown,
    RateLimited,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.ports.gateway import Login, RateLimiter, Secrets, Tokens

if TYPE_CHECKING:
    import httpx

__all__ = ["Answer", "Ask", "CallPolicy", "Calls"]


class Calls:
    """The calls of one gateway.

    Args:
        open_client: makes the HTTP client, on first use.
        limiter: shared by all processes.
        login: our account.
        ask_tokens: gets new tokens with the secrets at hand; raises `LoginRevoked` when the
            supplier refuses them for good.
        policy: how patient calls are.
    """

    def __init__(
        self,
        open_client: Callable[[], httpx.Client],
        limiter: RateLimiter,
        login: Login,
        ask_tokens: Callable[[Secrets], Tokens],
        policy: CallPolicy | None = None,
    ) -> None:
        self._policy = policy or CallPolicy()
        self._line = Line(open_client, limiter, self._policy, "the supplier")
        self._login = login
        self._ask_tokens = ask_tokens
        self._recent: tuple[float, Secrets] | None = None  # when tokens were looked up, and they

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._line.close()

    def read(self, ask: Ask[Result]) -> Result:
        """Ask for something that changes nothing at the supplier."""
        return self._line.patiently(
            lambda: self._logged_in(ask, self._attempt, self._recent_secrets())
        )

    def write(self, ask: Ask[Result]) -> Result:
        """Ask for a change; see the module for what is repeated.

        Raises:
            OutcomeUnknown: it may have been made.
        """
        return self._line.patiently(
            lambda: self._logged_in(ask, self._attempt_write, self._login.tokens().secrets)
        )

    def read_once(self, ask: Ask[Result], secrets: Secrets) -> Result:
        """Ask with these secrets, renewing and repeating nothing: for getting tokens."""
        return self._attempt(ask, secrets)

    def renew(self) -> Tokens:
        """Renew the tokens, whether or not they still serve."""
        return self._login.renew(self._login.tokens().secrets, self._ask_tokens)

    def _recent_secrets(self) -> Secrets:
        recent, now = self._recent, monotonic()
        if recent is None or now - recent[0] > self._policy.tokens_seconds:
            self._recent = recent = (now, self._login.tokens().secrets)
        return recent[1]

    def _logged_in(
        self,
        ask: Ask[Result],
        attempt: Callable[[Ask[Result], Secrets], Result],
        secrets: Secrets,
    ) -> Result:
        """One attempt, and one more when the access token turns out to be no longer accepted."""
        try:
            return attempt(ask, secrets)
        except LoginExpired:
            renewed = self._login.renew(secrets, self._ask_tokens)
        try:
            return attempt(ask, renewed.secrets)
        except LoginExpired as error:
            raise LoginRevoked(
                "the supplier refuses even new tokens; connect the account again",
                code=error.code,
                request_id=error.request_id,
            ) from error

    def _attempt_write(self, ask: Ask[Result], secrets: Secrets) -> Result:
        try:
            return self._attempt(ask, secrets)
        except (NotSent, RateLimited):
            raise
        except SupplierUnavailable as error:
            raise OutcomeUnknown(
                f"it is not known whether the supplier did what was asked: {error}",
                code=error.code,
                request_id=error.request_id,
            ) from error

    def _attempt(self, ask: Ask[Result], secrets: Secrets) -> Result:
        try:
            return self._line.once(ask, secrets)
        except SupplierError:
            self._recent = None
            raise
