"""Refunds out: the intent is stored, then the provider is asked, then what it said is stored.

A refund is asked for under a key made of its intent, so that asking again is the same request. When
an answer was lost, the provider's own list of refunds is read before anything is asked again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.documents import text_problem
from zyenta_ops.domain.errors import NotFound, Refused, reason_of
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import EventKind, Order, OrderEvent
from zyenta_ops.domain.payment_errors import (
    PaymentError,
    PaymentMissing,
    PaymentOutcomeUnknown,
    PaymentRefused,
)
from zyenta_ops.domain.payments import PaymentFact
from zyenta_ops.domain.refund_plans import (
    RefundRequest,
    lines_of,
    parts_of,
    refundable,
    same_request,
)
from zyenta_ops.domain.refunds import KEY_LIFE, Refund, RefundStatus
from zyenta_ops.operations.payments.deriving import Derivation
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.payments import ChargeModel, PaymentProvider

_LONGEST_TEXT: Final = 200
_LEASE: Final = timedelta(minutes=10)
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RefundReport:
    """What became of the refunds of one call."""

    settled: int = 0
    deferred: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Refunds:
    """Plans refunds and carries them out."""

    database: Database
    provider: PaymentProvider
    derivation: Derivation
    clock: Clock
    new_id: NewId

    def request(
        self,
        order_id: str,
        wanted: RefundRequest,
        by: str,
        *,
        within: Collection[str] | None = None,
    ) -> tuple[Refund, ...]:
        """Plan what is asked for, which the next run carries out: a refund for each payment.

        Raises:
            NotFound: there is no such order, or not in the stores `within` (None = all).
            Refused: more than is left would be refunded, the key was used for another refund, or
                key or reason cannot be stored.
        """
        with self.database.write() as records:
            order = records.orders.hold(order_id)
            if order is None or (within is not None and order.store_id not in within):
                raise NotFound(f"no order has the id {order_id}")
            return self.request_within(records, order, wanted, by)

    def request_within(
        self, records: Repositories, order: Order, wanted: RefundRequest, by: str
    ) -> tuple[Refund, ...]:
        """Plan refunds of an order that is held, as part of the caller's transaction.

        Raises:
            Refused: as for `request`.
        """
        for name, text in (("key", wanted.key), ("reason", wanted.reason)):
            problem = text_problem(text, _LONGEST_TEXT) or ("" if text.strip() else "is missing")
            if problem:
                raise Refused(f"the {name} of the refund {problem}")
        now = self.clock()
        before = records.refunds.of_order(order.id)
        if known := [each for each in before if each.request_key == wanted.key]:
            return same_request(order, wanted, known)
        planned = self._plan(records, order, wanted, before, by, now)
        for refund in planned:
            records.refunds.add(refund, now)
        records.orders.add_events(
            [
                self._event(
                    refund,
                    EventKind.REFUND_REQUESTED,
                    by,
                    f"{Money(refund.amount_minor, refund.currency)}: {refund.reason}",
                )
                for refund in planned
            ]
        )
        return planned

    def carry_out(self, limit: int = 100, budget_seconds: float = 60) -> RefundReport:
        """Ask for the refunds that are due, one at a time."""
        owner = self.new_id()
        deadline = self.clock() + timedelta(seconds=budget_seconds)
        report = RefundReport()
        for _ in range(limit):
            now = self.clock()
            if now > deadline:
                break
            with self.database.write() as records:
                claimed = records.refunds.claim(1, owner, now, now + _LEASE)
            if not claimed:
                break
            report = self._carry_out(claimed[0], owner, report)
        return report

    def count_due(self) -> int:
        """Refunds that `carry_out` would find now."""
        with self.database.read() as records:
            return records.refunds.count_due(self.clock())

    def _carry_out(self, refund: Refund, owner: str, report: RefundReport) -> RefundReport:
        try:
            fact = self._found(refund)
            if fact is None:
                refund = self._asking(refund, owner)
        except PaymentError as error:
            # Whatever keeps us from looking says nothing of the refund, which may have been made.
            return self._put_off(refund, error, owner, report)
        if fact is None:
            try:
                fact = self.provider.refund(refund)
            except (PaymentRefused, PaymentMissing) as error:
                failed = replace(
                    refund, status=RefundStatus.FAILED, next_attempt_at=None, error=reason_of(error)
                )
                self._save(failed, owner)
                return replace(report, refused=report.refused + 1)
            except PaymentError as error:
                return self._put_off(refund, error, owner, report)
        self._settle(refund, fact, owner)
        return replace(report, settled=report.settled + 1)

    def _put_off(
        self, refund: Refund, error: PaymentError, owner: str, report: RefundReport
    ) -> RefundReport:
        self._save(self._later(refund, error), owner)
        return replace(report, deferred=report.deferred + 1)

    def _found(self, refund: Refund) -> PaymentFact | None:
        """What a request whose answer nobody knows came to, in the provider's own list."""
        if refund.first_asked_at is None:
            return None
        for fact in self.provider.refunds_of(refund.account, refund.intent_id):
            if fact.refund_ref == refund.id:
                return fact
        return None

    def _asking(self, refund: Refund, owner: str) -> Refund:
        """Store that the provider is asked from now on, before it is."""
        now = self.clock()
        asked = refund.first_asked_at
        if asked is not None and now - asked > KEY_LIFE:
            refund = replace(refund, epoch=refund.epoch + 1)
            asked = None
        refund = replace(refund, status=RefundStatus.REQUESTED, first_asked_at=asked or now)
        with self.database.write() as records:
            if not records.refunds.still_ours(refund.id, owner):
                raise PaymentOutcomeUnknown("another process has taken the refund over")
            records.refunds.save(refund, now)
        return refund

    def _later(self, refund: Refund, error: PaymentError) -> Refund:
        wait = min(_FIRST_WAIT * 2 ** min(refund.attempts - 1, 10), _LONGEST_WAIT)
        later = replace(refund, next_attempt_at=self.clock() + wait, error=reason_of(error))
        if isinstance(error, PaymentOutcomeUnknown) and error.answered:
            # The provider repeats a stored error for ever under the same key; the next attempt
            # looks for the refund first, and asks under a new key when there is none.
            later = replace(later, epoch=later.epoch + 1)
        return later

    def _save(self, refund: Refund, owner: str) -> None:
        with self.database.write() as records:
            if not records.refunds.still_ours(refund.id, owner):
                return
            records.refunds.save(refund, self.clock())
            records.refunds.let_go(refund.id, owner)
            if refund.status is RefundStatus.FAILED:
                amount = Money(refund.amount_minor, refund.currency)
                reason = f"refund {refund.number}: {amount} cannot be refunded, says Stripe"
                event = self._event(refund, EventKind.REFUND_SETTLED, "stripe", reason)
                records.orders.add_events([event])

    def _settle(self, refund: Refund, fact: PaymentFact, owner: str) -> None:
        with self.database.write() as records:
            self.derivation.take(records, [fact], self.clock())
            records.refunds.let_go(refund.id, owner)

    def _plan(
        self,
        records: Repositories,
        order: Order,
        wanted: RefundRequest,
        before: Sequence[Refund],
        by: str,
        now: datetime,
    ) -> tuple[Refund, ...]:
        lines = lines_of(order, wanted, before)
        found = refundable(records.payments.of_order(order.id), before)
        model = records.payments.account_of(order.store_id).charge_model
        return tuple(
            Refund(
                id=self.new_id(),
                order_id=order.id,
                number=number,
                amount_minor=part.amount.minor,
                currency=part.amount.currency,
                reason=wanted.reason,
                intent_id=part.payment.external_id,
                # Where the payment is, even if the store is paid through another account by now.
                account=part.payment.account,
                status=RefundStatus.PLANNED,
                requested_by=by,
                requested_at=now,
                lines=lines,
                reverse_transfer=model is ChargeModel.DESTINATION,
                refund_application_fee=model is not ChargeModel.PLATFORM,
                next_attempt_at=now,
                request_key=wanted.key,
            )
            for number, part in enumerate(
                parts_of(order, wanted, lines, found), start=len(before) + 1
            )
        )

    def _event(self, refund: Refund, kind: EventKind, actor: str, reason: str) -> OrderEvent:
        after = {"refund": refund.id, "amount_minor": refund.amount_minor, "status": refund.status}
        return OrderEvent(
            id=self.new_id(),
            order_id=refund.order_id,
            at=self.clock(),
            kind=kind,
            actor=actor,
            reason=reason,
            after=after,
            run_id=self.derivation.run_id,
        )
