"""The payment provider, and where orders, their payments and refunds are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.inbox import NewEvent
from zyenta_ops.domain.orders import (
    Hold,
    NewOrder,
    Order,
    OrderEvent,
    PayableVariant,
    PaymentStatus,
)
from zyenta_ops.domain.payments import Assessment, PaymentFact, Subject
from zyenta_ops.domain.refunds import Refund


class ChargeModel(StrEnum):
    """How a store's customers pay (Stripe Connect's words)."""

    PLATFORM = "PLATFORM"  # the platform's own account
    DESTINATION = "DESTINATION"  # the platform charges and transfers to the store's account
    DIRECT = "DIRECT"  # the store's own account charges


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """Through which account a store's customers pay.

    `external_id` is the connected account (acct_…), "" with PLATFORM. `as_of` is when it was last
    read how it stands.
    """

    store_id: str
    external_id: str
    charge_model: ChargeModel
    charges_enabled: bool = True
    deauthorized_at: datetime | None = None
    as_of: datetime | None = None

    @property
    def charged_on(self) -> str:
        """The account on which the provider keeps the payments; "" = the platform's."""
        return self.external_id if self.charge_model is ChargeModel.DIRECT else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a customer of the platform has subscribed to, as the provider says now.

    `status` is the provider's word for the subscription, "" = none.
    """

    customer_id: str
    lookup_keys: frozenset[str]
    status: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class AccountState:
    """A connected account as it stands; not `authorized` once it took our access away."""

    external_id: str
    charges_enabled: bool
    as_of: datetime
    authorized: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """All events of concern that were created before `until` and are not in an earlier stretch.

    Oldest first; events of the last seconds may still appear later.
    """

    events: Sequence[NewEvent]
    until: datetime


class PaymentProvider(Protocol):
    """The payment provider. `account` is a connected account, "" the platform's own.

    Every method may raise `PaymentUnavailable` and `PaymentLoginRefused` besides those it names.
    """

    @property
    def live(self) -> bool:
        """Whether it moves real money, not a test's."""
        ...

    def until(self, deadline: datetime) -> PaymentProvider:
        """The same provider, which asks nothing after the deadline and waits for no answer then.

        What it could not ask is `PaymentUnavailable`.
        """
        ...

    def events(self, account: str, since: datetime) -> Iterator[Stretch]:
        """Events created at or after `since`, oldest first, those of no concern left out."""
        ...

    def facts(self, account: str, subject: Subject, object_id: str) -> Sequence[PaymentFact]:
        """An object and the payment it belongs to, read now.

        Raises:
            PaymentMissing: there is no such object.
        """
        ...

    def payments_since(self, account: str, since: datetime) -> Iterator[PaymentFact]:
        """Payments and checkout sessions created since then, with their refunds, read now."""
        ...

    def refund(self, refund: Refund) -> PaymentFact:
        """Ask for a refund, under its idempotency key.

        Raises:
            PaymentRefused: it cannot be refunded.
            PaymentMissing: there is no such payment.
            PaymentOutcomeUnknown: the answer was lost.
        """
        ...

    def refunds_of(self, account: str, intent_id: str) -> Sequence[PaymentFact]:
        """Every refund of a payment, read now."""
        ...

    def account_state(self, external_id: str) -> AccountState:
        """A connected account, read now."""
        ...

    def plan(self, customer_id: str) -> Plan:
        """What a customer of the platform is entitled to, read now; nothing once it is deleted."""
        ...


class OrderRecords(Protocol):
    """Customers' orders; every change is part of the caller's transaction."""

    def variants_named(
        self, store_id: str, variant_ids: Collection[str], skus: Collection[str]
    ) -> Sequence[PayableVariant]:
        """The store's variants with one of these ids or SKUs."""
        ...

    def add(self, order_id: str, store_id: str, order: NewOrder, new_id: str, now: datetime) -> str:
        """Store an order, and its customer when the address is new to the store.

        Returns the id of the order of this number: the stored one's when there was one already,
        which stays as it is. `new_id` is for the customer.
        """
        ...

    def fingerprint(self, order_id: str) -> str:
        """What an order was made of."""
        ...

    def hold(self, order_id: str) -> Order | None:
        """The order, which nobody else can change until the end of the transaction."""
        ...

    def find(self, order_id: str) -> Order | None:
        """The order as it stands, with all its holds."""
        ...

    def find_by_number(self, store_id: str, number: str) -> Order | None:
        """The order that the storefront calls so."""
        ...

    def listed(
        self,
        store_ids: Collection[str] | None,
        payment: PaymentStatus | None,
        limit: int,
        before: str | None = None,
    ) -> Sequence[Order]:
        """Orders, newest first; `before` an order's id."""
        ...

    def save_payment(
        self, order_id: str, assessment: Assessment, paid_at: datetime | None, now: datetime
    ) -> None:
        """Store what the facts came to; raises the order's version."""
        ...

    def set_address(self, order_id: str, address: Address, now: datetime) -> None:
        """Store another address of an order that is held; raises its version."""
        ...

    def assign(self, order_id: str, to: str, now: datetime) -> None:
        """Store who takes care of an order, "" = nobody; raises its version."""
        ...

    def snooze(self, order_id: str, until: datetime, now: datetime) -> None:
        """Keep what waits for a person now out of sight until then; raises the version."""
        ...

    def add_holds(self, holds: Sequence[Hold], now: datetime) -> Sequence[Hold]:
        """Open holds; the ones opened.

        Of a source that the order has had before, a hold is opened again only when it was released
        by the same actor that opens it now: what a person released stays released.
        """
        ...

    def release(
        self, order_id: str, sources: Collection[str], by: str, now: datetime
    ) -> Sequence[str]:
        """Release open holds; the sources of those that were."""
        ...

    def add_events(self, events: Sequence[OrderEvent]) -> None:
        """Write to the timeline."""
        ...

    def timeline(self, order_id: str) -> Sequence[OrderEvent]:
        """What happened to an order, oldest first."""
        ...


class PaymentRecords(Protocol):
    """What the provider was seen to say, and through which accounts stores are paid."""

    def keep(self, facts: Sequence[PaymentFact], now: datetime) -> None:
        """Store facts, except those older than what is known of their object."""
        ...

    def join(
        self, order_id: str, account: str, payment_ids: Collection[str], now: datetime
    ) -> None:
        """Give the facts of these payments on an account to an order, unless they have one."""
        ...

    def orders_of(self, account: str, payment_ids: Collection[str]) -> Mapping[str, str]:
        """The orders that payments on an account belong to, by payment."""
        ...

    def waiting_for(
        self, order_id: str, store_refs: Collection[str], number: str
    ) -> Sequence[PaymentFact]:
        """Facts of no order whose metadata names this one."""
        ...

    def strays(self, limit: int) -> Sequence[PaymentFact]:
        """Facts of no order that name one which is there and is paid through their account.

        An order and its payment that are stored at the same moment do not see each other.
        """
        ...

    def of_order(self, order_id: str) -> Sequence[PaymentFact]:
        """Every fact of an order."""
        ...

    def account_of(self, store_id: str) -> PaymentAccount:
        """Through which account a store is paid; the platform's when nothing was said."""
        ...

    def accounts(self) -> Sequence[PaymentAccount]:
        """Every account that was said."""
        ...

    def set_account(self, account: PaymentAccount, now: datetime) -> None:
        """Say through which account a store is paid."""
        ...

    def note_account_state(self, state: AccountState, now: datetime) -> Sequence[PaymentAccount]:
        """Store how a connected account stands, unless something newer is known; whose it is."""
        ...

    def oldest_unpaid(self, account: str, since: datetime) -> datetime | None:
        """When the oldest order was placed since then that waits for a payment on an account."""
        ...


class RefundRecords(Protocol):
    """Refunds that we ask for."""

    def add(self, refund: Refund, now: datetime) -> None:
        """Store a planned refund; its order must be held."""
        ...

    def of_order(self, order_id: str) -> Sequence[Refund]:
        """An order's refunds, in the order of their numbers."""
        ...

    def claim(self, limit: int, owner: str, now: datetime, until: datetime) -> Sequence[Refund]:
        """Take due refunds, and those whose claim expired.

        The provider was never asked for those without `first_asked_at`. No other process is given
        them before `until`. Claiming counts as an attempt.
        """
        ...

    def still_ours(self, refund_id: str, owner: str) -> bool:
        """Whether a claim is still the owner's; nobody else can take it in this transaction."""
        ...

    def save(self, refund: Refund, now: datetime) -> None:
        """Store how a refund stands."""
        ...

    def let_go(self, refund_id: str, owner: str) -> None:
        """End a claim."""
        ...

    def count_due(self, now: datetime) -> int:
        """Refunds that could be claimed now."""
        ...
