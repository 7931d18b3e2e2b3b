"""One bounded pass over what is due: plan, claim, take steps until there is none.

Nothing is kept between passes but what is stored. A supplier order that fails in a way nobody
thought of is put off by itself; the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from traceback import extract_tb
from typing import Final

from zyenta_ops.domain.errors import DatabaseUnavailable, reason_of
from zyenta_ops.domain.fulfillment import (
    AttemptOutcome,
    Outlook,
    Step,
    SupplierOrder,
    Trigger,
)
from zyenta_ops.domain.fulfillment.planning import trimmed
from zyenta_ops.domain.fulfillment.standing import Standing
from zyenta_ops.domain.fulfillment.timing import LEASE
from zyenta_ops.domain.orders import EventKind
from zyenta_ops.operations.fulfillment.accepting import take_over_known
from zyenta_ops.operations.fulfillment.cancelling import Cancelling
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import ClaimLost, Dossier
from zyenta_ops.operations.fulfillment.failpoints import Failpoint
from zyenta_ops.operations.fulfillment.following import Following
from zyenta_ops.operations.fulfillment.intending import Intending
from zyenta_ops.operations.fulfillment.paying import Paying
from zyenta_ops.operations.fulfillment.placing import Placing
from zyenta_ops.operations.fulfillment.planning import Planning
from zyenta_ops.operations.fulfillment.reconciling import Reconciling
from zyenta_ops.ports import Repositories
from zyenta_ops.ports.fulfillment import Claimed

_BATCH: Final = 10
_PLANNED_AT_ONCE: Final = 200
# From planned to paid takes four; more in a row is going round in circles.
_MOST_STEPS: Final = 20
_log: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Advanced:
    """What one pass did: orders planned, supplier orders worked on, steps taken, put off."""

    planned: int = 0
    worked_on: int = 0
    failed: int = 0
    left_due: int = 0
    steps: dict[Step, int] = field(default_factory=dict)

    def count(self, step: Step) -> None:
        """Note that a step was taken."""
        self.steps[step] = self.steps.get(step, 0) + 1


@dataclass(frozen=True)
class Fulfillment:
    """Turns paid orders into supplier orders and follows those until they are over."""

    desk: Desk

    def advance(self, limit: int = 1_000, budget_seconds: float = 60) -> Advanced:
        """Plan what is paid and take every step that is due, within limit and budget."""
        deadline = self.desk.clock() + timedelta(seconds=budget_seconds)
        report = Advanced()
        while self.desk.clock() <= deadline and report.planned < limit:
            planned = self._planning.plan_due(min(_PLANNED_AT_ONCE, limit - report.planned))
            report.planned += planned
            if planned == 0:
                break
        while self.desk.clock() <= deadline and report.worked_on < limit:
            claimed = self._claim(min(_BATCH, limit - report.worked_on))
            if not claimed:
                break
            for each in claimed:
                report.worked_on += 1
                self._work_on(each, report)
        report.left_due = sum(self.count_due())
        return report

    def count_due(self) -> tuple[int, int]:
        """Supplier orders that are due now, and paid orders that are not planned yet."""
        with self.desk.database.read() as records:
            due = records.fulfillment.count_due(self.desk.clock())
            return due, records.fulfillment.count_unplanned()

    def standings(self, records: Repositories, order_id: str) -> tuple[Standing, ...]:
        """Every supplier order of an order, with what comes next; for people."""
        order = records.orders.find(order_id)
        mine = records.fulfillment.of_order(order_id)
        if order is None:
            return ()
        return tuple(
            Standing(each, _seen(each, self.desk.dossier(records, order, mine, each)))
            for each in mine
        )

    @cached_property
    def _planning(self) -> Planning:
        return Planning(self.desk)

    @cached_property
    def _placing(self) -> Placing:
        return Placing(self.desk, Intending(self.desk, self._planning))

    @cached_property
    def _effects(self) -> Mapping[Step, Callable[[Dossier], Dossier]]:
        return {
            Step.PLACE: self._placing.place,
            Step.RESEND: self._placing.resend,
            Step.SEARCH: Reconciling(self.desk).search,
            Step.PAY: Paying(self.desk).pay,
            Step.ASK_BACK: Cancelling(self.desk).ask_back,
            Step.FOLLOW: Following(self.desk).follow,
        }

    def _claim(self, limit: int) -> list[Claimed]:
        now = self.desk.clock()
        with self.desk.database.write() as records:
            claimed = list(records.fulfillment.claim(limit, now, now + LEASE))
            self.desk.failpoint(Failpoint.CLAIM_COMMIT)
        self.desk.failpoint(Failpoint.CLAIMED)
        return claimed

    def _work_on(self, claimed: Claimed, report: Advanced) -> None:
        try:
            dossier = self._decide(claimed, report)
            for _ in range(_MOST_STEPS):
                step = dossier.next_.step
                if step is None:
                    return
                if step in self._effects:
                    report.count(step)
                    dossier = self._effects[step](dossier)
                else:
                    dossier = self._decide(dossier.claimed, report)
        except ClaimLost:
            return
        except DatabaseUnavailable:
            raise
        # One that nobody thought of must not keep the others; the claims that it takes count.
        except Exception as error:
            report.failed += 1
            # Where it happened, and not its words, which may quote a customer.
            where = extract_tb(error.__traceback__)[-1]
            _log.error(
                "supplier order %s could not be worked on: %s at %s:%s",
                claimed.id,
                reason_of(error),
                Path(where.filename).name,
                where.lineno,
            )

    def _decide(self, claimed: Claimed, report: Advanced) -> Dossier:
        """Take every step that needs nobody else."""
        with self.desk.open(claimed, Failpoint.DECISION_COMMIT) as dossier:
            for _ in range(_MOST_STEPS):
                next_ = dossier.outlook()
                if next_.step is None or next_.step in self._effects:
                    break
                report.count(next_.step)
                self._take(dossier, next_)
        self.desk.failpoint(Failpoint.DECIDED)
        return dossier

    def _take(self, dossier: Dossier, next_: Outlook) -> None:
        it = dossier.it
        match next_.step:
            case Step.CLEAR:
                dossier.move(Trigger.CLEARED, next_.why)
            case Step.RETRY:
                dossier.move(Trigger.RETRIED, it.note)
            case Step.CALL_OFF:
                dossier.hold(())
                dossier.move(Trigger.CALLED_OFF, next_.why)
            case Step.TRIM:
                self._trim(dossier, next_)
            case Step.ADOPT:
                take_over_known(dossier, "the supplier told of it late")
            case Step.PRESUME_LOST:
                number = 0 if it.attempt is None else it.attempt.number
                dossier.settle_attempt(number, AttemptOutcome.UNKNOWN, next_.why)
                self._placing.lose(dossier, next_.why)
            case Step.GIVE_UP:
                dossier.move(Trigger.STUCK, next_.why, next_.reason)
            case _:
                raise AssertionError(next_.step)

    def _trim(self, dossier: Dossier, next_: Outlook) -> None:
        it = dossier.it
        dossier.change(lines=trimmed(it, dossier.current_facts().units_of(it)))
        dossier.lines_changed = True
        dossier.tell(
            EventKind.ADVANCED,
            next_.why,
            {"supplier_order": it.seq, "units": it.units()},
            {"supplier_order": it.seq, "units": dossier.it.units()},
        )


def _seen(it: SupplierOrder, dossier: Dossier) -> Outlook:
    """What comes next as a person sees it: what a process works on is not to be judged."""
    if it.lease_until is not None and it.lease_until > dossier.now:
        return Outlook(None, "it is being worked on", it.lease_until)
    return dossier.outlook()
