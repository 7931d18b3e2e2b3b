"""A shop that sells what two suppliers in memory list, and everything that buys it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, insert, select, update

from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.fulfillment import Stage, SupplierOrder
from zyenta_ops.domain.fulfillment.standing import Standing
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import Hold, HoldReason, Order, PaymentStatus
from zyenta_ops.domain.payments import Assessment, Issue
from zyenta_ops.domain.refunds import Refund, RefundLine, RefundStatus
from zyenta_ops.domain.stores import Supplier
from zyenta_ops.domain.supplier_errors import LoginFailed
from zyenta_ops.domain.supplier_orders import (
    Capabilities,
    ExternalOrder,
    OrderRequest,
    PlacedOrder,
    ShippingQuote,
    ShippingRequest,
)
from zyenta_ops.operations.fulfillment import Advanced, Desk, Failpoint, Fulfillment
from zyenta_ops.operations.orders import Orders
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    account,
    order_event,
    placement_attempt,
    product_variant,
    store,
    supplier_account,
    supplier_order,
    watched_product,
)
from zyenta_ops.ports import Repositories
from zyenta_ops.ports.gateway import SupplierGateway
from zyenta_ops_tests.builders import (
    THEN,
    a_product,
    a_store,
    a_supplier,
    a_variant,
    an_offer,
)
from zyenta_ops_tests.contracts.fake_gateway import FakeGateway, FakeSupplier
from zyenta_ops_tests.orders import a_document

Result = TypeVar("Result")

SHIRT, MUG = "shirt", "mug"
SUPPLIERS = {SHIRT: "cj", MUG: "aliexpress"}


@dataclass(frozen=True)
class ScriptedGateway(FakeGateway):
    """A gateway that fails as it is told, first to last; `after` the supplier did what was asked.

    Attributes:
        script: by method.
    """

    script: dict[str, list[tuple[Exception, bool]]]

    def place_order(self, request: OrderRequest) -> PlacedOrder:
        return self._scripted(
            "place_order", lambda: super(ScriptedGateway, self).place_order(request)
        )

    def pay_order(self, external_id: str, most: Money) -> None:
        self._scripted(
            "pay_order", lambda: super(ScriptedGateway, self).pay_order(external_id, most)
        )

    def cancel_order(self, external_id: str) -> None:
        self._scripted(
            "cancel_order", lambda: super(ScriptedGateway, self).cancel_order(external_id)
        )

    def find_order(self, reference: str) -> ExternalOrder | None:
        return self._scripted(
            "find_order", lambda: super(ScriptedGateway, self).find_order(reference)
        )

    def get_order(self, external_id: str) -> ExternalOrder:
        return self._scripted(
            "get_order", lambda: super(ScriptedGateway, self).get_order(external_id)
        )

    def quote_shipping(self, request: ShippingRequest) -> tuple[ShippingQuote, ...]:
        return self._scripted(
            "quote_shipping", lambda: super(ScriptedGateway, self).quote_shipping(request)
        )

    def _scripted(self, method: str, do: Callable[[], Result]) -> Result:
        planned = self.script.get(method)
        if not planned:
            return do()
        error, after = planned.pop(0)
        if after:
            do()
        raise error


@dataclass
class Shop:
    """Orders of two shirts from `cj` and a mug from `aliexpress`, in US dollars.

    Attributes:
        die_at: raised at this place; None = nobody dies.
        passed: every place that was passed.
        told: the titles of the issues that stand, by supplier order.
        moves: stages before and after, as whoever listens is told.
        refused: accounts that a supplier was said to refuse; `opened` those that were asked with.
        script: what fails, by supplier and method.
        meanwhile: happens once, after an order was placed and before that is stored.
    """

    database: Database
    clock: Any
    new_id: Any
    suppliers: dict[str, FakeSupplier] = field(default_factory=dict)
    die_at: dict[Failpoint, BaseException] = field(default_factory=dict)
    passed: list[Failpoint] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)
    moves: list[tuple[Stage, Stage]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    script: dict[str, dict[str, list[tuple[Exception, bool]]]] = field(default_factory=dict)
    meanwhile: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.suppliers = {key: FakeSupplier() for key in SUPPLIERS.values()}
        with self.database.write() as records:
            connection = records.connection
            a_store(connection, currency="USD")
            connection.execute(update(account).values(plan_tier="AUTOPILOT"))
            for ref, key in SUPPLIERS.items():
                self.suppliers[key].list_product(ref)
                a_supplier(connection, key, kind=key.upper(), config={})
                connection.execute(
                    insert(supplier_account).values(
                        id=f"login-{key}",
                        account_id="account-my-shop",
                        supplier_key=key,
                        credentials="sealed",
                        connected_at=THEN,
                        created_at=THEN,
                        updated_at=THEN,
                    )
                )
        for ref, key in SUPPLIERS.items():
            self.sell(ref, key)
        self.orders = Orders(
            self.database,
            self.clock,
            self.new_id,
            refunds_of=lambda records, order_id: records.refunds.of_order(order_id),
        )
        self.fulfillment = Fulfillment(self.desk())

    def sell(self, ref: str, key: str) -> None:
        """The store sells a product of a supplier, at a cost of 12.50 dollars."""
        with self.database.write() as records:
            connection = records.connection
            offer = an_offer(
                connection, ref, f"{ref}-v", "12.50 USD", supplier_key=key, order_ref=f"{ref}-o"
            )
            product = a_product(connection, ref, supplier_key=key)
            a_variant(connection, product, offer, id=f"variant-{ref}")
            connection.execute(
                insert(watched_product).values(supplier_key=key, product_ref=ref, added_at=THEN)
            )

    def offer_elsewhere(
        self, ref: str, key: str, cost: str = "12.50 USD", *, variant: str = "v", **columns: Any
    ) -> None:
        """A variant may be bought from another supplier, too."""
        with self.database.write() as records:
            offer = an_offer(
                records.connection,
                ref,
                f"{ref}-{variant}",
                cost,
                supplier_key=key,
                order_ref=f"{ref}-o",
                **columns,
            )
            records.fulfillment.add_source(f"variant-{ref}", offer, 1, self.clock())

    def desk(self, **changes: Any) -> Desk:
        desk = Desk(
            self.database,
            self.clock,
            self.new_id,
            self._open,
            self._capabilities,
            self._fail,
            lambda: 500,
            self._issues,
            self._told,
            self._failpoint,
        )
        return replace(desk, **changes)

    def order(self, number: str = "1001", *, paid: bool = True, **units: int) -> Order:
        """Two shirts and a mug unless other units are said, at 30 dollars each."""
        wanted = units or {SHIRT: 2, MUG: 1}
        items = [
            {"variant_id": f"variant-{ref}", "quantity": quantity, "unit_price_minor": 30_00}
            for ref, quantity in wanted.items()
        ]
        subtotal = sum(wanted.values()) * 30_00
        document = a_document(
            number=number,
            currency="USD",
            items=items,
            subtotal_minor=subtotal,
            discount_minor=0,
            shipping_minor=0,
            total_minor=subtotal,
        )
        order = self.orders.receive("my-shop", document, "test").order
        if paid:
            self.pay(order)
        return self.show(order)

    def pay(self, order: Order, status: PaymentStatus = PaymentStatus.PAID) -> None:
        """The payment of an order stands so from now on."""
        now = self.clock()
        with self.database.write() as records:
            held = records.orders.hold(order.id)
            assert held is not None
            records.orders.save_payment(
                order.id,
                Assessment(status, order.amounts.total_minor),
                held.paid_at or now,
                now,
            )

    def refund(self, order: Order, **units: int) -> None:
        """A refund of units of products is planned."""
        items = {item.variant_id.removeprefix("variant-"): item.id for item in order.items}
        with self.database.write() as records:
            records.orders.hold(order.id)
            number = len(records.refunds.of_order(order.id)) + 1
            records.refunds.add(
                Refund(
                    self.new_id(),
                    order.id,
                    number,
                    1_000,
                    "USD",
                    "broken",
                    "pi_1",
                    "",
                    RefundStatus.PLANNED,
                    "test",
                    self.clock(),
                    tuple(RefundLine(items[ref], n, n * 3_000) for ref, n in units.items()),
                    request_key=str(number),
                ),
                self.clock(),
            )

    def hold(self, order: Order, note: str = "call her first") -> str:
        """A person holds the order; names the hold."""
        details = self.orders.hold(order.id, note, "ann")
        return str(details.timeline[-1].after["source"])

    def tick(self, **delta: float) -> Advanced:
        """Time goes on, and one pass is made."""
        self.clock.advance(**delta)
        return self.fulfillment.advance()

    def policy(self, **document: Any) -> None:
        """The store's automation policy is this from now on."""
        with self.database.write() as records:
            records.connection.execute(update(store).values(automation_policy=document))

    def show(self, order: Order) -> Order:
        return self.orders.show(order.id).order

    def of(self, order: Order) -> dict[str, SupplierOrder]:
        """The newest supplier order of each supplier."""
        with self.database.read() as records:
            return {each.supplier_key: each for each in records.fulfillment.of_order(order.id)}

    def every(self, order: Order) -> tuple[SupplierOrder, ...]:
        with self.database.read() as records:
            return records.fulfillment.of_order(order.id)

    def stages(self, order: Order) -> dict[str, str]:
        return {key: each.stage.value for key, each in self.of(order).items()}

    def standings(self, order: Order) -> dict[str, Standing]:
        with self.database.read() as records:
            found = self.fulfillment.standings(records, order.id)
        return {each.supplier_order.supplier_key: each for each in found}

    def holds(self, order: Order) -> list[tuple[HoldReason, str]]:
        """Reason and note of what holds an order."""
        now = self.clock()
        return [(each.reason, each.note) for each in self.show(order).holds if each.holds_at(now)]

    def sources(self, order: Order) -> list[str]:
        now = self.clock()
        holds: Sequence[Hold] = self.show(order).holds
        return [each.source for each in holds if each.holds_at(now)]

    def reserved(self) -> dict[str, int]:
        """Units kept back, by product."""
        with self.database.read() as records:
            rows = records.connection.execute(
                select(product_variant.c.id, product_variant.c.reserved_units)
            )
            return {row[0].removeprefix("variant-"): row[1] for row in rows}

    def counts(self) -> list[int]:
        """Rows that a pass without news must not add to, and the sum of all versions."""
        with self.database.read() as records:
            return [
                records.connection.execute(query).scalar_one()
                for query in (
                    select(func.count()).select_from(order_event),
                    select(func.count()).select_from(placement_attempt),
                    select(func.count()).select_from(supplier_order),
                    select(func.sum(supplier_order.c.version)),
                )
            ]

    def placed(self, key: str) -> list[str]:
        """What the supplier calls the orders that it has, but for those that were cancelled."""
        return [
            each.external_id
            for each in self.suppliers[key].orders.values()
            if each.state != "CANCELLED"
        ]

    def fails(self, method: str, *errors: Exception, key: str = "cj", after: bool = False) -> None:
        """The next calls fail so; `after` the supplier did what was asked."""
        planned = self.script.setdefault(key, {}).setdefault(method, [])
        planned += [(error, after) for error in errors]

    def can(self, **capabilities: Any) -> None:
        """Both suppliers can this from now on."""
        for each in self.suppliers.values():
            each.capabilities = replace(each.capabilities, **capabilities)

    @contextmanager
    def _open(self, supplier: Supplier, account: SupplierAccount) -> Iterator[SupplierGateway]:
        self.opened.append(account.id)
        yield ScriptedGateway(
            self.suppliers[supplier.key], self.script.setdefault(supplier.key, {})
        )

    def _capabilities(self, supplier: Supplier) -> Capabilities | None:
        return self.suppliers[supplier.key].capabilities if supplier.kind.has_api else None

    def _fail(self, account: SupplierAccount, error: LoginFailed) -> None:
        self.refused.append(account.id)

    def _issues(
        self,
        records: Repositories,
        store_id: str,
        about: str,
        issues: Sequence[Issue],
        now: datetime,
    ) -> None:
        self.told.pop(about, None)
        if issues:
            self.told[about] = [each.title for each in issues]

    def _told(
        self,
        records: Repositories,
        order: Order,
        before: SupplierOrder,
        after: SupplierOrder,
        now: datetime,
    ) -> None:
        self.moves.append((before.stage, after.stage))

    def _failpoint(self, failpoint: Failpoint) -> None:
        self.passed.append(failpoint)
        if failpoint is Failpoint.PLACE_CALLED and self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        death = self.die_at.pop(failpoint, None)
        if death is not None:
            raise death
