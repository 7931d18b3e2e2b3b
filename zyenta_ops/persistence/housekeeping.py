"""Forgetting what is over: which rows of a table nothing in force points to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from zyenta_ops.domain.alerts import AlertStatus
from zyenta_ops.domain.inbox import InboxStatus
from zyenta_ops.domain.notifications import MessageStatus
from zyenta_ops.domain.price_decisions import OPEN, DecisionStatus
from zyenta_ops.domain.retention import Remembered
from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.domain.sync import SyncStatus, SyncType
from zyenta_ops.persistence.schema import (
    alert,
    alert_subject,
    catalog_sweep,
    inbox_event,
    offer_observation,
    outbox_message,
    price_decision,
    product_change,
    product_variant,
    supplier_offer,
    sync_log,
    watched_product,
)
from zyenta_ops.ports.housekeeping import Key

_Condition = ColumnElement[bool]


def _decision_is_over(before: datetime) -> _Condition:
    """Settled, and another one has made the price that is on sale since."""
    later = price_decision.alias()
    return and_(
        price_decision.c.decided_at < before,
        price_decision.c.status.not_in([each.value for each in OPEN]),
        select(later.c.id)
        .where(
            later.c.variant_id == price_decision.c.variant_id,
            later.c.status.in_([DecisionStatus.APPLIED.value, DecisionStatus.APPROVED.value]),
            tuple_(later.c.decided_at, later.c.id)
            > tuple_(price_decision.c.decided_at, price_decision.c.id),
        )
        .exists(),
    )


def _observation_is_over(before: datetime) -> _Condition:
    """Of a sweep that changed nothing; or old, and neither an offer nor a decision is made of it.

    A decision's observation is found through its variant, whose offer never changes.
    """
    sequence = (
        select(catalog_sweep.c.sequence)
        .where(catalog_sweep.c.id == offer_observation.c.sweep_id)
        .correlate(offer_observation)
        .scalar_subquery()
    )
    in_force = (
        select(supplier_offer.c.id)
        .where(
            supplier_offer.c.id == offer_observation.c.offer_id,
            supplier_offer.c.revision == sequence,
        )
        .exists()
    )
    decided_upon = (
        select(price_decision.c.id)
        .join(product_variant, product_variant.c.id == price_decision.c.variant_id)
        .where(
            product_variant.c.offer_id == offer_observation.c.offer_id,
            price_decision.c.offer_revision == sequence,
        )
        .exists()
    )
    in_vain = select(catalog_sweep.c.id).where(
        catalog_sweep.c.status.in_([SweepStatus.SUPERSEDED.value, SweepStatus.FAILED.value])
    )
    old = select(catalog_sweep.c.id).where(
        catalog_sweep.c.status == SweepStatus.PROMOTED.value,
        catalog_sweep.c.finished_at < before,
    )
    return or_(
        offer_observation.c.sweep_id.in_(in_vain),
        and_(offer_observation.c.sweep_id.in_(old), ~in_force, ~decided_upon),
    )


def _sweep_is_over(before: datetime) -> _Condition:
    """Ended, without observations, and a later one is the last that was believed."""
    later = catalog_sweep.alias()
    waiting = (SweepStatus.RUNNING.value, SweepStatus.QUARANTINED.value)
    return and_(
        catalog_sweep.c.finished_at < before,
        catalog_sweep.c.status.not_in(waiting),
        select(later.c.id)
        .where(
            later.c.supplier_key == catalog_sweep.c.supplier_key,
            later.c.sequence > catalog_sweep.c.sequence,
            later.c.status.in_([SweepStatus.PROMOTED.value, SweepStatus.UNCHANGED.value]),
        )
        .exists(),
        ~select(offer_observation.c.offer_id)
        .where(offer_observation.c.sweep_id == catalog_sweep.c.id)
        .exists(),
    )


def _sync_is_over(before: datetime) -> _Condition:
    """Ended, and its store was brought in line with the supplier since."""
    later = sync_log.alias()
    return and_(
        sync_log.c.started_at < before,
        sync_log.c.status != SyncStatus.STARTED.value,
        select(later.c.id)
        .where(
            later.c.store_id == sync_log.c.store_id,
            later.c.supplier_key == sync_log.c.supplier_key,
            later.c.started_at > sync_log.c.started_at,
            later.c.type != SyncType.PRICE.value,
            later.c.status.in_([SyncStatus.COMPLETED.value, SyncStatus.PARTIAL.value]),
        )
        .exists(),
    )


def _alert_is_over(before: datetime) -> _Condition:
    names = select(alert_subject.c.alert_id).where(alert_subject.c.alert_id == alert.c.id).exists()
    return and_(_is_resolved(before), ~names)


def _is_resolved(before: datetime) -> _Condition:
    return and_(alert.c.status == AlertStatus.RESOLVED.value, alert.c.resolved_at < before)


def _subject_is_over(before: datetime) -> _Condition:
    resolved = select(alert.c.id).where(_is_resolved(before))
    return and_(alert_subject.c.alert_id.in_(resolved), alert_subject.c.cleared_at.is_not(None))


def _message_is_over(before: datetime) -> _Condition:
    """Ended; what an alert that is there was told with must not be told again."""
    waiting = (MessageStatus.PENDING.value, MessageStatus.SENDING.value)
    about = func.substr(outbox_message.c.regarding, len("alert:") + 1)
    return and_(
        outbox_message.c.updated_at < before,
        outbox_message.c.status.not_in(waiting),
        ~select(alert.c.id).where(alert.c.id == about).exists(),
    )


def _event_is_over(before: datetime) -> _Condition:
    """Settled; what waits, or was given up until a person looks at it, stays."""
    settled = (InboxStatus.PROCESSED.value, InboxStatus.IGNORED.value)
    return and_(inbox_event.c.status.in_(settled), inbox_event.c.processed_at < before)


def _change_is_over(before: datetime) -> _Condition:
    return and_(product_change.c.occurred_at < before, product_change.c.told_at.is_not(None))


_RULES: Final[dict[Remembered, tuple[Table, Callable[[datetime], _Condition]]]] = {
    Remembered.PRICE_DECISIONS: (price_decision, _decision_is_over),
    Remembered.OBSERVATIONS: (offer_observation, _observation_is_over),
    Remembered.SWEEPS: (catalog_sweep, _sweep_is_over),
    Remembered.CHANGES: (product_change, _change_is_over),
    Remembered.SYNCS: (sync_log, _sync_is_over),
    Remembered.ALERT_SUBJECTS: (alert_subject, _subject_is_over),
    Remembered.ALERTS: (alert, _alert_is_over),
    Remembered.MESSAGES: (outbox_message, _message_is_over),
    Remembered.EVENTS: (inbox_event, _event_is_over),
}


class HousekeepingRecords:
    """Satisfies `zyenta_ops.ports.housekeeping.HousekeepingRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def over(self, what: Remembered, before: datetime, after: Key | None, size: int) -> list[Key]:
        """Keys of rows that may be forgotten, in order; some of those that follow a key."""
        table, is_over = _RULES[what]
        key = _key(table)
        query = select(*key).where(is_over(before)).order_by(*key).limit(size)
        if after is not None:
            query = query.where(tuple_(*key) > tuple_(*after))
        return [tuple(row) for row in self.connection.execute(query)]

    def forget(self, what: Remembered, before: datetime, keys: Sequence[Key]) -> int:
        """Delete those of the rows that may be forgotten still; how many they were."""
        table, is_over = _RULES[what]
        rows = tuple_(*_key(table)).in_(keys)
        return self.connection.execute(delete(table).where(rows, is_over(before))).rowcount

    def close_sweeps_begun(self, before: datetime, now: datetime) -> int:
        """Call those sweeps overtaken that began before a time and never ended; their number."""
        return self.connection.execute(
            update(catalog_sweep)
            .where(
                catalog_sweep.c.status == SweepStatus.RUNNING.value,
                catalog_sweep.c.started_at < before,
            )
            .values(status=SweepStatus.SUPERSEDED.value, finished_at=now)
        ).rowcount

    def answers_in_use(self, names: Collection[str]) -> Collection[str]:
        """Those of the names of suppliers' answers that a watched product points to."""
        raw = watched_product.c.raw
        return set(self.connection.execute(select(raw).where(raw.in_(names))).scalars())


def _key(table: Table) -> tuple[Column[Any], ...]:
    return tuple(table.primary_key.columns)
