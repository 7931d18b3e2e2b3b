"""Orders: acting on what came in about them, one bounded run at a time."""

import dagster as dg
from pydantic import Field

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import IN_PROGRESS, LANE_TAG, MAX_RUNTIME_TAG, PRIORITY_TAG
from zyenta_ops.domain.documents import moment_of
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment import Verb
from zyenta_ops.domain.fulfillment.wishes import Wish

# One run takes this much at most; the sensor asks for the next while more is due.
EVENTS = 50_000
SUPPLIER_ORDERS = 1_000
REFUNDS = 200
BUDGET_SECONDS = 240
# People wait for refunds, so they come first; suppliers' events are not to wait long for them.
REFUNDS_SECONDS = 30


@dg.op(
    ins={"after": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Act on the events that are due; one that fails is tried again, then parked.",
)
def drain_inbox(context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]) -> None:
    """Drain one bounded batch and say how it went."""
    if operations.stripe_events is not None:
        operations.stripe_events.adopt_strays()
    report = operations.inbox.drain(limit=EVENTS, budget_seconds=BUDGET_SECONDS)
    context.log.info(
        f"{report.processed} processed, {report.ignored} of no concern, {report.deferred} put off,"
        f" {report.parked} parked; {report.left_due} are left"
    )


@dg.op(
    ins={"after": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Plan what was paid for, and take every step on supplier orders that is due.",
)
def advance_orders(
    context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]
) -> None:
    """Advance one bounded batch and say how it went."""
    report = operations.fulfillment.advance(limit=SUPPLIER_ORDERS, budget_seconds=BUDGET_SECONDS)
    steps = ", ".join(f"{step}: {count}" for step, count in sorted(report.steps.items()))
    context.log.info(
        f"{report.planned} orders planned, {report.worked_on} supplier orders worked on"
        f" ({steps or 'nothing to do'}); {report.left_due} are left"
    )
    if report.failed:
        context.log.error(f"{report.failed} supplier orders could not be worked on")


@dg.op(out=dg.Out(dg.Nothing), description="Ask for the refunds that are due.")
def carry_out_refunds(
    context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]
) -> None:
    """Carry out what was planned, looking first for what may have been done already."""
    if operations.refunds is None:
        return
    report = operations.refunds.carry_out(limit=REFUNDS, budget_seconds=REFUNDS_SECONDS)
    context.log.info(
        f"{report.settled} refunds made, {report.deferred} put off, {report.refused} refused"
    )


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "900", LANE_TAG: "orders", "dagster/max_retries": "0"},
    description="Carry out refunds, act on what came in about orders, buy what was paid for.",
)
def fulfill_orders() -> None:
    """Re-evaluate what is due; everything it needs to know is in the database."""
    advance_orders(drain_inbox(carry_out_refunds()))


class OrderActionConfig(dg.Config):
    """What to do about an order: a verb, and what it needs.

    `key` makes it happen once; "" = once for this run and all its re-executions. `until` is
    ISO 8601 with its zone. A run's configuration is kept and shown: there is no `address`, which
    `zyenta-ops orders act edit-address` changes.
    """

    order: str
    verb: Verb
    by: str
    key: str = ""
    dry_run: bool = False
    note: str = ""
    which: int | None = None
    holds: list[str] = Field(default_factory=list)
    references: list[str] = Field(default_factory=list)
    supplier: str = ""
    item: str = ""
    offer: str = ""
    units: dict[str, int] = Field(default_factory=dict)
    number: str = ""
    carrier: str = ""
    url: str = ""
    partial: bool = False
    done: bool = False
    until: str = ""
    to: str = ""

    def wish(self) -> Wish:
        """What is asked for, as the domain knows it.

        Raises:
            Refused: `until` is no time.
        """
        until = moment_of(self.until) if self.until else None
        if self.until and until is None:
            raise Refused("`until` is no time with its zone, such as 2026-11-30T12:00Z")
        return Wish(
            verb=self.verb,
            note=self.note,
            which=self.which,
            holds=tuple(self.holds),
            references=tuple(self.references),
            supplier=self.supplier,
            item=self.item,
            offer=self.offer,
            units=tuple(self.units.items()),
            number=self.number,
            carrier=self.carrier,
            url=self.url,
            partial=self.partial,
            done=self.done,
            until=until,
            to=self.to,
        )


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Do what an operator wants to an order, once by its key.",
)
def act(
    context: dg.OpExecutionContext,
    config: OrderActionConfig,
    operations: dg.ResourceParam[Operations],
) -> None:
    """Act, and say what was done; what is refused fails the run with its sentence."""
    try:
        acted = operations.operators.act(
            config.order,
            config.wish(),
            config.by,
            config.key or f"run:{context.run.root_run_id or context.run_id}",
            rehearse=config.dry_run,
            run_id=context.run_id,
        )
    except Refused as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    done = "would be done" if acted.rehearsed else "done"
    before = " before" if acted.repeated else ""
    context.log.info(f"{done}{before} to order {acted.number}: {'; '.join(acted.says)}")


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "300", "dagster/max_retries": "0"},
    description="Do one thing about an order that waits for a person.",
)
def act_on_order() -> None:
    """The verbs of `zyenta-ops orders act`, as a run with typed configuration."""
    act()


@dg.sensor(
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells the internal team of sources of events that have gone quiet.",
)
def silent_sources(operations: dg.ResourceParam[Operations]) -> dg.SkipReason:
    """Open and close the alerts themselves: a run would cost more than the work."""
    silent = operations.inbox.report_silence()
    return dg.SkipReason(f"nothing more is heard of {', '.join(silent)}" if silent else "all speak")


@dg.sensor(
    job=fulfill_orders,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one bounded run while events, orders or refunds are due.",
)
def orders_due(
    context: dg.SensorEvaluationContext, operations: dg.ResourceParam[Operations]
) -> dg.RunRequest | dg.SkipReason:
    """One run when something is due and none is at work already."""
    events = operations.inbox.count_due()
    supplier_orders, unplanned = operations.fulfillment.count_due()
    refunds = 0 if operations.refunds is None else operations.refunds.count_due()
    due = (
        f"{events} events, {unplanned} paid orders, {supplier_orders} supplier orders and"
        f" {refunds} refunds are due"
    )
    if events + unplanned + supplier_orders + refunds == 0:
        return dg.SkipReason("nothing is due")
    wanted = dg.RunsFilter(job_name=fulfill_orders.name, statuses=IN_PROGRESS)
    if context.instance.get_runs_count(wanted):
        return dg.SkipReason(f"{due} and a run is at work")
    return dg.RunRequest(tags={PRIORITY_TAG: "30"})
