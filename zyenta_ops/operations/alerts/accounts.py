"""Alerts about our accounts at suppliers: one per trouble and store, and one for the internal team.

Nothing is handed over when an account changes. What should be told follows from how the account
stands and which stores sell through it; what is told are the unresolved alerts. The two are
compared, so whatever was missed is told or taken back the next time.

    <type>:<account>                  internal
    <type>:<account>:store:<store>    a store's

Everything here happens in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.alerts import Alert, AlertType
from zyenta_ops.domain.alerts.accounts import (
    ACCOUNT_TYPES,
    Words,
    command_for,
    is_for_team,
    troubles,
    words,
    words_for_merchants,
)
from zyenta_ops.domain.errors import Refused
from zyenta_ops.operations.alerts.mails import Mailroom, topic
from zyenta_ops.operations.alerts.owners import tell_owner
from zyenta_ops.operations.lookup import store_ref_of
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.alerts import OpenAlert


@dataclass(frozen=True, slots=True)
class AccountsTold:
    """How many alerts were opened and closed; `faults` says which stores could not be told."""

    opened: int = 0
    resolved: int = 0
    faults: tuple[str, ...] = ()

    def plus(self, other: AccountsTold) -> AccountsTold:
        """Both together."""
        return AccountsTold(
            self.opened + other.opened, self.resolved + other.resolved, self.faults + other.faults
        )


@dataclass(frozen=True, slots=True)
class _Fact:
    """Something to be told to a store, or to the internal team when `store_id` is None."""

    type: AlertType
    store_id: str | None
    stores: int  # that sell through the account


@dataclass(frozen=True, slots=True)
class _News:
    """How an account differs from what is told of it: facts by key, and alerts that are over."""

    missing: Mapping[str, _Fact]
    over: Sequence[OpenAlert]


@dataclass(frozen=True)
class AccountAlerts:
    """Compares accounts with what is told of them."""

    records: Repositories
    run_id: str | None
    mailroom: Mailroom
    new_id: NewId
    now: datetime

    def has_news(self, account: SupplierAccount) -> bool:
        """Whether `settle` would change anything."""
        news = self._news(account)
        return bool(news.missing or news.over)

    def settle(self, account: SupplierAccount) -> AccountsTold:
        """Open what is missing and close what is over."""
        news = self._news(account)
        over = [each.alert_id for each in news.over]
        self.records.alerts.close(over, self.now)
        self.records.outbox.withdraw([topic(each) for each in over], self.now)
        opened, faults = 0, []
        supplier = self.records.alert_facts.supplier_name(account.supplier_key)
        for key, fact in news.missing.items():
            try:
                opened += self._open(key, fact, account, supplier)
            except Refused as fault:  # a store's preferences cannot be read; the others go on
                faults.append(str(fault))
        return AccountsTold(opened, len(over), tuple(faults))

    def _news(self, account: SupplierAccount) -> _News:
        told = [
            each
            for each in self.records.alerts.unresolved_of(account.supplier_key, ACCOUNT_TYPES)
            if each.metadata["account_id"] == account.id
        ]
        wanted = self._wanted(account, {each.type for each in told})
        known = {each.dedupe_key for each in told}
        return _News(
            {key: fact for key, fact in wanted.items() if key not in known},
            [each for each in told if each.dedupe_key not in wanted],
        )

    def _wanted(self, account: SupplierAccount, told: set[AlertType]) -> dict[str, _Fact]:
        found = troubles(account, told, self.now)
        if not found:
            return {}
        stores = self.records.alert_facts.stores_selling(account.supplier_key, account.owner_id)
        wanted: dict[str, _Fact] = {}
        for type_ in found:
            key = f"{type_}:{account.id}"
            if is_for_team(type_, account):
                wanted[key] = _Fact(type_, None, len(stores))
            wanted |= {f"{key}:store:{each}": _Fact(type_, each, len(stores)) for each in stores}
        return wanted

    def _open(self, key: str, fact: _Fact, account: SupplierAccount, supplier: str) -> bool:
        if fact.store_id is None:
            alert = self._alert(fact, account, self._words(fact.type, account, supplier))
            if not self.records.alerts.open(alert, key):
                return False
            messages = self.mailroom.internal(alert, supplier, fact.stores, self.run_id)
            self.records.outbox.enqueue(messages, self.now)
            return True
        if account.owner_id is None:
            alert = self._alert(fact, account, words_for_merchants(fact.type, supplier))
            return self.records.alerts.open(alert, key)
        alert = self._alert(fact, account, self._words(fact.type, account, supplier))
        store = self.records.alert_facts.lock_store(fact.store_id)
        return tell_owner(self.records, self.mailroom, alert, key, store)

    def _words(self, type_: AlertType, account: SupplierAccount, supplier: str) -> Words:
        store_ref = store_ref_of(self.records, account.owner_id)
        return words(type_, account, supplier, command_for(type_, account.supplier_key, store_ref))

    def _alert(self, fact: _Fact, account: SupplierAccount, said: Words) -> Alert:
        return Alert(
            id=self.new_id(),
            type=fact.type,
            title=said.title,
            message=said.message,
            metadata={"account_id": account.id, "run_id": self.run_id},
            opened_at=self.now,
            store_id=fact.store_id,
            supplier_key=account.supplier_key,
        )
