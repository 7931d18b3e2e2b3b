"""A store's pricing strategy out of the document that is stored with it."""

from __future__ import annotations

from typing import Any

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.pricing import PricingStrategy
from zyenta_ops.domain.stores import Document
from zyenta_ops.persistence.documents import read_document
from zyenta_ops.ports.pricing import StoreToPrice


def read_strategy(document: Document, store: str) -> PricingStrategy:
    """The strategy a document describes; `{}` is the default one.

    Raises:
        Refused: the document describes no valid strategy; the text names the store.
    """
    try:
        return read_document(PricingStrategy, document, f"the pricing strategy of store '{store}'")
    except Refused as error:
        raise Refused(f"{error}; set a new one with `zyenta-ops store strategy`") from None


def store_to_price(row: Any) -> StoreToPrice:
    """A store from its row.

    Raises:
        Refused: its strategy cannot be read.
    """
    return StoreToPrice(
        row.id, row.name, row.currency, read_strategy(row.pricing_strategy, row.name)
    )
