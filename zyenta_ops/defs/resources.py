"""What definitions get from outside: plain objects made by `bootstrap`, and the scope of a run.

No connection is opened and no setting read before a run needs it.
"""

import time
from dataclasses import replace

import dagster as dg
from pydantic import Field

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import WORKER_TAG
from zyenta_ops.defs.workers import Worker
from zyenta_ops.domain.stores import Cadence, SweepScope


class OperationsResource(dg.ConfigurableResource[Operations]):
    """The wired use cases, from the `ZYENTA_*` environment of the process that runs."""

    def create_resource(self, context: dg.InitResourceContext) -> Operations:
        """Build the operations and note which process does; Refused when a setting is wrong."""
        from zyenta_ops.bootstrap import build
        from zyenta_ops.settings import Settings

        run_id = None if context.run is None else context.run.run_id
        if run_id is not None and context.instance is not None:
            context.instance.add_run_tags(run_id, {WORKER_TAG: Worker.current().tag(run_id)})
        return build(Settings.from_environment(), run_id=run_id)


def with_time_left(
    scope: SweepScope, context: dg.AssetExecutionContext, now: float | None = None
) -> SweepScope:
    """The scope with what is left of its time budget.

    A run has one budget, from its start: the steps of a run, and their retries, share it.

    Args:
        scope: as the run was asked for.
        context: of a step of the run.
        now: seconds since 1970, as Dagster counts them; None = this machine's clock.
    """
    record = context.instance.get_run_record_by_id(context.run.run_id)
    if record is None or record.start_time is None:
        return scope
    spent = (time.time() if now is None else now) - record.start_time
    return replace(scope, budget_seconds=max(0, int(scope.budget_seconds - spent)))


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
