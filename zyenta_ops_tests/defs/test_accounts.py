"""Accounts at suppliers are looked after by runs that a sensor asks for, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
import stamina

from zyenta_ops.bootstrap import build
from zyenta_ops.defs.sensors import credentials_due
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops_tests.adapters.suppliers.aliexpress.service import (
    APP_KEY,
    APP_SECRET,
    AliExpressRig,
    aliexpress_rig,
    error_response,
    platform_error,
    product,
)
from zyenta_ops_tests.defs.test_sensors import in_progress, tick
from zyenta_ops_tests.defs.world import PARTITIONS, World, plain

REFRESH = "/auth/token/refresh"
ALI = "aliexpress"
PRODUCT = "1005001234567890"


@pytest.fixture
def ali() -> Iterator[AliExpressRig]:
    with stamina.set_testing(True, attempts=1), aliexpress_rig() as rig:
        yield rig


@pytest.fixture
def linked(world: World, ali: AliExpressRig) -> World:
    """A store that sells a product of AliExpress, read with the platform's own account."""
    # The limiter waits for its slots: on this clock, that is.
    world.operations = build(
        world.settings,
        clock=world.clock,
        sleep=lambda seconds: world.clock.advance(seconds=seconds),
    )
    connect(world, ali, requests_per_second=500)
    world.instance.add_dynamic_partitions(PARTITIONS, [ALI])
    ali.service.products[PRODUCT] = product()
    store = world.store("Ann", None)
    operations = world.operations
    operations.items.watch(ALI, [PRODUCT])
    operations.catalog.sweep(ALI, product_refs=[PRODUCT])
    operations.products.import_from_catalogue(store.id, ALI)
    ali.service.asked.clear()
    return world


def connect(world: World, ali: AliExpressRig, **settings: Any) -> None:
    operations = world.operations
    supplier = operations.suppliers.draft(
        key=ALI,
        kind=SupplierKind.ALIEXPRESS,
        config={"base_url": ali.web.url(""), **settings},
        country="US",
        currency="USD",
    )
    secrets = {"app_key": APP_KEY, "app_secret": APP_SECRET, "code": "good"}
    operations.accounts.connect(supplier, secrets)


def look_after(world: World) -> dict[str, Any]:
    """Run the job once; what it says of what it did."""
    result = world.definitions.resolve_job_def("renew_credentials").execute_in_process(
        instance=world.instance,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    (output,) = [event for event in result.all_events if event.is_successful_output]
    return plain(output.step_output_data.metadata)


def says(result: Any) -> str | None:
    assert isinstance(result, dg.SkipReason)
    return result.skip_message


def test_nothing_due_asks_for_nothing(linked: World, ali: AliExpressRig) -> None:
    expected = "no account is due, and what is told of them is true"
    assert says(tick(linked, credentials_due)) == expected
    assert says(tick(linked, credentials_due)) == expected
    assert ali.service.asked == []


def test_tokens_that_end_soon_ask_for_one_run_that_renews_them(
    linked: World, ali: AliExpressRig
) -> None:
    linked.clock.advance(hours=23, minutes=30)

    for _ in range(2):
        result = tick(linked, credentials_due)
        assert isinstance(result, dg.RunRequest)
        assert result.run_key is None
        assert result.tags == {"zyenta/lane": "accounts", "dagster/priority": "15"}
    assert ali.service.asked == []
    in_progress(linked, "renew_credentials")
    assert says(tick(linked, credentials_due)) == (
        "1 accounts are due, 0 are news, and a run is at work"
    )

    said = look_after(linked)

    assert [method for method, _ in ali.service.asked] == [REFRESH]
    assert (said["due"], said["failed"], said["raised"]) == (1, 0, 0)
    (row,) = said["accounts"]
    assert (row["done"], row["account"], row["supplier"]) == ("renewed", "fox_shop", ALI)
    assert row["token ends"] == (linked.clock() + timedelta(days=1)).isoformat(timespec="seconds")
    assert "s3cret" not in str(said)


def test_the_run_finds_nothing_left_the_second_time(linked: World, ali: AliExpressRig) -> None:
    linked.clock.advance(hours=23, minutes=30)
    look_after(linked)

    assert look_after(linked)["due"] == 0
    assert len(ali.service.said(REFRESH)) == 1
    assert says(tick(linked, credentials_due)) is not None


def test_a_supplier_that_is_down_is_asked_again_by_a_later_tick(
    linked: World, ali: AliExpressRig
) -> None:
    linked.clock.advance(hours=23, minutes=30)
    ali.service.instead[REFRESH] = error_response("ServiceTimeout")

    said = look_after(linked)

    assert (said["due"], said["failed"], said["raised"]) == (1, 1, 0)
    assert linked.alerts() == []
    assert isinstance(tick(linked, credentials_due), dg.RunRequest)
    ali.service.instead.clear()
    assert look_after(linked)["failed"] == 0


def test_a_refusal_is_told_and_connecting_again_ends_it(linked: World, ali: AliExpressRig) -> None:
    linked.clock.advance(hours=23, minutes=30)
    ali.service.instead[REFRESH] = platform_error("IllegalRefreshToken", kind="")

    said = look_after(linked)

    assert (said["failed"], said["raised"]) == (1, 2)
    assert said["accounts"][0]["status"] == "REVOKED"
    told = [("Ann", "AUTH_REVOKED"), ("internal", "AUTH_REVOKED")]
    assert linked.alerts() == [(*each, "OPEN") for each in told]
    assert linked.mails() == [("ops@localhost", "account-failure")]
    assert says(tick(linked, credentials_due)) is not None

    ali.service.instead.clear()
    connect(linked, ali)
    assert isinstance(tick(linked, credentials_due), dg.RunRequest)
    assert look_after(linked)["resolved"] == 2
    assert linked.alerts() == [(*each, "RESOLVED") for each in told]


def test_the_catalogue_shows_accounts_and_when_what_is_due_is_reached(
    linked: World, ali: AliExpressRig
) -> None:
    linked.clock.advance(hours=2)
    shown = linked.run(partition=ALI).assets["supplier_catalog"]

    (account,) = shown["accounts"]
    assert account == {
        "account": "fox_shop",
        "supplier": ALI,
        "owner": "platform",
        "status": "ACTIVE",
        "token ends": "2026-11-03T12:00:00+00:00",
        "renewable until": "2026-11-04T12:00:00+00:00",
        "blocked until": "",
        "reason": "",
    }
    assert (shown["due"], shown["reached_within_hours"]) == (0, 0.0)
    (row,) = shown["freshness"]
    assert (row["watched"], row["due"], row["wanted every (hours)"]) == (1, 0, 1.0)


def test_a_supplier_that_wants_to_be_left_alone_is_shown_and_told_of(
    linked: World, ali: AliExpressRig
) -> None:
    linked.clock.advance(hours=2)
    method = "aliexpress.ds.product.get"
    too_often = "This ban will last 999999 more seconds"
    ali.service.instead[method] = platform_error("ApiCallLimit", too_often)
    run = linked.run(partition=ALI)

    shown = run.assets["supplier_catalog"]
    reason = (
        "the supplier asked to be left alone until 2026-11-02 15:00 UTC;"
        " `zyenta-ops supplier check aliexpress` asks at once"
    )
    assert (run.success, shown["status"], shown["reasons"]) == (True, "PARTIAL", reason)
    (account,) = shown["accounts"]
    assert (account["status"], account["blocked until"], account["reason"]) == (
        "ACTIVE",
        "2026-11-02T15:00:00+00:00",
        "the supplier asked to be left alone",
    )
    asked = len(ali.service.asked)
    assert linked.run(partition=ALI).assets["supplier_catalog"]["reasons"] == reason
    assert len(ali.service.asked) == asked
    assert isinstance(tick(linked, credentials_due), dg.RunRequest)
    look_after(linked)
    told = [("Ann", "SUPPLIER_BLOCKED"), ("internal", "SUPPLIER_BLOCKED")]
    assert linked.alerts() == [(*each, "OPEN") for each in told]
    assert says(tick(linked, credentials_due)) is not None

    ali.service.instead.clear()
    (account_id,) = [each.id for each in linked.operations.accounts.every()]
    assert linked.operations.accounts.check(account_id, despite_pause=True).problem is None
    look_after(linked)
    assert linked.alerts() == [(*each, "RESOLVED") for each in told]
    assert linked.run(partition=ALI).assets["supplier_catalog"]["asked"] == 1


def test_products_that_stay_due_are_counted_with_the_time_they_are_reached_in(
    linked: World, ali: AliExpressRig
) -> None:
    linked.operations.items.watch(ALI, [f"1005{number:012d}" for number in range(300)])
    connect(linked, ali, requests_per_day=240)
    shown = linked.run(partition=ALI, budget_seconds=5).assets["supplier_catalog"]

    assert shown["status"] == "PARTIAL"
    assert shown["due"] == shown["left"] > 0
    assert shown["reached_within_hours"] > 24


def test_a_catalogue_that_cannot_be_read_shows_the_accounts_it_was_asked_with(
    linked: World, ali: AliExpressRig
) -> None:
    linked.clock.advance(hours=2)
    account = linked.operations.accounts.of_supplier(ALI)[0]
    ali.service.instead["aliexpress.ds.product.get"] = platform_error("IllegalAccessToken")
    ali.service.instead[REFRESH] = platform_error("IllegalRefreshToken", kind="")

    result = linked.definitions.resolve_job_def("sync_catalog").execute_in_process(
        instance=linked.instance,
        partition_key=ALI,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        raise_on_error=False,
    )

    (failed,) = [event for event in result.all_events if event.is_step_failure]
    data = failed.step_failure_data.user_failure_data
    assert data is not None
    (row,) = plain(data.metadata)["accounts"]
    assert (row["account"], row["status"]) == (account.label, "REVOKED")
    assert isinstance(tick(linked, credentials_due), dg.RunRequest)


def test_a_feed_has_no_accounts_to_show(world: World) -> None:
    world.supplier()
    world.store("Ann")

    shown = world.run().assets["supplier_catalog"]

    assert not {"accounts", "freshness", "due"} & shown.keys()
