"""One store's turn: what happened to its variants becomes alerts and mails, what is over closes.

Variants are taken in pages, so that memory does not grow with what there is to tell. Everything
happens in the caller's transaction, with the store locked: whoever is interrupted has told nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zyenta_ops.domain.alerts import (
    Alert,
    AlertType,
    Criteria,
    Subject,
    VariantNow,
    cause_now,
    decide,
    is_over,
)
from zyenta_ops.domain.alerts.contents import listed_variants, remaining
from zyenta_ops.operations.alerts.drafts import Draft, missing_prices
from zyenta_ops.operations.alerts.mails import Mailroom, topic
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.alerts import StoreToTell

PAGE: Final = 500


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
    criteria: Criteria
    page: int
    _drafts: dict[AlertType, Draft] = field(default_factory=dict)
    # Unresolved alerts of which something is over or has another cause now.
    _touched: dict[str, AlertType] = field(default_factory=dict)

    def tell(self) -> Told:
        """Open, update and close the store's product alerts; a second call finds nothing to do."""
        threshold = self.criteria.preferences.stock_low_threshold
        for page in self.records.alert_facts.concerned_pages(
            self.store.id, self.supplier_key, threshold, self.page
        ):
            self._take(page)
        told = Told(self.store.name)
        self._settle_touched(told)
        for type_ in AlertType:
            if type_ in self._drafts:
                self._publish(self._drafts[type_], told)
        return told

    def _take(self, variant_ids: Sequence[str]) -> None:
        """Decide about a page of variants, and keep what was decided."""
        facts = self.records.alert_facts
        changes = facts.claim_changes(
            self.store.id, self.supplier_key, variant_ids, self.criteria.now
        )
        variants = facts.variants(variant_ids)
        subjects = self.records.alert_subjects.current(variant_ids)
        named = _named(subjects)
        news = decide(variants, changes, named, self.criteria)
        facts.remember_costs(news.told_costs)
        standing = {each.variant_id: each for each in variants}
        self._review(subjects, standing, {each.variant.variant_id for each in news.costs})
        for type_, said in (
            (AlertType.STOCK_OUT, news.stock_out),
            (AlertType.STOCK_LOW, news.stock_low),
            (AlertType.PRICE_CHANGE, news.costs),
        ):
            if said:
                self._draft(type_).name(said)
        if news.unpriced:
            missing_prices(self._draft(AlertType.PRICE_MISSING), news.unpriced, subjects)

    def _review(
        self,
        subjects: Sequence[Subject],
        standing: Mapping[str, VariantNow],
        retold: Collection[str],
    ) -> None:
        """Clear what is over, and keep the causes of the rest true."""
        over: set[tuple[str, str]] = set()
        causes = {}
        for each in subjects:
            key, now = (each.alert_id, each.variant_id), standing[each.variant_id]
            if is_over(each, now, self.criteria, retold):
                over.add(key)
            elif each.type is AlertType.STOCK_OUT and cause_now(now) not in (each.cause, None):
                # What was sold out may have been delisted since.
                causes[key] = cause_now(now) or each.cause
            else:
                continue
            if each.alert_open:
                self._touched[each.alert_id] = each.type
        self.records.alert_subjects.clear(over, self.criteria.now)
        self.records.alert_subjects.set_causes(causes)

    def _settle_touched(self, told: Told) -> None:
        """Close alerts with nothing left, keep the words of the others true."""
        finished = []
        for alert_id, type_ in self._touched.items():
            reach = self.records.alert_subjects.reach(alert_id)
            if not reach.variants:
                finished.append(alert_id)
                told.closed[type_] += 1
                continue
            alert = self.records.alerts.find(alert_id)
            listed = listed_variants(alert.metadata)
            causes = self.records.alert_subjects.causes(alert_id, listed)
            metadata = remaining(alert.metadata, causes, reach)
            self.records.alerts.rewrite(replace(alert, metadata=metadata), self.criteria.now)
        self.records.alerts.close(finished, self.criteria.now)
        topics = [topic(alert_id) for alert_id in finished]
        told.withdrawn += self.records.outbox.withdraw(topics, self.criteria.now)

    def _draft(self, type_: AlertType) -> Draft:
        if type_ not in self._drafts:
            self._drafts[type_] = Draft(
                self.records,
                self.store,
                self.supplier_key,
                type_,
                self.new_id,
                self.criteria,
            )
        return self._drafts[type_]

    def _publish(self, draft: Draft, told: Told) -> None:
        alert = draft.finished(self.run_id)
        if alert is None:
            return
        told.opened.append(alert)
        preferences = self.criteria.preferences
        if alert.type in preferences.muted or preferences.waits_for_digest(alert.severity):
            return
        mails = self.mailroom.merchant(alert, self.store)
        told.queued += self.records.outbox.enqueue(mails, self.criteria.now)


def _named(subjects: Sequence[Subject]) -> Mapping[AlertType, Collection[str]]:
    named: dict[AlertType, set[str]] = {}
    for subject in subjects:
        named.setdefault(subject.type, set()).add(subject.variant_id)
    return named
