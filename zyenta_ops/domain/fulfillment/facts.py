"""Everything that decides what is done about a supplier order, as of one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.entitlements import Autonomy
from zyenta_ops.domain.fulfillment.planning import PAID, share, wanted_units
from zyenta_ops.domain.fulfillment.policy import AutomationPolicy
from zyenta_ops.domain.fulfillment.supplier_order import SupplierOrder
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.refunds import Refund
from zyenta_ops.domain.supplier_orders import Ability, Capabilities


@dataclass(frozen=True)
class Facts:
    """What is known besides the supplier order itself.

    Attributes:
        order: the customer's, with all its holds.
        supplier_orders: all of the order's.
        refunds: all of the order's.
        account: ours at the supplier; None = the store's owner has none.
        capabilities: of the supplier; None = it has no API.
        rests_until: the supplier is not asked before; None = it may be.
        rest_reason: why, in words.
    """

    order: Order
    supplier_orders: Sequence[SupplierOrder]
    refunds: Sequence[Refund] = ()
    policy: AutomationPolicy = field(default_factory=AutomationPolicy)
    autonomy: Autonomy = Autonomy.AUTO
    account: SupplierAccount | None = None
    capabilities: Capabilities | None = None
    rests_until: datetime | None = None
    rest_reason: str = ""

    @cached_property
    def wanted(self) -> Mapping[str, int]:
        """Units of each item that the customer is still to get."""
        return wanted_units(self.order, self.refunds)

    @cached_property
    def _shares(self) -> Mapping[str, Mapping[str, int]]:
        return share(self.wanted, self.supplier_orders)

    @property
    def is_paid(self) -> bool:
        """Whether the customer's payment is good."""
        return self.order.payment_status in PAID

    def can(self, ability: Ability) -> bool:
        """Whether the supplier's API offers it."""
        return self.capabilities is not None and self.capabilities.can(ability)

    def units_of(self, supplier_order: SupplierOrder) -> Mapping[str, int]:
        """What a supplier order is still to buy, by item."""
        return self._shares.get(supplier_order.id, {})

    def is_unwanted(self, supplier_order: SupplierOrder) -> bool:
        """Whether none of it is wanted any more."""
        return supplier_order.unwanted_at is not None or not any(
            self.units_of(supplier_order).values()
        )
