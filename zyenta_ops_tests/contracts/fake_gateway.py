"""A supplier in memory that keeps the promises of `ports.gateway.SupplierGateway`.

`FakeSupplier` is the supplier; tests move it by its fields and methods. `FakeGateway` is our way
to it. Abilities and the way of reconciling can be chosen, so that operations can be tried against
suppliers of every kind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hmac import compare_digest

from zyenta_ops.domain.catalog import Market, Offer
from zyenta_ops.domain.items import Item, ItemAnswer, ItemFault, ItemStatus, ItemVariant
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    DuplicateOrder,
    LoginFailed,
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
    Capabilities,
    ExternalOrder,
    Hint,
    HintKind,
    OrderRequest,
    Parcel,
    ParcelEvent,
    ParcelState,
    PlacedOrder,
    Placement,
    ShippingQuote,
    ShippingRequest,
    SupplierOrderState,
)
from zyenta_ops.ports.gateway import Allowance
from zyenta_ops_tests.contracts.supplier_gateway import Fault

EVERYTHING = Capabilities(frozenset(Ability), Placement.SEARCHABLE_REF)
SECRET = "fake-s3cret"
SHIPPING = Money(3_00, "USD")
COST = Money(12_50, "USD")
BALANCE = Money(1_000_00, "USD")
_AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
_ONCE = {Fault.LOST_REPLY, Fault.NOT_DONE, Fault.TOO_OFTEN}


@dataclass
class FakeSupplier:
    """The supplier itself: what it lists, what was ordered, what goes wrong."""

    capabilities: Capabilities = EVERYTHING
    products: dict[str, Item] = field(default_factory=dict)
    orders: dict[str, ExternalOrder] = field(default_factory=dict)
    charges: dict[str, int] = field(default_factory=dict)
    balance: Money = BALANCE
    faults: list[Fault] = field(default_factory=list)
    requests: int = 0

    def list_product(self, ref: str, cost: Money = COST, stock: int = 7) -> Item:
        offer = Offer(ref, f"{ref}-v", f"{ref}-o", f"Thing {ref}", cost, stock=stock)
        variants = (ItemVariant(offer, ships_from="US"),)
        self.products[ref] = Item(
            ref, ItemStatus.ON_SALE, offer.title, variants, raw=json.dumps({"id": ref}).encode()
        )
        return self.products[ref]

    def withdraw(self, ref: str) -> None:
        item = self.products[ref]
        variants = tuple(
            replace(each, offer=replace(each.offer, saleable=False)) for each in item.variants
        )
        self.products[ref] = replace(item, status=ItemStatus.OFF_SALE, variants=variants)

    def ship(self, external_id: str) -> None:
        parcel = Parcel(
            f"TRACK{external_id}",
            "Carrier",
            state=ParcelState.IN_TRANSIT,
            events=(ParcelEvent(_AT, "Shipped", state=ParcelState.IN_TRANSIT),),
        )
        self.change(external_id, state=SupplierOrderState.SHIPPED, parcels=(parcel,))

    def change(self, external_id: str, **fields: object) -> None:
        self.orders[external_id] = replace(self.orders[external_id], **fields)  # type: ignore[arg-type]

    @contextmanager
    def request(self, *, write: bool = False) -> Iterator[None]:
        """A request of ours: what the supplier does goes inside, faults happen around it."""
        self.requests += 1
        fault = next((each for each in self.faults if write or each not in _WRITES), None)
        if fault in _ONCE:
            self.faults.remove(fault)
        if fault is Fault.TOO_OFTEN_FOR_LONG:
            raise RateLimited("the supplier asks for fewer requests", retry_after=3_600)
        if fault is Fault.LOGIN_ENDED:
            raise LoginRevoked("the supplier no longer accepts the account")
        if fault is Fault.WEB_PAGE and not write:
            raise AnswerInvalid("the supplier answered with a web page")
        if fault in (Fault.NOT_DONE, Fault.WEB_PAGE):
            raise OutcomeUnknown("nobody knows what became of it")
        yield
        if fault is Fault.LOST_REPLY:
            raise OutcomeUnknown("nobody knows what became of it")


_WRITES = {Fault.LOST_REPLY, Fault.NOT_DONE}


@dataclass(frozen=True)
class FakeGateway:
    """Satisfies `ports.gateway.SupplierGateway`."""

    supplier: FakeSupplier

    @property
    def capabilities(self) -> Capabilities:
        return self.supplier.capabilities

    @property
    def reading(self) -> Allowance:
        return Allowance("fake:account", 0.1)

    @property
    def limits(self) -> tuple[Allowance, ...]:
        return (self.reading,)

    def check(self) -> str:
        with self.supplier.request():
            return "The fake account"

    def fetch_items(self, product_refs: Sequence[str], market: Market) -> Iterator[ItemAnswer]:
        self._must(Ability.FETCH_ITEMS)
        for ref in dict.fromkeys(product_refs):
            try:
                with self.supplier.request():
                    unknown = Item(ref, ItemStatus.NOT_FOUND)
                    answer: ItemAnswer = self.supplier.products.get(ref, unknown)
            except (LoginFailed, RateLimited):
                raise
            except SupplierError as error:
                answer = ItemFault(ref, error)
            yield answer

    def quote_shipping(self, request: ShippingRequest) -> tuple[ShippingQuote, ...]:
        self._must(Ability.QUOTE_SHIPPING)
        with self.supplier.request():
            return (
                ShippingQuote("SLOW", "Slow", SHIPPING, 10, 20),
                ShippingQuote("FAST", "Fast", SHIPPING + SHIPPING, 2, 4, tracked=True),
            )

    def find_order(self, reference: str) -> ExternalOrder | None:
        self._must(Ability.PLACE_ORDERS)
        with self.supplier.request():
            if self.capabilities.placement is not Placement.SEARCHABLE_REF:
                return None
            return self._under(reference)

    def place_order(self, request: OrderRequest) -> PlacedOrder:
        self._must(Ability.PLACE_ORDERS)
        if not 1 <= len(request.reference) <= self.capabilities.longest_reference:
            raise RequestInvalid("the reference has no such length")
        if not request.lines or any(line.quantity < 1 for line in request.lines):
            raise RequestInvalid("there is nothing to order")
        with self.supplier.request(write=True):
            known = self._under(request.reference)
            if known is None or self.capabilities.placement is Placement.BLIND:
                known = self._created(request)
            elif self.capabilities.placement is Placement.SEARCHABLE_REF:
                raise DuplicateOrder("there is one", external_id=known.external_id)
            return PlacedOrder((known.external_id,), known.state, total=known.total)

    def pay_order(self, external_id: str, most: Money) -> None:
        self._must(Ability.PAY_ORDERS)
        with self.supplier.request(write=True):
            order = self._order(external_id)
            assert order.total is not None
            if order.state is not SupplierOrderState.AWAITING_PAYMENT:
                return
            if most < order.total:
                raise OrderRejected("it costs more", reason=RejectionReason.PRICE)
            if self.supplier.balance < order.total:
                raise OrderRejected("the balance is short", reason=RejectionReason.PAYMENT)
            self.supplier.balance -= order.total
            self.supplier.charges[external_id] = self.supplier.charges.get(external_id, 0) + 1
            self.supplier.change(external_id, state=SupplierOrderState.PAID)

    def get_order(self, external_id: str) -> ExternalOrder:
        with self.supplier.request():
            return self._order(external_id)

    def get_tracking(self, external_id: str) -> tuple[Parcel, ...]:
        self._must(Ability.TRACK)
        return self.get_order(external_id).parcels

    def cancel_order(self, external_id: str) -> None:
        self._must(Ability.CANCEL_ORDERS)
        with self.supplier.request(write=True):
            if self._order(external_id).parcels:
                raise OrderRejected("it was sent", reason=RejectionReason.UNKNOWN)
            self.supplier.change(external_id, state=SupplierOrderState.CANCELLED)

    def refresh_credentials(self) -> None:
        with self.supplier.request():
            return

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        given = {key.lower(): value for key, value in headers.items()}.get("x-fake-secret", "")
        return self.capabilities.can(Ability.WEBHOOKS) and compare_digest(
            given.encode(), SECRET.encode()
        )

    def parse_webhook(self, body: bytes) -> tuple[Hint, ...]:
        self._must(Ability.WEBHOOKS)
        try:
            event = json.loads(body)
            return (Hint(HintKind.ORDER, event["event"], (event["order"],)),)
        except (ValueError, LookupError, TypeError, RecursionError):
            raise RequestInvalid("the webhook is not readable") from None

    def _must(self, ability: Ability) -> None:
        if not self.capabilities.can(ability):
            raise Unsupported(f"the supplier cannot {ability.lower()}; do it on its site")

    def _under(self, reference: str) -> ExternalOrder | None:
        found = (each for each in self.supplier.orders.values() if each.reference == reference)
        return next(found, None)

    def _order(self, external_id: str) -> ExternalOrder:
        try:
            return self.supplier.orders[external_id]
        except KeyError:
            raise UnknownReference("there is no such order") from None

    def _created(self, request: OrderRequest) -> ExternalOrder:
        offers = {
            each.offer.order_ref: each.offer
            for item in self.supplier.products.values()
            for each in item.variants
        }
        total = SHIPPING
        for line in request.lines:
            if line.order_ref not in offers:
                raise RequestInvalid("there is no such variant")
            offer = offers[line.order_ref]
            if not offer.saleable or (offer.stock or 0) < line.quantity:
                raise OrderRejected("sold out", reason=RejectionReason.OUT_OF_STOCK)
            total += Money(offer.unit_cost.minor * line.quantity, offer.unit_cost.currency)
        external_id = f"F{len(self.supplier.orders) + 1}"
        state = (
            SupplierOrderState.AWAITING_PAYMENT
            if self.capabilities.can(Ability.PAY_ORDERS)
            else SupplierOrderState.PAID
        )
        order = ExternalOrder(external_id, state, reference=request.reference, total=total)
        self.supplier.orders[external_id] = order
        return order
