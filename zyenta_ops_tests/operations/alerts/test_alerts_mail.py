from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from zyenta_ops.domain.errors import Refused
from zyenta_ops.persistence.schema import alert
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop

NIGHT = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)


def test_each_recipient_gets_a_message_of_their_own(shop: Shop) -> None:
    shop.prefers(recipients=["a@example.com", "b@example.com", "a@example.com"])
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)

    shop.alerts.tell(SUPPLIER, None, None)

    recipients = sorted(mail["recipient"] for mail in shop.mails())
    assert recipients == ["a@example.com", "b@example.com"]


def test_a_muted_type_is_recorded_without_a_mail(shop: Shop) -> None:
    shop.prefers(muted=["STOCK_OUT"])
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)

    shop.alerts.tell(SUPPLIER, None, None)

    assert [row["type"] for row in shop.rows(alert)] == ["STOCK_OUT"]
    assert shop.mails() == []


def test_in_quiet_hours_the_alert_is_recorded_and_its_mail_waits(shop: Shop) -> None:
    shop.prefers(quiet_hours={"start": "22:00", "end": "07:00"}, timezone="Europe/Berlin")
    shop.clock.now = NIGHT
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)

    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.rows(alert)[0]["opened_at"] == NIGHT
    assert shop.mails()[0]["next_attempt_at"] == datetime(2026, 11, 3, 6, 0, tzinfo=UTC)


def test_a_daily_digest_gathers_what_is_still_the_case(shop: Shop) -> None:
    shop.prefers(digest="DAILY", digest_hour=8)
    (bottle,), (mug,), (hat,) = shop.sells("bottle"), shop.sells("mug"), shop.sells("hat")
    shop.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.sells_out(mug)
    shop.cost(hat, 2_000)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.stock(bottle, 9, "RESTOCKED")
    shop.alerts.tell(SUPPLIER, None, None)
    assert (shop.mails(), shop.alerts.queue_digests()) == ([], 0)
    shop.clock.now = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    assert shop.alerts.count_digests_due() == 1

    assert shop.alerts.queue_digests() == 1

    (mail,) = shop.mails()
    assert mail["template"] == "digest"
    assert [each["title"] for each in mail["context"]["alerts"]] == [
        "1 product out of stock",
        "Significant price changes detected",
    ]
    assert mail["context"]["alerts"][0]["products"][0]["title"] == "Mug"
    assert (shop.alerts.queue_digests(), shop.alerts.count_digests_due()) == (0, 0)
    assert len(shop.mails()) == 1


def test_a_digest_says_how_much_of_an_alert_is_over(shop: Shop) -> None:
    shop.prefers(digest="DAILY")
    (bottle,), (mug,) = shop.sells("bottle"), shop.sells("mug")
    shop.sells_out(bottle)
    shop.sells_out(mug)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.stock(bottle, 9, "RESTOCKED")
    shop.alerts.tell(SUPPLIER, None, None)
    shop.clock.advance(days=1)

    shop.alerts.queue_digests()

    (entry,) = shop.mails()[0]["context"]["alerts"]
    assert entry["remark"] == "1 of 2 variants are no longer concerned"
    assert [each["title"] for each in entry["products"]] == ["Mug"]


def test_no_digest_goes_out_when_everything_is_over(shop: Shop) -> None:
    shop.prefers(digest="DAILY")
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.stock(bottle, 9, "RESTOCKED")
    shop.alerts.tell(SUPPLIER, None, None)
    shop.clock.advance(days=1)

    assert (shop.alerts.queue_digests(), shop.mails()) == (0, [])


def test_a_store_with_unreadable_preferences_does_not_keep_others_from_their_digest(
    shop: Shop,
) -> None:
    other = Shop(shop.database, shop.clock, shop.new_id, "other", shop.changes).opened()
    for each in (shop, other):
        each.prefers(digest="DAILY")
        (bottle,) = each.sells("bottle")
        each.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.prefers(digest="YEARLY")
    shop.clock.advance(days=1)

    with pytest.raises(Refused, match="alert preferences of store store-my-shop"):
        shop.alerts.queue_digests()

    assert [mail["recipient"] for mail in shop.mails()] == ["other@example.com"]
    shop.prefers()
    assert shop.alerts.queue_digests() == 1


def test_a_mail_lists_the_first_products_and_counts_the_others(shop: Shop) -> None:
    for number in range(120):
        (variant,) = shop.sells(f"item{number:03d}")
        shop.sells_out(variant)

    shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert found["title"] == "120 products out of stock"
    assert len(found["metadata"]["products"]) == 100
    context = shop.mails()[0]["context"]
    assert (len(context["products"]), context["more"]) == (30, 90)


def test_without_a_dashboard_mails_hold_no_link(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)

    mailroom = replace(shop.alerts.mailroom, dashboard_url="")
    replace(shop.alerts, mailroom=mailroom).tell(SUPPLIER, None, None)

    assert shop.mails()[0]["context"]["dashboard_url"] == ""
