"""What every `ports.gateway.SupplierGateway` promises, whatever supplier is behind it.

A rig brings a gateway, and the world behind it in reach: it makes products, breaks the supplier,
sends parcels and looks at what was really ordered and charged. The suite is run on every rig, see
`test_supplier_gateways`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import Enum, auto
from itertools import islice
from typing import Protocol

import pytest

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.items import Item, ItemFault, ItemStatus
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    DuplicateOrder,
    LoginRevoked,
    OrderRejected,
    OutcomeUnknown,
    RateLimited,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    UnknownReference,
    Unsupported,
)
from zyenta_ops.domain.supplier_orders import (
    Ability,
    ExternalOrder,
    OrderLine,
    OrderRequest,
    Placement,
    ShippingRequest,
    SupplierOrderState,
)
from zyenta_ops.ports.gateway import SupplierGateway

MARKET = Market("US", "USD")
REFERENCE = "zy-01HV-1"
RECIPIENT = Address(
    country="US",
    name="Erika Mustermann",
    line1="742 Evergreen Terrace",
    city="Springfield",
    province="OR",
    postal_code="97477",
    phone="+15415550123",
    email="erika@example.com",
)
PERSONAL = ("Erika", "Evergreen", "5415550123", "erika@example.com")
SHIPPED = {
    SupplierOrderState.PARTIALLY_SHIPPED,
    SupplierOrderState.SHIPPED,
    SupplierOrderState.DELIVERED,
}
UNPAID = {SupplierOrderState.CREATED, SupplierOrderState.AWAITING_PAYMENT}


class Fault(Enum):
    """What a supplier can do to a request."""

    LOST_REPLY = auto()  # the next write is done, its answer never comes
    NOT_DONE = auto()  # the next write is not done, and nothing tells
    TOO_OFTEN = auto()  # the next request is one too many
    TOO_OFTEN_FOR_LONG = auto()  # every request is, for an hour
    WEB_PAGE = auto()  # every answer is the web page of a proxy
    LOGIN_ENDED = auto()  # the account is no longer accepted


class Rig(Protocol):
    """A gateway, and the supplier behind it as only a test can see and move it."""

    @property
    def secrets(self) -> Sequence[str]:
        """What must not be seen anywhere."""
        ...

    @property
    def gateway(self) -> SupplierGateway: ...

    def product(self) -> str:
        """The reference of a new product, on sale with a variant in stock."""
        ...

    def withdrawn_product(self) -> str:
        """The reference of a new product that is listed and not sold."""
        ...

    def unknown_product(self) -> str:
        """A reference that the supplier could have given and has not."""
        ...

    def unknown_order(self) -> str:
        """An id that the supplier could have given to an order and has not."""
        ...

    def suffer(self, fault: Fault) -> None:
        """Let the fault happen from now on."""
        ...

    def orders(self) -> int:
        """Orders at the supplier that were not cancelled."""
        ...

    def charges(self, external_id: str) -> int:
        """How often we were charged for an order."""
        ...

    def ship(self, external_id: str) -> None:
        """Send all of an order."""
        ...

    def requests(self) -> int:
        """Requests that reached the supplier."""
        ...

    def webhook(self) -> tuple[Mapping[str, str], bytes] | None:
        """A webhook as the supplier sends it; None = it sends none."""
        ...


def item_of(rig: Rig, ref: str) -> Item:
    (answer,) = rig.gateway.fetch_items([ref], MARKET)
    assert isinstance(answer, Item), answer
    return answer


def line_of(rig: Rig, ref: str, quantity: int = 1) -> OrderLine:
    offer = item_of(rig, ref).variants[0].offer
    return OrderLine(ref, offer.variant_ref, offer.order_ref, quantity)


def shipping_request(line: OrderLine, ships_from: str | None) -> ShippingRequest:
    return ShippingRequest(
        (line,),
        RECIPIENT.country,
        MARKET.currency,
        RECIPIENT.province,
        RECIPIENT.city,
        RECIPIENT.postal_code,
        ships_from,
    )


def order_request(rig: Rig, reference: str = REFERENCE) -> OrderRequest:
    """An order of one unit, sent the cheapest way the supplier quotes."""
    item = item_of(rig, rig.product())
    variant = item.variants[0]
    line = OrderLine(item.product_ref, variant.offer.variant_ref, variant.offer.order_ref, 1)
    service = ""
    if rig.gateway.capabilities.can(Ability.QUOTE_SHIPPING):
        service = rig.gateway.quote_shipping(shipping_request(line, variant.ships_from))[
            0
        ].service_code
    return OrderRequest(reference, (line,), RECIPIENT, service, variant.ships_from)


def placed(rig: Rig, reference: str = REFERENCE) -> str:
    return rig.gateway.place_order(order_request(rig, reference)).external_ids[0]


def needs(rig: Rig, *abilities: Ability) -> None:
    missing = [each for each in abilities if not rig.gateway.capabilities.can(each)]
    if missing:
        pytest.skip(f"the supplier cannot {', '.join(missing)}")


def total_of(rig: Rig, external_id: str) -> Money:
    total = rig.gateway.get_order(external_id).total
    assert total is not None
    return total


def again(rig: Rig, request: OrderRequest) -> str | None:
    """Place an order a second time; the id of the order that there is then, None = not said."""
    try:
        return rig.gateway.place_order(request).external_ids[0]
    except DuplicateOrder as error:
        return error.external_id


class Catalogue:
    def test_the_account_has_a_name(self, rig: Rig) -> None:
        assert rig.gateway.check()

    def test_every_reference_gets_exactly_one_answer(self, rig: Rig) -> None:
        here, there, unknown = rig.product(), rig.product(), rig.unknown_product()
        answers = list(rig.gateway.fetch_items([here, unknown, there, here], MARKET))
        assert sorted(each.product_ref for each in answers) == sorted([here, there, unknown])
        by_ref = {each.product_ref: each for each in answers}
        assert by_ref[unknown] == Item(unknown, ItemStatus.NOT_FOUND)
        for ref in (here, there):
            item = by_ref[ref]
            assert isinstance(item, Item)
            assert (item.status, item.faults) == (ItemStatus.ON_SALE, ())
            assert item.raw
            assert item.title

    def test_nothing_is_asked_when_there_is_nothing_to_ask(self, rig: Rig) -> None:
        before = rig.requests()
        assert list(rig.gateway.fetch_items([], MARKET)) == []
        assert rig.requests() == before

    def test_an_offer_names_its_product_and_has_a_price(self, rig: Rig) -> None:
        ref = rig.product()
        for variant in item_of(rig, ref).variants:
            offer = variant.offer
            assert offer.product_ref == ref
            assert offer.variant_ref
            assert offer.order_ref
            assert offer.unit_cost.minor > 0
            assert offer.saleable
            assert offer.stock is None or offer.stock > 0

    def test_the_same_product_is_the_same_offer(self, rig: Rig) -> None:
        ref = rig.product()
        first, second = item_of(rig, ref), item_of(rig, ref)
        assert [each.offer.content_hash() for each in first.variants] == [
            each.offer.content_hash() for each in second.variants
        ]

    def test_what_is_withdrawn_is_not_for_sale(self, rig: Rig) -> None:
        item = item_of(rig, rig.withdrawn_product())
        assert item.status is ItemStatus.OFF_SALE
        assert not [each for each in item.variants if each.offer.saleable]

    def test_what_is_not_taken_is_not_asked(self, rig: Rig) -> None:
        refs = [rig.product() for _ in range(40)]
        before = rig.requests()
        answers = rig.gateway.fetch_items(refs, MARKET)
        assert rig.requests() == before
        assert len(list(islice(answers, 1))) == 1
        answers.close()  # type: ignore[attr-defined]
        # Some requests may run ahead; a product may take more than one of them.
        assert rig.requests() - before <= 20

    def test_one_request_too_many_is_made_again(self, rig: Rig) -> None:
        ref = rig.product()
        rig.suffer(Fault.TOO_OFTEN)
        assert item_of(rig, ref).status is ItemStatus.ON_SALE

    def test_a_long_pause_ends_the_reading(self, rig: Rig) -> None:
        refs = [rig.product() for _ in range(3)]
        rig.suffer(Fault.TOO_OFTEN_FOR_LONG)
        with pytest.raises(RateLimited):
            list(rig.gateway.fetch_items(refs, MARKET))

    def test_an_account_that_is_refused_ends_the_reading(self, rig: Rig) -> None:
        refs = [rig.product() for _ in range(3)]
        rig.suffer(Fault.LOGIN_ENDED)
        with pytest.raises(LoginRevoked):
            list(rig.gateway.fetch_items(refs, MARKET))
        with pytest.raises(LoginRevoked):
            rig.gateway.check()

    def test_a_web_page_is_no_answer_and_no_product_is_missing(self, rig: Rig) -> None:
        refs = [rig.product() for _ in range(2)]
        rig.suffer(Fault.WEB_PAGE)
        answers = list(rig.gateway.fetch_items(refs, MARKET))
        assert sorted(each.product_ref for each in answers) == sorted(refs)
        for each in answers:
            assert isinstance(each, ItemFault)
            assert isinstance(each.error, AnswerInvalid)


class Quotes:
    def test_the_cheapest_way_comes_first(self, rig: Rig) -> None:
        needs(rig, Ability.QUOTE_SHIPPING)
        item = item_of(rig, rig.product())
        offer = item.variants[0].offer
        line = OrderLine(item.product_ref, offer.variant_ref, offer.order_ref, 2)
        quotes = rig.gateway.quote_shipping(shipping_request(line, item.variants[0].ships_from))
        assert quotes
        assert list(quotes) == sorted(quotes, key=lambda each: each.cost.minor)
        assert len({each.cost.currency for each in quotes}) == 1
        assert all(each.service_code for each in quotes)
        assert len({each.service_code for each in quotes}) == len(quotes)


class Placing:
    def test_an_order_is_placed_once_and_found_again(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        answer = rig.gateway.place_order(order_request(rig))
        assert rig.orders() == 1
        order = rig.gateway.get_order(answer.external_ids[0])
        assert order.external_id == answer.external_ids[0]
        assert order.state is answer.state
        assert order.state is not SupplierOrderState.UNKNOWN
        assert order.reference in (REFERENCE, "")

    def test_placing_moves_no_money(self, rig: Rig) -> None:
        needs(rig, Ability.PAY_ORDERS)
        answer = rig.gateway.place_order(order_request(rig))
        assert not answer.paid
        assert answer.state in UNPAID
        assert rig.charges(answer.external_ids[0]) == 0

    def test_an_order_is_found_by_our_reference(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        if rig.gateway.capabilities.placement is not Placement.SEARCHABLE_REF:
            pytest.skip("the supplier cannot be searched")
        assert rig.gateway.find_order(REFERENCE) is None
        external_id = placed(rig)
        placed(rig, "zy-01HV-2")
        found = rig.gateway.find_order(REFERENCE)
        assert found is not None
        assert (found.external_id, found.reference) == (external_id, REFERENCE)

    def test_the_same_reference_buys_once(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        if rig.gateway.capabilities.placement is Placement.BLIND:
            pytest.skip("the supplier knows no reference of ours")
        request = order_request(rig)
        first = rig.gateway.place_order(request).external_ids[0]
        assert again(rig, request) in (first, None)
        assert rig.orders() == 1

    def test_a_lost_reply_is_not_repeated_but_reconciled(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        request = order_request(rig)
        rig.suffer(Fault.LOST_REPLY)
        with pytest.raises(OutcomeUnknown):
            rig.gateway.place_order(request)
        assert rig.orders() == 1
        match rig.gateway.capabilities.placement:
            case Placement.SEARCHABLE_REF:
                found = rig.gateway.find_order(REFERENCE)
                assert found is not None
                assert rig.gateway.get_order(found.external_id).reference == REFERENCE
            case Placement.IDEMPOTENT_REF:
                again(rig, request)
        assert rig.orders() == 1

    def test_what_was_not_done_can_be_done_after_all(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        request = order_request(rig)
        rig.suffer(Fault.NOT_DONE)
        with pytest.raises(OutcomeUnknown):
            rig.gateway.place_order(request)
        assert rig.orders() == 0
        if rig.gateway.capabilities.placement is Placement.SEARCHABLE_REF:
            assert rig.gateway.find_order(REFERENCE) is None
        rig.gateway.place_order(request)
        assert rig.orders() == 1

    def test_one_request_too_many_is_made_again_and_buys_once(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        request = order_request(rig)
        rig.suffer(Fault.TOO_OFTEN)
        rig.gateway.place_order(request)
        assert rig.orders() == 1

    @pytest.mark.parametrize("fault", [Fault.TOO_OFTEN_FOR_LONG, Fault.LOGIN_ENDED])
    def test_a_refusal_at_the_door_orders_nothing(self, rig: Rig, fault: Fault) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        request = order_request(rig)
        rig.suffer(fault)
        kind = RateLimited if fault is Fault.TOO_OFTEN_FOR_LONG else LoginRevoked
        with pytest.raises(kind):
            rig.gateway.place_order(request)
        assert rig.orders() == 0

    def test_what_makes_no_sense_is_refused_and_not_ordered(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        request = order_request(rig)
        line = request.lines[0]
        longest = rig.gateway.capabilities.longest_reference
        for odd in (
            replace(request, lines=()),
            replace(request, lines=(replace(line, quantity=0),)),
            replace(request, reference="z" * (longest + 1)),
            replace(request, reference=""),
        ):
            with pytest.raises((RequestInvalid, OrderRejected)):
                rig.gateway.place_order(odd)
        assert rig.orders() == 0

    def test_an_unknown_variant_is_refused(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        request = order_request(rig)
        ref = rig.unknown_product()
        with pytest.raises((RequestInvalid, OrderRejected)):
            rig.gateway.place_order(replace(request, lines=(OrderLine(ref, ref, ref, 1),)))
        assert rig.orders() == 0


class Paying:
    def test_an_order_is_paid_for_within_the_limit(self, rig: Rig) -> None:
        needs(rig, Ability.PAY_ORDERS)
        external_id = placed(rig)
        rig.gateway.pay_order(external_id, total_of(rig, external_id))
        assert rig.charges(external_id) == 1
        assert rig.gateway.get_order(external_id).state not in UNPAID

    def test_more_than_the_limit_is_not_paid(self, rig: Rig) -> None:
        needs(rig, Ability.PAY_ORDERS)
        external_id = placed(rig)
        limit = total_of(rig, external_id) - Money(1, MARKET.currency)
        with pytest.raises(OrderRejected) as caught:
            rig.gateway.pay_order(external_id, limit)
        assert caught.value.reason is RejectionReason.PRICE
        assert rig.charges(external_id) == 0

    def test_paying_twice_charges_once(self, rig: Rig) -> None:
        needs(rig, Ability.PAY_ORDERS)
        external_id = placed(rig)
        total = total_of(rig, external_id)
        rig.gateway.pay_order(external_id, total)
        with suppress(OrderRejected):
            rig.gateway.pay_order(external_id, total)
        assert rig.charges(external_id) == 1

    def test_a_lost_reply_to_a_payment_is_told_by_the_order(self, rig: Rig) -> None:
        needs(rig, Ability.PAY_ORDERS)
        external_id = placed(rig)
        total = total_of(rig, external_id)
        rig.suffer(Fault.LOST_REPLY)
        with pytest.raises(OutcomeUnknown):
            rig.gateway.pay_order(external_id, total)
        assert rig.gateway.get_order(external_id).state not in UNPAID
        assert rig.charges(external_id) == 1


class Following:
    def test_an_order_has_no_parcels_until_it_is_sent(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS, Ability.TRACK)
        external_id = self._paid(rig)
        assert rig.gateway.get_tracking(external_id) == ()
        rig.ship(external_id)
        parcels = rig.gateway.get_tracking(external_id)
        assert parcels
        for parcel in parcels:
            assert parcel.number
            times = [each.at for each in parcel.events]
            assert times == sorted(times, reverse=True)
        assert rig.gateway.get_order(external_id).state in SHIPPED

    def test_an_order_can_be_cancelled_before_it_is_paid_for(self, rig: Rig) -> None:
        needs(rig, Ability.CANCEL_ORDERS)
        external_id = placed(rig)
        rig.gateway.cancel_order(external_id)
        assert rig.orders() == 0
        with suppress(UnknownReference):  # some suppliers forget what was cancelled
            order: ExternalOrder = rig.gateway.get_order(external_id)
            assert order.state is SupplierOrderState.CANCELLED

    def test_what_was_sent_is_not_cancelled(self, rig: Rig) -> None:
        needs(rig, Ability.CANCEL_ORDERS)
        external_id = self._paid(rig)
        rig.ship(external_id)
        with pytest.raises(OrderRejected):
            rig.gateway.cancel_order(external_id)
        assert rig.orders() == 1

    def test_a_lost_reply_to_a_cancellation_is_told_by_the_order(self, rig: Rig) -> None:
        needs(rig, Ability.CANCEL_ORDERS)
        external_id = placed(rig)
        rig.suffer(Fault.LOST_REPLY)
        with pytest.raises(OutcomeUnknown):
            rig.gateway.cancel_order(external_id)
        assert rig.orders() == 0

    def test_an_unknown_order_is_unknown_to_every_method(self, rig: Rig) -> None:
        needs(rig, Ability.PLACE_ORDERS)
        gateway, unknown = rig.gateway, rig.unknown_order()
        with pytest.raises(UnknownReference):
            gateway.get_order(unknown)
        if gateway.capabilities.can(Ability.TRACK):
            with pytest.raises(UnknownReference):
                gateway.get_tracking(unknown)
        if gateway.capabilities.can(Ability.PAY_ORDERS):
            with pytest.raises(UnknownReference):
                gateway.pay_order(unknown, Money(100_00, MARKET.currency))
        if gateway.capabilities.can(Ability.CANCEL_ORDERS):
            with pytest.raises(UnknownReference):
                gateway.cancel_order(unknown)

    def _paid(self, rig: Rig) -> str:
        external_id = placed(rig)
        if rig.gateway.capabilities.can(Ability.PAY_ORDERS):
            rig.gateway.pay_order(external_id, total_of(rig, external_id))
        return external_id


class Limits:
    def test_what_a_supplier_cannot_do_is_said_in_a_sentence(self, rig: Rig) -> None:
        gateway = rig.gateway
        ref, order = rig.unknown_product(), rig.unknown_order()
        line = OrderLine(ref, ref, ref, 1)
        acts: dict[Ability, Callable[[], object]] = {
            Ability.FETCH_ITEMS: lambda: list(gateway.fetch_items([ref], MARKET)),
            Ability.QUOTE_SHIPPING: lambda: gateway.quote_shipping(shipping_request(line, None)),
            Ability.PLACE_ORDERS: lambda: gateway.place_order(
                OrderRequest(REFERENCE, (line,), RECIPIENT, "")
            ),
            Ability.PAY_ORDERS: lambda: gateway.pay_order(order, Money(1, "USD")),
            Ability.CANCEL_ORDERS: lambda: gateway.cancel_order(order),
            Ability.TRACK: lambda: gateway.get_tracking(order),
        }
        for ability, act in acts.items():
            if not gateway.capabilities.can(ability):
                with pytest.raises(Unsupported, match=r".{10,}"):
                    act()

    def test_capabilities_are_usable(self, rig: Rig) -> None:
        capabilities = rig.gateway.capabilities
        assert capabilities.longest_reference >= 20
        assert capabilities.settle.total_seconds() > 0
        assert rig.gateway.reading.seconds > 0

    def test_renewing_the_login_leaves_it_usable(self, rig: Rig) -> None:
        rig.gateway.refresh_credentials()
        assert rig.gateway.check()


class Webhooks:
    def test_what_the_supplier_did_not_sign_is_not_believed(self, rig: Rig) -> None:
        sent = rig.webhook()
        for headers, body in [
            ({}, b""),
            ({}, b"{}"),
            ({"Authorization": "Bearer", "sign": "x", "x-signature": "é"}, b"{}"),
            (dict.fromkeys(sent[0] if sent else {}, ""), sent[1] if sent else b"{}"),
            ({name: f"{value}0" for name, value in (sent[0] if sent else {}).items()}, b"{}"),
        ]:
            assert rig.gateway.verify_webhook(headers, body) is False

    def test_what_it_signed_says_what_to_read_again(self, rig: Rig) -> None:
        sent = rig.webhook()
        if sent is None:
            pytest.skip("the supplier sends no webhooks")
        headers, body = sent
        assert rig.gateway.verify_webhook(headers, body) is True
        assert rig.gateway.verify_webhook({k.upper(): v for k, v in headers.items()}, body)
        hints = rig.gateway.parse_webhook(body)
        assert hints
        assert all(each.event_id for each in hints)
        assert hints == rig.gateway.parse_webhook(body)

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b'{"type": ', b"[" * 100_000])
    def test_what_is_not_readable_says_nothing(self, rig: Rig, body: bytes) -> None:
        with pytest.raises((RequestInvalid, Unsupported)):
            rig.gateway.parse_webhook(body)


class Silence:
    @pytest.mark.parametrize("fault", list(Fault))
    def test_no_error_holds_a_secret_or_an_address(
        self, rig: Rig, fault: Fault, caplog: pytest.LogCaptureFixture
    ) -> None:
        gateway, ref = rig.gateway, rig.product()
        request = order_request(rig) if gateway.capabilities.can(Ability.PLACE_ORDERS) else None
        rig.suffer(fault)
        told: list[str] = []
        for act in (
            lambda: gateway.place_order(request) if request else None,
            lambda: gateway.place_order(replace(request, lines=())) if request else None,
            lambda: list(gateway.fetch_items([ref], MARKET)),
            gateway.check,
        ):
            try:
                told.append(repr(act()))
            except SupplierError as error:
                told += traceback.format_exception(error)
        told += [record.getMessage() for record in caplog.records]
        for secret in (*rig.secrets, *PERSONAL):
            assert secret not in "".join(told)


class SupplierGatewayContract(
    Catalogue, Quotes, Placing, Paying, Following, Limits, Webhooks, Silence
):
    """Every promise. A subclass gives the fixture `rig`."""
