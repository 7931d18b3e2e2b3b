"""Fulfilment: paid orders become supplier orders and reach the customer.

`advancing` is the pass that a run makes; `planning` splits orders, `quoting`, `intending` and
`placing` buy, `reconciling` finds out what became of lost answers, `paying` pays suppliers,
`following` reads orders and their parcels, `cancelling` takes back what is not wanted. A `dossier`
is one supplier order within a transaction, the `desk` what all of them need. What is done next is
decided in `zyenta_ops.domain.fulfillment`.
"""

from zyenta_ops.operations.fulfillment.advancing import Advanced, Fulfillment
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.failpoints import Failpoint, Failpoints, pass_by

__all__ = ["Advanced", "Desk", "Failpoint", "Failpoints", "Fulfillment", "pass_by"]
