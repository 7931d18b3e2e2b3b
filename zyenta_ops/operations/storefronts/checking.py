"""Looking at what stores' systems show of orders' parcels, and telling again what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.errors import Refused, Unreachable
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.payments import Issue
from zyenta_ops.domain.storefront_hooks import StorefrontHook
from zyenta_ops.domain.storefronts import (
    TOLD_FROM,
    EventType,
    OrderTracking,
    drift,
    next_check,
    storefront_event,
)
from zyenta_ops.operations.storefronts.hooks import Issues
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.storefronts import StorefrontReader

_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was seen: orders shown as told, told again, and not to be read; `left_due` are left."""

    matching: int = 0
    repaired: int = 0
    unreadable: int = 0
    left_due: int = 0


@dataclass(frozen=True)
class StorefrontChecks:
    """Compares what stores' systems show with what they were told.

    Attributes:
        hook_of: the hook of a store that listens.
        issues: tells a store of differences that stay.
    """

    database: Database
    reader: StorefrontReader
    hook_of: Callable[[str], StorefrontHook | None]
    clock: Clock
    new_id: NewId
    issues: Issues

    def check(self, limit: int = 1_000, budget_seconds: float = 300) -> CheckReport:
        """Look at what is due, at most `limit` orders, beginning none after the budget is spent.

        A system that does not answer is not asked about its other orders, which wait with it.
        """
        deadline = self.clock() + timedelta(seconds=budget_seconds)
        silent: set[str] = set()
        seen: Counter[str] = Counter()
        looked = 0
        while looked < limit and self.clock() <= deadline:
            with self.database.read() as records:
                batch = records.storefronts.due(min(_BATCH, limit - looked), self.clock())
            if not batch:
                break
            for tracking in batch:
                if self.clock() > deadline:
                    break
                looked += 1
                seen[self._look(tracking, silent)] += 1
        return CheckReport(
            seen["matching"], seen["repaired"], seen["unreadable"], left_due=self.count_due()
        )

    def count_due(self) -> int:
        """Orders that `check` would look at now."""
        with self.database.read() as records:
            return records.storefronts.count_due(self.clock())

    def _look(self, tracking: OrderTracking, silent: set[str]) -> str:
        with self.database.read() as records:
            order = records.orders.find(tracking.order_id)
        differs: str | None = None
        if order is not None and tracking.store_id not in silent:
            try:
                hook = self.hook_of(tracking.store_id)
                if hook is not None and hook.read_url:
                    differs = drift(tracking.info, self.reader.shown(hook, order.number))
            except (Unreachable, Refused):
                silent.add(tracking.store_id)
        return self._conclude(tracking, differs)

    def _conclude(self, tracking: OrderTracking, differs: str | None) -> str:
        """Store what was seen, and what follows, unless the order was told of anew meanwhile."""
        now = self.clock()
        with self.database.write() as records:
            # Held, so that what is told of it meanwhile is not undone here.
            held = records.orders.hold(tracking.order_id)
            if held is None or records.storefronts.tracking(tracking.order_id) != tracking:
                return "changed"
            status = held.fulfillment_status
            if differs is None:
                check_at = next_check(status, tracking.drifts, now, readable=False)
                records.storefronts.save_tracking(replace(tracking, check_at=check_at), now)
                return "unreadable"
            drifts = tracking.drifts + 1 if differs else 0
            seen = replace(tracking, drifts=drifts, check_at=next_check(status, drifts, now))
            records.storefronts.save_tracking(seen, now)
            if differs:
                self._tell_again(records, held, seen, now)
            if drifts != tracking.drifts:
                staying = records.storefronts.drifting(tracking.store_id, TOLD_FROM)
                self.issues(records, tracking.store_id, _scope(tracking), _staying(staying), now)
        return "repaired" if differs else "matching"

    def _tell_again(
        self, records: Repositories, order: Order, tracking: OrderTracking, now: datetime
    ) -> None:
        shop = records.storefronts.shop(tracking.store_id)
        key = (str(tracking.revision), now.isoformat())
        again = storefront_event(
            EventType.TRACKING_UPDATED, order, shop, tracking, key, new_id=self.new_id, now=now
        )
        records.outbox.enqueue(again, now)


def _scope(tracking: OrderTracking) -> str:
    return f"storefront-shows:{tracking.store_id}"


def _staying(orders: int) -> list[Issue]:
    if not orders:
        return []
    return [
        Issue(
            "drift",
            Severity.MEDIUM,
            "Your storefront shows other tracking than we told it",
            "It was told again and still shows something else. See in its log how it answers the"
            " event order.tracking_updated.",
        )
    ]
