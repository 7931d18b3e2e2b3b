"""CJ as a `zyenta_ops.ports.gateway.SupplierGateway`, with search and disputes besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from zyenta_ops.adapters.suppliers.answers import without_request_id
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.adapters.suppliers.cj import freight, products, search, tracking, webhooks
from zyenta_ops.adapters.suppliers.cj.api import Api
from zyenta_ops.adapters.suppliers.cj.buying import Buying
from zyenta_ops.adapters.suppliers.cj.config import CjConfig, user_number
from zyenta_ops.adapters.suppliers.cj.disputes import (
    Dispute,
    DisputeOptions,
    DisputeRequest,
    Disputes,
)
from zyenta_ops.adapters.suppliers.cj.errors import NO_WAY_THERE, OFF_SHELVES
from zyenta_ops.adapters.suppliers.cj.orders import LONGEST_REFERENCE
from zyenta_ops.adapters.suppliers.cj.search import FoundPage
from zyenta_ops.adapters.suppliers.cj.wire import order_data, product_data
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.adapters.suppliers.fetching import answers
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.items import Item, ItemAnswer, ItemStatus
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import RequestInvalid, UnknownReference
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
)
from zyenta_ops.ports.gateway import Allowance, Login

# How long an order may stay invisible is not published; the minutes are ours.
_SETTLE: Final = timedelta(minutes=10)
_CAPABILITIES: Final = Capabilities(
    frozenset(Ability),
    Placement.SEARCHABLE_REF,
    settle=_SETTLE,
    longest_reference=LONGEST_REFERENCE,
)
_PRODUCT: Final = "product/query"


class CjGateway:
    """One account at CJ.

    Args:
        config: how CJ is reached.
        login: holds `api_key`, `access_token`, `refresh_token` and `open_id`.
        connections: what its calls go through.
    """

    def __init__(self, config: CjConfig, login: Login, connections: Connections) -> None:
        self._config = config
        self._login = login
        self._workers = connections.workers
        self._api = Api(config, login, connections)
        self._buying = Buying(self._api)
        self._disputes = Disputes(self._api)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    @property
    def capabilities(self) -> Capabilities:
        """Everything; orders are found by our reference for good."""
        return _CAPABILITIES

    @property
    def reading(self) -> Allowance:
        """One request a product, of a quota that other interfaces do not share, if there is one."""
        account, _, interface = self._api.allowances(_PRODUCT)
        return account if interface.per_day is None else interface

    @property
    def limits(self) -> tuple[Allowance, ...]:
        """All that asking for a product counts against."""
        return self._api.allowances(_PRODUCT)

    def check(self) -> str:
        """The number of our account, which begins its API key; the balance is asked for."""
        self._buying.balance()
        return user_number(self._login.tokens().secrets) or self._login.account_id

    def fetch_items(self, product_refs: Sequence[str], market: Market) -> Iterator[ItemAnswer]:
        """Products with stock, one by one. What they cost is the same in every market."""
        return answers(
            product_refs, lambda refs: [self._item(ref) for ref in refs], workers=self._workers
        )

    def search_items(self, query: str, page: int = 1) -> FoundPage:
        """Products whose names hold the words."""
        asked = (("keyWord", query), ("page", str(page)), ("size", str(search.PAGE_SIZE)))
        return self._api.read(
            "product/listV2", lambda answer: search.page_of(product_data(answer), page), asked
        )

    def quote_shipping(self, request: ShippingRequest) -> tuple[ShippingQuote, ...]:
        """Every shipping method from one warehouse, in US dollars."""
        body = freight.freight_body(request, self._config)

        def understand(answer: Answer) -> tuple[ShippingQuote, ...]:
            return freight.quotes(product_data(answer), body["startCountryCode"])

        try:
            return self._api.read("logistic/freightCalculate", understand, body=body, urgent=True)
        except RequestInvalid as error:
            if error.code not in NO_WAY_THERE:
                raise
            return ()

    def find_order(self, reference: str) -> ExternalOrder | None:
        """The order under our reference; once cancelled, CJ may have forgotten it."""
        return self._buying.find(reference)

    def place_order(self, request: OrderRequest) -> PlacedOrder:
        """Create and confirm an order from one warehouse."""
        return self._buying.place(request)

    def pay_order(self, external_id: str, most: Money) -> None:
        """Pay from the balance; a sandbox order is paid with nothing."""
        self._buying.pay(external_id, most)

    def get_order(self, external_id: str) -> ExternalOrder:
        """An order by the id it was placed under."""
        return self._buying.order(external_id)

    def get_tracking(self, external_id: str) -> tuple[Parcel, ...]:
        """The parcels of an order and of those it was split into.

        One that carriers do not know yet is as the order tells of it.
        """
        order = self._buying.order(external_id)
        orders = [order, *map(self._buying.order, order.children)]
        parcels = list({each.number: each for part in orders for each in part.parcels}.values())
        try:
            known = self.track([each.number for each in parcels])
        except (UnknownReference, RequestInvalid):
            known = {}
        return tuple(known.get(each.number, each) for each in parcels)

    def track(self, numbers: Sequence[str]) -> dict[str, Parcel]:
        """Parcels by their numbers, many in one request; unknown ones are left out."""
        found: dict[str, Parcel] = {}
        asked = list(dict.fromkeys(numbers))
        for start in range(0, len(asked), tracking.MOST_NUMBERS):
            some = asked[start : start + tracking.MOST_NUMBERS]
            query = [("trackNumber", number) for number in some]
            found |= self._api.read(
                "logistic/trackInfo", lambda answer: tracking.parcels(order_data(answer)), query
            )
        return found

    def cancel_order(self, external_id: str) -> None:
        """Delete an order that is not paid for; later only a dispute remains."""
        self._buying.cancel(external_id)

    def dispute_options(self, external_id: str, variant_refs: Sequence[str] = ()) -> DisputeOptions:
        """What CJ would accept as a dispute about an order."""
        return self._disputes.options(external_id, variant_refs)

    def open_dispute(self, request: DisputeRequest) -> None:
        """Ask for money or a parcel back; see `Disputes.open`."""
        self._disputes.open(request)

    def disputes(self, external_id: str = "") -> Iterator[Dispute]:
        """The disputes of an order, or of all."""
        return self._disputes.of(external_id)

    def refresh_credentials(self) -> None:
        """Renew the tokens with the refresh token, or else with the API key."""
        self._api.renew()

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the body is signed with the account's open id."""
        return webhooks.is_signed(headers, body, self._login.tokens().secrets.get("open_id", ""))

    def parse_webhook(self, body: bytes) -> tuple[Hint, ...]:
        """Which product, variant, order or parcel to read again."""
        return webhooks.hints(body)

    def _item(self, product_ref: str) -> Item:
        if not product_ref or not product_ref.isascii() or not product_ref.isprintable():
            raise RequestInvalid("a product at CJ is named by letters, digits and hyphens")

        query = (("pid", product_ref), ("features", "enable_inventory"))
        try:
            document, raw = self._api.read(
                _PRODUCT,
                lambda answer: (product_data(answer), without_request_id(answer.body)),
                query,
            )
        except UnknownReference as error:
            off = error.code in OFF_SHELVES
            return Item(product_ref, ItemStatus.OFF_SALE if off else ItemStatus.NOT_FOUND)
        return products.item(product_ref, document, raw, self._config.from_country)
