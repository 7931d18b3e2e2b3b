"""What customers and stores' own systems are told of orders, and whether the systems show it.

`announcing` puts into the outbox what an order gives cause to tell, `hooks` keeps where stores'
systems are told, `checking` looks at what they show.
"""

from zyenta_ops.operations.storefronts.announcing import Announcements
from zyenta_ops.operations.storefronts.checking import CheckReport, StorefrontChecks
from zyenta_ops.operations.storefronts.hooks import Chosen, StorefrontHooks

__all__ = ["Announcements", "CheckReport", "Chosen", "StorefrontChecks", "StorefrontHooks"]
