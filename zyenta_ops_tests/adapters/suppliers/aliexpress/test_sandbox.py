"""The gateway against the sandbox, which was written apart from it and shares no code with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

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
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    LoginRevoked,
    OrderRejected,
    OutcomeUnknown,
    RateLimited,
    RejectionReason,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import (
    HintKind,
    OrderLine,
    OrderRequest,
    ParcelState,
    ShippingQuote,
    ShippingRequest,
    SupplierOrderState,
)
from zyenta_ops.sandbox.aliexpress.apps import DEMO_APP_KEY, DEMO_APP_SECRET, DEMO_CODE
from zyenta_ops.sandbox.aliexpress.products import product_id
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.orders import Order
from zyenta_ops.sandbox.products import ProductStatus
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import (
    IMPATIENT,
    LOCAL,
    FakeLogin,
    FreeLimiter,
    connections,
)
from zyenta_ops_tests.adapters.web_server import status, web_server
from zyenta_ops_tests.contracts.supplier_gateway import RECIPIENT, SHIPPED

MARKET = Market("US", "USD")
PRODUCT = "aliexpress.ds.product.get"
PLACE = "aliexpress.ds.order.create"


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
def connected(http: HttpPolicy = LOCAL, **settings: Any) -> Iterator[Connected]:
    with (
        stamina.set_testing(True, attempts=3, cap=True),
        SandboxWorld(seed=7, products=60, enforce_limits=False).serving() as world,
    ):
        config = AliExpressConfig.of({"base_url": world.urls["aliexpress"], **settings})
        limiter = FreeLimiter()
        given = {"app_key": DEMO_APP_KEY, "app_secret": DEMO_APP_SECRET, "code": DEMO_CODE}
        tokens = AliExpressConnector(config, connections(limiter, world.clock)).connect(given)
        login = FakeLogin(dict(tokens.secrets), renewed=tokens)
        gateway = AliExpressGateway(config, login, connections(limiter, world.clock, http))
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
        again = AliExpressConnector(config, connections(clock=shop.world.clock))
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


class TestOrders:
    def ordered(self, shop: Connected, reference: str = "zy-1-1") -> OrderRequest:
        """An order of one unit of something that is there, sent the cheapest way."""
        for ref in shop.refs():
            for variant in shop.item(ref).variants:
                offer = variant.offer
                line = OrderLine(ref, offer.variant_ref, offer.order_ref, 1)
                quotes: tuple[ShippingQuote, ...] = ()
                if offer.saleable and offer.stock:
                    asked = ShippingRequest((line,), "US", "USD", "Oregon", "Springfield")
                    quotes = shop.gateway.quote_shipping(asked)
                if quotes:
                    return OrderRequest(reference, (line,), RECIPIENT, quotes[0].service_code)
        raise AssertionError("the sandbox sells nothing")

    def booked(self, shop: Connected) -> dict[int, Order]:
        return shop.world.trades["aliexpress"].orders.orders

    def pay(self, shop: Connected, external_id: str) -> None:
        """What the merchant does on the site."""
        book = shop.world.trades["aliexpress"].orders
        book.pay(book.orders[int(external_id)])

    def test_an_order_is_placed_paid_on_the_site_sent_and_received(self, shop: Connected) -> None:
        request = self.ordered(shop)
        answer = shop.gateway.place_order(request)
        (external_id,) = answer.external_ids
        assert answer.state is SupplierOrderState.AWAITING_PAYMENT
        (booked,) = self.booked(shop).values()
        assert booked.address["province"] == "Oregon"
        assert booked.address["mobile_no"] == "5415550123"
        order = shop.gateway.get_order(external_id)
        assert order.state is answer.state
        assert order.total == Money(booked.total, "USD")
        assert order.pay_until == shop.world.clock() + timedelta(days=12)
        assert shop.gateway.get_tracking(external_id) == ()

        self.pay(shop, external_id)
        seen = []
        for _ in range(40):
            order = shop.gateway.get_order(external_id)
            seen += [order.state] if order.state not in seen else []
            parcels = shop.gateway.get_tracking(external_id)
            assert (order.state in SHIPPED) == bool(parcels)
            shop.world.advance(hours=12)
        assert seen[-2:] == [SupplierOrderState.SHIPPED, SupplierOrderState.DELIVERED]
        (parcel,) = parcels
        assert (parcel.state, parcel.carrier) == (ParcelState.DELIVERED, "Cainiao")
        assert [each.at for each in parcel.events] == sorted(
            (each.at for each in parcel.events), reverse=True
        )

    @pytest.mark.parametrize("fault", ["reset_after", "truncated"])
    def test_a_lost_reply_is_made_good_by_the_same_reference(
        self, shop: Connected, fault: str
    ) -> None:
        request = self.ordered(shop)
        shop.suffer(fault, PLACE, times=1)
        with pytest.raises(OutcomeUnknown):
            shop.gateway.place_order(request)
        (number,) = self.booked(shop)
        assert shop.gateway.place_order(request).external_ids == (str(number),)
        assert len(self.booked(shop)) == 1

    @pytest.mark.parametrize("fault", ["reset_before", "html", "status", "huge"])
    def test_what_was_not_done_is_not_repeated_by_itself(self, shop: Connected, fault: str) -> None:
        request = self.ordered(shop)
        shop.suffer(fault, PLACE)
        with pytest.raises(OutcomeUnknown):
            shop.gateway.place_order(request)
        assert shop.world.log.operations("aliexpress").count(PLACE) == 1
        assert self.booked(shop) == {}

    @pytest.mark.parametrize("fault", ["throttled", "expired_token"])
    def test_what_was_refused_at_the_door_is_placed_once_after_all(
        self, shop: Connected, fault: str
    ) -> None:
        request = self.ordered(shop)
        shop.suffer(fault, PLACE, times=1)
        shop.gateway.place_order(request)
        assert len(self.booked(shop)) == 1

    def test_a_reference_with_other_contents_is_a_duplicate(self, shop: Connected) -> None:
        request = self.ordered(shop)
        shop.gateway.place_order(request)
        with pytest.raises(DuplicateOrder):
            shop.gateway.place_order(replace(request, note="another"))
        assert len(self.booked(shop)) == 1

    @pytest.mark.parametrize(
        ("odd", "reason"),
        [
            ({"service_code": "PIGEON"}, RejectionReason.SHIPPING_METHOD),
            ({"address": replace(RECIPIENT, country="ZZ")}, RejectionReason.REGION),
            ({"address": replace(RECIPIENT, province="Mordor")}, RejectionReason.ADDRESS),
        ],
    )
    def test_a_refusal_has_its_reason(
        self, shop: Connected, odd: dict[str, Any], reason: RejectionReason
    ) -> None:
        with pytest.raises(OrderRejected) as caught:
            shop.gateway.place_order(replace(self.ordered(shop), **odd))
        assert caught.value.reason is reason
        assert self.booked(shop) == {}

    def test_what_is_sold_out_or_gone_is_out_of_stock(self, shop: Connected) -> None:
        request = self.ordered(shop)
        (line,) = request.lines
        for odd in (replace(line, quantity=100_000), replace(line, order_ref="14:1#Gone")):
            with pytest.raises(OrderRejected) as caught:
                shop.gateway.place_order(replace(request, lines=(odd,)))
            assert caught.value.reason is RejectionReason.OUT_OF_STOCK
        assert self.booked(shop) == {}

    def test_an_order_that_nobody_pays_for_ends(self, shop: Connected) -> None:
        (external_id,) = shop.gateway.place_order(self.ordered(shop)).external_ids
        shop.world.advance(days=13)
        order = shop.gateway.get_order(external_id)
        assert order.state is SupplierOrderState.CANCELLED
        assert order.pay_until is None

    def test_a_push_is_believed_and_names_the_order(self, shop: Connected) -> None:
        with web_server() as ours:
            ours.api = lambda asked: status(200)
            shop.world.aliexpress.app.push_url = ours.url("/hooks/aliexpress")
            (external_id,) = shop.gateway.place_order(self.ordered(shop)).external_ids
            shop.world.settle()
        (push,) = ours.asked
        assert shop.gateway.verify_webhook(push.headers, push.body)
        assert not shop.gateway.verify_webhook(push.headers, push.body + b" ")
        (hint,) = shop.gateway.parse_webhook(push.body)
        assert (hint.kind, hint.refs) == (HintKind.ORDER, (external_id,))

    @pytest.mark.parametrize("allowed", [True, False])
    def test_whether_aliexpress_paid_by_itself_is_told_by_the_order(self, allowed: bool) -> None:
        with connected(try_to_pay=True) as shop:
            shop.world.aliexpress.buyer.pays_by_api = allowed
            answer = shop.gateway.place_order(self.ordered(shop))
            order = shop.gateway.get_order(answer.external_ids[0])
        assert bool(answer.holds) is not allowed
        unpaid = order.state is SupplierOrderState.AWAITING_PAYMENT
        assert unpaid is not allowed
