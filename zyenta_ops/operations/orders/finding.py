"""Finding the store that an order is for, and the order that somebody names.

A `ref` is an order's id, or STORE:NUMBER with the store's id or subdomain. `within` are the stores
that whoever asks may see, None = all: what lies outside is not found.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from zyenta_ops.domain.documents import Fault, text_problem
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.order_intake import OrderConflict, OrderRefused, Reading
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.stores import Store
from zyenta_ops.operations.lookup import find_order, find_store
from zyenta_ops.ports import Repositories

_LONGEST_REF: Final = 200


def store_for(
    records: Repositories,
    store_ref: str | None,
    document: object,
    within: Collection[str] | None,
) -> Store:
    """The store that an order is for; who hands it over and the document may both name it.

    Raises:
        NotFound: there is no such store.
        OrderRefused: neither names a store, or they name different ones.
    """
    told = document.get("store") if isinstance(document, dict) else None
    ref = store_ref if store_ref is not None else told
    if not isinstance(ref, str):
        raise OrderRefused("", [Fault("store", "must be the id or subdomain of a store")])
    store = visible_store(records, ref, within)
    if told not in (None, ref, store.id, store.subdomain):
        raise OrderRefused("", [Fault("store", "is not the store that the order is given to")])
    return store


def visible_store(records: Repositories, ref: str, within: Collection[str] | None) -> Store:
    """The store that somebody names.

    Raises:
        NotFound: there is no such store; who may see all stores is told of close names.
    """
    if text_problem(ref, _LONGEST_REF):
        raise NotFound("there is no such store; name it by its id or subdomain")
    if within is None:
        return find_store(records, ref)
    store = records.stores.find(ref)
    if store is None or store.id not in within:
        raise NotFound(f"there is no store '{ref}'")
    return store


def told_before(records: Repositories, store: Store, reading: Reading) -> Order | None:
    """The same order as it stands, when it was handed over before.

    What was accepted once is not judged again: variants may have changed since.

    Raises:
        OrderConflict: another order has its number.
    """
    known = None
    if not reading.faults:
        known = records.orders.find_by_number(store.id, reading.number)
    if known is not None and records.orders.fingerprint(known.id) != reading.fingerprint:
        raise OrderConflict(reading.number, known.id)
    return known


def held_order(records: Repositories, ref: str, within: Collection[str] | None) -> Order:
    """The order that somebody names, which nobody else can change in this transaction."""
    return existing(records.orders.hold(find_order(records, ref, within).id))


def existing(order: Order | None) -> Order:
    """An order that was there a moment ago; orders are never deleted.

    Raises:
        NotFound: it was deleted by hand.
    """
    if order is None:
        raise NotFound("the order is gone")
    return order
