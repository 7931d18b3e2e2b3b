"""Hearing of payments without a public URL: polling events, and reconciling after long gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.errors import reason_of
from zyenta_ops.domain.inbox import NewEvent
from zyenta_ops.domain.payment_errors import PaymentError
from zyenta_ops.domain.payments import PaymentFact
from zyenta_ops.operations.payments.deriving import Derivation
from zyenta_ops.ports import Clock, Database
from zyenta_ops.ports.payments import PaymentProvider

# Events may appear late and `created` counts whole seconds: every poll looks back this far again,
# and what is known already is dropped by the inbox.
OVERLAP: Final = timedelta(minutes=15)
# Stripe lists events of the last 30 days (docs.stripe.com/api/events/list); a day of margin.
RETENTION: Final = timedelta(days=29)
_FIRST_LOOK: Final = timedelta(hours=1)
_PAGE: Final = 100


@dataclass(slots=True)
class Poll:
    """What one poll came to.

    Attributes:
        newest: the cursor to keep: when the newest event seen was created, by account.
        seen: events that the provider listed.
        recorded: events that were new to us.
        stale: accounts whose events of some time are no longer listed; they are to be reconciled.
        faults: accounts that could not be polled, with the reason; their cursor stays.
    """

    newest: dict[str, datetime]
    seen: int = 0
    recorded: int = 0
    stale: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StripeEvents:
    """Polls every account's events into the inbox, and reads payments when events are gone."""

    database: Database
    provider: PaymentProvider
    record: Callable[[Sequence[NewEvent]], int]
    derivation: Derivation
    clock: Clock

    def accounts(self) -> list[str]:
        """The accounts that payments are taken on, the platform's ("") first."""
        with self.database.read() as records:
            charged = {each.charged_on for each in records.payments.accounts()}
        return ["", *sorted(charged - {""})]

    def poll(self, cursor: Mapping[str, datetime]) -> Poll:
        """Record the events that came since the cursor; they are acted on later.

        An account without a cursor is looked back on for an hour. A fault of one account leaves
        the others polled.
        """
        now = self.clock()
        result = Poll(dict(cursor))
        for account in self.accounts():
            last = cursor.get(account, now - _FIRST_LOOK)
            if last < now - RETENTION:
                result.stale.append(account)
            since = max(last - OVERLAP, now - RETENTION)
            try:
                self._poll_account(account, since, result)
            except PaymentError as error:
                result.faults[account] = reason_of(error)
            else:
                result.newest.setdefault(account, last)
        return result

    def adopt_strays(self) -> int:
        """Give orders the facts that missed them, both stored at one moment; how many orders."""
        with self.database.read() as records:
            strays = records.payments.strays(_PAGE)
        return len(self._take(strays))

    def reconcile(self, lookback: timedelta = RETENTION) -> int:
        """Read the payments of orders that still wait for theirs, and derive them; how many orders.

        Raises:
            PaymentUnavailable: the provider did not answer; what was read before is kept.
            PaymentLoginRefused: the provider does not accept our key.
        """
        now = self.clock()
        derived: set[str] = set()
        for account in self.accounts():
            with self.database.read() as records:
                oldest = records.payments.oldest_unpaid(account, now - lookback)
            if oldest is None:
                continue
            page: list[PaymentFact] = []
            for fact in self.provider.payments_since(account, oldest - OVERLAP):
                page.append(fact)
                if len(page) >= _PAGE:
                    derived |= self._take(page)
                    page = []
            derived |= self._take(page)
        return len(derived)

    def _poll_account(self, account: str, since: datetime, result: Poll) -> None:
        page: list[NewEvent] = []
        for event in self.provider.events(account, since):
            result.seen += 1
            page.append(event)
            if len(page) >= _PAGE:
                self._record(account, page, result)
                page = []
        self._record(account, page, result)

    def _record(self, account: str, page: Sequence[NewEvent], result: Poll) -> None:
        """The cursor moves only over what is stored, so that nothing is lost in between."""
        result.recorded += self.record(page)
        for event in page:
            if event.occurred_at is not None:
                newest = result.newest.get(account, event.occurred_at)
                result.newest[account] = max(newest, event.occurred_at)

    def _take(self, facts: Sequence[PaymentFact]) -> set[str]:
        if not facts:
            return set()
        with self.database.write() as records:
            orders = self.derivation.take(records, facts, self.clock(), None)
        return {order.id for order in orders}
