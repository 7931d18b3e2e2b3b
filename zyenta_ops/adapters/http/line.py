"""A line to one API: allowed, sent, understood, and tried again where that may be done.

Whoever asks says how a request is made and what an answer means; here is what is the same for every
API: its limits, the body within bounds, what a broken connection or HTTP 429 stand for, and how
long one is patient. What may be repeated differs between reads and writes; callers say so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from zyenta_ops.adapters.http import AddressRefused, attempts
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    Misconfigured,
    RateLimited,
    RateScope,
    SupplierUnavailable,
)
from zyenta_ops.ports.gateway import Allowance, RateLimiter, Secrets

if TYPE_CHECKING:
    import httpx

Result = TypeVar("Result")

# What whoever asks for patience without a number gets.
_PENALTY_SECONDS: Final = {RateScope.RATE: 5.0, RateScope.DAY: 3_600.0}
# An answer may ask for so much and no more: one odd number must not silence an API for days.
# One that means it says so again when it is asked after that.
LONGEST_PENALTY_SECONDS: Final = 3_600.0


@dataclass(frozen=True)
class CallPolicy:
    """How patient calls are.

    Attributes:
        attempts: of one call, the first included.
        patience_seconds: that one call may take with all its waits; longer waits are left to
            the next tick.
        answer_seconds: that the body of an answer may take, however steadily it trickles in.
        most_bytes: of an answer; more is refused unread.
        tokens_seconds: that reads may go on with tokens they have looked up.
    """

    attempts: int = 3
    patience_seconds: float = 30
    first_wait_seconds: float = 0.5
    answer_seconds: float = 60
    most_bytes: int = 8 * 1024**2
    tokens_seconds: float = 5


@dataclass(frozen=True)
class Answer:
    """An HTTP answer below 500, its body read; errors call the other side `whom`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whom: str = "the supplier"

    def document(self) -> Any:
        """The body as JSON, numbers with a point as Decimal.

        Raises:
            AnswerInvalid: it is something else, such as a web page of a proxy.
        """
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, ArithmeticError, RecursionError):
            raise AnswerInvalid(
                f"{self.whom} answered HTTP {self.status} with something that is not JSON"
            ) from None


@dataclass(frozen=True)
class Ask(Generic[Result]):
    """One thing to ask.

    Attributes:
        prepare: makes the request of an attempt from the secrets in force.
        understand: turns an answer into what was asked for, or raises the `SupplierError` it
            stands for.
        allowances: what the request counts against. Too many at once penalises the first of
            them, a used-up day the first that has a quota, so that one interface's day leaves
            the others open.
        urgent: whether it goes before the reading of catalogues.
    """

    prepare: Callable[[Secrets], httpx.Request]
    understand: Callable[[Answer], Result]
    allowances: tuple[Allowance, ...]
    urgent: bool = False


class Line:
    """A line to one API.

    Args:
        open_client: makes the HTTP client, on first use.
        limiter: shared by all processes.
        policy: how patient calls are.
        whom: what errors call the other side.
    """

    def __init__(
        self,
        open_client: Callable[[], httpx.Client],
        limiter: RateLimiter,
        policy: CallPolicy,
        whom: str,
    ) -> None:
        self._open_client = open_client
        self._opened: httpx.Client | None = None
        self._opening = Lock()
        self._limiter = limiter
        self._policy = policy
        self._whom = whom

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def patiently(self, attempt: Callable[[], Result]) -> Result:
        """Make attempts until one succeeds, fails for good, or the patience is over."""
        policy = self._policy
        ends = monotonic() + policy.patience_seconds
        for each in attempts(
            lambda error: _another(error, ends - monotonic()),
            policy.attempts,
            timeout=policy.patience_seconds,
            first_wait=policy.first_wait_seconds,
            longest_wait=policy.patience_seconds,
        ):
            with each:
                return attempt()
        raise SupplierUnavailable("no attempt was made")

    def once(self, ask: Ask[Result], secrets: Secrets) -> Result:
        """One attempt.

        Raises:
            NotSent: the request never left.
            SupplierError: what the answer, or its absence, stands for.
        """
        self._limiter.acquire(ask.allowances, urgent=ask.urgent)
        try:
            return self._understood(ask, self._send(ask.prepare(secrets)))
        except RateLimited as error:
            self._penalize(ask, error)
            raise

    def _penalize(self, ask: Ask[Any], error: RateLimited) -> None:
        wait = error.retry_after
        self._limiter.penalize(
            _exhausted(ask.allowances, error.scope).key,
            _PENALTY_SECONDS[error.scope] if wait is None else min(wait, LONGEST_PENALTY_SECONDS),
        )

    def _send(self, request: httpx.Request) -> Answer:
        with self._our_errors():
            response = self._client().send(request, stream=True)
            try:
                body = self._body(response)
            finally:
                response.close()
        if response.status_code >= 500:
            raise SupplierUnavailable(f"{self._whom} answered HTTP {response.status_code}")
        return Answer(response.status_code, response.headers, body, self._whom)

    def _client(self) -> httpx.Client:
        with self._opening:  # several threads read one catalogue
            if self._opened is None:
                self._opened = self._open_client()
            return self._opened

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        ends = monotonic() + self._policy.answer_seconds
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._policy.most_bytes:
                raise AnswerInvalid(
                    f"{self._whom}'s answer is larger than {self._policy.most_bytes} bytes"
                )
            if monotonic() > ends:
                raise SupplierUnavailable(f"{self._whom}'s answer does not come to an end")
        return bytes(body)

    def _understood(self, ask: Ask[Result], answer: Answer) -> Result:
        """What an answer means; one that is built unlike any known one is no answer.

        HTTP 429 is always a rate limit; its body may say which one.

        The net below every adapter's own care: the exceptions of Python quote what they trip over.
        """
        if answer.status == 429:
            raise self._too_often(ask, answer)
        try:
            return ask.understand(answer)
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            Refused,
        ) as error:
            raise AnswerInvalid(
                f"{self._whom}'s answer is not built as expected ({type(error).__name__})"
            ) from None

    def _too_often(self, ask: Ask[Any], answer: Answer) -> RateLimited:
        limited = RateLimited(f"{self._whom} asks for fewer requests (HTTP 429)")
        try:
            ask.understand(answer)
        except RateLimited as error:
            limited = error
        except Exception:  # noqa: S110 -- whatever else the body is, the status has said it
            pass
        if limited.retry_after is None:
            limited.retry_after = _wished_wait(answer)
        return limited

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        """Exceptions of httpx as ours.

        Their texts stay behind, also as causes: they may quote the address, or a header that holds
        the token.
        """
        import httpx

        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(f"{self._whom} cannot be reached ({type(error).__name__})") from None
        except AddressRefused as error:
            raise Misconfigured(
                f"{error.host} is not on the public internet; check {self._whom}'s base address"
            ) from None
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            raise Misconfigured(
                "the request cannot be sent over HTTP; check the base address and the secrets for"
                " odd characters"
            ) from None
        except httpx.TimeoutException as error:
            raise SupplierUnavailable(
                f"{self._whom} did not answer in time ({type(error).__name__})"
            ) from None
        except httpx.DecodingError:
            raise AnswerInvalid(f"{self._whom}'s answer is packed wrongly") from None
        except httpx.HTTPError as error:
            raise SupplierUnavailable(
                f"the connection to {self._whom} broke ({type(error).__name__})"
            ) from None


class NotSent(SupplierUnavailable):
    """The request never left: there was no connection."""


def fingerprint(*secrets: str) -> str:
    """Names who is limited by what it logs in with, and says nothing of that.

    The same for every account of ours that is one and the same account there.
    """
    return blake2b("\x1f".join(secrets).encode(), digest_size=8).hexdigest()


def _another(error: Exception, seconds_left: float) -> bool | float:
    """Whether to try again; a number is the wait in seconds that the other side asked for."""
    if not isinstance(error, RateLimited):
        return isinstance(error, SupplierUnavailable)
    if error.scope is RateScope.DAY:
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= seconds_left else False


def _exhausted(allowances: tuple[Allowance, ...], scope: RateScope) -> Allowance:
    with_quota = (each for each in allowances if each.per_day is not None)
    return next(with_quota, allowances[0]) if scope is RateScope.DAY else allowances[0]


def _wished_wait(answer: Answer) -> float | None:
    """Retry-After where it is a number; a date would be judged by a clock that is not ours."""
    wish = answer.headers.get("retry-after", "").strip()
    return float(wish) if wish.isascii() and wish.isdigit() and len(wish) < 7 else None


def _no_number(word: str) -> Any:
    raise ValueError(word)
