"""Hearing of payments without a public URL: polling events, and reconciling after long gaps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from zyenta_ops.domain.errors import reason_of
from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops.domain.payment_errors import PaymentError, PaymentLoginRefused
from zyenta_ops.domain.payments import PaymentFact
from zyenta_ops.operations.payments.deriving import Derivation
from zyenta_ops.ports import Clock, Database, NewId
from zyenta_ops.ports.payments import PaymentProvider

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


@dataclass(slots=True)
class Poll:
    """What one poll came to.

    Attributes:
        newest: the cursor to keep: when the newest event seen was created, by account.
        seen: events that the provider listed.
        recorded: events that were new to us.
        stale: accounts whose events of some time are no longer listed, with the time from which on
            they are to be reconciled.
        faults: accounts that could not be polled, with the reason; their cursor stays.
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
    new_id: NewId

    def accounts(self) -> list[str]:
        """The accounts that we may take payments on, the platform's ("") first."""
        with self.database.read() as records:
            known = records.payments.accounts()
        open_to_us = {each.charged_on for each in known if each.deauthorized_at is None}
        return ["", *sorted(open_to_us - {""})]

    def poll(self, cursor: Mapping[str, datetime], budget_seconds: float = 30) -> Poll:
        """Record the events that came since the cursor; they are acted on later.

        An account without a cursor is looked back on for an hour. A fault of one account leaves
        the others polled. What the budget does not reach is left to the next poll: after the
        platform's own account comes the one that is furthest behind.
        """
        now = self.clock()
        deadline = now + timedelta(seconds=budget_seconds)
        result = Poll(dict(cursor))
        never = datetime.min.replace(tzinfo=UTC)
        platform, *others = self.accounts()
        for account in (platform, *sorted(others, key=lambda each: cursor.get(each, never))):
            if account and self.clock() > deadline:
                break
            last = cursor.get(account, now - _FIRST_LOOK)
            since = max(last - OVERLAP, now - RETENTION)
            result.newest.setdefault(account, last)
            try:
                complete = self._poll_account(account, since, deadline, result)
            except PaymentError as error:
                result.faults[account] = reason_of(error)
                if account and isinstance(error, PaymentLoginRefused):
                    self.record([self._look_at(account, now)])
            else:
                if complete:
                    result.newest[account] = max(result.newest[account], now - _QUIET)
            if last < now - RETENTION and result.newest[account] > last:
                # Once the cursor has moved, nobody else remembers the gap.
                result.stale[account] = last
        return result

    def adopt_strays(self) -> int:
        """Give orders the facts that missed them, both stored at one moment; how many orders."""
        with self.database.read() as records:
            strays = records.payments.strays(_PAGE)
        return len(self._take(strays))

    def reconcile(self, since: datetime | None = None) -> int:
        """Read payments anew and derive the orders they belong to; how many orders.

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

    def _poll_account(
        self, account: str, since: datetime, deadline: datetime, result: Poll
    ) -> bool:
        """Record an account's events; whether all of them."""
        page: list[NewEvent] = []
        for event in self.provider.events(account, since):
            result.seen += 1
            page.append(event)
            if len(page) >= _PAGE:
                self._record(account, page, result)
                page = []
                if self.clock() > deadline:
                    return False
        self._record(account, page, result)
        return True

    def _look_at(self, account: str, now: datetime) -> NewEvent:
        """A hint, once a day, to look at an account that we may not poll.

        Stripe tells webhooks alone that an account took our access away: its events can no longer
        be listed.
        """
        return NewEvent(
            id=self.new_id(),
            source=EventSource.STRIPE,
            event_id=f"refused:{account}:{now:%Y-%m-%d}",
            type="account.updated",
            body=json.dumps({"data": {"object": {"id": account}}}).encode(),
            via=Via.POLL,
            verified=False,
            received_at=now,
            occurred_at=now,
            account=account,
        )

    def _record(self, account: str, page: Sequence[NewEvent], result: Poll) -> None:
        """The cursor moves only over what is stored, so that nothing is lost in between."""
        result.recorded += self.record(page)
        for event in page:
            if event.occurred_at is not None:
                result.newest[account] = max(result.newest[account], event.occurred_at)

    def _take(self, facts: Sequence[PaymentFact]) -> set[str]:
        if not facts:
            return set()
        with self.database.write() as records:
            orders = self.derivation.take(records, facts, self.clock())
        return {order.id for order in orders}
