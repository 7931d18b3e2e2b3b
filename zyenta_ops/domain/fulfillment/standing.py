"""A supplier order as people see it."""

from __future__ import annotations

from dataclasses import dataclass

from zyenta_ops.domain.fulfillment.steps import Outlook
from zyenta_ops.domain.fulfillment.supplier_order import SupplierOrder


@dataclass(frozen=True, slots=True)
class Standing:
    """A supplier order, and what comes next."""

    supplier_order: SupplierOrder
    outlook: Outlook
