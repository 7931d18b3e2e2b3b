"""Plans: what accounts are entitled to, kept locally, and what they have used of it.

Nothing here asks the payment provider while somebody waits: what it grants is read when an event
says that it changed, and every night.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from zyenta_ops.domain.entitlements import GRACE, TERMS, Feature, is_lower, tier_of
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.stores import Account, PlanTier, Store
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.entitlements import Subscriber
from zyenta_ops.ports.payments import PaymentProvider, Plan

# A subscription in one of these states is to be paid again soon; only then there is a grace.
_LATE: Final = frozenset({"past_due", "unpaid"})
_MONTHLY: Final = (Feature.VIDEOS, Feature.ORDERS)


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a feature an account uses; `limit` None = as much as it wants."""

    feature: Feature
    used: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """An account's plan as it stands."""

    account: Account
    subscriber: Subscriber | None
    lookup_keys: tuple[str, ...]
    usage: tuple[Usage, ...]


@dataclass(frozen=True)
class Plans:
    """What accounts may do. An account's `ref` is its id or e-mail address.

    Attributes:
        provider: None = nobody is billed; plans are set by hand.
        tell_cadence: says whether a store, whose plan has changed, is synced as it asks for.
    """

    database: Database
    provider: PaymentProvider | None
    clock: Clock
    new_id: NewId
    tell_cadence: Callable[[Repositories, Store, datetime], None]

    def list(self) -> list[Account]:
        """Every account, by e-mail address."""
        with self.database.read() as records:
            return list(records.entitlements.accounts())

    def show(self, ref: str) -> AccountPlan:
        """An account's plan.

        Raises:
            NotFound: there is no such account; so for every method with a `ref`.
        """
        now = self.clock()
        with self.database.read() as records:
            account = _find(records, ref)
            payer = next(
                (
                    each
                    for each in records.entitlements.subscribers()
                    if each.account_id == account.id
                ),
                None,
            )
            keys = tuple(sorted(records.entitlements.lookup_keys(account.id)))
            limits = TERMS[account.plan_tier].limits
            usage = tuple(
                Usage(feature, _used(records, account.id, feature, now), limits.get(feature))
                for feature in Feature
            )
        return AccountPlan(account, payer, keys, usage)

    def set_by_hand(self, ref: str, tier: PlanTier) -> Account:
        """Put an account on a plan.

        Raises:
            Refused: its plan follows from what its customer pays for.
        """
        with self.database.write() as records:
            account = _find(records, ref)
            if any(each.account_id == account.id for each in records.entitlements.subscribers()):
                raise Refused(
                    f"the plan of {account.email} follows from its subscription;"
                    " change it at the payment provider"
                )
            self._set_tier(records, account, tier, self.clock())
        return replace(account, plan_tier=tier)

    def subscribe(self, ref: str, customer_id: str) -> AccountPlan:
        """Say which customer of the payment provider pays for an account, and take its plan.

        Raises:
            Refused: the customer pays for another account, or no provider is configured.
            PaymentError: the customer cannot be read; nothing was changed.
        """
        if self.provider is None:
            raise Refused("no Stripe key is set; set ZYENTA_STRIPE_KEY or set the plan by hand")
        plan = self.provider.plan(customer_id)
        with self.database.write() as records:
            account = _find(records, ref)
            payer = Subscriber(account.id, customer_id)
            if not records.entitlements.subscribe(payer, self.clock()):
                raise Refused(f"{customer_id} pays for another account; a customer pays for one")
            self.take(records, plan)
        return self.show(account.id)

    def take(self, records: Repositories, plan: Plan) -> str | None:
        """Apply what a customer is entitled to; what it came to, None = nobody's customer."""
        now = self.clock()
        payer = records.entitlements.hold_subscriber(plan.customer_id)
        if payer is None:
            return None
        if payer.as_of is not None and plan.as_of <= payer.as_of:
            return "older than what is known"
        account = _find(records, payer.account_id)
        granted = tier_of(plan.lookup_keys)
        grace = None
        if is_lower(granted, account.plan_tier) and plan.status in _LATE:
            grace = payer.grace_until or plan.as_of + GRACE
        tier = account.plan_tier if grace is not None and now < grace else granted
        stands = replace(payer, status=plan.status, grace_until=grace, as_of=plan.as_of)
        records.entitlements.save_plan(stands, plan, now)
        if tier is not account.plan_tier:
            self._set_tier(records, account, tier, now)
        return f"{account.email} is on {tier}"

    def review(self) -> int:
        """Read every subscriber's plan again; how many accounts were read.

        Raises:
            PaymentUnavailable: the provider did not answer; what was read before is kept.
            PaymentLoginRefused: the provider does not accept our key.
        """
        if self.provider is None:
            return 0
        with self.database.read() as records:
            payers = records.entitlements.subscribers()
        for payer in payers:
            plan = self.provider.plan(payer.customer_id)
            with self.database.write() as records:
                self.take(records, plan)
        return len(payers)

    def _set_tier(
        self, records: Repositories, account: Account, tier: PlanTier, now: datetime
    ) -> None:
        records.entitlements.set_tier(account.id, tier, now)
        for store in records.stores.every(account.id):
            self.tell_cadence(records, store, now)

    def use(
        self,
        records: Repositories,
        account_id: str,
        feature: Feature,
        effect_key: str,
        quantity: int = 1,
    ) -> bool:
        """Note what an effect used, in the effect's transaction; the same effect counts once."""
        return records.entitlements.use(
            self.new_id(), account_id, feature, effect_key, quantity, self.clock()
        )


def _find(records: Repositories, ref: str) -> Account:
    account = records.entitlements.account(ref)
    if account is None:
        raise NotFound(f"no account has the id or address {ref}; list them with `account list`")
    return account


def _used(records: Repositories, account_id: str, feature: Feature, now: datetime) -> int:
    if feature is Feature.STORES:
        return records.entitlements.stores_of(account_id)
    if feature is Feature.VARIANTS:
        return records.entitlements.variants_of(account_id)
    since = datetime.min.replace(tzinfo=now.tzinfo)
    if feature in _MONTHLY:
        since = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return records.entitlements.used_since(account_id, feature, since)
