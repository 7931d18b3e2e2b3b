"""A partner's gateway to Spocket as a `zyenta_ops.ports.gateway.SupplierGateway`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import quote, urlsplit

from zyenta_ops.adapters.suppliers.answers import entries, entry, name
from zyenta_ops.adapters.suppliers.calls import Answer, Ask
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.adapters.suppliers.fetching import answers
from zyenta_ops.adapters.suppliers.spocket import orders, products
from zyenta_ops.adapters.suppliers.spocket.config import SpocketConfig
from zyenta_ops.adapters.suppliers.spocket.wire import order_document, product_document, request
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.items import Item, ItemAnswer, ItemFault, ItemStatus
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
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

_CAPABILITIES: Final = Capabilities(
    frozenset({Ability.FETCH_ITEMS, Ability.PLACE_ORDERS, Ability.TRACK}),
    Placement.IDEMPOTENT_REF,
    settle=timedelta(minutes=15),
    longest_reference=orders.LONGEST_REFERENCE,
)
# Pages of one answer; a gateway that turns in circles is left.
_MOST_PAGES: Final = 20
_UNPAID: Final = frozenset({SupplierOrderState.CREATED, SupplierOrderState.AWAITING_PAYMENT})


class SpocketGateway:
    """One account at a partner's gateway; disabled while the config has no base address.

    Args:
        config: how the gateway is reached.
        login: holds `token`.
        connections: what its calls go through.
    """

    def __init__(self, config: SpocketConfig, login: Login, connections: Connections) -> None:
        self._config = config
        self._workers = connections.workers
        self._login = login
        self._calls = connections.calls(login)

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    @property
    def capabilities(self) -> Capabilities:
        """Products and orders; nothing without a base address."""
        return _CAPABILITIES if self._config.base_url else Capabilities()

    @cached_property
    def reading(self) -> Allowance:
        """One request a batch of products."""
        return self._config.allowance(self._login.tokens().secrets)

    @property
    def limits(self) -> tuple[Allowance, ...]:
        """All that asking for a product counts against."""
        return (self.reading,)

    def check(self) -> str:
        """The host of the gateway: the contract has no name of an account."""
        self._orders_under("zyenta-check")
        return urlsplit(self._config.base_url).hostname or ""

    def fetch_items(self, product_refs: Sequence[str], market: Market) -> Iterator[ItemAnswer]:
        """Products in batches; those that are left out of an answer do not exist."""
        self._refuse_when_disabled()
        return answers(
            product_refs,
            lambda refs: self._items(refs, market),
            workers=self._workers,
            batch=self._config.batch,
        )

    def quote_shipping(self, request: ShippingRequest) -> tuple[ShippingQuote, ...]:
        """The contract has no quotes."""
        self._unsupported("shipping is not quoted; the partner bills it with the order")

    def find_order(self, reference: str) -> ExternalOrder | None:
        """The order under our reference; of several, one that still counts."""
        found = [each for each in self._orders_under(reference) if each.reference == reference]
        live = [each for each in found if each.state is not SupplierOrderState.CANCELLED]
        return next(iter(live or found), None)

    def place_order(self, request: OrderRequest) -> PlacedOrder:
        """Order under our reference; the same reference again answers with the same order."""
        body = orders.order_body(request)
        try:
            order = self._calls.write(
                self._ask("POST", "/orders", _order, body=body, key=request.reference)
            )
        except UnknownReference as error:
            raise RequestInvalid(
                "the gateway knows no such variant", code=error.code, request_id=error.request_id
            ) from error
        return PlacedOrder(
            (order.external_id,),
            order.state,
            paid=order.state not in _UNPAID,
            total=order.total,
            holds=order.holds,
        )

    def pay_order(self, external_id: str, most: Money) -> None:
        """The contract has no such step."""
        self._unsupported("orders are not paid for one by one; the partner bills them")

    def get_order(self, external_id: str) -> ExternalOrder:
        """An order by the gateway's id of it."""
        path = f"/orders/{quote(external_id, safe='')}"
        return self._calls.read(self._ask("GET", path, _order, urgent=True))

    def get_tracking(self, external_id: str) -> tuple[Parcel, ...]:
        """The shipments of an order."""
        return self.get_order(external_id).parcels

    def cancel_order(self, external_id: str) -> None:
        """The contract has no such step."""
        self._unsupported("orders cannot be cancelled by the gateway; ask the partner")

    def refresh_credentials(self) -> None:
        """Nothing: a token serves until the partner ends it."""
        self._refuse_when_disabled()

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Never: the contract has no webhooks."""
        return False

    def parse_webhook(self, body: bytes) -> tuple[Hint, ...]:
        """The contract has no webhooks."""
        self._unsupported("the gateway sends no webhooks")

    def _items(self, refs: Sequence[str], market: Market) -> Iterator[ItemAnswer]:
        found = {name(each.get("id")): each for each in self._products(refs, market)}
        for ref in refs:
            if ref not in found:
                yield Item(ref, ItemStatus.NOT_FOUND)
                continue
            try:
                yield products.item(found[ref])
            except SupplierError as error:
                yield ItemFault(ref, error)

    def _products(self, refs: Sequence[str], market: Market) -> Iterator[Mapping[str, Any]]:
        if any("," in ref or not ref for ref in refs):
            raise RequestInvalid("a product's reference is not empty and holds no comma")
        query = {"ids": ",".join(refs), "country": market.country, "currency": market.currency}
        for _ in range(_MOST_PAGES):
            page = self._calls.read(self._ask("GET", "/products", product_document, query=query))
            if not isinstance(page.get("products"), list):
                raise AnswerInvalid("the gateway's answer holds no list of products")
            yield from entries(page["products"])
            cursor = name(page.get("next_cursor"))
            if not cursor:
                return
            query = {**query, "cursor": cursor}
        raise AnswerInvalid("the gateway's list of products does not come to an end")

    def _orders_under(self, reference: str) -> list[ExternalOrder]:
        def read(answer: Answer) -> list[ExternalOrder]:
            return [orders.external_order(each) for each in order_document(answer)["orders"]]

        query = {"reference": reference}
        return self._calls.read(self._ask("GET", "/orders", read, query=query, urgent=True))

    def _ask(
        self,
        method: str,
        path: str,
        understand: Callable[[Answer], Result],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str = "",
        urgent: bool = False,
    ) -> Ask[Result]:
        self._refuse_when_disabled()

        def prepare(secrets: Secrets) -> Any:
            return request(self._config, secrets, method, path, query=query, body=body, key=key)

        return Ask(prepare, understand, (self.reading,), urgent=urgent or bool(body))

    def _unsupported(self, why: str) -> NoReturn:
        self._refuse_when_disabled()
        raise Unsupported(why)

    def _refuse_when_disabled(self) -> None:
        if not self._config.base_url:
            raise Unsupported(
                "Spocket has no public API; set base_url to a partner's gateway, or read"
                " Spocket's catalogue as a feed export"
            )


def _order(answer: Answer) -> ExternalOrder:
    document = order_document(answer)
    return orders.external_order(entry(document.get("order")) or document)
