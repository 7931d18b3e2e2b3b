"""What waits for a person, and what persons did about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, text, update

from zyenta_ops.domain.fulfillment import SupplierLine, Verb
from zyenta_ops.domain.fulfillment.planning import Source
from zyenta_ops.domain.inventory import Listing
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import FulfillmentStatus, PaymentStatus
from zyenta_ops.persistence.schema import (
    external_order,
    order,
    order_action,
    order_hold,
    supplier_offer,
    supplier_order,
)
from zyenta_ops.persistence.schema.fulfillment import WAITING
from zyenta_ops.ports.fulfillment import Action, Candidate

_ours = supplier_order.c
# Nobody is waited for when no money is there any more, or everything has arrived.
_SETTLED: Final = [PaymentStatus.REFUNDED.value, PaymentStatus.ABANDONED.value]


class Deciding:
    """A part of `FulfillmentRecords`."""

    connection: Connection

    def drop_external(self, supplier_order_id: str, external_ids: Collection[str]) -> None:
        """Delete orders at the supplier."""
        known = external_order.c
        self.connection.execute(
            delete(external_order).where(
                known.supplier_order_id == supplier_order_id, known.external_id.in_(external_ids)
            )
        )

    def call_off(self, supplier_order_id: str, now: datetime) -> None:
        """Set `unwanted_at` beside the version, so that no claim is lost by it."""
        self.connection.execute(
            update(supplier_order)
            .where(_ours.id == supplier_order_id)
            .values(unwanted_at=func.coalesce(_ours.unwanted_at, now), next_check_at=now)
        )

    def source_named(self, ref: str, instead_of: SupplierLine) -> Source | None:
        """The offer of this id, or of this supplier, product and variant; best of the same market.

        An offer's id is letters and digits alone.
        """
        offer = supplier_offer.c
        key, _, rest = ref.partition(":")
        product_ref, _, variant_ref = rest.partition(":")
        wanted = [offer.id == ref]
        if rest:
            wanted = [
                offer.supplier_key == key,
                offer.product_ref == product_ref,
                offer.variant_ref == variant_ref,
            ]
        here = select(offer.country).where(offer.id == instead_of.offer_id).scalar_subquery()
        row = self.connection.execute(
            select(supplier_offer).where(*wanted).order_by(offer.country != here, offer.id).limit(1)
        ).first()
        if row is None:
            return None
        return Source(
            instead_of.variant_id,
            row.supplier_key,
            row.id,
            row.product_ref,
            row.variant_ref,
            row.order_ref,
            Money(row.cost_minor, row.cost_currency),
            0,
            row.stock,
            row.saleable and row.listing == Listing.LISTED.value,
        )

    def action_of(self, order_id: str, request_key: str) -> Action | None:
        """By its key."""
        row = self.connection.execute(
            select(order_action).where(
                order_action.c.order_id == order_id, order_action.c.request_key == request_key
            )
        ).first()
        if row is None:
            return None
        verb = Verb(row.verb)
        return Action(row.request_key, verb, row.digest, row.actor, row.result, row.at)

    def add_action(self, order_id: str, action: Action) -> None:
        """Insert it."""
        self.connection.execute(
            order_action.insert().values(
                order_id=order_id,
                request_key=action.request_key,
                verb=action.verb.value,
                digest=action.digest,
                actor=action.actor,
                result=action.result,
                at=action.at,
            )
        )

    def waiting(
        self, store_ids: Collection[str] | None, limit: int, now: datetime
    ) -> Sequence[Candidate]:
        """Two queries over indexes that hold little else."""
        since = func.coalesce(_ours.stuck_at, _ours.unwanted_at, _ours.placed_at, _ours.created_at)
        opened = order_hold.c.opened_at
        orders = self.connection.execute(
            select(_ours.order_id, since.label("since"), _ours.id)
            .join(order, order.c.id == _ours.order_id)
            .where(text(f"({_named(WAITING)})"), *_in_sight(since, store_ids, now))
            .order_by(since, _ours.id)
            .limit(limit)
        )
        holds = self.connection.execute(
            select(order_hold.c.order_id, opened.label("since"), order_hold.c.source)
            .join(order, order.c.id == order_hold.c.order_id)
            .where(
                order_hold.c.released_at.is_(None),
                or_(order_hold.c.expires_at.is_(None), order_hold.c.expires_at > now),
                order.c.fulfillment_status.not_in(
                    [FulfillmentStatus.DELIVERED.value, FulfillmentStatus.CANCELLED.value]
                ),
                *_in_sight(opened, store_ids, now),
            )
            .order_by(opened, order_hold.c.id)
            .limit(limit)
        )
        found = [Candidate(row.order_id, row.since, row.id) for row in orders]
        found += [Candidate(row.order_id, row.since, source=row.source) for row in holds]
        return sorted(found, key=lambda each: (each.since, each.order_id))[:limit]


def _named(predicate: str) -> str:
    """The predicate of the index, with the columns named in full for a join."""
    for column in ("stage", "unwanted_at"):
        predicate = predicate.replace(column, f"supplier_order.{column}")
    return predicate


def _in_sight(
    since: ColumnElement[Any], store_ids: Collection[str] | None, now: datetime
) -> list[ColumnElement[bool]]:
    """Of these stores, not settled, and not snoozed since it began to wait."""
    snoozed = and_(order.c.snoozed_until > now, order.c.snoozed_at >= since)
    wanted: list[ColumnElement[bool]] = [
        order.c.payment_status.not_in(_SETTLED),
        func.coalesce(snoozed, False).is_(False),
    ]
    if store_ids is not None:
        wanted.append(order.c.store_id.in_(store_ids))
    return wanted
