"""A supplier that is asked product by product: what is due, what is left, what may be missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from zyenta_ops.adapters.storage import name_of
from zyenta_ops.adapters.storage.folder import FolderStore
from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.catalog import Market, Offer
from zyenta_ops.domain.dueness import Urgency
from zyenta_ops.domain.errors import NotFound, Refused, SourceInvalid, SourceUnavailable
from zyenta_ops.domain.items import Item, ItemAnswer, ItemFault, ItemStatus, ItemVariant
from zyenta_ops.domain.stores import Cadence, Supplier, SweepScope
from zyenta_ops.domain.supplier_errors import (
    LoginRevoked,
    RateLimited,
    RateScope,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.operations.catalog import Catalog, SweepReport
from zyenta_ops.operations.items import GIVE_UP_AFTER, PAGE, Items
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import supplier, watched_product
from zyenta_ops.ports.catalog import SweepRequest
from zyenta_ops.ports.gateway import Allowance
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.sweeping import SUPPLIER, Feed, offered, opened

READING = Allowance("cj:user:own", 1.0)


@dataclass
class ApiSupplier:
    """A supplier with an API, and the gateway that asks it; only catalogue calls are made here.

    An answer that is an error stands for the product not being answered; `ends_with` is raised
    when that many products were asked about.
    """

    clock: FixedClock
    answers: dict[str, Item | SupplierError] = field(default_factory=dict)
    reading: Allowance = READING
    ends_with: tuple[int, SupplierError] | None = None
    asked: list[str] = field(default_factory=list)
    seconds_each: float = 0

    def has(self, ref: str, *offers: Offer, **item: Any) -> None:
        variants = tuple(ItemVariant(each) for each in offers or (offered(ref),))
        self.answers[ref] = Item(ref, **{"status": ItemStatus.ON_SALE, "variants": variants} | item)

    def fetch_items(self, refs: Sequence[str], market: Market) -> Iterator[ItemAnswer]:
        assert market == Market("US", "USD")
        for number, ref in enumerate(refs):
            if self.ends_with and number == self.ends_with[0]:
                raise self.ends_with[1]
            self.asked.append(ref)
            self.clock.advance(seconds=self.seconds_each)
            answer = self.answers.get(ref) or Item(ref, ItemStatus.NOT_FOUND)
            yield ItemFault(ref, answer) if isinstance(answer, SupplierError) else answer


@dataclass
class Quota:
    """A limiter that counts nothing and knows what is left."""

    left: int | None = None

    def left_today(self, allowance: Allowance) -> int | None:
        return self.left


@dataclass
class Shop:
    """The supplier `my-feed`, asked through an API."""

    feed: Feed
    clock: FixedClock
    api: ApiSupplier
    items: Items
    catalog: Catalog
    failed: list[str]
    quota: Quota
    accounts: list[SupplierAccount]

    def watch(self, *refs: str) -> int:
        return self.items.watch(SUPPLIER, refs)

    def sweep(self, **request: Any) -> SweepReport:
        return self.catalog.sweep(SUPPLIER, **request)

    def watched(self) -> dict[str, Any]:
        with self.feed.database.read() as records:
            rows = records.connection.execute(select(watched_product)).all()
        return {row.product_ref: row for row in rows}


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds, tmp_path: Any) -> Shop:
    feed = Feed(database, clock, new_id)
    with database.write() as records:
        records.connection.execute(update(supplier).values(kind="PRINTFUL", config={}))
    api, failed, quota = ApiSupplier(clock), list[str](), Quota()
    accounts = [
        SupplierAccount("own", SUPPLIER, None, "CJ1", AccountStatus.ACTIVE, clock()),
    ]

    @contextmanager
    def open_gateway(_: Supplier, account: SupplierAccount) -> Iterator[Any]:
        yield api

    items = Items(
        database,
        clock,
        lambda _: tuple(accounts),
        open_gateway,
        lambda account, error: failed.append(account.id),
        quota,  # type: ignore[arg-type]
        FolderStore(tmp_path / "objects"),
    )

    def source(request: SweepRequest) -> Any:
        return items.source(feed_supplier(database), request)

    catalog = Catalog(database, source, clock, new_id)
    return Shop(feed, clock, api, items, catalog, failed, quota, accounts)


def feed_supplier(database: Database) -> Supplier:
    with database.read() as records:
        found = records.suppliers.find(SUPPLIER)
    assert found is not None
    return found


def many(shop: Shop, count: int) -> list[str]:
    refs = [f"p{number:04d}" for number in range(count)]
    for ref in refs:
        shop.api.has(ref)
    shop.watch(*refs)
    return refs


def test_what_is_watched_is_asked_once_and_becomes_offers(shop: Shop) -> None:
    shop.api.has("shirt", offered("shirt", "m"), offered("shirt", "l", stock=None))
    shop.api.has("mug", offered("mug", "one", stock=0))
    assert shop.watch("shirt", "mug", "shirt") == 2
    assert shop.watch("mug") == 0

    report = shop.sweep()

    assert shop.feed.stocks() == {"shirt/m": 5, "shirt/l": None, "mug/one": 0}
    assert (report.status, report.counts.asked, report.is_partial) == (
        SweepStatus.PROMOTED,
        2,
        False,
    )
    assert sorted(shop.api.asked) == ["mug", "shirt"]


def test_a_product_sold_by_many_stores_is_asked_about_once(shop: Shop) -> None:
    many(shop, 3)
    shop.sweep()
    for number in range(20):
        opened(shop.feed, f"store-{number}")
    shop.clock.advance(hours=1)
    shop.api.asked.clear()

    shop.sweep(scope=SweepScope(cadence=Cadence.STANDARD))

    assert sorted(shop.api.asked) == ["p0000", "p0001", "p0002"]


def test_what_is_not_due_is_not_asked_about_and_nothing_of_it_is_missing(shop: Shop) -> None:
    many(shop, 12)
    shop.sweep()
    opened(shop.feed)
    shop.api.asked.clear()

    report = shop.sweep()

    assert shop.api.asked == []
    assert report.status is SweepStatus.UNCHANGED
    assert {offer.miss_count for offer in shop.feed.stored().values()} == {0}


def test_only_the_variants_of_an_answered_product_can_be_missing(shop: Shop) -> None:
    shop.api.has("shirt", offered("shirt", "m"), offered("shirt", "l"))
    shop.api.has("mug", offered("mug", "one"))
    shop.watch("shirt", "mug")
    shop.sweep()
    shop.api.has("shirt", offered("shirt", "m"))
    shop.api.answers["mug"] = SupplierUnavailable("HTTP 503")

    report = shop.sweep(product_refs=["shirt", "mug"])

    misses = {ref: offer.miss_count for ref, offer in shop.feed.stored().items()}
    assert misses == {"shirt/m": 0, "shirt/l": 1, "mug/one": 0}
    assert (report.counts.missing, report.counts.unanswered) == (1, 1)
    assert [(each.reference, each.reason) for each in report.rejections] == [("mug", "HTTP 503")]


def test_a_variant_that_was_not_understood_is_not_missing(shop: Shop) -> None:
    shop.api.has("shirt", offered("shirt", "m"), offered("shirt", "l"))
    shop.watch("shirt")
    shop.sweep()
    shop.api.has("shirt", offered("shirt", "m"), faults=("variant l costs 'free'",))

    report = shop.sweep(product_refs=["shirt"])

    assert {offer.miss_count for offer in shop.feed.stored().values()} == {0}
    assert [each.reason for each in report.rejections] == ["variant l costs 'free'"]


def test_a_product_the_supplier_does_not_know_goes_after_as_many_misses_as_elsewhere(
    shop: Shop,
) -> None:
    many(shop, 1)
    shop.sweep()
    shop.api.answers.clear()

    listings = []
    for _ in range(3):
        shop.clock.advance(hours=1)
        shop.sweep(product_refs=["p0000"])
        listings.append([offer.listing for offer in shop.feed.stored().values()])

    assert listings == [["LISTED"], ["LISTED"], ["DELISTED"]]


def test_a_product_off_sale_is_listed_and_cannot_be_bought(shop: Shop) -> None:
    shop.api.has("shirt", status=ItemStatus.OFF_SALE)
    shop.watch("shirt")
    shop.sweep()

    (stored,) = shop.feed.stored().values()
    assert (stored.saleable, stored.listing, stored.stock) == (False, "LISTED", 5)


def test_an_unanswered_product_stays_due_and_is_not_asked_again_at_once(shop: Shop) -> None:
    many(shop, 2)
    shop.api.answers["p0001"] = SupplierUnavailable("the supplier did not answer in time")
    report = shop.sweep()
    shop.api.asked.clear()
    shop.sweep()
    assert (report.is_partial, shop.api.asked) == (True, [])
    failed = shop.watched()["p0001"]
    assert (failed.failures, failed.read_at) == (1, None)
    assert failed.error == "the supplier did not answer in time"

    shop.api.has("p0001")
    shop.clock.advance(minutes=5)
    shop.sweep()

    assert shop.api.asked == ["p0001"]
    well = shop.watched()["p0001"]
    assert (well.failures, well.error, well.read_at) == (0, None, shop.clock())


def test_a_long_catalogue_is_taken_over_page_by_page(shop: Shop) -> None:
    many(shop, 2 * PAGE + 1)

    report = shop.sweep(scope=SweepScope(budget_seconds=100_000))

    assert shop.feed.statuses() == ["PROMOTED"] * 3
    assert (report.counts.new, report.counts.asked, report.counts.left) == (401, 401, 0)
    assert len(shop.feed.stored()) == 401


def test_the_time_budget_ends_a_sweep_and_what_it_got_is_in_force(shop: Shop) -> None:
    many(shop, 50)
    shop.api.seconds_each = 10

    report = shop.sweep(scope=SweepScope(budget_seconds=95))

    assert len(shop.feed.stored()) == 10
    assert (report.counts.asked, report.counts.left) == (10, 40)
    assert (report.status, report.is_partial) == (SweepStatus.PROMOTED, True)


def test_a_quota_is_shared_with_the_runs_that_come_after(shop: Shop) -> None:
    many(shop, 50)
    shop.api.reading = Allowance("cj:user:own", 1.0, per_day=1_000)
    shop.quota.left = 120  # the clock shows noon: twelve hourly runs are left

    report = shop.sweep(scope=SweepScope(cadence=Cadence.STANDARD))

    assert (len(shop.api.asked), report.counts.left) == (10, 40)


def test_a_quota_that_ends_in_the_middle_is_no_failure(shop: Shop) -> None:
    many(shop, 20)
    used_up = RateLimited("the day's quota is used up", scope=RateScope.DAY)
    shop.api.ends_with = (7, used_up)

    report = shop.sweep()

    assert (len(shop.feed.stored()), report.counts.left) == (7, 13)
    shop.api.ends_with = (0, used_up)
    again = shop.sweep()
    assert (again.status, again.counts.left) == (SweepStatus.UNCHANGED, 13)


def test_an_account_that_is_refused_is_noted_and_what_came_before_is_in_force(
    shop: Shop,
) -> None:
    many(shop, 9)
    shop.api.ends_with = (4, LoginRevoked("the supplier no longer accepts the account"))

    report = shop.sweep()

    assert (len(shop.feed.stored()), report.counts.left, shop.failed) == (4, 5, ["own"])
    shop.api.ends_with = (0, LoginRevoked("the supplier no longer accepts the account"))
    with pytest.raises(SourceInvalid, match="no longer accepts the account"):
        shop.sweep()
    assert shop.feed.statuses()[-1] == "FAILED"


def test_without_an_account_nothing_is_asked_and_the_text_says_what_to_do(shop: Shop) -> None:
    many(shop, 1)
    shop.accounts.clear()

    with pytest.raises(SourceInvalid, match="connect one with `zyenta-ops supplier connect my-"):
        shop.sweep()

    assert (shop.api.asked, shop.feed.stored()) == ([], {})


def test_a_supplier_that_is_down_is_not_asked_about_everything(shop: Shop) -> None:
    for ref in many(shop, 40):
        shop.api.answers[ref] = SupplierUnavailable("the supplier cannot be reached")

    with pytest.raises(SourceUnavailable, match="answered for no product: the supplier cannot be"):
        shop.sweep()

    assert len(shop.api.asked) == GIVE_UP_AFTER
    assert shop.feed.statuses() == ["FAILED"]


def test_a_supplier_that_goes_down_keeps_what_it_answered(shop: Shop) -> None:
    refs = many(shop, PAGE + 40)
    for ref in refs[PAGE:]:
        shop.api.answers[ref] = SupplierUnavailable("the supplier cannot be reached")

    report = shop.sweep()

    assert len(shop.feed.stored()) == PAGE
    assert report.status is SweepStatus.PROMOTED
    assert report.trouble == (
        "the supplier answered for no product: the supplier cannot be reached"
    )
    assert report.is_partial


def test_a_page_that_cannot_be_believed_waits_and_ends_the_sweep(shop: Shop) -> None:
    refs = many(shop, PAGE + 20)
    shop.sweep()
    opened(shop.feed)
    for ref in refs[:PAGE]:
        shop.api.has(ref, offered(ref, stock=0))
    shop.clock.advance(hours=1)
    shop.api.asked.clear()

    report = shop.sweep()

    assert report.status is SweepStatus.QUARANTINED
    assert report.reasons == (f"{PAGE} of {PAGE} offers went to zero or off sale (more than 30 %)",)
    assert set(shop.feed.stocks().values()) == {5}
    assert len(shop.api.asked) == PAGE
    accepted = shop.catalog.accept_quarantined(SUPPLIER)
    assert accepted.status is SweepStatus.PROMOTED
    assert sorted(shop.feed.stocks().values()) == [0] * PAGE + [5] * 20  # type: ignore[type-var]


def test_changed_products_are_remembered_as_changed(shop: Shop) -> None:
    many(shop, 2)
    shop.sweep()
    shop.clock.advance(days=3)
    shop.api.has("p0001", offered("p0001", cost=900))

    shop.sweep(product_refs=["p0000", "p0001"])

    changed = {ref: row.changed_at == shop.clock() for ref, row in shop.watched().items()}
    assert changed == {"p0000": False, "p0001": True}


def test_answers_are_kept_as_they_came_once_each(shop: Shop, tmp_path: Any) -> None:
    shop.api.has("shirt", raw=b'{"pid": "shirt"}')
    shop.watch("shirt")
    shop.sweep()
    shop.sweep(product_refs=["shirt"])

    name = name_of(b'{"pid": "shirt"}')
    assert shop.items.keep.get(name) == b'{"pid": "shirt"}'
    assert shop.watched()["shirt"].raw == name
    assert len(list((tmp_path / "objects").rglob("*.gz"))) == 1


def test_a_feed_is_not_watched_and_a_stranger_is_not_known(shop: Shop) -> None:
    with shop.feed.database.write() as records:
        records.connection.execute(update(supplier).values(kind="FEED"))
    for act in (lambda: shop.watch("shirt"), lambda: shop.items.plan(SUPPLIER)):
        with pytest.raises(Refused, match="read whole"):
            act()
    with pytest.raises(NotFound, match="'stranger'"):
        shop.items.watch("stranger", ["shirt"])
    assert shop.watched() == {}


def test_a_plan_says_what_can_be_expected(shop: Shop) -> None:
    many(shop, 30)
    shop.api.reading = Allowance("cj:user:own", 2.0, per_day=100)
    shop.quota.left = 60

    planned = shop.items.plan(SUPPLIER)

    assert (planned.watched, planned.next_run) == (30, 5)
    assert (planned.pace.per_second, planned.pace.per_day, planned.pace.left_today) == (
        0.5,
        100,
        60,
    )
    (unsold,) = planned.projections
    assert (unsold.urgency, unsold.products, unsold.due) == (Urgency.UNSOLD, 30, 30)
    assert planned.due == 30
    assert planned.reached_within == unsold.expected


def test_a_plan_says_when_what_is_due_is_never_reached(shop: Shop) -> None:
    many(shop, 3)
    shop.api.reading = Allowance("cj:user:own", 2.0, per_day=0)
    shop.quota.left = 0

    planned = shop.items.plan(SUPPLIER)

    assert (planned.due, planned.reached_within) == (3, None)


def test_a_plan_of_products_that_were_just_read_waits_for_nothing(shop: Shop) -> None:
    many(shop, 3)
    shop.sweep()

    planned = shop.items.plan(SUPPLIER)

    assert (planned.due, planned.reached_within) == (0, timedelta(0))


@pytest.mark.parametrize("moved", ["paid", "paused"])
def test_urgency_follows_what_stores_do(shop: Shop, moved: str) -> None:
    many(shop, 1)
    shop.sweep()
    opened(shop.feed)
    change: dict[str, Callable[[], None]] = {
        "paid": lambda: _set("product_variant", reserved_units=2),
        "paused": lambda: _set("store", status="PAUSED"),
    }

    def _set(table: str, **values: Any) -> None:
        from zyenta_ops.persistence import schema

        with shop.feed.database.write() as records:
            records.connection.execute(update(getattr(schema, table)).values(**values))

    change[moved]()
    with shop.feed.database.read() as records:
        (watch,) = records.watches.every(SUPPLIER)

    expected = {"paid": Urgency.PENDING, "paused": Urgency.UNSOLD}
    assert watch.urgency(shop.clock() + timedelta(days=9)) is expected[moved]
