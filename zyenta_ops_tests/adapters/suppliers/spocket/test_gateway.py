"""A partner's gateway to Spocket: the contract, and what happens without one."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import stamina

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.adapters.suppliers.spocket import (
    SpocketConfig,
    SpocketConnector,
    SpocketGateway,
)
from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.items import Item, ItemFault, ItemVariant
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    DuplicateOrder,
    LoginRevoked,
    Misconfigured,
    OrderRejected,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    Unsupported,
)
from zyenta_ops.domain.supplier_orders import (
    Capabilities,
    OrderLine,
    OrderRequest,
    Parcel,
    ParcelEvent,
    ParcelState,
    PlacedOrder,
    ShippingRequest,
    SupplierOrderState,
)
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import FakeLogin, connections
from zyenta_ops_tests.adapters.suppliers.spocket.service import (
    TOKEN,
    SpocketRig,
    failure,
    spocket_rig,
    variant,
)
from zyenta_ops_tests.adapters.web_server import status
from zyenta_ops_tests.contracts.supplier_gateway import (
    MARKET,
    PERSONAL,
    RECIPIENT,
    item_of,
    order_request,
    placed,
)


@pytest.fixture
def rig() -> Iterator[SpocketRig]:
    with stamina.set_testing(True, attempts=100, cap=True), spocket_rig() as rig:
        yield rig


def answered(rig: SpocketRig, ref: str) -> Item | ItemFault:
    (answer,) = rig.gateway.fetch_items([ref], MARKET)
    return answer


class TestWithoutAPartner:
    ACTS: tuple[Callable[[SpocketGateway], Any], ...] = (
        lambda gateway: gateway.check(),
        lambda gateway: gateway.fetch_items(["a"], MARKET),
        lambda gateway: gateway.quote_shipping(
            ShippingRequest((OrderLine("a", "b", "c", 1),), "US", "USD")
        ),
        lambda gateway: gateway.find_order("zy-1"),
        lambda gateway: gateway.place_order(
            OrderRequest("zy-1", (OrderLine("a", "b", "c", 1),), RECIPIENT, "")
        ),
        lambda gateway: gateway.pay_order("S1", Money(1, "USD")),
        lambda gateway: gateway.get_order("S1"),
        lambda gateway: gateway.get_tracking("S1"),
        lambda gateway: gateway.cancel_order("S1"),
        lambda gateway: gateway.refresh_credentials(),
        lambda gateway: gateway.parse_webhook(b"{}"),
    )

    def gateway(self) -> SpocketGateway:
        login = FakeLogin({"token": TOKEN})
        return SpocketGateway(SpocketConfig(), login, connections())

    @pytest.mark.parametrize("act", ACTS)
    def test_everything_says_why_it_cannot_be_done(
        self, act: Callable[[SpocketGateway], Any]
    ) -> None:
        with pytest.raises(Unsupported) as caught:
            act(self.gateway())
        assert str(caught.value) == (
            "Spocket has no public API; set base_url to a partner's gateway, or read Spocket's"
            " catalogue as a feed export"
        )

    def test_it_promises_nothing_and_believes_nothing(self) -> None:
        assert self.gateway().capabilities == Capabilities()
        assert self.gateway().verify_webhook({"authorization": TOKEN}, b"{}") is False

    def test_no_account_can_be_connected(self) -> None:
        connector = SpocketConnector(SpocketConfig(), connections())
        assert connector.asks_for == ("token",)
        assert "no public API" in connector.guide
        with pytest.raises(Unsupported):
            connector.connect({"token": TOKEN})


class TestAccount:
    def config(self, rig: SpocketRig) -> SpocketConfig:
        return SpocketConfig.of({"base_url": rig.web.url("/")})

    def test_a_token_is_tried_when_it_is_connected(self, rig: SpocketRig) -> None:
        connector = SpocketConnector(self.config(rig), connections())
        assert connector.connect({"token": TOKEN}).secrets == {"token": TOKEN}
        with pytest.raises(LoginRevoked):
            connector.connect({"token": "wrong"})
        with pytest.raises(RequestInvalid):
            connector.connect({"token": ""})

    def test_the_host_names_the_account(self, rig: SpocketRig) -> None:
        assert rig.gateway.check() == "127.0.0.1"

    def test_the_partner_may_set_a_quota(self) -> None:
        allowance = SpocketConfig.of({"requests_per_minute": 30, "requests_per_day": 500})
        found = allowance.allowance({"token": "a"})
        assert (found.key, found.seconds, found.per_day) == (
            f"spocket:token:{fingerprint('a')}",
            2.0,
            500,
        )

    @pytest.mark.parametrize("settings", [{"base_url": "ftp://x.example"}, {"token": "x"}])
    def test_a_wrong_setting_is_refused(self, settings: dict[str, Any]) -> None:
        with pytest.raises(Refused, match="the Spocket setting '"):
            SpocketConfig.of(settings)


class TestProducts:
    def test_a_product_is_an_item(self, rig: SpocketRig) -> None:
        ref = rig.product()
        item = item_of(rig, ref)
        offer = Offer(
            product_ref=ref,
            variant_ref=f"{ref}-oak",
            order_ref=f"{ref}-oak",
            title="Lamp / Oak",
            unit_cost=Money(12_50, "USD"),
            list_price=Money(20_00, "USD"),
            stock=7,
            sku=f"SKU-{ref}-oak",
            attributes=(("Wood", "Oak"),),
            images=("https://img.example/oak.jpg", "https://img.example/lamp.jpg"),
        )
        assert item.variants == (ItemVariant(offer, ships_from="US", weight_grams=300),)
        assert item.images == ("https://img.example/lamp.jpg",)
        assert json.loads(item.raw)["id"] == ref

    def test_the_market_and_the_account_are_named(self, rig: SpocketRig) -> None:
        rig.product()
        item_of(rig, "lamp-1")
        assert rig.web.asked[0].path == "/products?ids=lamp-1&country=US&currency=USD"
        assert rig.limiter.acquired == [(f"spocket:token:{fingerprint(TOKEN)}",)]

    def test_stock_that_is_not_said_is_unknown(self, rig: SpocketRig) -> None:
        item = item_of(rig, rig.product(variant("v", stock=None)))
        assert item.variants[0].offer.stock is None

    def test_a_variant_that_is_not_available_is_not_saleable(self, rig: SpocketRig) -> None:
        item = item_of(rig, rig.product(variant("v", available=False), variant("w")))
        assert [each.offer.saleable for each in item.variants] == [False, True]

    @pytest.mark.parametrize(
        "changes",
        [
            {"price": None},
            {"price": "0"},
            {"price": "-1.00"},
            {"currency": "XYZ"},
            {"stock": -3},
            {"stock": "plenty"},
            {"list_price": "a lot"},
            {"id": None},
        ],
    )
    def test_a_variant_that_makes_no_sense_is_left_out(
        self, rig: SpocketRig, changes: dict[str, Any]
    ) -> None:
        item = item_of(rig, rig.product(variant("v"), variant("w", **changes)))
        assert [each.offer.variant_ref for each in item.variants] == ["v"]
        assert len(item.faults) == 1
        fault = answered(rig, rig.product(variant("w", **changes)))
        assert isinstance(fault, ItemFault)
        assert isinstance(fault.error, AnswerInvalid)

    def test_an_unknown_status_is_a_fault(self, rig: SpocketRig) -> None:
        fault = answered(rig, rig.product(status="sleeping"))
        assert isinstance(fault, ItemFault)
        assert str(fault.error) == "the product is 'sleeping', which is unknown"

    def test_many_products_take_few_requests(self, rig: SpocketRig) -> None:
        refs = [rig.product() for _ in range(120)]
        found = list(rig.gateway.fetch_items([*refs, "lamp-9999"], MARKET))
        assert [each.product_ref for each in found] == [*refs, "lamp-9999"]
        assert all(isinstance(each, Item) for each in found)
        assert len(rig.web.asked) == 3 + 3 + 1  # 50, 50 and 21 products in pages of 20, 20, 10

    def test_pages_that_do_not_end_are_left(self, rig: SpocketRig) -> None:
        ref = rig.product()
        rig.service.endless = True
        fault = answered(rig, ref)
        assert isinstance(fault, ItemFault)
        assert "does not come to an end" in str(fault.error)
        assert len(rig.web.asked) == 20

    @pytest.mark.parametrize("odd", [b"{}", b'{"products": {}}', b"[]", b"null"])
    def test_an_answer_without_a_list_is_no_answer(self, rig: SpocketRig, odd: bytes) -> None:
        rig.web.routes["/products"] = status(200, odd)
        fault = answered(rig, rig.product())
        assert isinstance(fault, ItemFault)
        assert isinstance(fault.error, AnswerInvalid)

    @pytest.mark.parametrize("ref", ["", "a,b"])
    def test_a_reference_that_cannot_be_one_is_not_asked_about(
        self, rig: SpocketRig, ref: str
    ) -> None:
        fault = answered(rig, ref)
        assert isinstance(fault, ItemFault)
        assert isinstance(fault.error, RequestInvalid)
        assert rig.web.asked == []

    @pytest.mark.parametrize(("code", "kind"), [(403, Misconfigured), (401, LoginRevoked)])
    def test_a_refused_account_ends_the_reading(
        self, rig: SpocketRig, code: int, kind: type[SupplierError]
    ) -> None:
        rig.web.routes["/products"] = status(code, json.dumps(failure(code, "no")[1]).encode())
        with pytest.raises(kind) as caught:
            answered(rig, rig.product())
        if kind is Misconfigured:
            assert (caught.value.code, caught.value.request_id) == ("no", "req-7")


class TestOrders:
    def test_an_order_is_sent_under_our_reference(self, rig: SpocketRig) -> None:
        request = replace(order_request(rig), service_code="ECO", note="gift")
        assert rig.gateway.place_order(request) == PlacedOrder(
            ("S1",), SupplierOrderState.CREATED, paid=False, total=Money(15_50, "USD")
        )
        asked = rig.web.asked[-1]
        assert asked.headers["idempotency-key"] == "zy-01HV-1"
        assert json.loads(asked.body) == {
            "reference": "zy-01HV-1",
            "lines": [{"product_id": "lamp-1", "variant_id": "lamp-1-oak", "quantity": 1}],
            "address": {
                "country": "US",
                "name": "Erika Mustermann",
                "line1": "742 Evergreen Terrace",
                "city": "Springfield",
                "province": "OR",
                "postal_code": "97477",
                "phone": "+15415550123",
                "email": "erika@example.com",
            },
            "shipping_method": "ECO",
            "note": "gift",
        }
        assert rig.limiter.urgent == [(f"spocket:token:{fingerprint(TOKEN)}",)]

    def test_the_same_reference_for_something_else_is_a_duplicate(self, rig: SpocketRig) -> None:
        request = order_request(rig)
        rig.gateway.place_order(request)
        with pytest.raises(DuplicateOrder) as caught:
            rig.gateway.place_order(replace(request, note="changed"))
        assert (caught.value.external_id, caught.value.code) == ("S1", "key_used")
        assert rig.orders() == 1

    def test_of_several_orders_one_that_counts_is_found(self, rig: SpocketRig) -> None:
        placed(rig)
        rig.service.orders["S2"] = {**rig.service.orders["S1"], "id": "S2"}
        rig.service.orders["S1"]["status"] = "cancelled"
        found = rig.gateway.find_order("zy-01HV-1")
        assert found is not None
        assert found.external_id == "S2"
        assert rig.gateway.find_order("zy-other") is None

    def test_an_order_under_another_reference_is_not_ours(self, rig: SpocketRig) -> None:
        placed(rig)
        body = json.dumps({"orders": list(rig.service.orders.values())}).encode()
        rig.web.routes["GET /orders"] = status(200, body)
        assert rig.gateway.find_order("zy-other") is None

    @pytest.mark.parametrize("reason", list(RejectionReason))
    def test_a_refusal_says_why(self, rig: SpocketRig, reason: RejectionReason) -> None:
        request = order_request(rig)
        error = failure(422, reason.lower(), message="Erika Mustermann lives nowhere")[1]
        rig.web.routes["POST /orders"] = status(422, json.dumps(error).encode())
        with pytest.raises(OrderRejected) as caught:
            rig.gateway.place_order(request)
        assert caught.value.reason is reason
        told = "".join(traceback.format_exception(caught.value))
        assert not [each for each in PERSONAL if each in told]

    def test_more_than_there_is_is_refused(self, rig: SpocketRig) -> None:
        request = order_request(rig)
        line = replace(request.lines[0], quantity=8)
        with pytest.raises(OrderRejected) as caught:
            rig.gateway.place_order(replace(request, lines=(line,)))
        assert caught.value.reason is RejectionReason.OUT_OF_STOCK
        assert rig.orders() == 0

    @pytest.mark.parametrize("state", list(SupplierOrderState))
    def test_every_state_is_told_by_its_word(
        self, rig: SpocketRig, state: SupplierOrderState
    ) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id]["status"] = state.lower()
        assert rig.gateway.get_order(external_id).state is state

    def test_an_unknown_word_is_kept(self, rig: SpocketRig) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id]["status"] = "dreaming"
        order = rig.gateway.get_order(external_id)
        assert (order.state, order.raw_state) == (SupplierOrderState.UNKNOWN, "dreaming")

    def test_an_order_may_come_wrapped(self, rig: SpocketRig) -> None:
        external_id = placed(rig)
        body = json.dumps({"order": rig.service.orders[external_id]}).encode()
        rig.web.routes[f"/orders/{external_id}"] = status(200, body)
        assert rig.gateway.get_order(external_id).external_id == external_id

    def test_shipments_are_parcels_with_the_newest_event_first(self, rig: SpocketRig) -> None:
        external_id = placed(rig)
        rig.ship(external_id)
        assert rig.gateway.get_tracking(external_id) == (
            Parcel(
                "1Z999",
                "UPS",
                "https://track.example/1Z999",
                ParcelState.IN_TRANSIT,
                "in_transit",
                (
                    ParcelEvent(
                        datetime(2026, 11, 4, 8, tzinfo=UTC),
                        "On its way",
                        state=ParcelState.IN_TRANSIT,
                    ),
                    ParcelEvent(
                        datetime(2026, 11, 3, 13, tzinfo=UTC),
                        "Picked up",
                        state=ParcelState.ANNOUNCED,
                    ),
                ),
                datetime(2026, 11, 9, tzinfo=UTC),
            ),
        )

    def test_an_id_stays_within_its_path(self, rig: SpocketRig) -> None:
        with pytest.raises(SupplierError):
            rig.gateway.get_order("../products?ids=1")
        assert rig.web.asked[-1].path == "/orders/..%2Fproducts%3Fids%3D1"

    @pytest.mark.parametrize("reference", ["", "a b", "ä", "z" * 65])
    def test_a_reference_that_cannot_be_a_key_is_not_sent(
        self, rig: SpocketRig, reference: str
    ) -> None:
        request = order_request(rig)
        sent = len(rig.web.asked)
        with pytest.raises(RequestInvalid):
            rig.gateway.place_order(replace(request, reference=reference))
        assert len(rig.web.asked) == sent
