"""Paying suppliers for placed orders, each as an intent of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from zyenta_ops.domain.fulfillment import (
    ActionReason,
    Attempt,
    AttemptKind,
    AttemptOutcome,
    External,
    Step,
    Trigger,
)
from zyenta_ops.domain.fulfillment.following import news_of
from zyenta_ops.domain.fulfillment.holds import WantedHold
from zyenta_ops.domain.fulfillment.outcomes import Verdict, judge
from zyenta_ops.domain.fulfillment.steps import payable
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import HoldReason
from zyenta_ops.domain.supplier_orders import SupplierOrderState
from zyenta_ops.operations.fulfillment.accepting import apply, held_for
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import Dossier
from zyenta_ops.operations.fulfillment.failpoints import Failpoint

_LOOK_AGAIN: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Paying:
    """Pays for one order at a supplier."""

    desk: Desk

    def pay(self, seen: Dossier) -> Dossier:
        """Intend, pay, settle.

        Raises:
            ClaimLost: another process has taken it over.
        """
        wanted: tuple[External, Money] | None = None
        with self.desk.open(seen.claimed, Failpoint.PAY_INTENT_COMMIT) as dossier:
            if dossier.outlook().step is Step.PAY:
                wanted = self._intend(dossier)
        if wanted is None:
            return dossier
        external, most = wanted
        self.desk.failpoint(Failpoint.PAY_CALL)
        verdict: Verdict | None = None
        with self.desk.gateway(seen) as gateway:
            try:
                gateway.pay_order(external.external_id, most)
            # Whatever goes wrong, it may have been paid: only known errors say that it was not.
            except Exception as error:
                verdict = judge(error)
                self.desk.note_login(seen.facts.account, error)
        self.desk.failpoint(Failpoint.PAY_CALLED)
        with self.desk.open(dossier.claimed, Failpoint.PAY_SETTLE_COMMIT) as dossier:
            self._settle(dossier, external, verdict)
        self.desk.failpoint(Failpoint.PAY_SETTLED)
        return dossier

    def _intend(self, dossier: Dossier) -> tuple[External, Money] | None:
        it = dossier.it
        external = payable(it)
        if external is None or it.quote is None:
            note = "nobody knows what it may cost; pay on the supplier's site"
            dossier.move(Trigger.STUCK, note, ActionReason.UNPAID)
            return None
        most = it.quote.total
        for each in it.external:
            paid = each.total is not None and each.external_id != external.external_id
            if paid and each.total is not None and each.total.currency == most.currency:
                most -= each.total
        number = 1 if it.attempt is None else it.attempt.number + 1
        content = {"most_minor": most.minor, "currency": most.currency}
        dossier.attempt(
            Attempt(
                number, AttemptKind.PAY, "", content, dossier.now, external_id=external.external_id
            )
        )
        return external, most

    def _settle(self, dossier: Dossier, external: External, verdict: Verdict | None) -> None:
        attempt = dossier.it.attempt
        number = 0 if attempt is None else attempt.number
        if verdict is None:
            dossier.settle_attempt(number, AttemptOutcome.ACCEPTED)
            dossier.hold(())
            dossier.put_external([replace(external, state=SupplierOrderState.PAID)])
            dossier.change(failures=0)
            apply(dossier, news_of(dossier.it, cancel_asked=False))
            return
        dossier.settle_attempt(number, verdict.outcome, verdict.sentence)
        match verdict.outcome:
            case AttemptOutcome.UNKNOWN:
                # Read the order before anything is paid again.
                dossier.change(note=verdict.sentence, next_check_at=dossier.now + _LOOK_AGAIN)
            case AttemptOutcome.NOT_SENT | AttemptOutcome.RATE_LIMITED:
                failures = dossier.it.failures + 1
                wait = self.desk.wait(failures, verdict.retry_after)
                dossier.change(
                    note=verdict.sentence, failures=failures, next_check_at=dossier.now + wait
                )
            case _ if verdict.hold is HoldReason.BALANCE:
                hold = WantedHold("balance", HoldReason.BALANCE, verdict.sentence)
                dossier.hold((hold,))
                dossier.change(
                    note=verdict.sentence,
                    failures=dossier.it.failures + 1,
                    next_check_at=dossier.now + held_for(hold),
                )
            case _:
                dossier.move(Trigger.STUCK, verdict.sentence, ActionReason.UNPAID)
