"""Finding what a person named, or saying which names are close."""

from __future__ import annotations

from zyenta_ops.domain.names import not_found
from zyenta_ops.domain.stores import Store, Supplier
from zyenta_ops.ports import Repositories


def find_store(records: Repositories, ref: str) -> Store:
    """The store with this id or subdomain.

    Raises:
        NotFound: no store has it; the text names the closest ones.
    """
    store = records.stores.find(ref)
    if store is None:
        raise not_found("store", ref, records.stores.refs())
    return store


def find_supplier(records: Repositories, key: str) -> Supplier:
    """The supplier with this key.

    Raises:
        NotFound: no supplier has it; the text names the closest ones.
    """
    supplier = records.suppliers.find(key)
    if supplier is None:
        raise not_found("supplier", key, records.suppliers.keys())
    return supplier


def store_ref_of(records: Repositories, owner_id: str | None) -> str | None:
    """A store of an owner, by which commands name his accounts; None for the platform."""
    if owner_id is None:
        return None
    owned = (each for each in records.stores.every() if each.account.id == owner_id)
    return next((each.subdomain for each in owned), None)
