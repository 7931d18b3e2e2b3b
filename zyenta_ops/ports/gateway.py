"""Suppliers with an API: what operations ask of them, and what gateways need to ask it.

A gateway is bound to one account at one supplier. Its methods take and return domain values; the
errors are those of `zyenta_ops.domain.supplier_errors`, and every method may raise
`SupplierUnavailable`, `RateLimited`, `LoginRevoked` and `Misconfigured` besides those it names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.items import ItemAnswer
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_orders import (
    Capabilities,
    ExternalOrder,
    Hint,
    OrderRequest,
    Parcel,
    PlacedOrder,
    ShippingQuote,
    ShippingRequest,
)


class SupplierGateway(Protocol):
    """One supplier, through one of our accounts."""

    @property
    def capabilities(self) -> Capabilities:
        """What can be asked; anything else raises `Unsupported`."""
        ...

    @property
    def reading(self) -> Allowance:
        """What fetching one product counts against: the slowest of its allowances."""
        ...

    @property
    def limits(self) -> tuple[Allowance, ...]:
        """All that fetching one product counts against."""
        ...

    def check(self) -> str:
        """Ask something harmless; returns how the supplier names our account."""
        ...

    def fetch_items(self, product_refs: Sequence[str], market: Market) -> Iterator[ItemAnswer]:
        """The products, each as an item or as the fault that kept it from being one.

        Exactly one answer per reference, in any order, lazily: what was not iterated was not
        asked. A fault that concerns every further product (login, quota) is raised, not yielded.
        """
        ...

    def quote_shipping(self, request: ShippingRequest) -> tuple[ShippingQuote, ...]:
        """Every way of sending the lines, cheapest first; empty = nothing goes there."""
        ...

    def find_order(self, reference: str) -> ExternalOrder | None:
        """The order placed under our reference; None = the supplier knows none (yet)."""
        ...

    def place_order(self, request: OrderRequest) -> PlacedOrder:
        """Place an order; moves no money.

        Raises:
            OrderRejected: refused; nothing was ordered.
            DuplicateOrder: there is one under this reference.
            RequestInvalid: the supplier does not understand it; nothing was ordered.
            OutcomeUnknown: it may have been placed; `find_order` tells, or the same reference.
        """
        ...

    def pay_order(self, external_id: str, most: Money) -> None:
        """Pay for a placed order out of our balance.

        Args:
            external_id: the supplier's id of it.
            most: it is not paid when the supplier wants more.

        Raises:
            OrderRejected: PAYMENT when the balance is short, PRICE beyond `most`; nothing paid.
            OutcomeUnknown: it may have been paid; `get_order` tells.
        """
        ...

    def get_order(self, external_id: str) -> ExternalOrder:
        """An order as it stands; raises `UnknownReference` when there is none."""
        ...

    def get_tracking(self, external_id: str) -> tuple[Parcel, ...]:
        """The parcels of an order with their events; empty = nothing was sent yet."""
        ...

    def cancel_order(self, external_id: str) -> None:
        """Cancel an order that was not sent yet.

        Raises:
            OrderRejected: it is too late.
            OutcomeUnknown: it may have been cancelled; `get_order` tells.
        """
        ...

    def refresh_credentials(self) -> None:
        """Renew the tokens if they can be; raises `LoginRevoked` when they cannot."""
        ...

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the supplier signed the body; constant time, False for anything odd."""
        ...

    def parse_webhook(self, body: bytes) -> tuple[Hint, ...]:
        """What a verified body says changed; `RequestInvalid` when it is not readable."""
        ...


Secrets = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The secrets of an account after they were renewed.

    Attributes:
        secrets: all of them, also those that did not change.
        access_expires_at: when the supplier stops accepting the access token; None = never.
        refresh_expires_at: when it can no longer be renewed and a person must connect again.
    """

    secrets: Secrets = field(repr=False)
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None


class Login(Protocol):
    """Our account at a supplier. Shared by all processes; renewed by one of them at a time."""

    @property
    def account_id(self) -> str:
        """Names the account where its supplier does not; says nothing of the secrets."""
        ...

    def tokens(self) -> Tokens:
        """The secrets in force."""
        ...

    def renew(self, used: Secrets, ask: Callable[[Secrets], Tokens]) -> Tokens:
        """The secrets in force after those `used` were refused.

        Only one process asks the supplier; the others wait for its answer. When somebody renewed
        them already nothing is asked.

        Args:
            used: what the supplier refused.
            ask: gets new tokens from the supplier; what it raises is passed on.

        Raises:
            SupplierUnavailable: another process is renewing them and does not get ready.
        """
        ...


class Connector(Protocol):
    """Turns what a person has of an account into the secrets we keep of it."""

    @property
    def asks_for(self) -> tuple[str, ...]:
        """Names of the secrets that a person gives, in the order to ask for them."""
        ...

    @property
    def guide(self) -> str:
        """Where a person finds them, one or two sentences."""
        ...

    def connect(self, given: Secrets) -> Tokens:
        """Log in for the first time.

        Raises:
            RequestInvalid: something is missing or malformed; nothing was asked.
            LoginRevoked: the supplier does not accept what was given.
        """
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """How often something may be asked.

    Attributes:
        key: names whom the supplier limits: its app, user or token, a method or a network address,
            across processes and however many accounts of ours share it.
        seconds: between two requests on average, a whole number of microseconds.
        burst: requests that may come at once after a quiet time.
        per_day: requests per day of the supplier; None = no quota.
    """

    key: str
    seconds: float
    burst: int = 1
    per_day: int | None = None


class RateLimiter(Protocol):
    """Keeps all processes together within what suppliers allow."""

    def acquire(self, allowances: Sequence[Allowance], *, urgent: bool = False) -> None:
        """Wait until one request is allowed by every allowance, and count it.

        Args:
            allowances: all that the request counts against.
            urgent: for orders: goes before whoever only reads, and may use the share of the day's
                quota that is kept for orders.

        Raises:
            RateLimited: the wait would be too long, or the day's quota is used up; nothing was
                counted.
        """
        ...

    def penalize(self, key: str, seconds: float) -> None:
        """Let nobody ask under this key for so long, since the supplier said so."""
        ...

    def left_today(self, allowance: Allowance) -> int | None:
        """What readers may still ask today; None = there is no quota.

        Nothing, while the supplier is left alone for longer than a call would wait.
        """
        ...

    def paused_until(self, allowances: Sequence[Allowance]) -> datetime | None:
        """Until when the supplier wants to be left alone; None = it may be asked.

        Only waits that are longer than a call would wait count.
        """
        ...

    def lift(self, allowances: Sequence[Allowance]) -> None:
        """Forget that the supplier wants to be left alone."""
        ...
