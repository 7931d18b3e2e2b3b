"""Adding stores and changing how they are kept in sync, priced and told of changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Unpack

from zyenta_ops.domain.entitlements import Feature, frequency_allowed, judge
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.names import (
    country_code,
    currency_code,
    display_name,
    email_address,
    subdomain_label,
)
from zyenta_ops.domain.stores import (
    Account,
    Document,
    PlanTier,
    Store,
    StoreStatus,
    SyncFrequency,
)
from zyenta_ops.operations.lookup import find_store
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.stores import StoreChange


def _tell_nobody(records: Repositories, store: Store, now: datetime) -> None: ...


@dataclass(frozen=True)
class Stores:
    """Stores and their owners. A `ref` is a store's id or subdomain.

    Attributes:
        validate_strategy: returns a pricing strategy's document in full, or raises `Refused`.
        validate_preferences: the same for alert preferences.
        validate_policy: the same for how far orders are bought by themselves.
        validate_voice: the same for how a store speaks. All of them turn `{}` into the defaults.
        first_plan: the plan of new accounts.
        tell_cadence: says whether a store, which asks for another cadence, is synced so.
    """

    database: Database
    clock: Clock
    new_id: NewId
    validate_strategy: Callable[[Document], Document]
    validate_preferences: Callable[[Document], Document]
    first_plan: PlanTier = PlanTier.AUTOPILOT
    validate_policy: Callable[[Document], Document] = dict
    validate_voice: Callable[[Document], Document] = dict
    tell_cadence: Callable[[Repositories, Store, datetime], None] = _tell_nobody

    def add(
        self,
        *,
        name: str,
        email: str,
        currency: str,
        country: str,
        owner_name: str | None = None,
        subdomain: str | None = None,
        frequency: SyncFrequency = SyncFrequency.STANDARD,
        strategy: Document | None = None,
        preferences: Document | None = None,
    ) -> Store:
        """Add a store, and its owner's account when the e-mail address is new.

        Without `subdomain` the store's name makes one; without `owner_name` a new account is
        called what stands before the @.

        Raises:
            Refused: something given is not usable, the subdomain is taken, or the owner's plan
                does not allow it; nothing is added.
        """
        now = self.clock()
        address = email_address(email)
        owner = Account(
            id=self.new_id(),
            email=address,
            name=display_name(owner_name or address.partition("@")[0], "owner"),
            plan_tier=self.first_plan,
        )
        wanted = Store(
            id=self.new_id(),
            account=owner,
            name=display_name(name, "store"),
            subdomain=subdomain_label(subdomain, name),
            currency=currency_code(currency),
            ship_to_country=country_code(country),
            pricing_strategy=self.validate_strategy(strategy or {}),
            alert_preferences=self.validate_preferences(preferences or {}),
            automation_policy=self.validate_policy({}),
            created_at=now,
            sync_frequency=frequency,
            voice=self.validate_voice({}),
        )
        with self.database.write() as records:
            store = replace(wanted, account=records.stores.account_of(owner, now))
            tier = store.account.plan_tier
            _must_allow_cadence(tier, frequency)
            owned = records.entitlements.stores_of(store.account.id)
            verdict = judge(tier, Feature.STORES, owned)
            if not verdict.allowed:
                raise Refused(f"{verdict.reason}; close a store or change the plan")
            if not records.stores.add(store):
                raise Refused(
                    f"the subdomain '{store.subdomain}' belongs to another store;"
                    " choose a different one"
                )
        return store

    def list(self, account_id: str | None = None) -> tuple[Store, ...]:
        """All stores, or those of an account, in the order of their subdomains."""
        with self.database.read() as records:
            return records.stores.every(account_id)

    def show(self, ref: str) -> Store:
        """One store.

        Raises:
            NotFound: no store has this id or subdomain; so for every method with a `ref`.
        """
        with self.database.read() as records:
            return find_store(records, ref)

    def pause(self, ref: str) -> Store:
        """Leave a store as it is until it is resumed."""
        return self._set_status(ref, StoreStatus.PAUSED)

    def resume(self, ref: str) -> Store:
        """Keep a store in sync again."""
        return self._set_status(ref, StoreStatus.ACTIVE)

    def close(self, ref: str) -> Store:
        """Give a store up for good; its history stays."""
        return self._set_status(ref, StoreStatus.CLOSED)

    def set_frequency(self, ref: str, frequency: SyncFrequency) -> Store:
        """Set how often a store is synced.

        Raises:
            Refused: the owner's plan does not allow it; the old cadence stays.
        """
        return self._change(ref, sync_frequency=frequency)

    def set_strategy(self, ref: str, strategy: Document) -> Store:
        """Replace a store's pricing strategy; prices follow at the next run.

        Raises:
            Refused: the strategy is not a valid one; the old one stays.
        """
        return self._change(ref, pricing_strategy=self.validate_strategy(strategy))

    def set_preferences(self, ref: str, preferences: Document) -> Store:
        """Replace what a store's owner is told of.

        Raises:
            Refused: the preferences are not valid; the old ones stay.
        """
        return self._change(ref, alert_preferences=self.validate_preferences(preferences))

    def set_policy(self, ref: str, policy: Document) -> Store:
        """Replace how far a store's orders are bought by themselves.

        Raises:
            Refused: the policy is not a valid one; the old one stays.
        """
        return self._change(ref, automation_policy=self.validate_policy(policy))

    def set_voice(self, ref: str, voice: Document) -> Store:
        """Replace how a store speaks to its customers; what waits to be sent stays as it is.

        Raises:
            Refused: the voice is not valid; the old one stays.
        """
        return self._change(ref, voice=self.validate_voice(voice))

    def _set_status(self, ref: str, status: StoreStatus) -> Store:
        return self._change(ref, status=status)

    def _change(self, ref: str, **change: Unpack[StoreChange]) -> Store:
        with self.database.write() as records:
            store = find_store(records, ref)
            if store.status is StoreStatus.CLOSED:
                raise Refused(f"the store '{store.subdomain}' is closed; a closed store stays so")
            if "sync_frequency" in change:
                _must_allow_cadence(store.account.plan_tier, change["sync_frequency"])
            now, changed = self.clock(), replace(store, **change)
            records.stores.change(store.id, now, **change)
            if "sync_frequency" in change:
                self.tell_cadence(records, changed, now)
        return changed


def _must_allow_cadence(tier: PlanTier, frequency: SyncFrequency) -> None:
    if not frequency_allowed(tier, frequency):
        raise Refused(
            f"the {tier} plan keeps stores at the {SyncFrequency.STANDARD} cadence;"
            f" {frequency} needs the {PlanTier.AUTOPILOT} plan"
        )
