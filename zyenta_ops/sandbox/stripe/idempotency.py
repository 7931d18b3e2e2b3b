"""Idempotency keys: the first answer to a key is the answer, for as long as the key is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zyenta_ops.sandbox.stripe.errors import StripeError, invalid
from zyenta_ops.sandbox.wire import Answer

# docs.stripe.com/api/idempotent_requests: may be pruned once they are at least 24 hours old.
KEPT_FOR = timedelta(hours=24)
_LONGEST = 255


@dataclass(frozen=True)
class Use:
    """The use of a key for a request.

    Attributes:
        account: whose key it is.
        key: as the client chose it.
        path: of the request.
        mark: stands for its parameters.
    """

    account: str
    key: str
    path: str
    mark: str


@dataclass(frozen=True)
class _Saved:
    use: Use
    answer: Answer
    at: datetime
    done_at: datetime


@dataclass
class Keys:
    """The keys of all accounts."""

    clock: Callable[[], datetime]
    _saved: dict[tuple[str, str], _Saved] = field(default_factory=dict)

    def replay(self, use: Use) -> Answer | None:
        """The saved answer, None when the key is new or has been forgotten.

        Raises:
            StripeError: the key was used for another request, or by one that is not done yet.
        """
        if len(use.key) > _LONGEST:
            raise invalid(f"Idempotency keys can be up to {_LONGEST} characters long.")
        found, now = self._saved.get((use.account, use.key)), self.clock()
        if found is None or found.at + KEPT_FOR < now:
            return None
        if found.use.path != use.path:
            raise _misused(
                "Keys for idempotent requests can only be used for the same endpoint they were "
                f"first used for ('{found.use.path}').",
                use.key,
            )
        if found.use.mark != use.mark:
            raise _misused(
                "Keys for idempotent requests can only be used with the same parameters they were "
                "first used with.",
                use.key,
            )
        if found.done_at > now:
            raise StripeError(
                409,
                "There is currently another in-progress request using this Idempotent Key (that "
                "probably means you submitted twice, and the other request is still going "
                f"through): {use.key}. Please try again later.",
                kind="idempotency_error",
                code="idempotency_key_in_use",
                retry=True,
            )
        return found.answer

    def save(self, use: Use, answer: Answer, done_at: datetime) -> None:
        """Keep the answer to a request that was executed, also when it was a fault.

        Args:
            use: of the key.
            answer: what was said.
            done_at: until when the request counts as going on.
        """
        self._saved[use.account, use.key] = _Saved(use, answer, self.clock(), done_at)


def _misused(message: str, key: str) -> StripeError:
    advice = f" Try using a key other than '{key}' if you meant to execute a different request."
    return StripeError(400, message + advice, kind="idempotency_error")
