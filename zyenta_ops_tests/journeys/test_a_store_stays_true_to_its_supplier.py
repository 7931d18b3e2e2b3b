"""From the first command to the mail, with nothing of ours replaced."""

from __future__ import annotations

import pytest

from zyenta_ops.definitions import defs
from zyenta_ops_tests.journeys.shop import Shop
from zyenta_ops_tests.journeys.worker import sync


@pytest.fixture
def environment(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is a worker of the shop."""
    monkeypatch.setenv("ZYENTA_HOME", str(shop.settings.home))
    monkeypatch.setenv("ZYENTA_PRIVATE_NETWORKS", ",".join(shop.settings.private_networks))
    monkeypatch.setenv("DAGSTER_HOME", str(shop.settings.dagster_home))


@pytest.mark.usefixtures("environment")
def test_a_store_follows_its_supplier_and_its_owner_is_told(shop: Shop) -> None:
    shop.supplier("--preset", "shopify")
    shop.store()
    assert set(shop.stocks().values()) == {None}

    assert sync("fjord")

    assert set(shop.stocks().values()) == {20}
    (first, *_) = shop.command("products", "list", "--store", "ann")
    assert first["variants"][0]["price"] == {"minor": first["variants"][0]["cost"]["minor"] * 2} | {
        "currency": "USD"
    }
    assert shop.alerts() == []

    shop.feed.rows[0]["Variant Inventory Qty"] = "0"
    shop.feed.rows[1]["Cost per item"] = "14.40"
    shop.serve_feed()

    assert sync("fjord")

    assert shop.stocks()["p01"] == 0
    statuses = {
        product["product_ref"]: product["status"]
        for product in shop.command("products", "list", "--store", "ann")
    }
    assert (statuses["p01"], statuses["p02"]) == ("OUT_OF_STOCK", "ACTIVE")
    assert shop.alerts() == [("PRICE_CHANGE", "OPEN"), ("STOCK_OUT", "OPEN")]

    with shop.instance() as instance:
        delivery = defs.resolve_job_def("deliver_notifications")
        assert delivery.execute_in_process(instance=instance).success

    mails = [path.read_text() for path in shop.settings.mail_folder.glob("*.eml")]
    assert len(mails) == 2
    assert all("To: ann@example.com" in mail for mail in mails)
    assert {each["status"] for each in shop.command("outbox", "list")} == {"SENT"}
