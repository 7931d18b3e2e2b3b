"""Printful as a `zyenta_ops.ports.gateway.SupplierGateway`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any, Final, TypeVar

from zyenta_ops.adapters.suppliers.answers import entries, name, words
from zyenta_ops.adapters.suppliers.calls import Answer, Ask
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.adapters.suppliers.fetching import answers
from zyenta_ops.adapters.suppliers.printful import orders, products, webhooks
from zyenta_ops.adapters.suppliers.printful.config import PrintfulConfig
from zyenta_ops.adapters.suppliers.printful.products import CatalogueProduct, StoreProduct
from zyenta_ops.adapters.suppliers.printful.wire import order_result, request, result
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.items import Item, ItemAnswer, ItemStatus
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    Misconfigured,
    OrderRejected,
    RejectionReason,
    RequestInvalid,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.domain.supplier_orders import (
    Ability,
    Capabilities,
    ExternalOrder,
    Hint,
    OrderRequest,
    Parcel,
    PlacedOrder,
    Placement,
    ShippingQuote,
    ShippingRequest,
    SupplierOrderState,
)
from zyenta_ops.ports.gateway import Allowance, Login, Secrets

Result = TypeVar("Result")

# Printful keeps an external id for good, also of cancelled orders (seen live), and answers for it
# at once; the minutes are for replies that were lost before the order had landed.
_SETTLE: Final = timedelta(minutes=5)
# Catalogue products kept during one pass; many store products are made of the same few.
_MOST_KEPT: Final = 64
_CONFIRMABLE: Final = frozenset({"draft", "failed"})


class PrintfulGateway:
    """One store at Printful, through one token.

    Args:
        config: how Printful is reached.
        login: holds `token`, and `webhook_secret` where webhooks are believed.
        connections: what its calls go through.
    """

    def __init__(self, config: PrintfulConfig, login: Login, connections: Connections) -> None:
        self._config = config
        self._login = login
        self._workers = connections.workers
        self._calls = connections.calls(login)

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    @cached_property
    def _allowance(self) -> Allowance:
        return self._config.allowance(self._login.tokens().secrets)

    @property
    def capabilities(self) -> Capabilities:
        """Everything; webhooks only where something vouches for them."""
        abilities = set(Ability)
        if not self._config.webhook_header:
            abilities.discard(Ability.WEBHOOKS)
        return Capabilities(
            frozenset(abilities),
            Placement.SEARCHABLE_REF,
            settle=_SETTLE,
            longest_reference=orders.LONGEST_REFERENCE,
        )

    @property
    def reading(self) -> Allowance:
        """Two requests a product: of the store, and of the catalogue it is made of."""
        return replace(self._allowance, seconds=2 * self._allowance.seconds)

    @property
    def limits(self) -> tuple[Allowance, ...]:
        """All that asking for a product counts against."""
        return (self._allowance,)

    def check(self) -> str:
        """The name of the store."""
        stores = entries(self._read("GET", "/stores"))
        wanted = self._config.store_id
        mine = [each for each in stores if wanted is None or name(each.get("id")) == str(wanted)]
        if not mine:
            raise Misconfigured("the token serves no such store at Printful; check the store_id")
        if len(mine) > 1:
            raise Misconfigured("the token serves several stores at Printful; set the store_id")
        return words(mine[0].get("name")) or f"store {name(mine[0].get('id'))}"

    def fetch_items(self, product_refs: Sequence[str], market: Market) -> Iterator[ItemAnswer]:
        """Store products. What they cost is the same in every market."""
        known: dict[str, CatalogueProduct] = {}
        return answers(
            product_refs,
            lambda refs: [self._item(ref, known) for ref in refs],
            workers=self._workers,
        )

    def quote_shipping(self, request: ShippingRequest) -> tuple[ShippingQuote, ...]:
        """Rates for the lines' catalogue variants."""
        body = orders.rates_body(request)
        return self._calls.read(
            self._ask("POST", "/shipping/rates", body, lambda got: orders.quotes(result(got)))
        )

    def find_order(self, reference: str) -> ExternalOrder | None:
        """The order under our reference, cancelled ones included."""
        if not orders.is_reference(reference):
            return None  # it could not have been placed
        try:
            return self._order(f"@{reference}")
        except UnknownReference:
            return None

    def place_order(self, request: OrderRequest) -> PlacedOrder:
        """Make a draft, which is charged and produced only once it is confirmed."""
        body = orders.order_body(request)
        try:
            order = self._write("POST", "/orders?confirm=0", body)
        except UnknownReference as error:
            raise RequestInvalid("Printful knows no such variant", code=error.code) from error
        return PlacedOrder((order.external_id,), order.state, total=order.total)

    def pay_order(self, external_id: str, most: Money) -> None:
        """Confirm a draft: Printful charges the store's wallet or card and begins to produce.

        A draft that is confirmed already is not confirmed again.

        Raises:
            SupplierUnavailable: Printful is still calculating the costs.
        """
        order = self.get_order(external_id)
        if order.state is SupplierOrderState.CANCELLED:
            raise OrderRejected(
                "the order was cancelled at Printful", reason=RejectionReason.UNKNOWN
            )
        if order.raw_state.lower() not in _CONFIRMABLE:
            return
        if order.total is None:
            raise SupplierUnavailable("Printful has not calculated the costs of the order yet")
        if order.total.currency != most.currency:
            raise RequestInvalid(
                f"Printful charges {order.total.currency}, the limit is in {most.currency}"
            )
        if most < order.total:
            raise OrderRejected(
                f"Printful wants {order.total} for the order, at most {most} was allowed",
                reason=RejectionReason.PRICE,
            )
        paid = self._write("POST", f"/orders/{order.external_id}/confirm")
        if paid.raw_state.lower() == "failed":
            raise OrderRejected(
                "Printful could not accept or charge the order; see it in the dashboard",
                reason=RejectionReason.UNKNOWN,
                code=paid.raw_state,
            )

    def get_order(self, external_id: str) -> ExternalOrder:
        """The order by Printful's number of it."""
        return self._order(_number(external_id))

    def get_tracking(self, external_id: str) -> tuple[Parcel, ...]:
        """The shipments that the order tells of; v1 tells nothing after that."""
        return self.get_order(external_id).parcels

    def cancel_order(self, external_id: str) -> None:
        """Cancel a draft or a pending order; the charge is returned by Printful."""
        self._write("DELETE", f"/orders/{_number(external_id)}")

    def refresh_credentials(self) -> None:
        """Nothing: a private token serves until it is revoked or its end is reached."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the configured header brings the account's `webhook_secret`."""
        secret = self._login.tokens().secrets.get("webhook_secret", "")
        return webhooks.is_vouched_for(headers, self._config.webhook_header, secret)

    def parse_webhook(self, body: bytes) -> tuple[Hint, ...]:
        """Which order or product to read again."""
        return webhooks.hints(body)

    def _item(self, product_ref: str, known: dict[str, CatalogueProduct]) -> Item:
        path = products.path(product_ref)
        try:
            product = self._calls.read(self._ask("GET", path, None, _store_product))
        except UnknownReference:
            return Item(product_ref, ItemStatus.NOT_FOUND)
        made_of = {}
        for each in product.made_of:
            if found := known.get(each) or self._catalogue_product(each):
                made_of[each] = found
        if len(known) + len(made_of) > _MOST_KEPT:
            known.clear()
        known.update(made_of)
        return products.item(product_ref, product, made_of)

    def _catalogue_product(self, product_id: str) -> CatalogueProduct | None:
        path = f"/products/{product_id}"
        try:
            return self._calls.read(self._ask("GET", path, None, _catalogue_product))
        except UnknownReference:
            return None

    def _order(self, ref: str) -> ExternalOrder:
        return self._calls.read(self._ask("GET", f"/orders/{ref}", None, _order, urgent=True))

    def _read(self, method: str, path: str) -> Any:
        return self._calls.read(self._ask(method, path, None, result))

    def _write(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> ExternalOrder:
        return self._calls.write(self._ask(method, path, body, _order, urgent=True))

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        understand: Callable[[Answer], Result],
        *,
        urgent: bool = False,
    ) -> Ask[Result]:
        def prepare(secrets: Secrets) -> Any:
            return request(self._config, secrets, method, path, body)

        return Ask(prepare, understand, (self._allowance,), urgent=urgent)


def _number(external_id: str) -> str:
    if not orders.is_order_number(external_id):
        raise UnknownReference("no order at Printful is named so; they have numbers")
    return external_id


def _store_product(answer: Answer) -> StoreProduct:
    return StoreProduct.of(result(answer), answer.body)


def _catalogue_product(answer: Answer) -> CatalogueProduct:
    return CatalogueProduct.of(result(answer), answer.body)


def _order(answer: Answer) -> ExternalOrder:
    return orders.external_order(order_result(answer))
