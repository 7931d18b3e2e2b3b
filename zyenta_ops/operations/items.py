"""Suppliers that are asked product by product: what to ask, and the answers as a catalogue.

A pass over such a catalogue never covers all of it. It asks for what is due, most urgent first, as
far as time and quota allow; what was not answered stays due. The sweep in `catalog` compares the
answers and takes them over, exactly as it does with a feed, except that only products the supplier
answered for can be missing an offer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.catalog import Answered, Entry, Market, SourceVersion, Unanswered
from zyenta_ops.domain.dueness import (
    Pace,
    Projection,
    allotment,
    plan,
    project,
)
from zyenta_ops.domain.errors import Refused, SourceInvalid, SourceUnavailable
from zyenta_ops.domain.items import Item, ItemFault, ItemStatus
from zyenta_ops.domain.stores import Cadence, Supplier, SweepScope
from zyenta_ops.domain.supplier_errors import LoginFailed, RateLimited, RateScope, SupplierError
from zyenta_ops.operations.lookup import find_supplier
from zyenta_ops.ports import CatalogueReading, Clock, Database
from zyenta_ops.ports.catalog import SweepRequest
from zyenta_ops.ports.gateway import RateLimiter, SupplierGateway
from zyenta_ops.ports.storage import ObjectStore

# After so many products in a row without an answer the supplier is taken to be down.
GIVE_UP_AFTER: Final = 10
PAGE: Final = 200
_WATCH_PAGE: Final = 1_000


@dataclass(frozen=True)
class FreshnessPlan:
    """How fresh a supplier's products can be kept, and with what."""

    supplier_key: str
    watched: int
    pace: Pace
    projections: tuple[Projection, ...]
    next_run: int  # products that a run begun now would ask about

    @property
    def due(self) -> int:
        """Products that are due now."""
        return sum(each.due for each in self.projections)

    @property
    def reached_within(self) -> timedelta | None:
        """How long the last of what is due waits at most; None = some of it is never reached."""
        waits = [each.expected for each in self.projections if each.due]
        known = [each for each in waits if each is not None]
        return max(known, default=timedelta(0)) if len(known) == len(waits) else None


@dataclass(frozen=True)
class Items:
    """Suppliers with an API, as sources of offers.

    Attributes:
        readers: accounts that may read a supplier's catalogue, the best first.
        open_gateway: a gateway bound to an account, closed when the block ends.
        fail: notes that the supplier refuses an account.
        keep: where answers are kept as they came.
    """

    database: Database
    clock: Clock
    readers: Callable[[str], tuple[SupplierAccount, ...]]
    open_gateway: Callable[[Supplier, SupplierAccount], AbstractContextManager[SupplierGateway]]
    fail: Callable[[SupplierAccount, LoginFailed], object]
    limiter: RateLimiter
    keep: ObjectStore

    def watch(self, supplier_key: str, product_refs: Sequence[str]) -> int:
        """Ask about these products from now on; how many are new.

        Raises:
            NotFound: no supplier has this key.
            Refused: it is a feed, which is read whole.
        """
        with self.database.read() as records:
            if not find_supplier(records, supplier_key).kind.has_api:
                raise Refused(f"'{supplier_key}' is a feed and is read whole; nothing to watch")
        added = 0
        for start in range(0, len(product_refs), _WATCH_PAGE):
            with self.database.write() as records:
                page = product_refs[start : start + _WATCH_PAGE]
                added += records.watches.add(supplier_key, page, self.clock())
        return added

    def plan(self, supplier_key: str, cadence: Cadence = Cadence.STANDARD) -> FreshnessPlan:
        """What can be expected of a supplier with its catalogue, quota and cadence.

        Raises:
            NotFound: no supplier has this key.
            Refused: it is a feed, or no account can read it.
        """
        with self.database.read() as records:
            supplier = find_supplier(records, supplier_key)
            watches = records.watches.every(supplier_key)
        if not supplier.kind.has_api:
            raise Refused(f"'{supplier_key}' is a feed: it is read whole in every run")
        account = self.reader(supplier_key)
        with self.open_gateway(supplier, account) as gateway:
            pace = self._pace(gateway)
        now = self.clock()
        counts = Counter(each.urgency(now) for each in watches)
        due = Counter(each.urgency(now) for each in watches if each.is_due(cadence, now))
        seconds = SweepScope(cadence=cadence).budget_seconds
        most = allotment(pace, cadence, seconds, now)
        return FreshnessPlan(
            supplier_key,
            len(watches),
            pace,
            project(counts, pace, due=due),
            len(plan(watches, cadence, most, now)),
        )

    def source(self, supplier: Supplier, request: SweepRequest) -> ItemSource:
        """Passes over what is due, or over the products that the request names."""
        return ItemSource(self, supplier, request)

    def due(self, gateway: SupplierGateway, request: SweepRequest) -> tuple[list[str], int]:
        """What to ask about, in order, and how many due products that leaves out."""
        if request.product_refs is not None:
            return list(dict.fromkeys(request.product_refs)), 0
        now = self.clock()
        with self.database.read() as records:
            watches = records.watches.every(request.supplier_key)
        cadence = request.scope.cadence or Cadence.STANDARD
        seconds = (request.deadline - now) / timedelta(seconds=1)
        most = allotment(self._pace(gateway), cadence, seconds, now)
        chosen = plan(watches, cadence, most, now)
        return chosen, sum(each.is_due(cadence, now) for each in watches) - len(chosen)

    def reader(self, supplier_key: str) -> SupplierAccount:
        """The account that reads a supplier's catalogue.

        Raises:
            SourceInvalid: none can be used; somebody must connect one.
        """
        healthy = self.readers(supplier_key)
        if not healthy:
            raise SourceInvalid(
                f"no account at '{supplier_key}' can be used; see"
                f" `zyenta-ops supplier show {supplier_key}` and connect one with"
                f" `zyenta-ops supplier connect {supplier_key}`"
            )
        return healthy[0]

    def _pace(self, gateway: SupplierGateway) -> Pace:
        reading = gateway.reading
        return Pace(1 / reading.seconds, reading.per_day, self.limiter.left_today(reading))


@dataclass
class ItemSource:
    """Satisfies `zyenta_ops.ports.CatalogueSource` for one supplier with an API.

    What to ask about is decided when it is first opened; each opening asks about the next
    `PAGE` of it, so that a run which dies or is overtaken loses that many answers at most.
    """

    items: Items
    supplier: Supplier
    request: SweepRequest
    waiting: list[str] | None = None
    left_out: int = 0

    @contextmanager
    def open(self, known: SourceVersion | None) -> Iterator[CatalogueReading]:
        """Open a pass. There is no version of such a catalogue that could be unchanged."""
        account = self.items.reader(self.supplier.key)
        with self.items.open_gateway(self.supplier, account) as gateway:
            if self.waiting is None:
                self.waiting, self.left_out = self.items.due(gateway, self.request)
            page, self.waiting = self.waiting[:PAGE], self.waiting[PAGE:]
            reading = _Pass(self, gateway, account, page)
            yield CatalogueReading(
                version=SourceVersion(),
                unchanged=False,
                entries=reading.entries(),
                complete=False,
                left=reading.left,
                more=reading.more,
            )


@dataclass
class _Pass:
    """One pass: asks, and turns answers into entries."""

    source: ItemSource
    gateway: SupplierGateway
    account: SupplierAccount
    due: list[str]
    answered: int = 0
    silent: int = 0  # in a row
    last: SupplierError | None = None
    stopped: bool = False
    asked: set[str] = field(default_factory=set)

    def left(self) -> int:
        """Due products that were not asked about."""
        later = len(self.source.waiting or ()) + self.source.left_out
        return len(self.due) - len(self.asked) + later

    def more(self) -> bool:
        """Whether it is of use to go on."""
        return bool(self.source.waiting) and not self.stopped

    def entries(self) -> Iterator[Entry]:
        """The entries of every answer, until the time is up or asking on is of no use.

        Raises:
            SourceInvalid: the supplier refuses the account, and nothing was answered.
            SourceUnavailable: nothing at all was answered.
        """
        market = Market(self.source.supplier.country, self.source.supplier.currency)
        try:
            for answer in self.gateway.fetch_items(self.due, market):
                self.asked.add(answer.product_ref)
                if isinstance(answer, ItemFault):
                    yield self._fault(answer)
                else:
                    yield from self._answer(answer)
                if self._should_stop():
                    self.stopped = True
                    break
        except LoginFailed as error:
            self.stopped = True
            self.source.items.fail(self.account, error)
            if not self.answered:
                raise SourceInvalid(str(error)) from error
        except RateLimited as error:
            self.stopped = True
            # A quota that is used up is no fault of the supplier's; the rest waits for tomorrow.
            self.last = error if error.scope is RateScope.RATE else None
        if self.due and not self.answered and self.last is not None:
            raise SourceUnavailable(f"the supplier answered for no product: {self.last}")

    def _fault(self, fault: ItemFault) -> Unanswered:
        self.silent += 1
        self.last = fault.error
        return Unanswered(fault.product_ref, str(fault.error))

    def _answer(self, item: Item) -> Iterator[Entry]:
        self.answered += 1
        self.silent = 0
        for variant in item.variants:
            offer = variant.offer
            if item.status is not ItemStatus.ON_SALE:
                offer = replace(offer, saleable=False)
            yield offer
        raw = self.source.items.keep.put(item.raw) if item.raw else None
        yield Answered(item.product_ref, item.status is not ItemStatus.NOT_FOUND, raw, item.faults)

    def _should_stop(self) -> bool:
        late = self.source.items.clock() >= self.source.request.deadline
        return late or self.silent >= GIVE_UP_AFTER
