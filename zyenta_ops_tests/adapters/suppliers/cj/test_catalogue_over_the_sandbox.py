"""CJ's catalogue as the sandbox sells it, read within its limits and through its faults."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.adapters.suppliers.cj import CjConfig, CjGateway
from zyenta_ops.domain.items import Item, ItemStatus
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    RateLimited,
    RateScope,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import OrderLine, ShippingRequest
from zyenta_ops.sandbox.cj.gateway import CALLS_PER_DAY
from zyenta_ops.sandbox.cj.products import own_units, pid, vid
from zyenta_ops.sandbox.products import ProductStatus
from zyenta_ops.sandbox.wire import Call
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.suppliers.cj.sandbox_shop import (
    ClockedLimiter,
    Shop,
    connected,
    shop_in,
)
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import IMPATIENT, FakeLogin, connections


def test_connecting_gives_tokens_that_end_and_can_be_renewed_for_good(world: SandboxWorld) -> None:
    _, tokens = connected(world, ClockedLimiter(world=world))
    assert tokens.access_expires_at == world.clock() + timedelta(days=15)
    assert tokens.refresh_expires_at is None
    assert tokens.secrets["open_id"] == "12312"


def test_the_whole_catalogue_is_read_as_it_is_within_the_limits(shop: Shop) -> None:
    shop.world.trades["cj"].catalogue.sell_out(3)
    found = shop.fetch(*shop.products)
    for product in shop.products:
        item = found[pid(product)]
        assert (item.status, item.title) == (ItemStatus.ON_SALE, product.title)
        assert [each.offer.variant_ref for each in item.variants] == [
            vid(each) for each in product.variants
        ]
        for ours, theirs in zip(item.variants, product.variants, strict=True):
            country = "US" if theirs.stock.get("US", 0) else "CN"
            if not theirs.stock.get("CN", 0) and country == "CN":
                country = "US"
            units = theirs.stock.get(country, 0)
            assert ours.offer.unit_cost == Money(theirs.price, "USD")
            assert (ours.ships_from, ours.offer.stock) == (country, units)
            assert ours.firm_stock == own_units(country, units)
            assert ours.weight_grams == theirs.weight_g
            assert tuple(value for _, value in ours.offer.attributes)[-1:] or not theirs.attributes
    assert shop.violations == {}


def test_two_markets_of_one_user_stay_within_its_limits_together(shop: Shop) -> None:
    login = FakeLogin(shop.login.secrets, account_id="account-2")
    config = CjConfig.of({"base_url": shop.world.urls["cj"], "from_country": "US,CN"})
    gateway = CjGateway(config, login, connections(shop.limiter, shop.world.clock, workers=1))
    market = replace(shop, login=login, gateway=gateway)

    with closing(gateway):
        for mine, other in zip(shop.products[:3], shop.products[3:6], strict=True):
            shop.fetch(mine)
            market.fetch(other)

    assert market.gateway.reading == shop.gateway.reading
    assert shop.violations == {}


def test_delisted_removed_and_gone_are_three_things(shop: Shop) -> None:
    delisted, removed, smaller, *_ = shop.products
    delisted.status = ProductStatus.OFF_SALE
    removed.status = ProductStatus.REMOVED
    smaller.variants[0].offered = False
    found = shop.fetch(delisted, removed, smaller)
    assert found[pid(delisted)].status is ItemStatus.OFF_SALE
    assert found[pid(removed)] == Item(pid(removed), ItemStatus.NOT_FOUND)
    refs = [each.offer.variant_ref for each in found[pid(smaller)].variants]
    assert vid(smaller.variants[0]) not in refs


def test_products_are_found_by_words_and_can_be_fetched(shop: Shop) -> None:
    page = shop.gateway.search_items(shop.products[0].title)
    assert page.total >= 1
    refs = [each.product_ref for each in page.products]
    assert pid(shop.products[0]) in refs
    everything = shop.gateway.search_items("", 2)
    assert (len(everything.products), everything.page, everything.pages) == (20, 2, 2)


def test_freight_is_quoted_from_the_warehouse_of_the_offer(shop: Shop) -> None:
    product = shop.products[0]
    for country, methods in (("US", {"USPS+"}), ("CN", {"CJPacket Ordinary"})):
        line = OrderLine(
            pid(product), vid(product.variants[0]), f"{vid(product.variants[0])}@{country}", 1
        )
        quotes = shop.gateway.quote_shipping(ShippingRequest((line,), "US", "USD"))
        assert methods <= {each.service_code for each in quotes}
        assert {each.ships_from for each in quotes} == {country}
    nowhere = shop.gateway.quote_shipping(ShippingRequest((line,), "AQ", "USD"))
    assert nowhere == ()


@pytest.mark.parametrize(
    "fault", ["throttled", "reset_before", "reset_after", "truncated", "html", "status", "huge"]
)
def test_what_happens_once_is_not_noticed(shop: Shop, fault: str) -> None:
    shop.fail(fault, times=1)
    assert shop.fetch(shop.products[0])[pid(shop.products[0])].status is ItemStatus.ON_SALE


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("reset_before", SupplierUnavailable),
        ("truncated", SupplierUnavailable),
        ("status", SupplierUnavailable),
        ("html", AnswerInvalid),
        ("huge", AnswerInvalid),
    ],
)
def test_what_goes_on_is_a_fault_and_no_missing_product(
    shop: Shop, fault: str, kind: type[SupplierError]
) -> None:
    shop.fail(fault)
    assert type(shop.fault(shop.products[0])) is kind


def test_a_cj_that_hangs_is_left_after_the_time_out(world: SandboxWorld) -> None:
    shop = shop_in(world, IMPATIENT)
    shop.fail("hang")
    assert "did not answer in time" in str(shop.fault(shop.products[0]))
    shop.gateway.close()


def test_a_throttling_cj_ends_the_reading(shop: Shop) -> None:
    shop.fail("throttled")
    with pytest.raises(RateLimited) as caught:
        shop.fetch(*shop.products)
    assert caught.value.code == "1600200"


def test_an_expired_token_is_renewed_while_reading(shop: Shop) -> None:
    shop.fail("expired_token", times=1)
    assert len(shop.fetch(*shop.products[:3])) == 3
    assert shop.login.renewals == 1


def test_ended_tokens_are_replaced_by_those_of_the_key(shop: Shop) -> None:
    shop.world.advance(days=181)
    assert len(shop.fetch(shop.products[0])) == 1
    assert shop.login.renewals == 1
    assert shop.violations == {}


def test_a_key_that_is_no_longer_known_ends_the_login(shop: Shop) -> None:
    logins = shop.world.cj.logins
    logins.accounts.clear()
    logins.logins.clear()
    with pytest.raises(LoginRevoked):
        shop.fetch(shop.products[0])


def test_a_used_up_day_is_told_from_a_moment_too_many(shop: Shop) -> None:
    limits = shop.world.trades["cj"].limits
    for _ in range(CALLS_PER_DAY):
        limits.spend(Call("cj", "GET", ""), "demo /product/query", CALLS_PER_DAY)
    with pytest.raises(RateLimited) as caught:
        shop.fetch(*shop.products)
    assert (caught.value.scope, caught.value.code) == (RateScope.DAY, "1600201")
    assert {key for key, _ in shop.limiter.penalties} == {
        f"cj:user:{fingerprint('CJ1234567')}:product/query"
    }
    assert shop.gateway.search_items("").total == 40
