"""Suppliers that are asked product by product: what to ask, and the answers as a catalogue.

A pass over such a catalogue never covers all of it. It asks for what is due, most urgent first, as
far as time and quota allow; what was not answered stays due. The sweep in `catalog` compares the
answers and takes them over, exactly as it does with a feed, except that only products the supplier
answered for can be missing an offer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
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
from zyenta_ops.domain.errors import Refused, SourceError, SourceInvalid, SourceUnavailable
from zyenta_ops.domain.items import Item, ItemFault, ItemStatus
from zyenta_ops.domain.stores import Cadence, Supplier, SweepScope
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginFailed,
    RateLimited,
    RateScope,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.operations.lookup import find_supplier
from zyenta_ops.ports import CatalogueReading, Clock, Database
from zyenta_ops.ports.catalog import Ending, SweepRequest
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
        readers: accounts that may read a supplier's catalogue, the best first, each looked at
            when it is asked for.
        open_gateway: a gateway bound to an account, closed when the block ends.
        fail: notes that the supplier refuses an account.
        pause: notes until when the supplier wants to be left alone; None = it answers again.
        keep: where answers are kept as they came.
    """

    database: Database
    clock: Clock
    readers: Callable[[str], Iterable[SupplierAccount]]
    open_gateway: Callable[[Supplier, SupplierAccount], AbstractContextManager[SupplierGateway]]
    fail: Callable[[SupplierAccount, LoginFailed], object]
    pause: Callable[[str, datetime | None], object]
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

    def held(self, supplier_key: str) -> list[str]:
        """The products that wait in quarantine: at most a page, as they were read."""
        with self.database.read() as records:
            return records.sweeps.quarantined_products(supplier_key)

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
        for account in self.readers(supplier_key):
            return account
        raise SourceInvalid(
            f"no account at '{supplier_key}' can be used; see"
            f" `zyenta-ops supplier show {supplier_key}` and connect one with"
            f" `zyenta-ops supplier connect {supplier_key}`"
        )

    def _pace(self, gateway: SupplierGateway) -> Pace:
        reading = gateway.reading
        return Pace(
            1 / reading.seconds,
            reading.per_day,
            self.limiter.left_today(reading),
            self.limiter.paused_until(gateway.limits),
        )


@dataclass
class ItemSource:
    """Satisfies `zyenta_ops.ports.CatalogueSource` for one supplier with an API.

    What to ask about is decided when it is first opened; each opening asks about the next
    `PAGE` of it, so that a run which dies or is overtaken loses that many answers at most.

    Products that wait in quarantine come first, whatever is asked for, as a page of their own:
    what was not believed of them together is not believed in smaller portions, and the catalogue
    that waits is replaced only by one that speaks of all of them.
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
            held: list[str] = []
            if self.waiting is None:
                due, self.left_out = self.items.due(gateway, self.request)
                held = self.items.held(self.supplier.key)
                self.waiting = [ref for ref in due if ref not in set(held)]
            if held:
                page = held
            else:
                page, self.waiting = self.waiting[:PAGE], self.waiting[PAGE:]
            paused_until = self.items.limiter.paused_until(gateway.limits)
            reading = _Pass(self, gateway, account, page, bool(held), paused_until)
            yield CatalogueReading(
                version=SourceVersion(),
                unchanged=False,
                entries=reading.entries(),
                complete=False,
                ending=reading.ending,
            )


@dataclass
class _Pass:
    """One pass: asks, and turns answers into entries."""

    source: ItemSource
    gateway: SupplierGateway
    account: SupplierAccount
    due: list[str]
    is_held: bool  # the products wait in quarantine
    paused_until: datetime | None  # the supplier wants to be left alone; nothing is asked
    answered: int = 0
    unheard: int = 0  # asked in silence
    unreadable: int = 0
    garbled: int = 0  # of the unreadable, what is no answer of this API
    silent: int = 0  # in a row
    last: SupplierError | None = None
    refused: LoginFailed | None = None
    stopped: bool = False
    asked: set[str] = field(default_factory=set)

    def ending(self) -> Ending:
        """How the pass ended, once its entries are read."""
        later = len(self.source.waiting or ()) + self.source.left_out
        left = len(self.due) - len(self.asked) + later
        useless = bool(self.due) and not self.answered
        return Ending(
            left=left,
            more=bool(self.source.waiting) and not self.stopped and not useless,
            trouble=self._pause() if self.paused_until and left else self._trouble(),
            failure=self._failure(),
        )

    def _failure(self) -> SourceError | None:
        if self.answered:
            return self._incomplete() if self.is_held else None
        if self.refused is not None:
            return SourceInvalid(str(self.refused))
        if self.paused_until is not None:
            return SourceUnavailable(self._pause()) if self.is_held else None
        is_down = not self.unreadable or self.garbled >= GIVE_UP_AFTER
        if self.due and is_down and self.last is not None:
            return SourceUnavailable(f"the supplier answered for no product: {self.last}")
        return None

    def _incomplete(self) -> SourceError | None:
        heard = len(self.asked) - self.unheard
        if heard == len(self.due):
            return None
        return SourceUnavailable(
            f"the supplier answered for {heard} of the {len(self.due)} products that wait in"
            " quarantine; they are judged together or not at all"
        )

    def _pause(self) -> str:
        return (
            f"the supplier asked to be left alone until {self.paused_until:%Y-%m-%d %H:%M} UTC;"
            f" `zyenta-ops supplier check {self.source.supplier.key}` asks at once"
        )

    def _trouble(self) -> str | None:
        if self.unreadable and not self.answered:
            return f"the supplier answered and no answer could be used: {self.last}"
        return None

    def entries(self) -> Iterator[Entry]:
        """The entries of every answer, until the time is up or asking on is of no use."""
        if self.paused_until is not None:
            self.stopped = True
            self._note_pause()
            return
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
            self.refused = error
            self.source.items.fail(self.account, error)
        except RateLimited as error:
            self.stopped = True
            # A quota that is used up is no fault of the supplier's; the rest waits for tomorrow.
            self.last = error if error.scope is RateScope.RATE else None
            self.paused_until = self.source.items.limiter.paused_until(self.gateway.limits)
        self._note_pause()

    def _note_pause(self) -> None:
        """Keep it with the account, where people look; only an answer ends it."""
        is_news = self.paused_until != self.account.paused_until
        if is_news and (self.paused_until is not None or self.answered):
            self.source.items.pause(self.account.id, self.paused_until)

    def _fault(self, fault: ItemFault) -> Unanswered:
        self.last = fault.error
        if _is_silence(fault.error):
            self.silent += 1
            self.unheard += 1
        else:
            self.silent = 0
            self.unreadable += 1
            self.garbled += isinstance(fault.error, AnswerInvalid)
        unknown = isinstance(fault.error, UnknownReference | RequestInvalid)
        return Unanswered(fault.product_ref, str(fault.error), unknown)

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


def _is_silence(error: SupplierError) -> bool:
    """Whether nothing came back; an answer that cannot be used is one all the same."""
    return isinstance(error, SupplierUnavailable) and not isinstance(error, AnswerInvalid)
