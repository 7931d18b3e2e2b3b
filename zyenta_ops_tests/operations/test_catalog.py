from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from zyenta_ops.domain.catalog import Offer, Rejection
from zyenta_ops.domain.errors import NotFound, Paused, SourceError, SourceInvalid, SourceUnavailable
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.sweeps import MissRule, SweepCounts, SweepStatus
from zyenta_ops.operations.catalog import SweepReport
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import supplier
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.sweeping import (
    CHUNK,
    SUPPLIER,
    Feed,
    HookedCatalogue,
    Stored,
    offered,
    opened,
    range_of,
    statuses,
)


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


def out_of_stock(offers: list[Offer]) -> list[Offer]:
    return [replace(offer, stock=0) for offer in offers]


def test_a_first_sweep_makes_the_catalogue_the_offers_in_force(feed: Feed) -> None:
    report = feed.offers(offered("shirt", stock=3), offered("hat", cost=250, saleable=False))

    assert report.status is SweepStatus.PROMOTED
    assert report.counts == SweepCounts(entries=2, offers=2, new=2)
    assert feed.stored() == {
        "shirt/m": Stored(3, 1_000, True, "LISTED", 0),
        "hat/m": Stored(5, 250, False, "LISTED", 0),
    }


def test_every_field_of_an_offer_reaches_the_database(feed: Feed) -> None:
    offer = offered("shirt", sku="S-1", attributes=(("Size", "M"),), images=("https://i.test/1",))
    feed.offers(offer)
    # What was stored is compared by its hash, so only equal content is no difference.
    feed.source.entries = (offer, offered("hat"))

    assert feed.sweep().counts == SweepCounts(entries=2, offers=2, new=1, known=1, live_before=1)


def test_an_unchanged_source_is_opened_with_its_version_and_does_no_work(feed: Feed) -> None:
    feed.offers(offered())

    report = feed.sweep()

    assert report.status is SweepStatus.UNCHANGED
    assert feed.source.known[0] is None
    assert feed.source.known[1] is not None
    assert feed.statuses() == ["PROMOTED", "UNCHANGED"]


def test_unknown_stock_is_stored_as_unknown_and_not_as_zero(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=None), offered("hat", stock=0))

    assert feed.stocks() == {"shirt/m": None, "hat/m": 0}
    assert feed.sweep().counts.live_before == 1


def test_new_changed_and_missing_offers_are_told_apart(feed: Feed) -> None:
    feed.offers(offered("same"), offered("cheaper"), offered("missing"))

    report = feed.offers(offered("same"), offered("cheaper", cost=900), offered("new"))

    assert report.counts == SweepCounts(
        entries=3,
        offers=3,
        new=1,
        changed=1,
        missing=1,
        vanished=1,
        live_vanished=1,
        known=3,
        live_before=3,
    )
    assert feed.stored()["cheaper/m"].cost_minor == 900
    assert feed.stored()["missing/m"] == Stored(5, 1_000, True, "LISTED", 1)


def test_an_offer_is_gone_after_three_catalogues_in_a_row_without_it(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"))

    for number in range(2):
        feed.offers(offered("shirt", cost=1_000 + number))
        assert feed.stored()["hat/m"].listing == "LISTED"
    report = feed.offers(offered("shirt", cost=1_005))

    assert report.counts.gone == 1
    assert feed.stored()["hat/m"] == Stored(5, 1_000, True, "DELISTED", 3)


def test_an_unchanged_catalogue_is_one_more_that_lacks_what_it_lacked(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    feed.offers(offered("shirt"))

    swept = [feed.sweep().status for _ in range(3)]

    assert swept == [SweepStatus.PROMOTED, SweepStatus.PROMOTED, SweepStatus.UNCHANGED]
    assert feed.stored()["hat/m"] == Stored(5, 1_000, True, "DELISTED", 3)
    assert feed.stored()["shirt/m"] == Stored(5, 1_000, True, "LISTED", 0)


def rejected(product_ref: str) -> Rejection:
    return Rejection(7, product_ref, "the price is not a number", product_ref)


def test_a_product_with_a_rejected_entry_is_neither_missed_nor_gone(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"))

    for number in range(4):
        report = feed.offers(offered("shirt", cost=1_000 + number), rejected("hat"))

    assert (report.counts.missing, report.counts.vanished, report.counts.unread) == (0, 0, 1)
    assert feed.stored()["hat/m"] == Stored(5, 1_000, True, "LISTED", 0)


def test_a_rejected_entry_is_no_absence_while_the_catalogue_does_not_change(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"), offered("cap"))
    feed.offers(offered("shirt"), rejected("hat"))

    swept = [feed.sweep().status for _ in range(3)]

    assert swept == [SweepStatus.PROMOTED, SweepStatus.PROMOTED, SweepStatus.UNCHANGED]
    assert feed.stored()["hat/m"] == Stored(5, 1_000, True, "LISTED", 0)
    assert feed.stored()["cap/m"].listing == "DELISTED"


def test_a_rejected_entry_ends_a_row_of_absences(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    feed.offers(offered("shirt"))
    feed.sweep()

    report = feed.offers(offered("shirt"), rejected("hat"))

    assert (report.status, report.counts.back) == (SweepStatus.PROMOTED, 1)
    assert feed.stored()["hat/m"] == Stored(5, 1_000, True, "LISTED", 0)
    for _ in range(3):
        assert feed.sweep().status is SweepStatus.UNCHANGED


def test_a_variant_is_gone_while_its_product_is_listed(feed: Feed) -> None:
    feed.offers(offered("shirt", "m"), offered("shirt", "l"), offered("hat"))
    feed.offers(offered("shirt", "m"))
    feed.sweep()
    feed.sweep()

    assert feed.stored()["shirt/l"].listing == "VARIANT_GONE"
    assert feed.stored()["hat/m"].listing == "DELISTED"


def test_one_appearance_between_absences_starts_the_count_again(feed: Feed) -> None:
    both = (offered("shirt"), offered("hat"))
    feed.offers(*both)
    feed.offers(offered("shirt"))
    feed.sweep()

    report = feed.offers(*both)
    feed.offers(offered("shirt"))

    assert report.counts.back == 1
    assert feed.stored()["hat/m"] == Stored(5, 1_000, True, "LISTED", 1)


def test_an_offer_that_was_gone_comes_back_as_it_is_now(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    feed.offers(offered("shirt"))
    feed.sweep()
    feed.sweep()

    report = feed.offers(offered("shirt"), offered("hat", cost=700, stock=1))

    assert report.counts.back == 1
    assert feed.stored()["hat/m"] == Stored(1, 700, True, "LISTED", 0)


def test_a_repeated_offer_counts_as_rejected_and_the_first_one_holds(feed: Feed) -> None:
    report = feed.offers(offered("shirt", stock=1), offered("hat"), offered("shirt", stock=9))

    assert (report.counts.offers, report.counts.rejected) == (2, 1)
    assert feed.stocks()["shirt/m"] == 1


def test_rejected_entries_are_counted_and_remembered(feed: Feed) -> None:
    rejection = Rejection(3, "row-3", "the price is not a number")

    report = feed.offers(offered(), rejection)

    assert report.rejections == (rejection,)
    assert (report.counts.entries, report.counts.rejected) == (2, 1)
    with feed.database.read() as records:
        record = records.sweeps.latest(SUPPLIER)
    assert record is not None
    assert (record.rejections, record.counts) == ((rejection,), report.counts)


@pytest.mark.parametrize("fails_after", [None, CHUNK + 30])
@pytest.mark.parametrize("error", [SourceUnavailable("timed out"), SourceInvalid("is HTML")])
def test_a_read_that_fails_changes_nothing_and_leaves_nothing_behind(
    feed: Feed, fails_after: int | None, error: SourceError
) -> None:
    before = range_of(CHUNK + 40)
    feed.offers(*before)
    stored = feed.stored()
    feed.source.fails_with, feed.source.fails_after = error, fails_after

    with pytest.raises(type(error)) as raised:
        feed.offers(*[replace(offer, stock=4) for offer in before])

    assert raised.value is error
    assert feed.stored() == stored
    assert feed.staged() == 0
    assert feed.statuses() == ["PROMOTED", "FAILED"]
    with feed.database.read() as records:
        record = records.sweeps.latest(SUPPLIER)
    assert record is not None
    assert record.error == str(error)


def test_the_sweep_after_a_failed_read_takes_everything_over(feed: Feed) -> None:
    feed.offers(offered(stock=1))
    feed.source.fails_with = SourceUnavailable("timed out")
    with pytest.raises(SourceUnavailable):
        feed.offers(offered(stock=2))
    feed.source.fails_with = None

    assert feed.sweep().status is SweepStatus.PROMOTED
    assert feed.stocks() == {"shirt/m": 2}


def test_a_failed_read_is_no_absence(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    feed.offers(offered("shirt"))
    feed.source.fails_with = SourceUnavailable("timed out")
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            feed.sweep()

    assert feed.stored()["hat/m"] == Stored(5, 1_000, True, "LISTED", 1)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        out_of_stock(range_of(20)),
        range_of(20)[:13],
        range_of(20, cost=2_000),
        range_of(20, saleable=False),
        [replace(each, unit_cost=Money(1_000, "EUR")) for each in range_of(20)],
        [offered("p0000"), *[Rejection(line, None, "no price") for line in range(2)]],
    ],
    ids=["empty", "zeroed", "disappeared", "doubled", "off sale", "other currency", "rejected"],
)
def test_an_unbelievable_catalogue_waits_and_changes_nothing(
    feed: Feed, entries: list[Offer | Rejection]
) -> None:
    feed.offers(*range_of(20))
    stored = feed.stored()

    report = feed.offers(*entries)

    assert report.status is SweepStatus.QUARANTINED
    assert report.reasons != ()
    assert feed.stored() == stored
    waiting, differences = feed.catalog().quarantined(SUPPLIER)
    assert (waiting.id, waiting.reasons) == (report.sweep_id, report.reasons)
    assert differences == list(report.differences)


def test_the_currencies_before_and_after_are_shown(feed: Feed) -> None:
    feed.offers(*range_of(20))

    report = feed.offers(*[replace(each, unit_cost=Money(900, "EUR")) for each in range_of(20)])

    assert report.reasons == (
        "20 of 20 offers state their cost in another currency (more than 30 %)",
    )
    shown = report.differences[0]
    assert (shown.cost_before_minor, shown.currency_before, shown.cost_minor, shown.currency) == (
        1_000,
        "USD",
        900,
        "EUR",
    )


def test_catalogues_read_at_once_are_one_absence(feed: Feed, clock: FixedClock) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    feed.source.entries = [offered("shirt")]
    usual = feed.catalog(misses=MissRule())

    for _ in range(9):
        usual.sweep(SUPPLIER)
    assert feed.stored()["hat/m"] == Stored(5, 1_000, True, "LISTED", 1)
    for _ in range(2):
        clock.advance(minutes=10)
        usual.sweep(SUPPLIER)

    assert feed.stored()["hat/m"].listing == "DELISTED"


def test_an_offer_that_comes_back_begins_anew(feed: Feed, clock: FixedClock) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    usual = feed.catalog(misses=MissRule())
    for entries in ([offered("shirt")], [offered("shirt"), offered("hat")], [offered("shirt")]):
        feed.source.entries = entries
        usual.sweep(SUPPLIER)

    assert feed.stored()["hat/m"].miss_count == 1


def test_a_first_catalogue_without_an_offer_is_not_believed(feed: Feed) -> None:
    assert feed.offers().status is SweepStatus.QUARANTINED
    assert feed.offers(Rejection(1, None, "no price")).status is SweepStatus.QUARANTINED
    assert feed.offers(offered()).status is SweepStatus.PROMOTED


def shown(report: SweepReport) -> set[tuple[str, str]]:
    return {(each.difference, each.product_ref[0]) for each in report.differences}


@pytest.mark.parametrize(
    ("alarm", "difference"),
    [({"cost": 3_000}, "CHANGED"), ({"stock": 0}, "CHANGED"), (None, "MISSING")],
    ids=["jumped", "zeroed", "missing"],
)
def test_a_quarantine_shows_the_alarming_differences_among_ordinary_ones(
    feed: Feed, alarm: dict[str, Any] | None, difference: str
) -> None:
    ordinary = [offered(f"a{number}") for number in range(60)]
    wrong = [offered(f"w{number}") for number in range(60)]
    few = [offered(f"x{number}-{kind}") for kind in range(3) for number in range(10)]
    feed.offers(*ordinary, *wrong, *few)

    report = feed.offers(
        *[replace(offer, title="Renamed", stock=7) for offer in ordinary],
        *([offered(offer.product_ref, **alarm) for offer in wrong] if alarm else []),
        *[offered(offer.product_ref, stock=0) for offer in few[:10]],
        *[offered(offer.product_ref, cost=5_000) for offer in few[10:20]],
    )

    assert report.status is SweepStatus.QUARANTINED
    assert (difference, "w") in shown(report)
    assert "a" not in {product for _, product in shown(report)}


def test_a_difference_shows_stock_and_cost_before_and_after(feed: Feed) -> None:
    feed.offers(offered(stock=8))

    (shirt,) = feed.offers(offered(cost=990, stock=2)).differences

    assert (shirt.product_ref, shirt.variant_ref, shirt.title) == ("shirt", "m", "Shirt M")
    assert (shirt.difference, shirt.currency) == ("CHANGED", "USD")
    assert (shirt.stock_before, shirt.stock) == (8, 2)
    assert (shirt.cost_before_minor, shirt.cost_minor) == (1_000, 990)


def test_an_accepted_catalogue_is_believed_and_not_held_against_the_supplier_again(
    feed: Feed,
) -> None:
    feed.offers(*range_of(20))
    feed.offers(*out_of_stock(range_of(20)))

    accepted = feed.catalog().accept_quarantined(SUPPLIER)

    assert accepted.status is SweepStatus.PROMOTED
    assert set(feed.stocks().values()) == {0}
    assert feed.sweep().status is SweepStatus.UNCHANGED
    renamed = [replace(offer, title="Renamed") for offer in out_of_stock(range_of(20))]
    assert feed.offers(*renamed).status is SweepStatus.PROMOTED


def test_what_disappeared_from_an_accepted_catalogue_is_gone_at_once(feed: Feed) -> None:
    feed.offers(*range_of(20), offered("p0000", "l"))
    feed.offers(*range_of(5))

    accepted = feed.catalog().accept_quarantined(SUPPLIER)

    assert (accepted.counts.gone, accepted.counts.missing) == (16, 0)
    listings = {ref: offer.listing for ref, offer in feed.stored().items()}
    assert [listings.pop(f"p{number:04d}/m") for number in range(5)] == ["LISTED"] * 5
    assert listings.pop("p0000/l") == "VARIANT_GONE"
    assert set(listings.values()) == {"DELISTED"}
    assert feed.sweep().status is SweepStatus.UNCHANGED
    with feed.database.read() as records:
        record = records.sweeps.latest(SUPPLIER, [SweepStatus.PROMOTED])
        assert record is not None
        shown = records.sweeps.differences(accepted.sweep_id, 50)
    assert record.counts == accepted.counts
    assert {each.difference for each in shown} == {"GONE"}


def test_stores_follow_an_accepted_disappearance_with_their_next_sync(feed: Feed) -> None:
    feed.offers(*range_of(12))
    opened(feed)
    feed.sync()
    feed.offers(*range_of(4))
    feed.catalog().accept_quarantined(SUPPLIER)

    feed.sync()

    assert sorted(statuses(feed).values()) == ["ACTIVE"] * 4 + ["DELISTED"] * 8


def test_an_accepted_empty_catalogue_takes_everything_off(feed: Feed) -> None:
    feed.offers(*range_of(12))
    feed.offers()

    feed.catalog().accept_quarantined(SUPPLIER)

    assert {offer.listing for offer in feed.stored().values()} == {"DELISTED"}
    assert feed.sweep().status is SweepStatus.UNCHANGED


def test_a_newer_unbelievable_catalogue_replaces_the_one_that_waits(feed: Feed) -> None:
    feed.offers(*range_of(20))
    feed.offers()

    newer = feed.offers(*range_of(3))

    assert feed.statuses() == ["PROMOTED", "SUPERSEDED", "QUARANTINED"]
    assert feed.staged() == 0
    assert feed.catalog().quarantined(SUPPLIER)[0].id == newer.sweep_id
    feed.catalog().accept_quarantined(SUPPLIER)
    assert sum(offer.miss_count for offer in feed.stored().values()) == 17


@pytest.mark.parametrize("healed", [range_of(20), range_of(21)], ids=["unchanged", "changed"])
def test_a_catalogue_that_heals_ends_the_quarantine(feed: Feed, healed: list[Offer]) -> None:
    feed.offers(*range_of(20))
    feed.offers()

    feed.offers(*healed)

    assert feed.statuses()[1] == "SUPERSEDED"
    assert feed.staged() == 0
    with pytest.raises(NotFound, match=f"no catalogue of '{SUPPLIER}' waits in quarantine"):
        feed.catalog().accept_quarantined(SUPPLIER)
    assert {offer.miss_count for offer in feed.stored().values()} == {0}


def test_a_failed_read_leaves_the_quarantine_waiting(feed: Feed) -> None:
    feed.offers(*range_of(20))
    feed.offers()
    feed.source.fails_with = SourceUnavailable("timed out")
    with pytest.raises(SourceUnavailable):
        feed.sweep()

    assert feed.catalog().accept_quarantined(SUPPLIER).counts.vanished == 20


def test_nothing_waits_before_and_after_an_acceptance(feed: Feed) -> None:
    feed.offers(*range_of(20))
    with pytest.raises(NotFound):
        feed.catalog().quarantined(SUPPLIER)
    feed.offers()
    feed.catalog().accept_quarantined(SUPPLIER)

    with pytest.raises(NotFound):
        feed.catalog().accept_quarantined(SUPPLIER)


def test_an_unknown_supplier_is_refused(feed: Feed) -> None:
    with pytest.raises(NotFound, match="there is no supplier 'nobody'"):
        feed.catalog().sweep("nobody")

    assert feed.statuses() == []


def test_a_paused_supplier_is_not_opened(feed: Feed) -> None:
    set_in_supplier = update(supplier).where(supplier.c.key == SUPPLIER).values(status="PAUSED")
    with feed.database.write() as records:
        records.connection.execute(set_in_supplier)

    with pytest.raises(Paused, match=f"`zyenta-ops supplier resume {SUPPLIER}`"):
        feed.sweep()

    assert (feed.source.known, feed.statuses()) == ([], [])


def test_nothing_of_an_unknown_supplier_is_accepted(feed: Feed) -> None:
    with pytest.raises(NotFound, match="there is no supplier 'nope'"):
        feed.catalog().accept_quarantined("nope")


def test_a_supplier_is_swept_first_only_once(feed: Feed) -> None:
    feed.source.entries = range_of(2)

    first = feed.catalog().sweep_if_never(SUPPLIER)

    assert first is not None
    assert first.status is SweepStatus.PROMOTED
    assert feed.catalog().sweep_if_never(SUPPLIER) is None
    assert feed.source.opened == 1


def test_a_catalogue_of_several_chunks_is_read_once_and_in_order(feed: Feed) -> None:
    read: list[int] = []
    source = HookedCatalogue(range_of(CHUNK * 2 + 1), before_entry=read.append)

    assert feed.sweep(source).counts.new == CHUNK * 2 + 1
    assert read == list(range(CHUNK * 2 + 1))
