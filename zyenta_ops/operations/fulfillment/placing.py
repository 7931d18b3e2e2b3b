"""Placing supplier orders: asked, checked, intended, sent, settled.

What the supplier says of price, stock and freight is asked outside of any transaction. The intent
is stored together with the last check; then the supplier is asked, and what came of it is stored.
A process that dies in between leaves an intent without an outcome, which is never sent again
before it was looked into.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from zyenta_ops.domain.fulfillment import (
    ActionReason,
    AttemptOutcome,
    External,
    Stage,
    Step,
    Trigger,
)
from zyenta_ops.domain.fulfillment.holds import WantedHold
from zyenta_ops.domain.fulfillment.outcomes import Verdict, judge
from zyenta_ops.domain.fulfillment.supplier_order import FREE
from zyenta_ops.domain.fulfillment.timing import MOST_ATTEMPTS
from zyenta_ops.domain.orders import EventKind, HoldReason
from zyenta_ops.domain.supplier_errors import SupplierError
from zyenta_ops.domain.supplier_orders import (
    Capabilities,
    OrderRequest,
    PlacedOrder,
    Placement,
    SupplierOrderState,
)
from zyenta_ops.operations.fulfillment.accepting import accept, adopt, held_for
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import ClaimLost, Dossier
from zyenta_ops.operations.fulfillment.failpoints import Failpoint
from zyenta_ops.operations.fulfillment.intending import Intending, store_intent
from zyenta_ops.operations.fulfillment.quoting import ask
from zyenta_ops.operations.fulfillment.requests import digest, request_of
from zyenta_ops.ports.fulfillment import Claimed
from zyenta_ops.ports.gateway import SupplierGateway

# A lost answer may be found at once; only that nothing is found means nothing yet.
_LOOK_FIRST: Final = timedelta(minutes=1)
_REMEDIED_ELSEWHERE: Final = frozenset({HoldReason.STOCK, HoldReason.MARGIN})


@dataclass(frozen=True)
class Placing:
    """Places one supplier order."""

    desk: Desk
    intending: Intending

    def place(self, seen: Dossier) -> Dossier:
        """From what the supplier says now to a settled attempt.

        Raises:
            ClaimLost: another process has taken it over.
        """
        with self.desk.gateway(seen) as gateway:
            try:
                live = ask(gateway, seen)
            except SupplierError as error:
                return self._not_quoted(seen, error)
            self.desk.failpoint(Failpoint.QUOTED)
            dossier, request = self.intending.intend(seen, live)
            return dossier if request is None else self.send(gateway, dossier, request)

    def resend(self, seen: Dossier) -> Dossier:
        """Send the very same order again, under a supplier that then places nothing twice."""
        with self.desk.gateway(seen) as gateway:
            with self.desk.open(seen.claimed, Failpoint.PLACE_INTENT_COMMIT) as dossier:
                request = None
                attempt = dossier.it.attempt
                if dossier.outlook().step is Step.RESEND and attempt is not None:
                    request = request_of(dossier.it, dossier.order, attempt.request)
                    if digest(request) != attempt.request_hash:
                        why = "the answer was lost, and the order was changed since"
                        dossier.move(Trigger.STUCK, why, ActionReason.OUTCOME_UNKNOWN)
                        request = None
                    else:
                        store_intent(dossier, request, attempt.request)
            return dossier if request is None else self.send(gateway, dossier, request)

    def send(self, gateway: SupplierGateway, intended: Dossier, request: OrderRequest) -> Dossier:
        """Ask for what is intended, and settle what came of it."""
        self.desk.failpoint(Failpoint.PLACE_CALL)
        placed: PlacedOrder | None = None
        verdict: Verdict | None = None
        try:
            placed = gateway.place_order(request)
        # Whatever goes wrong, the order may have been placed: only known errors say it was not.
        except Exception as error:
            verdict = judge(error)
            self.desk.note_login(intended.facts.account, error)
        self.desk.failpoint(Failpoint.PLACE_CALLED)
        try:
            with self.desk.open(intended.claimed, Failpoint.PLACE_SETTLE_COMMIT) as dossier:
                self._settle(dossier, placed, verdict)
        except ClaimLost:
            self._tell_late(intended.claimed, placed, verdict)
            raise
        self.desk.failpoint(Failpoint.PLACE_SETTLED)
        return dossier

    def _not_quoted(self, seen: Dossier, error: SupplierError) -> Dossier:
        """Nothing was ordered, since nothing could be asked."""
        verdict = judge(error)
        self.desk.note_login(seen.facts.account, error)
        with self.desk.open(seen.claimed, Failpoint.PLACE_SETTLE_COMMIT) as dossier:
            if dossier.outlook().step is Step.PLACE:
                if verdict.reason is not None:
                    dossier.move(Trigger.STUCK, verdict.sentence, verdict.reason)
                else:
                    self._postpone(dossier, verdict)
        return dossier

    def _settle(
        self, dossier: Dossier, placed: PlacedOrder | None, verdict: Verdict | None
    ) -> None:
        attempt = dossier.it.attempt
        number = 0 if attempt is None else attempt.number
        if placed is not None:
            dossier.settle_attempt(number, AttemptOutcome.ACCEPTED)
            accept(dossier, placed, number)
            return
        assert verdict is not None  # noqa: S101 -- one of both is given
        dossier.settle_attempt(number, verdict.outcome, verdict.sentence)
        match verdict.outcome:
            case AttemptOutcome.DUPLICATE if verdict.external_id is not None:
                adopt(dossier, verdict.external_id, "the supplier has it already")
            case AttemptOutcome.UNKNOWN | AttemptOutcome.DUPLICATE:
                self.lose(dossier, verdict.sentence)
            case _:
                self._refused(dossier, verdict)

    def lose(self, dossier: Dossier, note: str) -> None:
        """Nobody knows whether it was placed: look into it before anything else."""
        capabilities = dossier.facts.capabilities
        settle = timedelta(0) if capabilities is None else capabilities.settle
        until = dossier.now + settle
        again = dossier.it.stage is Stage.UNKNOWN
        at = dossier.now + (self.desk.wait(dossier.it.attempts) if again else _LOOK_FIRST)
        if _sends_again(capabilities) and dossier.it.attempts + 1 >= MOST_ATTEMPTS:
            # What lands late has landed by then, so that the last try is answered.
            at = max(at, until)
        if again:
            dossier.change(note=note, next_check_at=at, settle_until=until, negatives=0)
        else:
            dossier.move(Trigger.LOST, note, next_check_at=at, settle_until=until, negatives=0)

    def _refused(self, dossier: Dossier, verdict: Verdict) -> None:
        """It was provably not placed."""
        if dossier.it.stage is Stage.UNKNOWN:
            if verdict.outcome in FREE:
                # Nothing is known of the attempt before this one.
                failures = dossier.it.failures + 1
                wait = self.desk.wait(failures, verdict.retry_after)
                dossier.change(
                    failures=failures,
                    attempts=dossier.it.attempts - 1,
                    next_check_at=dossier.now + wait,
                )
                return
            dossier.move(Trigger.ABSENT, "the supplier refuses it and so does not have it")
        if verdict.reason is not None:
            dossier.move(Trigger.STUCK, verdict.sentence, verdict.reason, sent_at=None)
        else:
            self._postpone(dossier, verdict)

    def _postpone(self, dossier: Dossier, verdict: Verdict) -> None:
        it = dossier.it
        free = verdict.outcome in FREE
        failures = it.failures + 1 if free else 0
        attempts = it.attempts - 1 if free and it.stage is Stage.PLACING else it.attempts
        wait = self.desk.wait(failures or attempts, verdict.retry_after)
        if verdict.hold is not None:
            wanted = WantedHold(verdict.hold.lower(), verdict.hold, verdict.sentence)
            dossier.hold((wanted,))
            wait = held_for(wanted)
        dossier.move(
            Trigger.POSTPONED,
            verdict.sentence,
            failures=failures,
            attempts=attempts,
            sent_at=None,
            next_check_at=dossier.now + wait,
        )

    def _tell_late(
        self, claimed: Claimed, placed: PlacedOrder | None, verdict: Verdict | None
    ) -> None:
        """A result nobody waits for any more is kept, and looked into by whoever comes next."""
        ids = placed.external_ids if placed is not None else ()
        if verdict is not None and verdict.external_id is not None:
            ids = (verdict.external_id,)
        with self.desk.database.write() as records:
            dossier = self.desk.read(records, claimed.order_id, claimed.id)
            said = ", ".join(ids) or (verdict.sentence if verdict is not None else "nothing")
            dossier.tell(
                EventKind.LATE_RESULT, f"a process that had been given up tells: {said}", {}, {}
            )
            records.orders.add_events(dossier.events)
            known = {each.external_id for each in dossier.it.external}
            number = None if dossier.it.attempt is None else dossier.it.attempt.number
            state = SupplierOrderState.UNKNOWN if placed is None else placed.state
            new = [External(each, state, number) for each in ids if each not in known]
            records.fulfillment.put_external(dossier.it, new, dossier.now)
            records.fulfillment.wake(dossier.order.id, dossier.now)


def _sends_again(capabilities: Capabilities | None) -> bool:
    """Whether a lost answer is looked into by sending the same order once more."""
    return capabilities is not None and capabilities.placement is Placement.IDEMPOTENT_REF
