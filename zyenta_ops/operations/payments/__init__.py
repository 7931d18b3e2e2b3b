"""Payments in: what the provider says becomes paid orders, holds and refunds.

Events only say where to look. What they are about is read again from the provider, kept as facts,
and an order is derived from all its facts (`domain.payments.assess`), so that events that come
late, twice, in another order or never end in the same state.
"""

from zyenta_ops.domain.refund_plans import RefundRequest
from zyenta_ops.operations.payments.accounts import PaymentAccounts
from zyenta_ops.operations.payments.asking import Rests
from zyenta_ops.operations.payments.deriving import Derivation, Issues, Use
from zyenta_ops.operations.payments.listening import Poll, StripeEvents
from zyenta_ops.operations.payments.reading import PaymentEvents
from zyenta_ops.operations.payments.refunding import RefundReport, Refunds

__all__ = [
    "Derivation",
    "Issues",
    "PaymentAccounts",
    "PaymentEvents",
    "Poll",
    "RefundReport",
    "RefundRequest",
    "Refunds",
    "Rests",
    "StripeEvents",
    "Use",
]
