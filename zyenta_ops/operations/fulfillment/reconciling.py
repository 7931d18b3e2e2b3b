"""Finding out what became of an order whose answer was lost."""

from __future__ import annotations

from dataclasses import dataclass

from zyenta_ops.domain.fulfillment import ActionReason, Step, Trigger
from zyenta_ops.domain.fulfillment.outcomes import judge
from zyenta_ops.domain.fulfillment.timing import BETWEEN_NEGATIVES, ENOUGH_NEGATIVES
from zyenta_ops.domain.supplier_errors import SupplierError, Unsupported
from zyenta_ops.domain.supplier_orders import ExternalOrder
from zyenta_ops.operations.fulfillment.accepting import found
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import Dossier
from zyenta_ops.operations.fulfillment.failpoints import Failpoint


@dataclass(frozen=True)
class Reconciling:
    """Looks for supplier orders by our references."""

    desk: Desk

    def search(self, seen: Dossier) -> Dossier:
        """Ask once, and note what that says.

        Raises:
            ClaimLost: another process has taken it over.
        """
        answer: ExternalOrder | None = None
        error: SupplierError | None = None
        with self.desk.gateway(seen) as gateway:
            try:
                answer = gateway.find_order(seen.it.client_ref)
            except SupplierError as caught:
                error = caught
                self.desk.note_login(seen.facts.account, caught)
        self.desk.failpoint(Failpoint.SEARCHED)
        with self.desk.open(seen.claimed, Failpoint.SEARCH_SETTLE_COMMIT) as dossier:
            if dossier.outlook().step is Step.SEARCH:
                if error is not None:
                    self._not_told(dossier, error)
                elif answer is not None:
                    found(dossier, answer)
                else:
                    self._not_found(dossier)
        self.desk.failpoint(Failpoint.SEARCH_SETTLED)
        return dossier

    def _not_found(self, dossier: Dossier) -> None:
        """Nothing yet; after the settle window that counts, and enough of it is an answer."""
        it = dossier.it
        if it.settle_until is not None and dossier.now < it.settle_until:
            wait = self.desk.wait(it.failures + 1)
            at = min(dossier.now + wait, it.settle_until)
            dossier.change(failures=it.failures + 1, next_check_at=at)
            return
        negatives = it.negatives + 1
        if negatives < ENOUGH_NEGATIVES:
            dossier.change(negatives=negatives, next_check_at=dossier.now + BETWEEN_NEGATIVES)
            return
        note = f"the supplier does not have it: not found {negatives} times in a row"
        dossier.move(Trigger.ABSENT, note, negatives=0, failures=0, settle_until=None, sent_at=None)

    def _not_told(self, dossier: Dossier, error: SupplierError) -> None:
        verdict = judge(error)
        if isinstance(error, Unsupported):
            dossier.move(Trigger.STUCK, verdict.sentence, ActionReason.OUTCOME_UNKNOWN)
            return
        failures = dossier.it.failures + 1
        wait = self.desk.wait(failures, verdict.retry_after)
        # A search that failed says nothing: negatives count only one right after the other.
        dossier.change(failures=failures, negatives=0, next_check_at=dossier.now + wait)
