"""Where dossiers are opened, and what every step on a supplier order needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.fulfillment import Facts, SupplierOrder
from zyenta_ops.domain.fulfillment.timing import backoff
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.stores import Store, Supplier, SupplierStatus
from zyenta_ops.domain.supplier_errors import LoginFailed, SupplierError
from zyenta_ops.domain.supplier_orders import Capabilities
from zyenta_ops.operations.fulfillment.dossier import ClaimLost, Dossier, Issues, Told
from zyenta_ops.operations.fulfillment.failpoints import Failpoint, Failpoints, pass_by
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.fulfillment import Claimed
from zyenta_ops.ports.gateway import SupplierGateway

_PAUSED_AGAIN: Final = timedelta(minutes=15)


def _told_nobody(
    records: Repositories, order: Order, before: SupplierOrder, now: SupplierOrder, at: datetime
) -> None: ...


@dataclass(frozen=True)
class Desk:
    """What steps are taken with.

    Attributes:
        open_gateway: a gateway bound to our account, closed when the block ends.
        capabilities: of a supplier; None = it has no API.
        fail: notes that a supplier refuses an account.
        roll: a random number from 0 to 999.
        issues: says which issues there are of a store's supplier order.
        told: is told of what moved, in the same transaction.
        failpoint: called at every place where a process may die.
    """

    database: Database
    clock: Clock
    new_id: NewId
    open_gateway: Callable[[Supplier, SupplierAccount], AbstractContextManager[SupplierGateway]]
    capabilities: Callable[[Supplier], Capabilities | None]
    fail: Callable[[SupplierAccount, LoginFailed], object]
    roll: Callable[[], int]
    issues: Issues
    told: Told = field(default=_told_nobody)
    failpoint: Failpoints = pass_by

    @contextmanager
    def open(self, claimed: Claimed, before_commit: Failpoint) -> Iterator[Dossier]:
        """A dossier in a transaction of its own; what changed in it is stored when it ends.

        Raises:
            ClaimLost: another process has taken the supplier order over; nothing is stored.
        """
        with self.database.write() as records:
            dossier = self.read(records, claimed.order_id, claimed.id)
            if dossier.it.version != claimed.version:
                raise ClaimLost
            yield dossier
            dossier.store_all(self.issues, self.told)
            self.failpoint(before_commit)

    def read(self, records: Repositories, order_id: str, supplier_order_id: str) -> Dossier:
        """Everything about a supplier order, its customer order locked.

        Raises:
            NotFound: there is none.
        """
        order = records.orders.hold(order_id)
        if order is None:
            raise NotFound("the order is gone")
        mine = records.fulfillment.of_order(order_id)
        it = next((each for each in mine if each.id == supplier_order_id), None)
        if it is None:
            raise NotFound("the supplier order is gone")
        return self.dossier(records, order, mine, it)

    def dossier(
        self,
        records: Repositories,
        order: Order,
        supplier_orders: tuple[SupplierOrder, ...],
        it: SupplierOrder,
    ) -> Dossier:
        """A dossier of what was read."""
        now = self.clock()
        store = records.stores.find(order.store_id)
        supplier = records.suppliers.find(it.supplier_key)
        if store is None or supplier is None:
            raise NotFound("the store or the supplier of the supplier order is gone")
        account = _account(records, it, store)
        policy = records.fulfillment.policy_of(store)
        rests_until, why = _rest(supplier, account, now)
        facts = Facts(
            order=order,
            supplier_orders=supplier_orders,
            refunds=records.refunds.of_order(order.id),
            policy=policy,
            autonomy=policy.autonomy(store.account.plan_tier),
            account=account,
            capabilities=self.capabilities(supplier),
            rests_until=rests_until,
            rest_reason=why,
        )
        claimed = Claimed(it.id, it.order_id, it.version)
        return Dossier(records, self.new_id, now, claimed, order, it, facts, store, supplier)

    def wait(self, failures: int, retry_after: timedelta | None = None) -> timedelta:
        """How long to wait after so many failures in a row."""
        return backoff(failures, self.roll(), retry_after)

    def note_login(self, account: SupplierAccount | None, error: Exception) -> None:
        """Open the circuit of an account that the supplier refuses."""
        if account is not None and isinstance(error, LoginFailed):
            self.fail(account, error)

    def gateway(self, seen: Dossier) -> AbstractContextManager[SupplierGateway]:
        """The supplier, through the account of a dossier.

        Raises:
            SupplierError: there is no account.
        """
        account = seen.facts.account
        if account is None:
            raise SupplierError("the store's owner has no account at the supplier")
        return self.open_gateway(seen.supplier, account)


def _account(records: Repositories, it: SupplierOrder, store: Store) -> SupplierAccount | None:
    """The account that it was placed with, else that of the store's owner; never another."""
    if it.account_id is not None:
        return records.accounts.find(it.account_id)
    owned = records.accounts.of_supplier(it.supplier_key)
    return next((each for each in owned if each.owner_id == store.account.id), None)


def _rest(
    supplier: Supplier, account: SupplierAccount | None, now: datetime
) -> tuple[datetime | None, str]:
    """Until when nothing is bought of a supplier, and why."""
    if supplier.status is SupplierStatus.PAUSED:
        return now + _PAUSED_AGAIN, "a person has paused it"
    ends = [(supplier.blocked_until, supplier.blocked_reason or "it is blocked")]
    if account is not None:
        ends.append((account.paused_until, "it asked to be left alone"))
    lying_ahead = [(end, why) for end, why in ends if end is not None and end > now]
    return max(lying_ahead) if lying_ahead else (None, "")
