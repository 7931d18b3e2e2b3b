"""Asking a provider that may not answer: an account that does not is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from zyenta_ops.domain.inbox import rest_after
from zyenta_ops.domain.payment_errors import PaymentLoginRefused, PaymentUnavailable
from zyenta_ops.ports import Clock
from zyenta_ops.ports.payments import PaymentProvider

# What is asked when the time is up has this much longer, so that it is not given up for nothing.
LAST_CALL: Final = timedelta(seconds=10)

_Answer = TypeVar("_Answer")
_Fault = PaymentUnavailable | PaymentLoginRefused


@dataclass
class Rests:
    """Which accounts ("" = the platform's) do not answer, and until when they are not asked."""

    clock: Clock
    _known: dict[str, tuple[datetime, _Fault]] = field(default_factory=dict)

    def ask(self, provider: PaymentProvider, account: str, read: Callable[[], _Answer]) -> _Answer:
        """What is read of an account, unless it rests.

        Raises:
            PaymentUnavailable: it rests or begins to, or our key is wrong: until it works nothing
                can be said of anything.
            PaymentLoginRefused: it took our access away.
        """
        self._let_rest(account)
        try:
            return read()
        except (PaymentUnavailable, PaymentLoginRefused) as error:
            fault = _judged(provider, account, error)
        wait = fault.retry_after if isinstance(fault, PaymentUnavailable) else None
        self._known[account] = (self.clock() + rest_after(wait), fault)
        raise fault

    def _let_rest(self, account: str) -> None:
        if account not in self._known:
            return
        until, fault = self._known[account]
        left = (until - self.clock()).total_seconds()
        if left <= 0:
            return
        if isinstance(fault, PaymentUnavailable):
            raise PaymentUnavailable(str(fault), left)
        raise PaymentLoginRefused(str(fault))


def _judged(provider: PaymentProvider, account: str, error: _Fault) -> _Fault:
    if isinstance(error, PaymentUnavailable):
        return error
    try:
        if account and not provider.account_state(account).authorized:
            return error
    except PaymentUnavailable as unavailable:
        return unavailable
    except PaymentLoginRefused:
        pass  # not even our own account may be read
    return PaymentUnavailable(str(error))
