"""What Stripe keeps of one account: objects, events, and what is to happen later."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from zyenta_ops.sandbox.chance import digest
from zyenta_ops.sandbox.pushes import Push
from zyenta_ops.sandbox.stripe.errors import StripeError, missing

Document = dict[str, Any]

API_VERSION: Final = "2026-10-28.endive"
_PREFIXES = {
    "account": "acct_", "charge": "ch_", "checkout.session": "cs_test_", "customer": "cus_",
    "dispute": "du_", "entitlements.active_entitlement": "ent_test_",
    "entitlements.feature": "feat_test_", "event": "evt_", "invoice": "in_",
    "payment_intent": "pi_", "payment_method": "pm_", "price": "price_", "product": "prod_",
    "product_feature": "prodft_test_", "radar.early_fraud_warning": "issfr_", "refund": "re_",
    "review": "prv_", "subscription": "sub_", "webhook_endpoint": "we_",
}  # fmt: skip
# What objects of a kind do not say of themselves.
_UNSTAMPED = {
    "account": ("livemode",),
    "entitlements.active_entitlement": ("created",),
    "entitlements.feature": ("created",),
    "product_feature": ("created",),
    "refund": ("livemode",),
}


@dataclass
class Ledger:
    """One account's world. The platform is its own; a connected account has one apart.

    Attributes:
        platform: the account that this one is connected to, None for the platform itself.
        objects: by kind and id, in the order of their creation.
        notes: what Stripe knows of an object and does not show, by id.
        events: oldest first.
        deliveries: the pushes of each event.
        request: id and idempotency key of the call under way, for its events.
        lands_at: until when what the call under way creates cannot be seen yet.
    """

    account: str
    seed: str
    clock: Callable[[], datetime]
    platform: Ledger | None = None
    objects: dict[str, dict[str, Document]] = field(default_factory=dict)
    notes: dict[str, Document] = field(default_factory=dict)
    events: list[Document] = field(default_factory=list)
    deliveries: dict[str, list[Push]] = field(default_factory=dict)
    request: Document = field(default_factory=lambda: {"id": None, "idempotency_key": None})
    lands_at: datetime | None = None
    _hidden: dict[str, datetime] = field(default_factory=dict)
    _agenda: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _pinned: datetime | None = None

    @property
    def now(self) -> datetime:
        """The time: that of the sandbox, or of what is being made up for."""
        return self._pinned or self.clock()

    @property
    def seconds(self) -> int:
        """The time in seconds, as Stripe writes it."""
        return int(self.now.timestamp())

    def new_id(self, prefix: str) -> str:
        """An id that was not given before."""
        self._counts[prefix] += 1
        return prefix + digest(self.seed, self.account, prefix, self._counts[prefix])[:24]

    def add(self, kind: str, fields: Document, name: str = "") -> Document:
        """Create an object; a name stands for an id of its own making."""
        stamps: Document = {"created": self.seconds, "livemode": False}
        for unsaid in _UNSTAMPED.get(kind, ()):
            del stamps[unsaid]
        made = {"id": name or self.new_id(_PREFIXES[kind]), "object": kind, **stamps, **fields}
        self.objects.setdefault(kind, {})[made["id"]] = made
        self._hide(made["id"])
        return made

    def get(self, kind: str, name: str, param: str = "id") -> Document:
        """An object that can be seen.

        Raises:
            StripeError: there is none of that name; `param` says who named it.
        """
        found = self.objects.get(kind, {}).get(name)
        if found is None or not self.visible(found):
            raise missing(kind, name, param)
        return found

    def find(self, name: str) -> Document | None:
        """An object of any kind."""
        return next((kind[name] for kind in self.objects.values() if name in kind), None)

    def all(self, kind: str) -> list[Document]:
        """The objects of a kind that can be seen, newest first."""
        found = reversed(self.objects.get(kind, {}).values())
        return [document for document in found if self.visible(document)]

    def visible(self, document: Document) -> bool:
        """Whether look-ups show it by now."""
        return document["id"] not in self._hidden or self._hidden[document["id"]] <= self.now

    def shown_from(self, name: str) -> datetime:
        """When an object or event can be seen, now at the earliest."""
        return max(self.now, self._hidden.get(name, self.now))

    def emit(self, kind: str, document: Document, before: Document | None = None) -> Document:
        """Note that something has happened to an object, as the object is now.

        Args:
            kind: type of the event.
            document: the object.
            before: what the changed fields were before the change.
        """
        data = {"object": deepcopy(document)}
        if before is not None:
            data["previous_attributes"] = deepcopy(before)
        event: Document = {
            "id": self.new_id(_PREFIXES["event"]),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.seconds,
            "data": data,
            "livemode": False,
            "request": dict(self.request),
            "type": kind,
        }
        if self.platform is not None:
            event["account"] = self.account
        self.events.append(event)
        self._hide(event["id"])
        return event

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """Take back what was created when the request turns out to be none."""
        created = {kind: len(documents) for kind, documents in self.objects.items()}
        told = len(self.events)
        try:
            yield
        except StripeError as error:
            if not error.executed:
                for kind, documents in self.objects.items():
                    for name in list(documents)[created.get(kind, 0) :]:
                        del documents[name]
                del self.events[told:]
            raise

    def later(self, delay: timedelta, action: Callable[[], object]) -> None:
        """Let something happen after a while."""
        self._counts["agenda"] += 1
        heapq.heappush(self._agenda, (self.now + delay, self._counts["agenda"], action))

    def catch_up(self) -> None:
        """Let happen what is due by now, each at its own time."""
        try:
            while self._agenda and self._agenda[0][0] <= self.clock():
                self._pinned, _, action = heapq.heappop(self._agenda)
                action()
        finally:
            self._pinned = None

    def _hide(self, name: str) -> None:
        if self.lands_at is not None:
            self._hidden[name] = self.lands_at


def change(document: Document, **fields: Any) -> Document:
    """Set fields of an object; what those were that differ."""
    before = {name: document.get(name) for name in fields if document.get(name) != fields[name]}
    document.update(fields)
    return before
