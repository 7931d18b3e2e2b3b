"""What stores are wired on: who checks the documents that their owners choose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from zyenta_ops.domain.alerts import AlertPreferences
from zyenta_ops.domain.fulfillment import AutomationPolicy
from zyenta_ops.domain.pricing import PricingStrategy
from zyenta_ops.domain.store_voice import StoreVoice
from zyenta_ops.domain.stores import Document, PlanTier, Store
from zyenta_ops.operations.stores import Stores
from zyenta_ops.persistence.documents import read_document, write_document
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.settings import Settings


def wire_stores(
    settings: Settings,
    database: Database,
    clock: Clock,
    new_id: NewId,
    tell_cadence: Callable[[Repositories, Store, datetime], None],
) -> Stores:
    """Wire the use cases of stores."""
    return Stores(
        database,
        clock,
        new_id,
        _checked(PricingStrategy, "the pricing strategy"),
        _checked(AlertPreferences, "the alert preferences"),
        PlanTier(settings.first_plan),
        _checked(AutomationPolicy, "the automation policy"),
        _checked(StoreVoice, "the voice of the store"),
        tell_cadence,
    )


def _checked(kind: type[object], where: str) -> Callable[[Document], Document]:
    """What returns a document of this kind in full, or refuses it."""
    return lambda document: write_document(read_document(kind, document, where))
