"""What a sync leaves on record."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import insert, update

from zyenta_ops.domain.inventory import ChangeKind
from zyenta_ops.domain.stores import Cadence, SweepScope
from zyenta_ops.domain.sync import SyncStatus
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    product,
    product_variant,
    supplier_account,
    supplier_offer,
)
from zyenta_ops_tests.builders import THEN
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.sweeping import (
    SUPPLIER,
    Feed,
    logged,
    offered,
    opened,
    set_in,
)

MY_SHOP = "store-my-shop"


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


def test_the_sync_log_says_what_was_done(feed: Feed, clock: FixedClock) -> None:
    feed.offers(offered("shirt", stock=9), offered("hat", stock=0), offered("same"))
    opened(feed)
    feed.sync()
    clock.advance(hours=1)
    started: datetime = clock()
    feed.offers(offered("shirt", stock=0, cost=1_100), offered("hat", stock=8), offered("same"))

    (result,) = feed.sync(run_id="run-7").stores

    row = logged(feed)[-1]
    assert (row.type, row.status, row.store_id) == ("INVENTORY", "COMPLETED", MY_SHOP)
    assert (row.processed, row.changed, row.failed, row.duration_ms) == (3, 2, 0, 0)
    assert (row.run_id, row.error, row.started_at) == ("run-7", None, started)
    assert row.metadata == {
        "hidden": 1,
        "republished": 1,
        "kinds": {"STOCK_OUT": 1, "COST": 1, "RESTOCKED": 1},
        "findings": {},
    }
    assert result.kinds == Counter(
        {ChangeKind.STOCK_OUT: 1, ChangeKind.COST: 1, ChangeKind.RESTOCKED: 1}
    )
    assert result.status is SyncStatus.COMPLETED


def test_a_change_too_small_for_news_still_counts_as_changed(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=90), offered("hat", stock=90))
    opened(feed)
    feed.sync()
    feed.offers(offered("shirt", stock=80), offered("hat", stock=90, title="Renamed"))

    assert feed.sync().changed == 1


def test_a_full_sync_reports_what_is_wrong_with_the_listings(feed: Feed) -> None:
    names = ("good", "blank", "bare", "mixed", "free", "dark", "loud", "long", "twin", "gone")
    feed.offers(*[offered(name) for name in names])
    opened(feed)
    set_in(feed, product, f"{MY_SHOP}:blank", title="  ")
    set_in(feed, product, f"{MY_SHOP}:mixed", product_ref="another")
    set_in(feed, product, f"{MY_SHOP}:dark", images=["data:image/png;base64,"])
    set_in(feed, product_variant, f"{MY_SHOP}:free/m", price_minor=None)
    set_in(feed, product_variant, f"{MY_SHOP}:bare/m", product_id=f"{MY_SHOP}:good")
    set_in(feed, product, f"{MY_SHOP}:loud", title="<b>Loud</b>", images=["http://a/1"] * 2)
    set_in(feed, product, f"{MY_SHOP}:long", title="x" * 151)
    set_in(feed, product, f"{MY_SHOP}:twin", title="Good M")
    with feed.database.write() as records:
        gone = supplier_offer.c.product_ref == "gone"
        records.connection.execute(
            update(supplier_offer).where(gone).values(listing="DELISTED", country="FR")
        )

    (result,) = feed.sync(SweepScope(cadence=Cadence.FULL)).stores

    assert result.findings == {
        "products without a title": 1,
        "products with a title of more than 150 characters": 1,
        "products with markup in their title": 1,
        "products with the title of another": 2,
        "products without variants": 1,
        # The one moved to another product, and the one whose product was renamed.
        "variants whose offer is another product's": 2,
        "variants whose offer is of another market": 1,
        "variants that the supplier no longer lists": 1,
        "variants on sale without a price": 1,
        "products without a usable image": 1,
        "products with an image twice": 1,
    }
    row = logged(feed)[-1]
    assert (row.type, row.metadata["findings"]) == ("FULL", result.findings)


def test_accounts_that_a_supplier_refuses_are_found_at_the_stores_of_their_owner(
    feed: Feed,
) -> None:
    feed.offers(offered())
    opened(feed, "good")
    opened(feed, "bad")
    with feed.database.write() as records:
        login = {"supplier_key": SUPPLIER, "credentials": "", "status": "REVOKED"}
        times = {"created_at": THEN, "updated_at": THEN}
        records.connection.execute(
            insert(supplier_account).values(id="a", account_id="account-bad", **login, **times)
        )

    report = feed.sync(SweepScope(cadence=Cadence.FULL))

    assert {each.store: each.findings for each in report.stores} == {
        "Bad": {"accounts at the supplier that need a person": 1},
        "Good": {},
    }


def test_findings_are_those_of_one_store(feed: Feed) -> None:
    feed.offers(offered())
    opened(feed, "good")
    opened(feed, "bad")
    set_in(feed, product, "store-bad:shirt", title="")

    report = feed.sync(SweepScope(cadence=Cadence.FULL))

    assert {each.store: each.findings for each in report.stores} == {
        "Bad": {"products without a title": 1},
        "Good": {},
    }
