"""The gateway against the sandbox, which was written apart from it and shares no code with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import stamina

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.aliexpress import (
    AliExpressConfig,
    AliExpressConnector,
    AliExpressGateway,
)
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.items import Item, ItemFault, ItemStatus
from zyenta_ops.domain.supplier_errors import (
    LoginRevoked,
    RateLimited,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import OrderLine, ShippingQuote, ShippingRequest
from zyenta_ops.sandbox.aliexpress.apps import DEMO_APP_KEY, DEMO_APP_SECRET, DEMO_CODE
from zyenta_ops.sandbox.aliexpress.products import product_id
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.products import ProductStatus
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import (
    IMPATIENT,
    LOCAL,
    QUICK,
    FakeLogin,
    FreeLimiter,
)

MARKET = Market("US", "USD")
PRODUCT = "aliexpress.ds.product.get"


@dataclass
class Connected:
    """A gateway to a sandbox, connected as a person would connect it."""

    world: SandboxWorld
    login: FakeLogin
    limiter: FreeLimiter
    gateway: AliExpressGateway

    def refs(self) -> list[str]:
        return [
            str(product_id(each))
            for each in self.world.trades["aliexpress"].catalogue.products.values()
        ]

    def suffer(self, fault: str, operation: str = PRODUCT, times: int | None = None) -> None:
        self.world.script.add(Rule(fault, operation=operation, times=times))

    def item(self, ref: str) -> Item:
        (answer,) = self.gateway.fetch_items([ref], MARKET)
        assert isinstance(answer, Item), answer
        return answer

    def fault(self, ref: str) -> SupplierError:
        (answer,) = self.gateway.fetch_items([ref], MARKET)
        assert isinstance(answer, ItemFault), answer
        return answer.error


@contextmanager
def connected(http: HttpPolicy = LOCAL, sign_method: str = "sha256") -> Iterator[Connected]:
    with (
        stamina.set_testing(True, attempts=3, cap=True),
        SandboxWorld(seed=7, products=60, enforce_limits=False).serving() as world,
    ):
        config = AliExpressConfig.of(
            {"base_url": world.urls["aliexpress"], "sign_method": sign_method}
        )
        limiter = FreeLimiter()
        given = {"app_key": DEMO_APP_KEY, "app_secret": DEMO_APP_SECRET, "code": DEMO_CODE}
        tokens = AliExpressConnector(config, limiter, world.clock, http=LOCAL).connect(given)
        login = FakeLogin(dict(tokens.secrets), renewed=tokens)
        gateway = AliExpressGateway(config, login, limiter, world.clock, http=http, calls=QUICK)
        try:
            yield Connected(world, login, limiter, gateway)
        finally:
            gateway.close()


@pytest.fixture
def shop() -> Iterator[Connected]:
    with connected() as shop:
        yield shop


@pytest.mark.parametrize("sign_method", ["sha256", "md5"])
def test_a_whole_catalogue_is_read_as_it_is(sign_method: str) -> None:
    with connected(sign_method=sign_method) as shop:
        catalogue = list(shop.world.trades["aliexpress"].catalogue.products.values())
        refs = shop.refs()
        answers = {each.product_ref: each for each in shop.gateway.fetch_items(refs, MARKET)}
        assert sorted(answers) == sorted(refs)
        for product, ref in zip(catalogue, refs, strict=True):
            item = answers[ref]
            assert isinstance(item, Item)
            assert item.faults == ()
            costs = [each.offer.unit_cost.minor for each in item.variants]
            assert costs == [each.price for each in product.offered]
            stocks = [each.offer.stock for each in item.variants]
            assert stocks == [each.units for each in product.offered]
            on_sale = item.status is ItemStatus.ON_SALE
            assert product.status is ProductStatus.ON_SALE or not on_sale
            assert [each.offer.saleable for each in item.variants] == [on_sale] * len(costs)
        assert len(shop.world.log.operations("aliexpress")) == len(refs) + 1


def test_an_unknown_product_is_not_found(shop: Connected) -> None:
    assert shop.item("1005001999999999") == Item("1005001999999999", ItemStatus.NOT_FOUND)


def test_every_way_of_sending_is_quoted_to_the_cent(shop: Connected) -> None:
    quoted: list[ShippingQuote] = []
    for answer in shop.gateway.fetch_items(shop.refs(), MARKET):
        assert isinstance(answer, Item)
        if answer.status is not ItemStatus.ON_SALE or not answer.variants:
            continue
        offer = answer.variants[0].offer
        line = OrderLine(offer.product_ref, offer.variant_ref, offer.order_ref, 2)
        quotes = shop.gateway.quote_shipping(ShippingRequest((line,), "US", "USD"))
        assert list(quotes) == sorted(quotes, key=lambda each: each.cost.minor)
        quoted += quotes
    # 2 units: what each of the sandbox's ways costs, or nothing.
    assert {each.cost.minor for each in quoted} == {0, 270, 180, 100, 1200}
    assert len(quoted) > 60


def test_tokens_last_as_long_as_the_app_gets_them_for(shop: Connected) -> None:
    tokens = shop.login.tokens()
    now = shop.world.clock()
    assert tokens.access_expires_at is not None
    assert tokens.refresh_expires_at is not None
    assert (tokens.access_expires_at - now).days == 30
    assert (tokens.refresh_expires_at - now).days == 60


def test_an_expired_token_is_renewed_once_and_the_end_of_it_does_not_move(shop: Connected) -> None:
    shop.world.aliexpress.app.status = "Test"
    end = shop.login.tokens().refresh_expires_at
    shop.suffer("expired_token", times=1)
    assert shop.item(shop.refs()[0]).raw
    assert shop.login.renewals == 1
    assert shop.login.tokens().refresh_expires_at == end
    shop.world.aliexpress.tokens.revoke("demo")
    with pytest.raises(LoginRevoked):
        list(shop.gateway.fetch_items(shop.refs(), MARKET))


def test_a_code_serves_once() -> None:
    with connected() as shop:
        config = AliExpressConfig.of({"base_url": shop.world.urls["aliexpress"]})
        again = AliExpressConnector(config, FreeLimiter(), shop.world.clock, http=LOCAL)
        given = {"app_key": DEMO_APP_KEY, "app_secret": DEMO_APP_SECRET, "code": DEMO_CODE}
        with pytest.raises(LoginRevoked):
            again.connect(given)


@pytest.mark.parametrize(
    "fault", ["reset_before", "reset_after", "truncated", "html", "status", "throttled"]
)
def test_a_passing_fault_costs_a_read_nothing(shop: Connected, fault: str) -> None:
    shop.suffer(fault, times=1)
    assert shop.item(shop.refs()[0]).raw


@pytest.mark.parametrize(
    "fault", ["reset_before", "reset_after", "truncated", "html", "status", "huge", "hang"]
)
def test_a_lasting_fault_leaves_the_product_due(fault: str) -> None:
    with connected(http=IMPATIENT if fault == "hang" else LOCAL) as shop:
        ref = shop.refs()[0]
        shop.suffer(fault)
        assert isinstance(shop.fault(ref), SupplierUnavailable)
        shop.world.script.clear()
        assert shop.item(ref).raw


def test_a_ban_ends_the_reading_and_lasts_as_long_as_it_says(shop: Connected) -> None:
    shop.suffer("throttled")
    with pytest.raises(RateLimited) as caught:
        list(shop.gateway.fetch_items(shop.refs(), MARKET))
    assert (caught.value.code, caught.value.retry_after) == ("ApiCallLimit", 1)
    assert set(shop.limiter.penalties) == {(shop.gateway.reading.key, 1.0)}
