"""Where our accounts at suppliers are kept, and what suppliers are watched for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.dueness import Watch
from zyenta_ops.domain.stores import SupplierKind


@dataclass(frozen=True, slots=True)
class Expiries:
    """When the tokens of an account end; None = never."""

    access: datetime | None
    refresh: datetime | None


class AccountRecords(Protocol):
    """Our accounts at suppliers; secrets enter and leave sealed."""

    def of_supplier(self, supplier_key: str) -> tuple[SupplierAccount, ...]:
        """Every account, the platform's own first."""
        ...

    def every(self) -> tuple[SupplierAccount, ...]:
        """The accounts at all suppliers with an API."""
        ...

    def find(self, account_id: str) -> SupplierAccount | None:
        """The account with this id."""
        ...

    def hold(self, supplier_key: str, owner_id: str | None, new_id: str, at: datetime) -> str:
        """The id of the owner's account at the supplier, `new_id` when there is none yet.

        Holds the supplier until the transaction ends, so that two who connect agree on one row.
        """
        ...

    def connect(self, account: SupplierAccount, sealed: str, at: datetime) -> None:
        """Store an account that was connected, anew or again."""
        ...

    def sealed(self, account_id: str) -> str:
        """The sealed secrets; empty once it is disconnected."""
        ...

    def sealed_page(self, after: str, limit: int) -> list[tuple[str, str]]:
        """Ids and sealed secrets of logins of every kind, in the order of their ids."""
        ...

    def reseal(self, account_id: str, before: str, sealed: str, at: datetime) -> bool:
        """Replace sealed secrets unless somebody else did; whether it was done."""
        ...

    def begin_renewal(self, account_id: str, sealed: str, now: datetime, until: datetime) -> bool:
        """Claim the renewal of these very secrets; False while another process has it.

        Connecting and disconnecting the account end the claim, and so does its end.
        """
        ...

    def end_renewal(
        self,
        account: SupplierAccount,
        until: datetime,
        sealed: str | None,
        expiries: Expiries | None,
        now: datetime,
    ) -> bool:
        """Store renewed secrets, or only give the claim back when there are none.

        Args:
            account: as it was read before it was claimed.
            until: what the claim was made with; it tells this claim from a later one.
            sealed: None = there are none.
            expiries: None = as they were.
            now: when.

        Returns:
            False when the claim is no longer in force; then nothing is stored.
        """
        ...

    def note_check(self, account: SupplierAccount, label: str, now: datetime) -> bool:
        """Keep how the supplier names an account that works; its circuit and its pause are over.

        Here and below: False, and nothing is stored, when the account is no longer active or was
        connected again since it was read; what was learnt is not about the one that is there now.
        """
        ...

    def revoke(self, account: SupplierAccount, now: datetime) -> bool:
        """Note that the supplier no longer accepts an account."""
        ...

    def block(self, account: SupplierAccount, until: datetime, reason: str) -> bool:
        """Open the circuit of an account until then."""
        ...

    def disconnect(self, account_id: str, now: datetime) -> None:
        """Take the secrets of an account away, whatever is going on with it."""
        ...

    def pause(self, account_id: str, until: datetime | None) -> None:
        """Note until when the supplier wants to be left alone; None = it answers again."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A watched product, and the reference that names it or one of its variants."""

    ref: str
    supplier_key: str
    product_ref: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking about one product came to.

    `changed` says whether an offer differs; `error` is None when the supplier answered; `unknown`
    says that the supplier knows no such product, or could not have named one so.
    """

    product_ref: str
    changed: bool = False
    raw: str | None = None
    error: str | None = None
    unknown: bool = False


class WatchRecords(Protocol):
    """The products that suppliers with an API are asked about."""

    def add(self, supplier_key: str, product_refs: Sequence[str], at: datetime) -> int:
        """Watch products, at most 1,000 at a time; how many were not watched before."""
        ...

    def every(self, supplier_key: str) -> list[Watch]:
        """All that is watched, with what decides how urgent each is."""
        ...

    def named(self, kind: SupplierKind, refs: Collection[str]) -> Sequence[Named]:
        """The products of suppliers of a kind that references of products or variants name."""
        ...

    def hint(self, supplier_key: str, product_refs: Collection[str], at: datetime) -> None:
        """Note that the supplier spoke of products at a time, unless it did later, too."""
        ...

    def note(self, supplier_key: str, outcomes: Sequence[Outcome], at: datetime) -> None:
        """Remember what asking came to; a failure leaves the last answer as it is."""
        ...

    def note_sold(self, supplier_key: str, product_refs: Sequence[str], at: datetime) -> None:
        """Remember when products were last sold, which makes them urgent for a while."""
        ...

    def forget(self, supplier_key: str, product_refs: Sequence[str]) -> int:
        """Watch products no longer that neither a store has nor an offer is listed of; how many."""
        ...
