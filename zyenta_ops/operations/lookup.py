"""Finding what a person named, or saying which names are close."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from zyenta_ops.domain.documents import text_problem
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.names import not_found
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.stores import Store, Supplier
from zyenta_ops.ports import Repositories

_LONGEST_REF: Final = 200


def find_store(records: Repositories, ref: str) -> Store:
    """The store with this id or subdomain.

    Raises:
        NotFound: no store has it; the text names the closest ones.
    """
    store = records.stores.find(ref)
    if store is None:
        raise not_found("store", ref, records.stores.refs())
    return store


def find_order(records: Repositories, ref: str, within: Collection[str] | None) -> Order:
    """The order that somebody names by its id, or as STORE:NUMBER.

    `within` are the ids of the stores that whoever asks may see, None = all.

    Raises:
        NotFound: there is no such order.
    """
    if text_problem(ref, _LONGEST_REF):
        raise NotFound("there is no such order; name it by its id or as STORE:NUMBER")
    store_ref, colon, number = ref.partition(":")
    order = None
    if not colon:
        order = records.orders.find(ref)
    elif store := records.stores.find(store_ref):
        order = records.orders.find_by_number(store.id, number)
    if order is None or (within is not None and order.store_id not in within):
        raise NotFound(f"there is no order '{ref}'; name it by its id or as STORE:NUMBER")
    return order


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
