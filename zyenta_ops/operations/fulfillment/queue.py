"""What waits for a person: why, since when, and what may be done about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from zyenta_ops.domain.fulfillment import Verb
from zyenta_ops.domain.fulfillment.facts import Facts
from zyenta_ops.domain.fulfillment.verbs import legal, legal_of_order, waiting_reason
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.lookup import find_store
from zyenta_ops.ports import Repositories
from zyenta_ops.ports.fulfillment import Candidate


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a person.

    Attributes:
        store: its subdomain.
        which: the number of the supplier order; None = the whole order waits.
        reason: one of `ActionReason`, "TO_BE_PAID", "NOT_BOUGHT", or a hold's `HoldReason`.
        hold: the source of the hold; "" = it is none.
        why: in one sentence.
        verbs: what may be done.
    """

    order_id: str
    number: str
    store: str
    which: int | None
    supplier_key: str
    reason: str
    hold: str
    since: datetime
    why: str
    verbs: tuple[Verb, ...]
    assigned_to: str


@dataclass(frozen=True)
class Queue:
    """Lists what waits for a person."""

    desk: Desk

    def listed(
        self,
        store_ref: str | None = None,
        limit: int = 50,
        *,
        within: Collection[str] | None = None,
    ) -> tuple[Waiting, ...]:
        """What waits, the longest waiting first; what is snoozed is left out.

        Args:
            store_ref: of one store alone.
            limit: of entries.
            within: the stores that whoever asks may see; None = all.

        Raises:
            NotFound: there is no such store.
        """
        now = self.desk.clock()
        with self.desk.database.read() as records:
            wanted = within
            if store_ref is not None:
                store_id = find_store(records, store_ref).id
                wanted = [store_id] if within is None or store_id in within else []
            candidates = records.fulfillment.waiting(wanted, limit, now)
            found = [self._entry(records, each, now) for each in candidates]
        return tuple(each for each in found if each is not None)

    def _entry(self, records: Repositories, found: Candidate, now: datetime) -> Waiting | None:
        order = records.orders.find(found.order_id)
        store = None if order is None else records.stores.find(order.store_id)
        if order is None or store is None:
            return None
        mine = records.fulfillment.of_order(order.id)
        hold = next((each for each in order.holds if each.source == found.source), None)
        about = found.supplier_order_id or found.source
        it = next((each for each in mine if each.id in about.split(":")), None)
        facts = (
            Facts(order, mine) if it is None else self.desk.dossier(records, order, mine, it).facts
        )
        verbs = legal_of_order(facts, now) if it is None else legal(it, facts, now)
        reason = waiting_reason(it, facts) if it is not None else ""
        why = "" if it is None else it.note
        if hold is not None:
            reason, why = hold.reason.value, hold.note
        if not reason:
            return None
        return Waiting(
            order.id,
            order.number,
            store.subdomain,
            None if it is None else it.seq,
            "" if it is None else it.supplier_key,
            reason,
            found.source,
            found.since,
            why,
            verbs,
            order.assigned_to,
        )
