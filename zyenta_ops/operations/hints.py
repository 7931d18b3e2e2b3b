"""Others' own word that something changed: a hint to read it again soon, and nothing more.

What an event says is never believed; it only names products, orders and parcels. They are due from
then on, and whoever reads them next asks the supplier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zyenta_ops.domain.inbox import Ignored, InboxEvent
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import Hint, HintKind
from zyenta_ops.ports import Clock, Database, Repositories
from zyenta_ops.ports.accounts import Named

Effect = Callable[[Repositories], str | Ignored | None]

_OF_PRODUCTS: Final = frozenset({HintKind.PRODUCT, HintKind.STOCK})
_OF_ORDERS: Final = frozenset({HintKind.ORDER, HintKind.PARCEL})


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What an event names."""

    products: frozenset[str]
    orders: frozenset[str]


@dataclass(frozen=True)
class SupplierHints:
    """Handles the events of suppliers of one kind.

    Attributes:
        read: what the body of an event says changed; raises RequestInvalid.
    """

    database: Database
    kind: SupplierKind
    read: Callable[[bytes], Sequence[Hint]]
    clock: Clock

    def prepare(self, events: Sequence[InboxEvent], deadline: datetime) -> list[Effect | Exception]:
        """Look up at once which watched products all the events name."""
        spoken = [self._spoken(event) for event in events]
        wanted = {ref for each in spoken if not isinstance(each, Ignored) for ref in each.products}
        named: dict[str, list[Named]] = defaultdict(list)
        if wanted:
            with self.database.read() as records:
                for each in records.watches.named(self.kind, wanted):
                    named[each.ref].append(each)
        return [
            _leave(each)
            if isinstance(each, Ignored)
            else self._hint(each, named, event.received_at)
            for event, each in zip(events, spoken, strict=True)
        ]

    def _spoken(self, event: InboxEvent) -> _Spoken | Ignored:
        try:
            hints = self.read(event.body)
        except RequestInvalid as error:
            return Ignored(str(error))
        if not any(hint.kind in _OF_PRODUCTS | _OF_ORDERS for hint in hints):
            spoken = sorted({hint.kind.lower() for hint in hints})
            return Ignored(f"speaks of {' and '.join(spoken) or 'nothing'}, which is not followed")
        return _Spoken(_refs(hints, _OF_PRODUCTS), _refs(hints, _OF_ORDERS))

    def _hint(self, spoken: _Spoken, named: Mapping[str, Sequence[Named]], at: datetime) -> Effect:
        products: dict[str, set[str]] = defaultdict(set)
        for ref in spoken.products:
            for each in named.get(ref, ()):
                products[each.supplier_key].add(each.product_ref)

        def note(records: Repositories) -> str | Ignored:
            for supplier_key in sorted(products):
                records.watches.hint(supplier_key, sorted(products[supplier_key]), at)
            number = sum(map(len, products.values()))
            woken = 0
            if spoken.orders:
                woken = records.fulfillment.wake_named(self.kind, spoken.orders, self.clock())
            said = [_said(number, "product")] if number else []
            said += [_said(woken, "supplier order")] if woken else []
            if said:
                return f"{' and '.join(said)} will be read again"
            return Ignored("names nothing that is watched or on its way")

        return note


@dataclass(frozen=True)
class ParcelHints:
    """Handles the events of services that follow parcels.

    Attributes:
        read: the numbers of the parcels that the body of an event speaks of.
    """

    read: Callable[[bytes], Collection[str]]
    clock: Clock

    def prepare(self, events: Sequence[InboxEvent], deadline: datetime) -> list[Effect | Exception]:
        """What each event names."""
        return [self._hint(self.read(event.body)) for event in events]

    def _hint(self, numbers: Collection[str]) -> Effect:
        def note(records: Repositories) -> str | Ignored:
            woken = records.fulfillment.wake_parcels(numbers, self.clock()) if numbers else 0
            if woken:
                return f"{_said(woken, 'supplier order')} will be read again"
            return Ignored("names no parcel that is followed")

        return note


def _refs(hints: Iterable[Hint], kinds: frozenset[HintKind]) -> frozenset[str]:
    return frozenset(ref for hint in hints if hint.kind in kinds for ref in hint.refs)


def _said(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _leave(outcome: Ignored) -> Effect:
    return lambda records: outcome
