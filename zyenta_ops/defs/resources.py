"""What definitions get from outside: plain objects made by `bootstrap`, and the scope of a run.

No connection is opened and no setting read before a run needs it.
"""

import dagster as dg
from pydantic import Field

from zyenta_ops.bootstrap import Operations
from zyenta_ops.domain.stores import Cadence, SweepScope


class OperationsResource(dg.ConfigurableResource[Operations]):
    """The wired use cases, from the `ZYENTA_*` environment of the process that runs."""

    def create_resource(self, context: dg.InitResourceContext) -> Operations:
        """Build the operations; raises Refused when a setting is wrong."""
        from zyenta_ops.bootstrap import build
        from zyenta_ops.settings import Settings

        return build(Settings.from_environment())


class ScopeResource(dg.ConfigurableResource[SweepScope]):
    """Which stores a run covers; set in the launchpad, it narrows all assets of the run at once."""

    store_ids: list[str] = Field(
        default=[], description="Ids of the stores to cover; empty = all of the cadence."
    )
    cadence: Cadence | None = Field(
        default=None, description="Only stores of this cadence; empty = stores of every cadence."
    )
    budget_seconds: int = Field(
        default=600, description="Stores not reached within this time stay due.", gt=0
    )

    def create_resource(self, context: dg.InitResourceContext) -> SweepScope:
        """The scope as the operations know it."""
        return SweepScope(tuple(self.store_ids), self.cadence, self.budget_seconds)
