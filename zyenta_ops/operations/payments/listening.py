"""Hearing of payments without a public URL: polling events, and reconciling after long gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from zyenta_ops.domain.errors import reason_of
from zyenta_ops.domain.inbox import NewEvent
from zyenta_ops.domain.payment_errors import PaymentError, PaymentLoginRefused, PaymentUnavailable
from zyenta_ops.domain.payments import PaymentFact
from zyenta_ops.operations.payments.asking import LAST_CALL
from zyenta_ops.operations.payments.deriving import Derivation
from zyenta_ops.operations.payments.standing import note_account
from zyenta_ops.ports import Clock, Database
from zyenta_ops.ports.payments import AccountState, PaymentProvider, Stretch

# Events may appear late and `created` counts whole seconds: every poll looks back this far again,
# and what is known already is dropped by the inbox.
OVERLAP: Final = timedelta(minutes=15)
# Stripe lists events of the last 30 days (docs.stripe.com/api/events/list); a day of margin.
RETENTION: Final = timedelta(days=29)
_FIRST_LOOK: Final = timedelta(hours=1)
# Where nothing happens the cursor still follows, at a distance that clocks never differ by; else a
# quiet month would look like a gap.
_QUIET: Final = timedelta(hours=1)
_PAGE: Final = 100
# How an account stands is read anew after so long. Of accounts that are not charged themselves no
# events are polled, and nobody else would notice what becomes of them.
_LOOK_EVERY: Final = timedelta(hours=1)


@dataclass(slots=True)
class Poll:
    """What one poll came to.

    Attributes:
        newest: the cursor to keep: when the newest event seen was created, by account.
        seen: events that the provider listed.
        recorded: events that were new to us.
        stale: accounts whose events of some time are no longer listed, with the time from which on
            they are to be reconciled.
        faults: accounts that could not be polled or looked at, with the reason; their cursor
            stays.
    """

    newest: dict[str, datetime]
    seen: int = 0
    recorded: int = 0
    stale: dict[str, datetime] = field(default_factory=dict)
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
        """The accounts that we may take payments on, the platform's ("") first."""
        with self.database.read() as records:
            known = records.payments.accounts()
        open_to_us = {each.charged_on for each in known if each.deauthorized_at is None}
        return ["", *sorted(open_to_us - {""})]

    def poll(self, cursor: Mapping[str, datetime], budget_seconds: float = 20) -> Poll:
        """Record the events that came since the cursor; they are acted on later.

        An account without a cursor is looked back on for an hour. A fault of one account leaves
        the others polled. What the budget does not reach is left to the next poll: after the
        platform's own account comes the one that is furthest behind. No answer is waited for later
        than ten seconds after the budget.
        """
        now = self.clock()
        deadline = now + timedelta(seconds=budget_seconds)
        provider = self.provider.until(deadline + LAST_CALL)
        result = Poll(dict(cursor))
        never = datetime.min.replace(tzinfo=UTC)
        refused: list[str] = []
        platform, *others = self.accounts()
        for account in (platform, *sorted(others, key=lambda each: cursor.get(each, never))):
            if account and self.clock() > deadline:
                break
            last = cursor.get(account, now - _FIRST_LOOK)
            since = max(last - OVERLAP, now - RETENTION)
            result.newest.setdefault(account, last)
            try:
                for stretch in provider.events(account, since):
                    self._record(account, stretch, now, result)
                    if self.clock() > deadline:
                        break
            except PaymentError as error:
                result.faults[account] = reason_of(error)
                if isinstance(error, PaymentLoginRefused):
                    refused.append(account)
            if last < now - RETENTION and result.newest[account] > last:
                # Once the cursor has moved, nobody else remembers the gap.
                result.stale[account] = last
        if platform not in result.faults:
            self._look_at(provider, [*refused, *self._unseen(now - _LOOK_EVERY)], deadline, result)
        return result

    def adopt_strays(self) -> int:
        """Give orders the facts that missed them, both stored at one moment; how many orders."""
        with self.database.read() as records:
            strays = records.payments.strays(_PAGE)
        return len(self._take(strays))

    def reconcile(self, since: datetime | None = None) -> int:
        """Read payments anew and derive the orders they belong to; how many orders.

        How the connected accounts stand is read first, of those that withdrew, too.

        What is read was created since the oldest order was placed that still waits for its
        payment, or since the beginning of a gap in the events, if there was one.

        Args:
            since: from when on events are missing; None = they are not.

        Raises:
            PaymentUnavailable: the provider did not answer; what was read before is kept.
            PaymentLoginRefused: the provider does not accept our key.
        """
        now = self.clock()
        derived: set[str] = set()
        with self.database.read() as records:
            connected = {each.external_id for each in records.payments.accounts()} - {""}
        for external_id in sorted(connected):
            self._note(self.provider.account_state(external_id))
        for account in self.accounts():
            with self.database.read() as records:
                oldest = records.payments.oldest_unpaid(account, (since or now) - RETENTION)
            start = min((each for each in (oldest, since) if each is not None), default=None)
            if start is None:
                continue
            page: list[PaymentFact] = []
            for fact in self.provider.payments_since(account, start - OVERLAP):
                page.append(fact)
                if len(page) >= _PAGE:
                    derived |= self._take(page)
                    page = []
            derived |= self._take(page)
        return len(derived)

    def _unseen(self, since: datetime) -> list[str]:
        """Connected accounts that were not looked at since then, the longest first."""
        never = datetime.min.replace(tzinfo=UTC)
        with self.database.read() as records:
            seen = {
                each.external_id: each.as_of or never
                for each in records.payments.accounts()
                if each.external_id and each.deauthorized_at is None
            }
        return sorted((each for each in seen if seen[each] <= since), key=lambda each: seen[each])

    def _look_at(
        self,
        provider: PaymentProvider,
        external_ids: Iterable[str],
        deadline: datetime,
        result: Poll,
    ) -> None:
        """Read how accounts stand; events do not tell of all, and not of those that withdrew."""
        for external_id in dict.fromkeys(external_ids):
            if self.clock() > deadline:
                break
            try:
                self._note(provider.account_state(external_id))
            except PaymentUnavailable as error:
                result.faults.setdefault(external_id, reason_of(error))
                break
            except PaymentError as error:
                result.faults.setdefault(external_id, reason_of(error))

    def _note(self, state: AccountState) -> None:
        now = self.clock()
        with self.database.write() as records:
            note_account(records, self.derivation.issues, state, now)

    def _record(self, account: str, stretch: Stretch, now: datetime, result: Poll) -> None:
        """The cursor moves only over what is stored, so that nothing is lost in between."""
        result.seen += len(stretch.events)
        for first in range(0, len(stretch.events), _PAGE):
            result.recorded += self.record(stretch.events[first : first + _PAGE])
        times = [event.occurred_at for event in stretch.events if event.occurred_at is not None]
        quiet = min(stretch.until, now - _QUIET)
        result.newest[account] = max(result.newest[account], quiet, *times)

    def _take(self, facts: Sequence[PaymentFact]) -> set[str]:
        if not facts:
            return set()
        with self.database.write() as records:
            orders = self.derivation.take(records, facts, self.clock())
        return {order.id for order in orders}
