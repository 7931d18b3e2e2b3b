"""What the payment provider was seen to say, and through which accounts stores are paid."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, and_, func, or_, select, tuple_, update

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import PaymentStatus
from zyenta_ops.domain.payments import FactKind, FactState, PaymentFact
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import order, payment_account, payment_fact, store
from zyenta_ops.ports.payments import AccountState, ChargeModel, PaymentAccount

_fact = payment_fact.c
_account = payment_account.c
_KEY = (_fact.kind, _fact.external_id)
# Facts read at the same instant are told apart by what was read, so that the order in which they
# arrive never matters.
_RANK = ("as_of", "state", "amount_minor", "note")
_SAID = (
    *("account", "state", "amount_minor", "currency", "as_of", "moved_at"),
    *("intent_id", "order_ref", "store_ref", "order_number", "refund_ref", "note", "updated_at"),
)
_STORED = (
    *(_fact.kind, _fact.external_id, _fact.account, _fact.state, _fact.amount_minor),
    *(_fact.currency, _fact.as_of, _fact.moved_at, _fact.intent_id, _fact.order_ref),
    *(_fact.store_ref, _fact.order_number, _fact.refund_ref, _fact.note),
)


class PaymentRecords:
    """Satisfies `zyenta_ops.ports.payments.PaymentRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def keep(self, facts: Sequence[PaymentFact], now: datetime) -> None:
        """Store facts, except those older than what is known of their object."""
        if not facts:
            return
        self.connection.execute(
            _keeping(self.connection.dialect), [_values(fact, now) for fact in _newest(facts)]
        )

    def join(
        self, order_id: str, account: str, payment_ids: Collection[str], now: datetime
    ) -> None:
        """Give the facts of these payments on an account to an order, unless they have one."""
        if payment_ids:
            self.connection.execute(
                update(payment_fact)
                .where(
                    _of_payments(payment_ids),
                    _fact.account == account,
                    _fact.order_id.is_(None),
                )
                .values(order_id=order_id, updated_at=now)
            )

    def orders_of(self, account: str, payment_ids: Collection[str]) -> Mapping[str, str]:
        """The orders that payments on an account belong to, by payment."""
        if not payment_ids:
            return {}
        rows = self.connection.execute(
            select(_fact.intent_id, _fact.external_id, _fact.order_id).where(
                _of_payments(payment_ids), _fact.account == account, _fact.order_id.is_not(None)
            )
        )
        return {row.intent_id or row.external_id: row.order_id for row in rows}

    def waiting_for(
        self, order_id: str, store_refs: Collection[str], number: str
    ) -> Sequence[PaymentFact]:
        """Facts of no order whose metadata names this one."""
        by_number = and_(_fact.store_ref.in_(store_refs), _fact.order_number == number)
        return self._read(
            and_(_fact.order_id.is_(None), or_(_fact.order_ref == order_id, by_number))
        )

    def strays(self, limit: int) -> Sequence[PaymentFact]:
        """Facts of no order that name one which is there and is paid through their account."""
        by_number = and_(
            _fact.order_number != "",
            order.c.number == _fact.order_number,
            or_(store.c.id == _fact.store_ref, store.c.subdomain == _fact.store_ref),
        )
        named = (
            select(order.c.id)
            .join(store, store.c.id == order.c.store_id)
            .where(
                or_(order.c.id == _fact.order_ref, by_number),
                _charged_on() == _fact.account,
            )
            .correlate(payment_fact)
            .exists()
        )
        return self._read(and_(_fact.order_id.is_(None), named), limit)

    def of_order(self, order_id: str) -> Sequence[PaymentFact]:
        """Every fact of an order."""
        return self._read(_fact.order_id == order_id)

    def account_of(self, store_id: str) -> PaymentAccount:
        """Through which account a store is paid; the platform's when nothing was said."""
        found = self._accounts(_account.store_id == store_id)
        return found[0] if found else PaymentAccount(store_id, "", ChargeModel.PLATFORM)

    def accounts(self) -> Sequence[PaymentAccount]:
        """Every account that was said."""
        return self._accounts()

    def set_account(self, account: PaymentAccount, now: datetime) -> None:
        """Say through which account a store is paid."""
        values = {
            "external_id": account.external_id,
            "charge_model": account.charge_model.value,
            "charges_enabled": True,
            "deauthorized_at": None,
            "as_of": None,
            "updated_at": now,
        }
        statement = upsert(self.connection.dialect, payment_account).values(
            store_id=account.store_id, created_at=now, **values
        )
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=[_account.store_id], set_=values)
        )

    def note_account_state(self, state: AccountState, now: datetime) -> Sequence[PaymentAccount]:
        """Store how a connected account stands, unless something newer is known; whose it is."""
        ours = _account.external_id == state.external_id
        self.connection.execute(
            update(payment_account)
            .where(ours, or_(_account.as_of.is_(None), _account.as_of < state.as_of))
            .values(
                charges_enabled=state.charges_enabled,
                deauthorized_at=None
                if state.authorized
                else func.coalesce(_account.deauthorized_at, state.as_of),
                as_of=state.as_of,
                updated_at=now,
            )
        )
        return self._accounts(ours)

    def oldest_unpaid(self, account: str, since: datetime) -> datetime | None:
        """When the oldest order was placed since then that waits for a payment on an account."""
        unpaid = (PaymentStatus.PENDING.value, PaymentStatus.AUTHORIZED.value)
        oldest: datetime | None = self.connection.execute(
            select(func.min(order.c.placed_at)).where(
                order.c.payment_status.in_(unpaid),
                order.c.placed_at >= since,
                _charged_on() == account,
            )
        ).scalar_one()
        return oldest

    def _read(self, where: ColumnElement[bool], limit: int | None = None) -> Sequence[PaymentFact]:
        query = select(*_STORED).where(where).order_by(*_KEY).limit(limit)
        rows = self.connection.execute(query)
        return [
            PaymentFact(
                kind=FactKind(row.kind),
                external_id=row.external_id,
                account=row.account,
                state=FactState(row.state),
                amount=Money(row.amount_minor, row.currency),
                as_of=row.as_of,
                moved_at=row.moved_at,
                intent_id=row.intent_id,
                order_ref=row.order_ref,
                store_ref=row.store_ref,
                order_number=row.order_number,
                refund_ref=row.refund_ref,
                note=row.note,
            )
            for row in rows
        ]

    def _accounts(self, *where: ColumnElement[bool]) -> Sequence[PaymentAccount]:
        rows = self.connection.execute(
            select(
                _account.store_id,
                _account.external_id,
                _account.charge_model,
                _account.charges_enabled,
                _account.deauthorized_at,
                _account.as_of,
            )
            .where(*where)
            .order_by(_account.store_id)
        )
        return [PaymentAccount(row[0], row[1], ChargeModel(row[2]), *row[3:]) for row in rows]


def _charged_on() -> ColumnElement[str]:
    """The account that an order's store is paid on; "" = the platform's."""
    own = (
        select(_account.external_id)
        .where(
            _account.store_id == order.c.store_id,
            _account.charge_model == ChargeModel.DIRECT.value,
        )
        .correlate(order)
        .scalar_subquery()
    )
    return func.coalesce(own, "")


@lru_cache(maxsize=8)  # making the statement takes longer than executing it
def _keeping(dialect: Dialect) -> Any:
    statement = upsert(dialect, payment_fact)
    new = statement.excluded
    newer = tuple_(*(new[name] for name in _RANK)) > tuple_(*(_fact[name] for name in _RANK))
    return statement.on_conflict_do_update(
        index_elements=_KEY, set_={name: new[name] for name in _SAID}, where=newer
    )


def _of_payments(payment_ids: Collection[str]) -> ColumnElement[bool]:
    # Naming the kinds lets the primary key find external ids; without them the table is scanned.
    kinds = [each.value for each in FactKind]
    named = and_(_fact.kind.in_(kinds), _fact.external_id.in_(payment_ids))
    return or_(_fact.intent_id.in_(payment_ids), named)


def _newest(facts: Sequence[PaymentFact]) -> list[PaymentFact]:
    """One fact an object, sorted by key: PostgreSQL updates no row twice in one statement."""
    by_key: dict[tuple[str, str], PaymentFact] = {}
    for fact in sorted(facts, key=lambda each: (each.as_of, each.state, each.amount.minor)):
        by_key[fact.kind, fact.external_id] = fact
    return [by_key[key] for key in sorted(by_key)]


def _values(fact: PaymentFact, now: datetime) -> dict[str, Any]:
    return {
        "kind": fact.kind.value,
        "external_id": fact.external_id,
        "account": fact.account,
        "state": fact.state.value,
        "amount_minor": fact.amount.minor,
        "currency": fact.amount.currency,
        "as_of": fact.as_of,
        "moved_at": fact.moved_at,
        "intent_id": fact.intent_id,
        "order_ref": fact.order_ref,
        "store_ref": fact.store_ref,
        "order_number": fact.order_number,
        "refund_ref": fact.refund_ref,
        "note": fact.note,
        "created_at": now,
        "updated_at": now,
    }
