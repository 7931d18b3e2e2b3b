"""A supplier that is asked product by product: what is due, what is left, what may be missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
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
    AnswerInvalid,
    LoginRevoked,
    RateLimited,
    RateScope,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.operations.catalog import Catalog, SweepReport
from zyenta_ops.operations.items import GIVE_UP_AFTER, PAGE, Items
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import supplier, watched_product
from zyenta_ops.ports.catalog import SweepRequest
from zyenta_ops.ports.gateway import Allowance
from zyenta_ops_tests.builders import a_product, a_store
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
    limits: tuple[Allowance, ...] = (READING,)

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

    paused: datetime | None = None

    def left_today(self, allowance: Allowance) -> int | None:
        return 0 if self.paused else self.left

    def paused_until(self, allowances: Sequence[Allowance]) -> datetime | None:
        assert allowances == (READING,)
        return self.paused


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
    pauses: list[tuple[str, datetime | None]]

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
    pauses: list[tuple[str, datetime | None]] = []
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
        lambda account, until: pauses.append((account, until)),
        quota,  # type: ignore[arg-type]
        FolderStore(tmp_path / "objects"),
    )

    def source(request: SweepRequest) -> Any:
        return items.source(feed_supplier(database), request)

    catalog = Catalog(database, source, clock, new_id)
    return Shop(feed, clock, api, items, catalog, failed, quota, accounts, pauses)


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


LEFT_ALONE = (
    "the supplier asked to be left alone until 2026-11-02 12:40 UTC;"
    " `zyenta-ops supplier check my-feed` asks at once"
)


def test_a_supplier_that_wants_to_be_left_alone_is_and_the_run_says_so(shop: Shop) -> None:
    many(shop, 20)
    shop.quota.paused = until = shop.clock() + timedelta(minutes=40)

    report = shop.sweep()

    assert (shop.api.asked, report.status) == ([], SweepStatus.UNCHANGED)
    assert (report.counts.left, report.trouble, report.is_partial) == (20, LEFT_ALONE, True)
    assert shop.pauses == [("own", until)]
    assert shop.items.plan(SUPPLIER).pace.paused_until == until

    named = shop.sweep(product_refs=["p0001"])
    assert (shop.api.asked, named.counts.left, named.trouble) == ([], 1, LEFT_ALONE)


def test_a_pause_that_begins_in_the_middle_is_no_failure(shop: Shop) -> None:
    many(shop, 20)
    shop.api.ends_with = (0, RateLimited("the supplier asks for fewer requests (HTTP 429)"))
    with pytest.raises(SourceUnavailable, match="fewer requests"):
        shop.sweep()
    shop.quota.paused = shop.clock() + timedelta(minutes=40)

    report = shop.sweep()

    assert (report.trouble, shop.feed.stored()) == (LEFT_ALONE, {})


def test_an_answer_ends_a_pause_and_the_mere_end_of_its_time_does_not(shop: Shop) -> None:
    shop.accounts[0] = replace(shop.accounts[0], paused_until=shop.clock() - timedelta(minutes=1))
    shop.sweep()
    assert shop.pauses == []
    many(shop, 1)

    shop.sweep()

    assert shop.pauses == [("own", None)]


def test_what_waits_in_quarantine_waits_on_while_the_supplier_is_left_alone(jumped: Shop) -> None:
    waiting, _ = jumped.catalog.quarantined(SUPPLIER)
    jumped.quota.paused = jumped.clock() + timedelta(minutes=40)

    with pytest.raises(SourceUnavailable, match="asked to be left alone until"):
        jumped.sweep()

    assert (jumped.api.asked, jumped.catalog.quarantined(SUPPLIER)[0].id) == ([], waiting.id)


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


def test_after_a_silent_run_the_next_one_begins_with_others(shop: Shop) -> None:
    for ref in many(shop, 40)[:GIVE_UP_AFTER]:
        shop.api.answers[ref] = SupplierUnavailable("the supplier did not answer in time")
    with pytest.raises(SourceUnavailable):
        shop.sweep()
    noted = [row.failures for row in shop.watched().values()]
    assert (sum(noted), shop.feed.stored()) == (GIVE_UP_AFTER, {})

    report = shop.sweep()

    assert (report.status, len(shop.feed.stored())) == (SweepStatus.PROMOTED, 30)


@pytest.mark.parametrize(
    "fault", [AnswerInvalid("no JSON"), RequestInvalid("no number"), UnknownReference("nothing")]
)
def test_answers_that_cannot_be_used_are_no_silence(shop: Shop, fault: SupplierError) -> None:
    for ref in many(shop, 40)[:30]:
        shop.api.answers[ref] = fault

    report = shop.sweep()

    assert (len(shop.api.asked), len(shop.feed.stored())) == (40, 10)
    assert (report.status, report.counts.unanswered, report.trouble) == (
        SweepStatus.PROMOTED,
        30,
        None,
    )


def test_a_run_whose_every_answer_is_useless_says_so_and_is_no_failure(shop: Shop) -> None:
    for ref in many(shop, 3):
        shop.api.answers[ref] = AnswerInvalid("the supplier's answer is packed wrongly")

    report = shop.sweep()

    assert (report.status, report.is_partial) == (SweepStatus.UNCHANGED, True)
    assert report.trouble == (
        "the supplier answered and no answer could be used: the supplier's answer is packed wrongly"
    )
    assert {row.failures for row in shop.watched().values()} == {1}


def test_a_supplier_that_shows_a_web_page_to_everybody_is_down(shop: Shop) -> None:
    for ref in many(shop, PAGE + GIVE_UP_AFTER):
        shop.api.answers[ref] = AnswerInvalid("a web page")

    with pytest.raises(SourceUnavailable, match="answered for no product: a web page"):
        shop.sweep()

    assert (len(shop.api.asked), shop.feed.statuses()) == (PAGE, ["FAILED"])
    failed = [row.failures for row in shop.watched().values()]
    assert sum(failed) == PAGE


def test_a_page_of_useless_answers_is_the_last_one_of_its_run(shop: Shop) -> None:
    for ref in many(shop, PAGE + 20):
        shop.api.answers[ref] = RequestInvalid("a product is a number")

    report = shop.sweep()

    assert (len(shop.api.asked), report.counts.left) == (PAGE, 20)


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


@pytest.fixture
def jumped(shop: Shop) -> Shop:
    """40 of 42 products cost four times as much, and wait in quarantine."""
    refs = many(shop, 42)
    shop.sweep()
    opened(shop.feed)
    for ref in refs:
        shop.api.has(ref, offered(ref, cost=4_000))
    shop.clock.advance(hours=1)
    assert shop.sweep(product_refs=refs[:40]).status is SweepStatus.QUARANTINED
    shop.api.asked.clear()
    return shop


@pytest.mark.parametrize("request_", [{}, {"product_refs": ["p0040", "p0041"]}])
def test_what_waits_in_quarantine_is_asked_again_together_and_first(
    jumped: Shop, request_: dict[str, Any]
) -> None:
    report = jumped.sweep(**request_)

    assert report.status is SweepStatus.QUARANTINED
    assert jumped.api.asked == [f"p{number:04d}" for number in range(40)]
    assert {offer.cost_minor for offer in jumped.feed.stored().values()} == {1_000}
    record, differences = jumped.catalog.quarantined(SUPPLIER)
    assert (record.id, len(differences)) == (report.sweep_id, 20)


def test_what_was_accepted_out_of_quarantine_lets_the_others_follow(jumped: Shop) -> None:
    jumped.sweep()
    jumped.catalog.accept_quarantined(SUPPLIER)
    jumped.clock.advance(hours=1)

    report = jumped.sweep()

    assert report.status is SweepStatus.PROMOTED
    assert {offer.cost_minor for offer in jumped.feed.stored().values()} == {4_000}


def test_a_supplier_that_puts_right_what_waits_is_believed_and_goes_on(jumped: Shop) -> None:
    for ref in list(jumped.api.answers):
        jumped.api.has(ref, offered(ref, stock=4))

    report = jumped.sweep()

    assert (report.status, len(jumped.api.asked)) == (SweepStatus.PROMOTED, 42)
    assert set(jumped.feed.stocks().values()) == {4}
    with pytest.raises(NotFound, match="no catalogue of 'my-feed' waits"):
        jumped.catalog.quarantined(SUPPLIER)


@pytest.mark.parametrize("ended_by", ["silence", "quota"])
def test_half_of_what_waits_in_quarantine_replaces_nothing(jumped: Shop, ended_by: str) -> None:
    waiting, _ = jumped.catalog.quarantined(SUPPLIER)
    if ended_by == "quota":
        jumped.api.ends_with = (5, RateLimited("used up", scope=RateScope.DAY))
    else:
        for number in range(5, 40):
            jumped.api.answers[f"p{number:04d}"] = SupplierUnavailable("no answer")

    with pytest.raises(SourceUnavailable, match="5 of the 40 products that wait in quarantine"):
        jumped.sweep()

    assert jumped.catalog.quarantined(SUPPLIER)[0].id == waiting.id
    accepted = jumped.catalog.accept_quarantined(SUPPLIER)
    assert (accepted.status, accepted.counts.changed) == (SweepStatus.PROMOTED, 40)


def test_costs_do_not_move_in_portions_either(shop: Shop) -> None:
    refs = many(shop, 20)
    shop.sweep()
    opened(shop.feed)
    statuses = []
    for start in range(0, 20, 2):
        shop.clock.advance(minutes=20)
        for ref in refs[start : start + 2]:
            shop.api.has(ref, offered(ref, cost=4_000))
        statuses.append(shop.sweep(product_refs=refs[start : start + 2]))

    assert [each.status for each in statuses[:4]] == [SweepStatus.PROMOTED] * 3 + [
        SweepStatus.QUARANTINED
    ]
    assert statuses[3].reasons == (
        "8 of 20 offers read within a day at least doubled or halved in cost (more than 30 %)",
    )
    assert sorted(offer.cost_minor for offer in shop.feed.stored().values()) == (
        [1_000] * 14 + [4_000] * 6
    )


def test_a_portion_whose_costs_stand_still_passes_after_others_have_moved(shop: Shop) -> None:
    refs = many(shop, 20)
    shop.sweep()
    opened(shop.feed)
    for ref in refs[:6]:
        shop.api.has(ref, offered(ref, cost=4_000))
    shop.api.has(refs[9], offered(refs[9], stock=1))
    shop.clock.advance(minutes=20)
    shop.sweep(product_refs=refs[:6])

    assert shop.sweep(product_refs=[refs[9]]).status is SweepStatus.PROMOTED


def test_after_a_day_the_costs_that_moved_are_old_news(shop: Shop) -> None:
    refs = many(shop, 20)
    shop.sweep()
    for ref in refs[:6]:
        shop.api.has(ref, offered(ref, cost=4_000))
    shop.sweep(product_refs=refs[:6])
    shop.clock.advance(hours=25)
    shop.sweep(product_refs=refs[10:])
    for ref in refs[6:8]:
        shop.api.has(ref, offered(ref, cost=4_000))

    assert shop.sweep(product_refs=refs[6:8]).status is SweepStatus.PROMOTED


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


@pytest.mark.parametrize(
    "answer",
    [None, UnknownReference("no such product"), RequestInvalid("a product is a number")],
)
def test_a_reference_that_nobody_knows_and_no_store_sells_is_forgotten(
    shop: Shop, answer: SupplierError | None
) -> None:
    many(shop, 1)
    shop.watch("mistyped")
    if answer is not None:
        shop.api.answers["mistyped"] = answer

    shop.sweep()

    assert list(shop.watched()) == ["p0000"]


def test_what_a_store_sells_or_the_supplier_listed_is_watched_on(shop: Shop) -> None:
    many(shop, 2)
    shop.sweep()
    with shop.feed.database.write() as records:
        a_product(records.connection, "sold", store_id=a_store(records.connection))
    shop.watch("sold")
    shop.api.answers.clear()
    for _ in range(4):
        shop.clock.advance(hours=1)
        shop.sweep(product_refs=["p0000", "sold"])

    assert list(shop.watched()) == ["p0001", "sold"]


def test_a_silent_supplier_makes_nothing_forgotten(shop: Shop) -> None:
    many(shop, 1)
    shop.watch("new")
    shop.api.answers["new"] = SupplierUnavailable("the supplier did not answer in time")
    shop.sweep()
    assert sorted(shop.watched()) == ["new", "p0000"]


def test_a_sale_makes_a_product_urgent_for_two_days(shop: Shop) -> None:
    many(shop, 2)
    shop.sweep()
    opened(shop.feed)
    sold_at = shop.clock() + timedelta(days=9)
    with shop.feed.database.write() as records:
        records.watches.note_sold(SUPPLIER, ["p0001", "stranger"], sold_at)
        records.watches.note_sold(SUPPLIER, ["p0001"], sold_at - timedelta(days=1))
        watches = records.watches.every(SUPPLIER)

    assert [each.sold_at for each in watches] == [None, sold_at]
    assert [each.urgency(sold_at + timedelta(days=2)) for each in watches] == [
        Urgency.REST,
        Urgency.SOLD,
    ]
