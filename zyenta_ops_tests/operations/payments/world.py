"""A payment provider whose objects the tests move, and which may answer late, twice or not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.payment_errors import PaymentError, PaymentMissing, PaymentRefused
from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact, Subject
from zyenta_ops.domain.refunds import Refund
from zyenta_ops.ports.payments import AccountState, Plan, Stretch
from zyenta_ops_tests.conftest import FixedClock

_TYPES = {
    FactKind.INTENT: ("payment_intent.succeeded", Subject.INTENT),
    FactKind.SESSION: ("checkout.session.completed", Subject.SESSION),
    FactKind.REFUND: ("refund.updated", Subject.REFUND),
    FactKind.DISPUTE: ("charge.dispute.updated", Subject.DISPUTE),
    FactKind.WARNING: ("radar.early_fraud_warning.updated", Subject.WARNING),
    FactKind.REVIEW: ("review.opened", Subject.REVIEW),
}


@dataclass
class FakeProvider:
    """Satisfies `zyenta_ops.ports.payments.PaymentProvider`.

    Attributes:
        live: whether its money is real.
        objects: how things stand now, by id.
        log: every event that was ever sent.
        fault: raised by every read.
        broken: objects that cannot be read.
        deadlines: that were set.
        refund_faults: raised by the next refunds, first to last; with `executes` after the refund
            was made.
    """

    clock: FixedClock
    live: bool = False
    objects: dict[str, PaymentFact] = field(default_factory=dict)
    log: list[NewEvent] = field(default_factory=list)
    accounts: dict[str, bool] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    fault: PaymentError | None = None
    broken: set[str] = field(default_factory=set)
    refund_faults: list[tuple[PaymentError, bool]] = field(default_factory=list)
    by_key: dict[str, str] = field(default_factory=dict)
    reads: int = 0
    deadlines: list[datetime] = field(default_factory=list)

    def put(
        self,
        kind: FactKind,
        object_id: str,
        state: FactState,
        minor: int = 4938,
        *,
        account: str = "",
        intent: str = "pi_1",
        currency: str = "EUR",
        order: str = "",
        store: str = "",
        number: str = "",
        refund: str = "",
    ) -> NewEvent:
        """Move an object, and send the event of it.

        A payment counts from when it last changed, everything else from when it was made.
        """
        known = self.objects.get(object_id)
        self.objects[object_id] = PaymentFact(
            kind,
            object_id,
            account,
            state,
            Money(minor, currency),
            self.clock(),
            self.clock() if known is None or kind is FactKind.INTENT else known.moved_at,
            object_id if kind is FactKind.INTENT else intent,
            order,
            store,
            number,
            refund,
        )
        return self.tell(_TYPES[kind][0], object_id, account)

    def tell(self, type_: str, object_id: str, account: str = "", **about: object) -> NewEvent:
        """Send an event about an object."""
        number = len(self.log) + 1
        body = {"livemode": self.live, "data": {"object": {"id": object_id, **about}}}
        event = NewEvent(
            f"inbox-{number:04d}",
            EventSource.STRIPE,
            f"evt_{number}",
            type_,
            json.dumps(body).encode(),
            Via.POLL,
            True,
            self.clock(),
            self.clock(),
            account,
        )
        self.log.append(event)
        return event

    def until(self, deadline: datetime) -> FakeProvider:
        self.deadlines.append(deadline)
        return self

    def events(self, account: str, since: datetime) -> Iterator[Stretch]:
        self._answer()
        found = [
            event
            for event in self.log
            if event.account == account and event.occurred_at and event.occurred_at >= since
        ]
        for some in (found[first : first + 100] for first in range(0, len(found), 100)):
            yield Stretch(some, some[-1].occurred_at or since)
        yield Stretch((), self.clock())

    def facts(self, account: str, subject: Subject, object_id: str) -> Sequence[PaymentFact]:
        self._answer()
        if object_id in self.broken:
            raise PaymentRefused(f"{object_id} cannot be read")
        found = self.objects.get(object_id)
        if found is None or found.account != account:
            raise PaymentMissing(f"no {subject} {object_id}")
        wanted = {found.external_id, found.intent_id}
        return [
            replace(each, as_of=self.clock())
            for each in self.objects.values()
            if each.external_id in wanted
        ]

    def payments_since(self, account: str, since: datetime) -> Iterator[PaymentFact]:
        self._answer()
        for each in self.objects.values():
            if each.account == account:
                yield replace(each, as_of=self.clock())

    def refund(self, refund: Refund) -> PaymentFact:
        fault = self.refund_faults.pop(0) if self.refund_faults else None
        if fault is not None and not fault[1]:
            raise fault[0]
        known = self.by_key.get(refund.idempotency_key)
        if known is None:
            paid = self.objects[refund.intent_id]
            gone = sum(
                each.amount.minor
                for each in self.objects.values()
                if each.kind is FactKind.REFUND and each.intent_id == refund.intent_id
            )
            if gone + refund.amount_minor > paid.amount.minor:
                raise PaymentRefused("charge_already_refunded")
            known = f"re_{len(self.by_key) + 1}"
            self.by_key[refund.idempotency_key] = known
            self.put(
                FactKind.REFUND,
                known,
                FactState.SUCCEEDED,
                refund.amount_minor,
                account=refund.account,
                intent=refund.intent_id,
                refund=refund.id,
            )
        if fault is not None:
            raise fault[0]
        return replace(self.objects[known], as_of=self.clock())

    def refunds_of(self, account: str, intent_id: str) -> Sequence[PaymentFact]:
        self._answer()
        return [
            replace(each, as_of=self.clock())
            for each in self.objects.values()
            if each.kind is FactKind.REFUND and each.intent_id == intent_id
        ]

    def account_state(self, external_id: str) -> AccountState:
        self._answer()
        enabled = self.accounts.get(external_id)
        return AccountState(
            external_id, bool(enabled), self.clock(), authorized=enabled is not None
        )

    def plan(self, customer_id: str) -> Plan:
        self._answer()
        plan = self.plans.get(customer_id, Plan(customer_id, frozenset(), "", self.clock()))
        return replace(plan, as_of=self.clock())

    def refunds_made(self) -> list[int]:
        """The amounts of the refunds that exist."""
        return [each.amount.minor for each in self.objects.values() if each.kind is FactKind.REFUND]

    def _answer(self) -> None:
        self.reads += 1
        if self.fault is not None:
            raise self.fault
