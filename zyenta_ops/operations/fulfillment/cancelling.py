"""Taking placed orders back that are not wanted any more."""

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
    Stage,
    Step,
    Trigger,
)
from zyenta_ops.domain.fulfillment.following import news_of
from zyenta_ops.domain.fulfillment.outcomes import Verdict, judge
from zyenta_ops.domain.fulfillment.supplier_order import FREE
from zyenta_ops.domain.supplier_errors import UnknownReference
from zyenta_ops.domain.supplier_orders import SupplierOrderState
from zyenta_ops.operations.fulfillment.accepting import apply
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import Dossier
from zyenta_ops.operations.fulfillment.failpoints import Failpoint

_LOOK_AGAIN: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Cancelling:
    """Asks a supplier to take one of its orders back."""

    desk: Desk

    def ask_back(self, seen: Dossier) -> Dossier:
        """Intend, ask, settle; one of the supplier's orders at a time.

        Raises:
            ClaimLost: another process has taken it over.
        """
        external: External | None = None
        with self.desk.open(seen.claimed, Failpoint.CANCEL_INTENT_COMMIT) as dossier:
            if dossier.outlook().step is Step.ASK_BACK:
                external = self._intend(dossier)
        if external is None:
            return dossier
        self.desk.failpoint(Failpoint.CANCEL_CALL)
        verdict: Verdict | None = None
        with self.desk.gateway(seen) as gateway:
            try:
                gateway.cancel_order(external.external_id)
            except UnknownReference:
                verdict = None  # it is gone, which is what was wanted
            # Whatever else goes wrong, it may have been cancelled.
            except Exception as error:
                verdict = judge(error)
                self.desk.note_login(seen.facts.account, error)
        self.desk.failpoint(Failpoint.CANCEL_CALLED)
        with self.desk.open(dossier.claimed, Failpoint.CANCEL_SETTLE_COMMIT) as dossier:
            self._settle(dossier, external, verdict)
        self.desk.failpoint(Failpoint.CANCEL_SETTLED)
        return dossier

    def _intend(self, dossier: Dossier) -> External | None:
        it = dossier.it
        gone = SupplierOrderState.CANCELLED
        external = next((each for each in it.external if each.state is not gone), None)
        if external is None:
            apply(dossier, news_of(it, cancel_asked=it.stage is Stage.CANCEL_REQUESTED))
            return None
        number = 1 if it.attempt is None else it.attempt.number + 1
        dossier.attempt(
            Attempt(
                number, AttemptKind.CANCEL, "", {}, dossier.now, external_id=external.external_id
            )
        )
        if it.stage is not Stage.CANCEL_REQUESTED:
            dossier.move(Trigger.CANCEL_ASKED, "it is not wanted any more; taken back")
        return external

    def _settle(self, dossier: Dossier, external: External, verdict: Verdict | None) -> None:
        attempt = dossier.it.attempt
        number = 0 if attempt is None else attempt.number
        if verdict is None:
            dossier.settle_attempt(number, AttemptOutcome.ACCEPTED)
            dossier.put_external([replace(external, state=SupplierOrderState.CANCELLED)])
            dossier.change(failures=0, next_check_at=dossier.now)
            left = [e for e in dossier.it.external if e.state is not SupplierOrderState.CANCELLED]
            if not left:
                apply(dossier, news_of(dossier.it, cancel_asked=True))
            return
        dossier.settle_attempt(number, verdict.outcome, verdict.sentence)
        if verdict.outcome is AttemptOutcome.UNKNOWN:
            dossier.change(note=verdict.sentence, next_check_at=dossier.now + _LOOK_AGAIN)
        elif verdict.outcome in FREE:
            failures = dossier.it.failures + 1
            wait = self.desk.wait(failures, verdict.retry_after)
            dossier.change(
                note=verdict.sentence, failures=failures, next_check_at=dossier.now + wait
            )
        else:
            dossier.move(
                Trigger.STUCK,
                f"it is not wanted any more and the supplier keeps it: {verdict.sentence}",
                ActionReason.CANCEL_REFUSED,
                cancel_refused_at=dossier.now,
            )
