"""Where plans, and what was used of them, are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.entitlements import Feature
from zyenta_ops.domain.stores import Account, PlanTier
from zyenta_ops.ports.payments import Plan


@dataclass(frozen=True, slots=True)
class Subscriber:
    """The customer that pays for an account's plan, at the payment provider.

    `grace_until`: the plan stays as it was until then, although it is no longer paid for.
    """

    account_id: str
    customer_id: str
    status: str = ""
    grace_until: datetime | None = None
    as_of: datetime | None = None


class EntitlementRecords(Protocol):
    """Plans and usage; every change is part of the caller's transaction."""

    def accounts(self) -> Sequence[Account]:
        """Every account, by e-mail address."""
        ...

    def account(self, ref: str) -> Account | None:
        """The account with this id or e-mail address."""
        ...

    def set_tier(self, account_id: str, tier: PlanTier, now: datetime) -> None:
        """Put an account on a plan; what its stores ask for stays as it is."""
        ...

    def subscribe(self, subscriber: Subscriber, now: datetime) -> bool:
        """Say who pays for an account; False when the customer pays for another one."""
        ...

    def hold_subscriber(self, customer_id: str) -> Subscriber | None:
        """Whom a customer pays for; nobody else can change it until the transaction ends."""
        ...

    def subscribers(self) -> Sequence[Subscriber]:
        """Everybody who pays."""
        ...

    def save_plan(self, subscriber: Subscriber, plan: Plan, now: datetime) -> None:
        """Store what a customer is entitled to, and how the account stands."""
        ...

    def lookup_keys(self, account_id: str) -> Collection[str]:
        """What an account is entitled to, in the provider's keys."""
        ...

    def use(
        self,
        usage_id: str,
        account_id: str,
        feature: Feature,
        effect_key: str,
        quantity: int,
        now: datetime,
    ) -> bool:
        """Note what was used; False, and nothing noted, when the effect was noted before."""
        ...

    def used_since(self, account_id: str, feature: Feature, since: datetime) -> int:
        """How much was used since then."""
        ...

    def stores_of(self, account_id: str) -> int:
        """Stores of an account that are not closed."""
        ...

    def variants_of(self, account_id: str) -> int:
        """Variants of an account's products that are not archived."""
        ...
