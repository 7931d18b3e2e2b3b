"""Suppliers' own word that something changed: a hint to read it again soon, and nothing more.

What an event says is never believed; it only names products. They are due from then on, and the
next sweep asks the supplier about them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zyenta_ops.domain.inbox import Ignored, InboxEvent
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import Hint, HintKind
from zyenta_ops.ports import Database, Repositories
from zyenta_ops.ports.accounts import Named

Effect = Callable[[Repositories], str | Ignored | None]

_OF_PRODUCTS: Final = frozenset({HintKind.PRODUCT, HintKind.STOCK})


@dataclass(frozen=True)
class ProductHints:
    """Handles the events of suppliers of one kind.

    Attributes:
        read: what the body of an event says changed; raises RequestInvalid.
    """

    database: Database
    kind: SupplierKind
    read: Callable[[bytes], Sequence[Hint]]

    def prepare(self, events: Sequence[InboxEvent], deadline: datetime) -> list[Effect | Exception]:
        """Look up at once which watched products all the events name."""
        refs = [self._refs(event) for event in events]
        wanted = {ref for each in refs if not isinstance(each, Ignored) for ref in each}
        named: dict[str, list[Named]] = defaultdict(list)
        if wanted:
            with self.database.read() as records:
                for each in records.watches.named(self.kind, wanted):
                    named[each.ref].append(each)
        return [
            _leave(each) if isinstance(each, Ignored) else _hint(each, named, event.received_at)
            for event, each in zip(events, refs, strict=True)
        ]

    def _refs(self, event: InboxEvent) -> set[str] | Ignored:
        try:
            hints = self.read(event.body)
        except RequestInvalid as error:
            return Ignored(str(error))
        about = [hint for hint in hints if hint.kind in _OF_PRODUCTS]
        if not about:
            spoken = sorted({hint.kind.lower() for hint in hints})
            return Ignored(f"speaks of {' and '.join(spoken) or 'nothing'}, which is not followed")
        return {ref for hint in about for ref in hint.refs}


@dataclass(frozen=True)
class SetAside:
    """Handles events of sources that nothing is done about yet.

    Attributes:
        why: ends up as the event's note.
    """

    why: str

    def prepare(self, events: Sequence[InboxEvent], deadline: datetime) -> list[Effect | Exception]:
        """The same for each."""
        return [_leave(Ignored(self.why)) for _ in events]


def _leave(outcome: Ignored) -> Effect:
    return lambda records: outcome


def _hint(refs: Iterable[str], named: Mapping[str, Sequence[Named]], at: datetime) -> Effect:
    products: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        for each in named.get(ref, ()):
            products[each.supplier_key].add(each.product_ref)

    def note(records: Repositories) -> str | Ignored:
        if not products:
            return Ignored("names no product that is watched")
        for supplier_key in sorted(products):
            records.watches.hint(supplier_key, sorted(products[supplier_key]), at)
        number = sum(map(len, products.values()))
        return f"{number} product{'' if number == 1 else 's'} will be read again"

    return note
