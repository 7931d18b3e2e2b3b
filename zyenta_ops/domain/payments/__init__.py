"""What a payment provider's facts mean for an order.

A fact is how one of the provider's objects stood when it was last read. An order's payment is
derived from all its facts by `assess`, a pure function of the set: facts that arrive late, twice or
in another order give the same answer. Events only say which object to read again (`subject_of`).
"""

from zyenta_ops.domain.payments.assessing import Assessment, Issue, WantedHold, assess
from zyenta_ops.domain.payments.balances import Balance, balances
from zyenta_ops.domain.payments.facts import STATES, FactKind, FactState, PaymentFact
from zyenta_ops.domain.payments.subjects import EVENT_TYPES, Subject, subject_of
from zyenta_ops.domain.payments.wording import told

__all__ = [
    "EVENT_TYPES",
    "STATES",
    "Assessment",
    "Balance",
    "FactKind",
    "FactState",
    "Issue",
    "PaymentFact",
    "Subject",
    "WantedHold",
    "assess",
    "balances",
    "subject_of",
    "told",
]
