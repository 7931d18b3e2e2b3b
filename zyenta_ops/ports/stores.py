"""Where stores, suppliers and products are kept, and who seals credentials."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol, TypedDict, Unpack

from zyenta_ops.domain.credentials import Secret
from zyenta_ops.domain.products import CatalogueEntry, Product, Variant
from zyenta_ops.domain.stores import (
    Account,
    Document,
    ProductStatus,
    Store,
    StoreStatus,
    Supplier,
    SupplierStatus,
    SyncFrequency,
)


class StoreChange(TypedDict, total=False):
    """The fields of a store that can change after it was added."""

    status: StoreStatus
    sync_frequency: SyncFrequency
    pricing_strategy: Document
    alert_preferences: Document
    automation_policy: Document
    voice: Document


class ProductChange(TypedDict, total=False):
    """The fields of a product that a person decides."""

    status: ProductStatus
    price_locked: bool


class StoreRecords(Protocol):
    """Accounts and their stores."""

    def account_of(self, account: Account, at: datetime) -> Account:
        """The account with this e-mail address: the stored one, else this one, now stored."""
        ...

    def add(self, store: Store) -> bool:
        """Store a new store; False, and nothing stored, when its subdomain is taken."""
        ...

    def find(self, ref: str) -> Store | None:
        """The store with this id or subdomain."""
        ...

    def every(self, account_id: str | None = None) -> tuple[Store, ...]:
        """All stores, or those of an account, in the order of their subdomains."""
        ...

    def refs(self) -> Collection[str]:
        """Subdomain of every store."""
        ...

    def change(self, store_id: str, at: datetime, **change: Unpack[StoreChange]) -> None:
        """Set what is given and leave the rest as it is."""
        ...


class SupplierRecords(Protocol):
    """Suppliers and our own logins at them."""

    def add(self, supplier: Supplier) -> bool:
        """Store a new supplier; False, and nothing stored, when its key is taken."""
        ...

    def find(self, key: str) -> Supplier | None:
        """The supplier with this key."""
        ...

    def every(self) -> tuple[Supplier, ...]:
        """All suppliers, in the order of their keys."""
        ...

    def keys(self) -> Collection[str]:
        """Key of every supplier."""
        ...

    def set_status(self, key: str, status: SupplierStatus, at: datetime) -> None:
        """Set the status of a supplier."""
        ...

    def set_config(self, key: str, config: Document, at: datetime) -> None:
        """Set the configuration of a supplier."""
        ...

    def credentials(self, key: str) -> tuple[str, str] | None:
        """The row and the sealed text of the platform's own login, None when there is none."""
        ...

    def credentials_row(self, key: str, new_id: str, at: datetime) -> str:
        """The id under which the platform's own login is kept; `new_id` when there is none yet.

        Holds the supplier until the transaction ends, so that two processes agree on one row.
        """
        ...

    def set_credentials(self, key: str, row: str, sealed: str, at: datetime) -> None:
        """Put sealed credentials into a row that `credentials_row` named."""
        ...


class ProductRecords(Protocol):
    """What stores sell, and the offers they can choose from."""

    def offers(
        self,
        store_id: str,
        supplier_key: str,
        *,
        product_refs: Sequence[str] | None,
        after: tuple[str, str],
        limit: int,
    ) -> Sequence[CatalogueEntry]:
        """A page of a supplier's offers, by product reference, with what the store has of each.

        Args:
            store_id: whose products are looked up beside the offers.
            supplier_key: whose offers.
            product_refs: only these products, at most 1,000; None = all.
            after: product reference and offer id of the last entry of the page before.
            limit: entries of a full page; a shorter page is the last one.
        """
        ...

    def hold_for_import(self, store_id: str) -> None:
        """Let one import at a time add to a store until the transaction ends."""
        ...

    def add(
        self,
        store_id: str,
        supplier_key: str,
        products: Sequence[Product],
        variants: Sequence[Variant],
        at: datetime,
    ) -> None:
        """Store new products of one store, and new variants of these or of stored ones.

        At most 1,000 of each.
        """
        ...

    def of_store(
        self, store_id: str, status: ProductStatus | None, limit: int | None
    ) -> tuple[Product, ...]:
        """The store's products with their variants, by title; at most `limit` of them."""
        ...

    def find(self, ref: str, store_id: str | None) -> tuple[Product, ...]:
        """The products with this id or reference, of one store or of all."""
        ...

    def hold(self, product_id: str) -> Product:
        """A product as it stands, which nobody else changes until the transaction ends."""
        ...

    def change(self, product_id: str, at: datetime, **change: Unpack[ProductChange]) -> None:
        """Set what is given and leave the rest as it is."""
        ...


class Vault(Protocol):
    """Seals secrets for storage. A sealed text opens only for the row it was sealed for."""

    def seal(self, plaintext: bytes | dict[str, Any], *, row: str) -> str:
        """Seal bytes, or a document as JSON, for the row named `table|column|id`."""
        ...

    def open(self, token: str, *, row: str) -> Secret:
        """Open what was sealed for this row.

        Raises:
            Refused: altered, sealed for another row, or with a key that is not at hand.
        """
        ...

    def is_current(self, token: str, *, row: str) -> bool:
        """Whether a sealed text is under the active key; if not it wants sealing again."""
        ...
