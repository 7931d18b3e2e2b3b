"""Payments, passes, deaths, rivals, parcels, refunds and holds in any order break no promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from zyenta_ops.domain.fulfillment import (
    TRANSITIONS,
    ActionReason,
    Facts,
    Stage,
    fulfillment_status,
)
from zyenta_ops.domain.fulfillment.invariants import Invariant
from zyenta_ops.domain.orders import EventKind, Order, PaymentStatus
from zyenta_ops.domain.payments import Assessment
from zyenta_ops.domain.refunds import Refund, RefundLine, RefundStatus
from zyenta_ops.domain.supplier_orders import Parcel, ParcelState, Placement, SupplierOrderState
from zyenta_ops.operations.fulfillment import Failpoint, Fulfillment
from zyenta_ops.operations.orders import Orders
from zyenta_ops.persistence.schema import (
    order_event,
    outbox_message,
    placement_attempt,
    supplier_order,
)
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.fakes import Killed
from zyenta_ops_tests.fulfillment.vendor import Manner, a_vendor
from zyenta_ops_tests.fulfillment.world import Scene, World, a_scene
from zyenta_ops_tests.operations.fulfillment.shop import Shop

# Whether somebody works, and within which time, is up to the rules.
OVERDUE = {
    Invariant.DUE_IS_WORKED_ON,
    Invariant.PLACING_IS_LEASED,
    Invariant.PAID_IS_PLANNED,
    Invariant.MESSAGES_LEAVE,
}
# A person who looks at the supplier's site settles these; the others are facts.
SETTLED_BY_LOOKING = {
    ActionReason.OUTCOME_UNKNOWN,
    ActionReason.ATTEMPTS_SPENT,
    ActionReason.CRASHES,
}
BETWEEN_TRANSACTIONS = [each for each in Failpoint if not each.endswith(".commit")]
LIVE = [ParcelState.IN_TRANSIT, ParcelState.CUSTOMS, ParcelState.DELIVERED, ParcelState.UNKNOWN]


def an_unpaid_order(shop: Shop) -> Order:
    """Two shirts and a mug, of two suppliers."""
    return shop.order(paid=False)


class AnyOrder(RuleBasedStateMachine):
    """One order, and everything that may happen to it."""

    scene: ClassVar[Scene]

    @initialize(
        placement=st.sampled_from(list(Placement)), paid=st.sampled_from([True, True, True, False])
    )
    def begin(self, placement: Placement, paid: bool) -> None:
        self.scene.put_back(self.scene.start)
        clock = FixedClock()
        vendor = a_vendor(placement, Manner.ANSWERS, clock)
        vendor.list_product("mug")
        self.at: dict[Failpoint, Callable[[], None]] = {}
        self.world = World(self.scene, vendor, clock, self.pass_by)
        self.orders = Orders(
            self.scene.database,
            clock,
            self.world.new_id,
            refunds_of=lambda records, order_id: records.refunds.of_order(order_id),
        )
        self.over: dict[str, Stage] = {}
        self.held: list[str] = []
        self.refunds = 0
        if paid:
            self.payment(PaymentStatus.PAID)

    def pass_by(self, failpoint: Failpoint) -> None:
        happens = self.at.pop(failpoint, None)
        if happens is not None:
            happens()

    @rule(minutes=st.sampled_from([0, 1, 11, 31, 6 * 60 + 1, 24 * 60, 9 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)
        self.world.vendor.live()

    @rule()
    def pay(self) -> None:
        order = self.order()
        if order.payment_status in (PaymentStatus.PENDING, PaymentStatus.PAID):
            self.payment(PaymentStatus.PAID)

    @rule()
    def tick(self) -> None:
        self.world.fulfillment.advance()

    @rule()
    def tick_twice(self) -> None:
        """The second finds nothing to do, and writes nothing."""
        self.world.fulfillment.advance()
        before = self.written()
        assert self.world.fulfillment.advance().worked_on == 0
        assert self.written() == before

    @rule(failpoint=st.sampled_from(list(Failpoint)))
    def die(self, failpoint: Failpoint) -> None:
        """A pass that gets so far dies there; everything is built anew."""

        def happens() -> None:
            raise Killed

        self.at = {failpoint: happens}
        try:
            self.world.fulfillment.advance()
        except Killed:
            self.scene.database.dispose()
            self.world.fulfillment = Fulfillment(self.world.desk())
        self.at = {}

    @rule(failpoint=st.sampled_from(BETWEEN_TRANSACTIONS), minutes=st.sampled_from([0, 11, 31]))
    def overtake(self, failpoint: Failpoint, minutes: int) -> None:
        """A pass that gets so far sleeps there, while another makes a whole pass; then it wakes."""

        def happens() -> None:
            self.at = {}
            self.world.clock.advance(minutes=minutes)
            Fulfillment(self.world.desk()).advance()

        self.at = {failpoint: happens}
        self.world.fulfillment.advance()
        self.at = {}

    @rule(replies=st.sampled_from(["lost", "lost_payments"]))
    def the_next_reply_gets_lost(self, replies: str) -> None:
        setattr(self.world.vendor, replies, 1)

    @rule(state=st.sampled_from(LIVE), number=st.sampled_from(["A1", "A2"]), data=st.data())
    def a_parcel_is_told_of(self, state: ParcelState, number: str, data: st.DataObject) -> None:
        """In any state at any time, late ones included."""
        vendor = self.world.vendor
        sent = {SupplierOrderState.PAID, SupplierOrderState.SHIPPED, SupplierOrderState.DELIVERED}
        ids = sorted(key for key, each in vendor.orders.items() if each.state in sent)
        if ids:
            key = data.draw(st.sampled_from(ids))
            mine = f"{key}-{number}"
            others = [each for each in vendor.orders[key].parcels if each.number != mine]
            parcels = (*others, Parcel(mine, "Carrier", state=state))
            vendor.change(key, state=SupplierOrderState.SHIPPED, parcels=parcels)

    @rule()
    def hold(self) -> None:
        details = self.orders.hold(self.world.order_id, "call her first", "ann")
        self.held.append(str(details.timeline[-1].after["source"]))

    @precondition(lambda self: self.held)
    @rule()
    def release(self) -> None:
        self.orders.release(self.world.order_id, self.held.pop(), "ann")

    @rule(place=st.sampled_from([0, 1]))
    def refund_a_unit(self, place: int) -> None:
        """Of the shirts or of the mug, as long as the customer still has a claim on one."""
        order = self.order()
        if order.payment_status not in (PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED):
            return
        item = order.items[place]
        self.refunds += 1
        line = RefundLine(item.id, 1, item.unit_price_minor)
        refund = Refund(
            f"refund-{self.refunds}",
            order.id,
            self.refunds,
            item.unit_price_minor,
            "USD",
            "broken",
            "pi_1",
            "",
            RefundStatus.PLANNED,
            "test",
            self.world.clock(),
            (line,),
            request_key=str(self.refunds),
        )
        with self.scene.database.write() as records:
            records.orders.hold(order.id)
            if self.facts(records).wanted[item.id]:
                records.refunds.add(refund, self.world.clock())

    @rule()
    def refund_everything(self) -> None:
        if self.order().payment_status is PaymentStatus.PAID:
            self.payment(PaymentStatus.REFUNDED)

    @rule()
    def a_person_looks(self) -> None:
        """A day later, when whatever was under way has landed."""
        stuck = [it for it in self.world.supplier_orders() if it.stage is Stage.NEEDS_ACTION]
        if stuck and all(it.reason in SETTLED_BY_LOOKING for it in stuck):
            self.world.clock.advance(days=1)
            self.world.vendor.live()
            self.world.decide()

    @invariant()
    def nothing_is_bought_or_paid_twice(self) -> None:
        assert self.world.vendor.doubles() == 0

    @invariant()
    def every_invariant_holds(self) -> None:
        with self.scene.database.read() as records:
            found = records.fulfillment_invariants.breaches(self.world.clock())
        assert [each for each in found if each.invariant not in OVERDUE] == []

    @invariant()
    def what_is_over_stays_so(self) -> None:
        for it in self.world.supplier_orders():
            assert self.over.get(it.id, it.stage) is it.stage
            if it.is_over:
                self.over[it.id] = it.stage

    @invariant()
    def the_status_is_that_of_the_supplier_orders(self) -> None:
        with self.scene.database.read() as records:
            facts = self.facts(records)
        if facts.supplier_orders:
            status = fulfillment_status(facts.wanted, facts.supplier_orders)
            assert facts.order.fulfillment_status is status

    def teardown(self) -> None:
        """Once everybody leaves it alone, everything ends or is a person's business."""
        if not hasattr(self, "world"):
            return
        while self.held:
            self.release()
        for _ in range(60):
            self.world.clock.advance(hours=6, seconds=30)
            self.world.vendor.live()
            self.a_person_looks()
            self.world.fulfillment.advance()
            if all(it.is_over for it in self.world.supplier_orders()):
                break
        self.nothing_is_bought_or_paid_twice()
        self.every_invariant_holds()
        self.every_move_is_legal_and_told_once()
        for it in self.world.supplier_orders():
            followed = it.stage in (Stage.SHIPPED, Stage.PARTIALLY_SHIPPED)
            assert it.is_over or it.stage is Stage.NEEDS_ACTION or followed, it

    def every_move_is_legal_and_told_once(self) -> None:
        """The timeline of each supplier order is a path of the machine, from planned to now."""
        paths: dict[int, list[tuple[str, str]]] = {}
        for each in self.orders.show(self.world.order_id).timeline:
            if each.kind is EventKind.ADVANCED and "stage" in each.after:
                step = str(each.before["stage"]), str(each.after["stage"])
                paths.setdefault(int(str(each.after["supplier_order"])), []).append(step)
        for it in self.world.supplier_orders():
            path = paths.get(it.seq, [])
            stages = [Stage.PLANNED.value, *(after for _, after in path)]
            assert [before for before, _ in path] == stages[:-1]
            assert stages[-1] == it.stage.value
            for before, after in path:
                assert Stage(after) in TRANSITIONS[Stage(before)].values()

    def payment(self, status: PaymentStatus) -> None:
        with self.scene.database.write() as records:
            held = records.orders.hold(self.world.order_id)
            assert held is not None
            paid_at = held.paid_at or self.world.clock()
            total = held.amounts.total_minor
            back = total if status is PaymentStatus.REFUNDED else 0
            records.orders.save_payment(
                held.id, Assessment(status, total, back), paid_at, self.world.clock()
            )

    def facts(self, records: Any) -> Facts:
        order = records.orders.find(self.world.order_id)
        refunds = records.refunds.of_order(order.id)
        return Facts(order, records.fulfillment.of_order(order.id), refunds)

    def order(self) -> Order:
        with self.scene.database.read() as records:
            found = records.orders.find(self.world.order_id)
        assert found is not None
        return found

    def written(self) -> list[int]:
        """Rows that a pass without news must not add to, and the sum of all versions."""
        tables = (order_event, placement_attempt, supplier_order, outbox_message)
        queries = [select(func.count()).select_from(table) for table in tables]
        queries.append(select(func.sum(supplier_order.c.version)))
        with self.scene.database.read() as records:
            return [records.connection.execute(query).scalar_one() for query in queries]


@pytest.fixture(scope="module", autouse=True)
def scene() -> Iterator[None]:
    with ExitStack() as stack:
        AnyOrder.scene = stack.enter_context(a_scene(an_unpaid_order))
        yield


class TestAnyOrder(AnyOrder.TestCase):  # type: ignore[misc,valid-type]
    """The same few in every run."""

    settings = settings(max_examples=10, stateful_step_count=15, deadline=None)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
class TestManyOrders(AnyOrder.TestCase):  # type: ignore[misc,valid-type]
    """New ones in every run."""

    settings = settings(max_examples=200, stateful_step_count=30, deadline=None, derandomize=False)
