"""One store's turn: its untold changes become alerts and mails, and alerts that are over close.

Everything here happens in the caller's transaction, with the store locked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from zyenta_ops.domain.alerts import (
    Alert,
    AlertType,
    Cause,
    CostNews,
    News,
    StockNews,
    Subject,
    cause_now,
    decide,
    is_over,
    wording,
)
from zyenta_ops.domain.alerts.contents import contents, remaining
from zyenta_ops.domain.notifications import NewMessage
from zyenta_ops.operations.alerts.mails import Mailroom, topic
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.alerts import NewSubject, StoreToTell


@dataclass(slots=True)
class Told:
    """What one store's turn came to."""

    store: str
    muted: int = 0
    opened: list[Alert] = field(default_factory=list)
    closed: Counter[AlertType] = field(default_factory=Counter)
    queued: int = 0
    withdrawn: int = 0


@dataclass(frozen=True)
class Turn:
    """Tells one store of one supplier's changes."""

    records: Repositories
    store: StoreToTell
    supplier_key: str
    run_id: str | None
    mailroom: Mailroom
    new_id: NewId
    now: datetime

    def tell(self) -> Told:
        """Open, update and close the store's product alerts; a second call finds nothing to do."""
        facts = self.records.alert_facts
        changes = facts.claim_changes(self.store.id, self.supplier_key, self.now)
        subjects = self.records.alerts.subjects(self.store.id, self.supplier_key)
        variants = facts.variants({change.variant_id for change in changes})
        news = decide(changes, variants, _named(subjects), self.store.preferences)
        facts.remember_costs(news.told_costs)
        told = Told(self.store.name)
        self._review(subjects, {each.variant.variant_id for each in news.costs}, told)
        for alert, about in self._alerts(news):
            self._open(alert, about, told)
        return told

    def _review(self, subjects: Sequence[Subject], retold: Collection[str], told: Told) -> None:
        """Clear what is over, close alerts with nothing left, keep the rest true."""
        by_alert: dict[str, list[Subject]] = {}
        for subject in subjects:
            by_alert.setdefault(subject.alert_id, []).append(subject)
        finished: list[str] = []
        changed: dict[str, list[Subject]] = {}
        for alert_id, named in by_alert.items():
            over = [each for each in named if is_over(each, self.store.preferences, retold)]
            over_ids = {each.variant_id for each in over}
            left = [_as_it_stands(each) for each in named if each.variant_id not in over_ids]
            self.records.alerts.clear_subjects(
                alert_id, [each.variant_id for each in over], self.now
            )
            if not left:
                finished.append(alert_id)
                told.closed[named[0].type] += 1
            elif left != named:
                changed[alert_id] = left
                before = {each.variant_id: each.cause for each in named}
                causes = {
                    each.variant_id: each.cause
                    for each in left
                    if each.cause is not before[each.variant_id]
                }
                self.records.alerts.set_causes(alert_id, causes)
        self.records.alerts.close(finished, self.now)
        topics = [topic(alert_id) for alert_id in finished]
        told.withdrawn += self.records.outbox.withdraw(topics, self.now)
        self._rewrite(changed)

    def _rewrite(self, changed: Mapping[str, Sequence[Subject]]) -> None:
        known = self.records.alerts.metadata_of(changed) if changed else {}
        for alert_id, metadata in known.items():
            left = changed[alert_id]
            causes = {each.variant_id: each.cause for each in left}
            products = {each.now.product_id for each in left if each.now}
            self.records.alerts.rewrite_metadata(
                alert_id, remaining(metadata, causes, products), self.now
            )

    def _alerts(self, news: News) -> list[tuple[Alert, Sequence[StockNews] | Sequence[CostNews]]]:
        preferences = self.store.preferences
        found: list[tuple[Alert, Sequence[StockNews] | Sequence[CostNews]]] = []
        if out := news.stock_out:
            title, message = wording.stock_out_title(out), wording.stock_out_message(out)
            found.append((self._alert(AlertType.STOCK_OUT, title, message, out), out))
        if low := news.stock_low:
            message = wording.stock_low_message(preferences.stock_low_threshold)
            title = wording.stock_low_title(low)
            found.append((self._alert(AlertType.STOCK_LOW, title, message, low), low))
        if costs := news.costs:
            message = wording.price_message(costs, preferences.cost_change_percent)
            title = wording.PRICE_TITLE
            found.append((self._alert(AlertType.PRICE_CHANGE, title, message, costs), costs))
        return found

    def _alert(
        self,
        type_: AlertType,
        title: str,
        message: str,
        news: Sequence[StockNews] | Sequence[CostNews],
    ) -> Alert:
        return Alert(
            id=self.new_id(),
            type=type_,
            title=title,
            message=message,
            metadata=contents(news, self.run_id),
            opened_at=self.now,
            store_id=self.store.id,
            supplier_key=self.supplier_key,
        )

    def _open(
        self, alert: Alert, news: Sequence[StockNews] | Sequence[CostNews], told: Told
    ) -> None:
        preferences = self.store.preferences
        muted = alert.type in preferences.muted
        digested = not muted and preferences.waits_for_digest(alert.severity)
        subjects = [
            NewSubject(
                each.variant.variant_id,
                each.variant.product_id,
                each.cause,
                each.cost_before if isinstance(each, CostNews) else None,
            )
            for each in news
        ]
        # The claimed changes are this alert's alone, so its own id is all the key it needs.
        key = f"{alert.type}:{alert.id}"
        digest_at = preferences.digest_at(self.now) if digested else None
        self.records.alerts.open(alert, key, subjects, digest_at)
        told.opened.append(alert)
        if not muted and not digested:
            mails: list[NewMessage] = self.mailroom.merchant(alert, self.store)
            told.queued += self.records.outbox.enqueue(mails, self.now)


def _named(subjects: Sequence[Subject]) -> Mapping[AlertType, Collection[str]]:
    named: dict[AlertType, set[str]] = {}
    for subject in subjects:
        named.setdefault(subject.type, set()).add(subject.variant_id)
    return named


def _as_it_stands(subject: Subject) -> Subject:
    """The subject with today's cause: what was sold out may have been delisted since."""
    if subject.type is not AlertType.STOCK_OUT or subject.now is None:
        return subject
    cause: Cause = cause_now(subject.now) or subject.cause
    return replace(subject, cause=cause)
