"""Plans, who pays for them, and what was used."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from zyenta_ops.domain.entitlements import Feature
from zyenta_ops.domain.stores import Account, PlanTier, ProductStatus, StoreStatus
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import (
    account,
    entitlement,
    product,
    product_variant,
    store,
    subscriber,
    usage_ledger,
)
from zyenta_ops.ports.entitlements import Subscriber
from zyenta_ops.ports.payments import Plan

_ACCOUNT = select(account.c.id, account.c.email, account.c.name, account.c.plan_tier)
_SUBSCRIBER = select(
    subscriber.c.account_id,
    subscriber.c.customer_id,
    subscriber.c.subscription_status,
    subscriber.c.grace_until,
    subscriber.c.as_of,
)


class EntitlementRecords:
    """Satisfies `zyenta_ops.ports.entitlements.EntitlementRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def accounts(self) -> Sequence[Account]:
        """Every account, by e-mail address."""
        rows = self.connection.execute(_ACCOUNT.order_by(account.c.email))
        return [Account(row[0], row[1], row[2], PlanTier(row[3])) for row in rows]

    def account(self, ref: str) -> Account | None:
        """The account with this id or e-mail address."""
        row = self.connection.execute(
            _ACCOUNT.where(or_(account.c.id == ref, account.c.email == ref))
        ).first()
        return None if row is None else Account(row[0], row[1], row[2], PlanTier(row[3]))

    def set_tier(self, account_id: str, tier: PlanTier, now: datetime) -> None:
        """Put an account on a plan; what its stores ask for stays as it is."""
        self.connection.execute(
            update(account)
            .where(account.c.id == account_id)
            .values(plan_tier=tier.value, updated_at=now)
        )

    def subscribe(self, payer: Subscriber, now: datetime) -> bool:
        """Say who pays for an account; False when the customer pays for another one."""
        taken = self.connection.execute(
            select(subscriber.c.account_id).where(
                subscriber.c.customer_id == payer.customer_id,
                subscriber.c.account_id != payer.account_id,
            )
        ).first()
        if taken is not None:
            return False
        values = {
            "customer_id": payer.customer_id,
            "subscription_status": payer.status,
            "grace_until": payer.grace_until,
            "as_of": payer.as_of,
            "updated_at": now,
        }
        statement = upsert(self.connection.dialect, subscriber).values(
            account_id=payer.account_id, **values
        )
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=[subscriber.c.account_id], set_=values)
        )
        return True

    def hold_subscriber(self, customer_id: str) -> Subscriber | None:
        """Whom a customer pays for; nobody else can change it until the transaction ends."""
        row = self.connection.execute(
            _SUBSCRIBER.where(subscriber.c.customer_id == customer_id).with_for_update()
        ).one_or_none()
        return None if row is None else Subscriber(*row)

    def subscribers(self) -> Sequence[Subscriber]:
        """Everybody who pays."""
        rows = self.connection.execute(_SUBSCRIBER.order_by(subscriber.c.account_id))
        return [Subscriber(*row) for row in rows]

    def save_plan(self, payer: Subscriber, plan: Plan, now: datetime) -> None:
        """Store what a customer is entitled to, and how the account stands."""
        self.connection.execute(
            update(subscriber)
            .where(subscriber.c.account_id == payer.account_id)
            .values(
                subscription_status=payer.status,
                grace_until=payer.grace_until,
                as_of=payer.as_of,
                updated_at=now,
            )
        )
        ours = entitlement.c.account_id == payer.account_id
        self.connection.execute(delete(entitlement).where(ours))
        if plan.lookup_keys:
            self.connection.execute(
                insert(entitlement),
                [
                    {"account_id": payer.account_id, "lookup_key": key[:80], "as_of": plan.as_of}
                    for key in sorted(plan.lookup_keys)
                ],
            )

    def lookup_keys(self, account_id: str) -> Collection[str]:
        """What an account is entitled to, in the provider's keys."""
        return set(
            self.connection.execute(
                select(entitlement.c.lookup_key).where(entitlement.c.account_id == account_id)
            ).scalars()
        )

    def use(
        self,
        usage_id: str,
        account_id: str,
        feature: Feature,
        effect_key: str,
        quantity: int,
        now: datetime,
    ) -> bool:
        """Note what was used; False, and nothing noted, when the effect was noted before."""
        noted = self.connection.execute(
            upsert(self.connection.dialect, usage_ledger)
            .values(
                id=usage_id,
                account_id=account_id,
                feature=feature.value,
                effect_key=effect_key,
                quantity=quantity,
                used_at=now,
            )
            .on_conflict_do_nothing(index_elements=[usage_ledger.c.effect_key])
            .returning(usage_ledger.c.id)
        ).one_or_none()
        return noted is not None

    def used_since(self, account_id: str, feature: Feature, since: datetime) -> int:
        """How much was used since then."""
        used = self.connection.execute(
            select(func.coalesce(func.sum(usage_ledger.c.quantity), 0)).where(
                usage_ledger.c.account_id == account_id,
                usage_ledger.c.feature == feature.value,
                usage_ledger.c.used_at >= since,
            )
        ).scalar_one()
        return int(used)

    def stores_of(self, account_id: str) -> int:
        """Stores of an account that are not closed."""
        return self.connection.execute(
            select(func.count())
            .select_from(store)
            .where(store.c.account_id == account_id, store.c.status != StoreStatus.CLOSED.value)
        ).scalar_one()

    def variants_of(self, account_id: str) -> int:
        """Variants of an account's products that are not archived."""
        return self.connection.execute(
            select(func.count())
            .select_from(product_variant)
            .join(product, product.c.id == product_variant.c.product_id)
            .join(store, store.c.id == product.c.store_id)
            .where(
                store.c.account_id == account_id,
                product.c.status != ProductStatus.ARCHIVED.value,
            )
        ).scalar_one()
