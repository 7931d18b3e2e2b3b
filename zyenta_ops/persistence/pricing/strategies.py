"""A store's pricing strategy out of the document that is stored with it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.pricing import PricingStrategy
from zyenta_ops.domain.stores import Document
from zyenta_ops.ports.pricing import StoreToPrice

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def read_strategy(document: Document, store: str) -> PricingStrategy:
    """The strategy a document describes; `{}` is the default one.

    Raises:
        Refused: the document describes no valid strategy; the text names the store.
    """
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(document)
    except ValidationError as error:
        complaint = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in complaint["loc"]) or "the document"
        reason = f"{path}: {complaint['msg']}"
    except Refused as error:
        reason = str(error)
    raise Refused(
        f"the pricing strategy of store '{store}' cannot be read ({reason}); set a new one with"
        " `zyenta-ops store strategy`"
    )


def store_to_price(row: Any) -> StoreToPrice:
    """A store from its row.

    Raises:
        Refused: its strategy cannot be read.
    """
    return StoreToPrice(
        row.id, row.name, row.currency, read_strategy(row.pricing_strategy, row.name)
    )


@cache
def _adapter() -> TypeAdapter[PricingStrategy]:
    from pydantic import TypeAdapter

    return TypeAdapter(PricingStrategy)
