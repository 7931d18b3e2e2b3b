"""AliExpress as a `zyenta_ops.ports.gateway.SupplierGateway`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from zyenta_ops.adapters.suppliers.aliexpress import (
    addresses,
    freight,
    orders,
    placing,
    products,
    pushes,
    tracking,
)
from zyenta_ops.adapters.suppliers.aliexpress.config import AliExpressConfig
from zyenta_ops.adapters.suppliers.aliexpress.envelopes import result
from zyenta_ops.adapters.suppliers.aliexpress.tokens import REFRESH, account_name, tokens
from zyenta_ops.adapters.suppliers.aliexpress.wire import business_request, token_request
from zyenta_ops.adapters.suppliers.answers import without_request_id
from zyenta_ops.adapters.suppliers.calls import Answer, Ask
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.adapters.suppliers.fetching import answers
from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.items import Item, ItemAnswer, ItemStatus
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    Misconfigured,
    OrderRejected,
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
    OrderLine,
    OrderRequest,
    Parcel,
    PlacedOrder,
    Placement,
    ShippingQuote,
    ShippingRequest,
)
from zyenta_ops.ports.gateway import Allowance, Login, Secrets, Tokens

if TYPE_CHECKING:
    import httpx

Result = TypeVar("Result")

_CAPABILITIES: Final = Capabilities(
    frozenset(
        {
            Ability.FETCH_ITEMS,
            Ability.QUOTE_SHIPPING,
            Ability.PLACE_ORDERS,
            Ability.TRACK,
            Ability.WEBHOOKS,
        }
    ),
    Placement.IDEMPOTENT_REF,
    reference_window=timedelta(hours=24),
    longest_reference=placing.LONGEST_REFERENCE,
)
# A short list of provinces, for a call that only asks whether the account works.
_SMALL_COUNTRY: Final = "IE"
# What AliExpress answers for what belongs to others, and to an app that lacks a permission.
_NOT_FOR_US: Final = "isv.insufficient-permission"


class AliExpressGateway:
    """One buyer at AliExpress, through one app.

    Args:
        config: how AliExpress is reached.
        login: holds `app_key`, `app_secret`, `access_token` and `refresh_token`.
        connections: what its calls go through.
    """

    def __init__(self, config: AliExpressConfig, login: Login, connections: Connections) -> None:
        self._config = config
        self._login = login
        self._clock = connections.clock
        self._workers = connections.workers
        self._provinces: dict[str, addresses.Provinces] = {}
        self._calls = connections.calls(login, self._renewed)
        self._works = False  # the account's check was answered

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    @property
    def capabilities(self) -> Capabilities:
        """No payment and no cancellation: both are done by the merchant on the site."""
        return _CAPABILITIES

    @cached_property
    def reading(self) -> Allowance:
        """One request a product."""
        return self._config.reading(self._login.tokens().secrets)

    @property
    def limits(self) -> tuple[Allowance, ...]:
        """All that asking for a product counts against."""
        return (self.reading,)

    def check(self) -> str:
        """The buyer's name at AliExpress."""
        self._read(addresses.METHOD, addresses.list_params(_SMALL_COUNTRY, self._config.language))
        return account_name(self._login.tokens().secrets, self._login.account_id)

    def fetch_items(self, product_refs: Sequence[str], market: Market) -> Iterator[ItemAnswer]:
        """Products as they are sold to the market's country; AliExpress answers one at a time."""
        return answers(
            product_refs,
            lambda refs: [self._item(ref, market) for ref in refs],
            workers=self._workers,
        )

    def quote_shipping(self, request: ShippingRequest) -> tuple[ShippingQuote, ...]:
        """The ways that serve all lines. AliExpress quotes a line at a time; every line pays."""
        if not request.lines:
            raise RequestInvalid("there is nothing to be sent")
        return freight.in_common([self._options(request, line) for line in request.lines])

    def find_order(self, reference: str) -> ExternalOrder | None:
        """AliExpress keeps our reference and cannot be asked for it."""
        raise Unsupported(
            "AliExpress cannot look up an order by our reference; the same reference placed again"
            " within 24 hours places nothing twice"
        )

    def place_order(self, request: OrderRequest) -> PlacedOrder:
        """Place an order, which AliExpress may split by seller.

        Nothing is paid unless `try_to_pay` is set. Prices are those of this moment: quote the
        products right before, and compare the total of the order right after. For some seconds
        the order may not be found.
        """
        request = replace(request, address=self._respelled(request.address))
        params = placing.params(request, self._config)
        return self._calls.write(
            self._ask(
                placing.METHOD,
                params,
                lambda answer: placing.placed(answer, self._config),
                self._config.ordering(self.reading),
                urgent=True,
            )
        )

    def pay_order(self, external_id: str, most: Money) -> NoReturn:
        """AliExpress has no call that pays for an order."""
        raise Unsupported(
            "AliExpress takes no payment for a placed order; pay on its site, or set try_to_pay"
            " once AliExpress has allowed the app to pay"
        )

    def get_order(self, external_id: str) -> ExternalOrder:
        """The order by AliExpress's number of it."""
        params = orders.params(external_id)
        try:
            found = self._read(orders.METHOD, params, urgent=True)
        except Misconfigured as error:
            # What AliExpress answers for orders of others and for those that are not there.
            if error.code != _NOT_FOR_US:
                raise
            raise UnknownReference(
                "AliExpress shows our account no such order",
                code=error.code,
                request_id=error.request_id,
            ) from error
        return orders.external_order(external_id, found)

    def get_tracking(self, external_id: str) -> tuple[Parcel, ...]:
        """The parcels of an order.

        AliExpress says the same of an order that was not sent and of one that does not exist, so
        that nothing is believed only after the order was seen.
        """
        orders.params(external_id)
        params = tracking.params(external_id, self._config.language)
        try:
            return tracking.parcels(self._read(tracking.METHOD, params, urgent=True))
        except UnknownReference:
            self.get_order(external_id)
            return ()

    def cancel_order(self, external_id: str) -> NoReturn:
        """AliExpress lets orders be cancelled on its site only."""
        raise Unsupported("AliExpress cancels no orders through its API; cancel on its site")

    def refresh_credentials(self) -> None:
        """Renew the access token."""
        self._calls.renew()

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the push was signed with the app's secret."""
        return pushes.is_genuine(headers, body, self._login.tokens().secrets)

    def parse_webhook(self, body: bytes) -> tuple[Hint, ...]:
        """Which order to read again."""
        return pushes.hints(body)

    def _item(self, product_ref: str, market: Market) -> Item:
        params = products.params(product_ref, market, self._config.language)

        def understand(answer: Answer) -> Item:
            return products.item(product_ref, result(answer), without_request_id(answer.body))

        try:
            return self._calls.read(self._ask(products.METHOD, params, understand))
        except UnknownReference:
            return Item(product_ref, ItemStatus.NOT_FOUND)
        except OrderRejected as error:
            if error.reason is not RejectionReason.REGION:
                raise
            return Item(product_ref, ItemStatus.OFF_SALE)
        except Misconfigured as error:
            if error.code != _NOT_FOR_US:
                raise
            # The same code stands for one product or for the whole app. The account's check tells.
            if not self._works:
                self.check()
                self._works = True
            raise RequestInvalid(
                "AliExpress does not show our account this product",
                code=error.code,
                request_id=error.request_id,
            ) from error

    def _options(self, request: ShippingRequest, line: OrderLine) -> dict[str, ShippingQuote]:
        params = freight.params(request, line, self._config.language)

        def understand(answer: Answer) -> dict[str, ShippingQuote]:
            return freight.options(result(answer), request.currency)

        try:
            return self._calls.read(self._ask(freight.METHOD, params, understand, urgent=True))
        except OrderRejected as error:
            if error.reason is not RejectionReason.REGION:
                raise
            return {}

    def _respelled(self, address: Address) -> Address:
        """The address in AliExpress's spelling.

        Without AliExpress's list it stays as it is: whatever is wrong, the order will tell.
        """
        if address.country not in self._provinces:
            params = addresses.list_params(address.country, self._config.language)
            try:
                found = self._read(addresses.METHOD, params, urgent=True)
            except SupplierError:
                return addresses.respelled(address, {})
            self._provinces[address.country] = addresses.provinces(found)
        return addresses.respelled(address, self._provinces[address.country])

    def _read(
        self, method: str, params: Mapping[str, str], *, urgent: bool = False
    ) -> Mapping[str, object]:
        return self._calls.read(self._ask(method, params, result, urgent=urgent))

    def _ask(
        self,
        method: str,
        params: Mapping[str, str],
        understand: Callable[[Answer], Result],
        allowances: tuple[Allowance, ...] = (),
        *,
        urgent: bool = False,
    ) -> Ask[Result]:
        def prepare(secrets: Secrets) -> httpx.Request:
            return business_request(self._config, secrets, self._clock(), method, params)

        return Ask(prepare, understand, allowances or (self.reading,), urgent=urgent)

    def _renewed(self, secrets: Secrets) -> Tokens:
        known = replace(self._login.tokens(), secrets=secrets)
        params = {"refresh_token": secrets.get("refresh_token", "")}

        def prepare(using: Secrets) -> httpx.Request:
            return token_request(self._config, using, self._clock(), REFRESH, params)

        def understand(answer: Answer) -> Tokens:
            return tokens(answer, known, self._clock())

        ask = Ask(prepare, understand, (self._config.reading(secrets),), urgent=True)
        return self._calls.read_once(ask, secrets)
