"""An alert while it is written: stored with its first variant, worded after its last.

Everything here happens in the caller's transaction, so nobody reads a draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from zyenta_ops.domain.alerts import (
    Alert,
    AlertType,
    CostNews,
    Criteria,
    PriceNews,
    Subject,
    wording,
)
from zyenta_ops.domain.alerts.contents import Gathered, ProductNews
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.alerts import NewSubject, StoreToTell


@dataclass
class Draft:
    """One alert of a type about one store, as page after page of variants comes in.

    A missing price is one alert per store and supplier: while it is unresolved, further variants
    join it. Alerts of the other types are about what one turn found.
    """

    records: Repositories
    store: StoreToTell
    supplier_key: str
    type: AlertType
    new_id: NewId
    criteria: Criteria
    said: Gathered = field(default_factory=Gathered)
    alert: Alert | None = None
    joined: bool = False

    def name(self, news: Sequence[ProductNews]) -> None:
        """Name variants that nobody was told of."""
        self.mention(news)
        if self.alert is None:
            self.alert = self._begun()
        subjects = [
            NewSubject(
                each.variant.variant_id,
                each.variant.product_id,
                each.cause,
                each.cost_before if isinstance(each, CostNews) else None,
            )
            for each in news
        ]
        self.records.alert_subjects.add(self.alert.id, self.store, self.supplier_key, subjects)

    def mention(self, news: Sequence[ProductNews]) -> None:
        """Say what is the case of variants that the alert names already."""
        for each in news:
            self.said.add(each)

    def finished(self, run_id: str | None) -> Alert | None:
        """Put the words in; the alert, or None when there is nobody to tell of it."""
        if self.alert is None:
            return None
        reach = self.records.alert_subjects.reach(self.alert.id)
        title, message = wording.words(self.type, self.said, reach, self.criteria.preferences)
        metadata = self.said.metadata(reach, run_id)
        alert = replace(self.alert, title=title, message=message, metadata=metadata)
        self.records.alerts.rewrite(alert, self.criteria.now)
        return None if self.joined else alert

    def _begun(self) -> Alert:
        alert_id = self.new_id()
        key = f"{self.type}:{alert_id}"
        if self.type is AlertType.PRICE_MISSING:
            key = f"{self.type}:{self.supplier_key}:store:{self.store.id}"
            if found := self.records.alerts.unresolved(key):
                self.joined = True
                return found
        preferences = self.criteria.preferences
        alert = Alert(
            id=alert_id,
            type=self.type,
            title="",
            message="",
            metadata={},
            opened_at=self.criteria.now,
            store_id=self.store.id,
            supplier_key=self.supplier_key,
        )
        digested = alert.type not in preferences.muted and preferences.waits_for_digest(
            alert.severity
        )
        digest_at = preferences.digest_at(alert.opened_at) if digested else None
        self.records.alerts.open(alert, key, digest_at)
        return alert


def missing_prices(draft: Draft, news: Sequence[PriceNews], subjects: Sequence[Subject]) -> None:
    """Name variants without a price; those that the unresolved alert names are said again."""
    named = {
        each.variant_id: each.alert_open
        for each in subjects
        if each.type is AlertType.PRICE_MISSING
    }
    again = [each for each in news if named.get(each.variant.variant_id)]
    new = [each for each in news if each.variant.variant_id not in named]
    draft.mention(again)
    if new:
        draft.name(new)
