"""The history of price decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    insert,
    literal_column,
    select,
    update,
)

from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.price_decisions import ASKING, OPEN, DecisionStatus
from zyenta_ops.domain.pricing import PriceOutcome, Step
from zyenta_ops.persistence.schema import price_decision, product, product_variant, store
from zyenta_ops.ports.pricing import DecisionRecord, ListedDecision, NamedVariant, VariantOnSale

# SQLite takes at most 32,766 parameters in a statement.
_CHUNK = 1_000

_LISTED = (
    select(
        price_decision,
        store.c.subdomain,
        product.c.title.label("product_title"),
        product_variant.c.title.label("variant_title"),
    )
    .join(product_variant, product_variant.c.id == price_decision.c.variant_id)
    .join(product, product.c.id == product_variant.c.product_id)
    .join(store, store.c.id == price_decision.c.store_id)
)
_NAMED = (
    select(product_variant.c.id, store.c.subdomain, product.c.title, product_variant.c.title)
    .join(product, product.c.id == product_variant.c.product_id)
    .join(store, store.c.id == product_variant.c.store_id)
)


def status_in(statuses: Sequence[DecisionStatus]) -> ColumnElement[bool]:
    """Whether a decision has one of these statuses, in the words of the partial indexes.

    A bound parameter instead of the literal would keep SQLite from using them.
    """
    return price_decision.c.status.in_([literal_column(f"'{status.value}'") for status in statuses])


class PriceDecisionRecords:
    """Satisfies `zyenta_ops.ports.pricing.PriceDecisionRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, decisions: Sequence[DecisionRecord]) -> None:
        """Append decisions."""
        if decisions:
            self.connection.execute(insert(price_decision), [_row(each) for each in decisions])

    def supersede(self, decision_ids: Sequence[str], now: datetime) -> None:
        """End open decisions; one that was settled meanwhile keeps its status."""
        self._end(decision_ids, OPEN, {"status": DecisionStatus.SUPERSEDED.value}, now)

    def settle(
        self,
        decision_ids: Sequence[str],
        status: DecisionStatus,
        now: datetime,
        note: str | None = None,
    ) -> None:
        """End decisions as a person said."""
        values: dict[str, Any] = {"status": status.value, "note": note}
        if status is DecisionStatus.APPROVED:
            values["published_minor"] = price_decision.c.price_minor
        self._end(decision_ids, ASKING, values, now)

    def find(self, decision_id: str) -> ListedDecision:
        """One decision."""
        row = self.connection.execute(
            _LISTED.where(price_decision.c.id == decision_id)
        ).one_or_none()
        if row is None:
            raise NotFound(
                f"there is no price decision '{decision_id}';"
                " `zyenta-ops price pending` lists those that wait"
            )
        return _listed(row)

    def asking(self, store_id: str | None, limit: int) -> Sequence[ListedDecision]:
        """Decisions that a person may approve or decline, oldest first."""
        query = _LISTED.where(status_in(ASKING)).order_by(price_decision.c.id).limit(limit)
        if store_id is not None:
            query = query.where(price_decision.c.store_id == store_id)
        return [_listed(row) for row in self.connection.execute(query)]

    def waiting_pages(self, store_id: str, size: int) -> Iterator[Sequence[DecisionRecord]]:
        """All WAITING decisions of a store, in pages by id."""
        query: Select[Any] = (
            select(price_decision)
            .where(
                status_in(ASKING),  # names the partial index
                price_decision.c.status == DecisionStatus.WAITING.value,
                price_decision.c.store_id == store_id,
            )
            .order_by(price_decision.c.id)
            .limit(size)
        )
        last = ""
        while rows := self.connection.execute(query.where(price_decision.c.id > last)).all():
            last = rows[-1].id
            yield [_record(row) for row in rows]

    def on_sale(self, decisions: Sequence[DecisionRecord]) -> Sequence[VariantOnSale]:
        """How the variants of these decisions stand, in the same order."""
        found: dict[str, VariantOnSale] = {}
        ids = [each.variant_id for each in decisions]
        for start in range(0, len(ids), _CHUNK):
            rows = self.connection.execute(
                select(product_variant, product.c.price_locked, product.c.title.label("product"))
                .join(product, product.c.id == product_variant.c.product_id)
                .where(product_variant.c.id.in_(ids[start : start + _CHUNK]))
            )
            for row in rows:
                found[row.id] = _on_sale(row)
        return [found[each] for each in ids]

    def variants_called(self, ref: str, store_id: str | None, limit: int) -> Sequence[NamedVariant]:
        """Variants by their own or a decision's id, else by SKU or product."""
        decided = select(price_decision.c.variant_id).where(price_decision.c.id == ref)
        for wanted in (
            (product_variant.c.id == ref) | product_variant.c.id.in_(decided),
            (product_variant.c.sku == ref) | (product.c.id == ref) | (product.c.product_ref == ref),
        ):
            query = _NAMED.where(wanted).order_by(product_variant.c.id).limit(limit)
            if store_id is not None:
                query = query.where(product_variant.c.store_id == store_id)
            if rows := self.connection.execute(query).all():
                return [NamedVariant(*row) for row in rows]
        return []

    def history(self, variant_id: str, limit: int) -> Sequence[ListedDecision]:
        """The newest decisions about a variant, newest first."""
        rows = self.connection.execute(
            _LISTED.where(price_decision.c.variant_id == variant_id)
            .order_by(price_decision.c.decided_at.desc(), price_decision.c.id.desc())
            .limit(limit)
        )
        return [_listed(row) for row in rows]

    def _end(
        self,
        decision_ids: Sequence[str],
        before: Sequence[DecisionStatus],
        values: dict[str, Any],
        now: datetime,
    ) -> None:
        for start in range(0, len(decision_ids), _CHUNK):
            self.connection.execute(
                update(price_decision)
                .where(
                    price_decision.c.id.in_(decision_ids[start : start + _CHUNK]),
                    status_in(before),
                )
                .values(**values, settled_at=now)
            )


def _row(each: DecisionRecord) -> dict[str, Any]:
    return {
        "id": each.id,
        "variant_id": each.variant_id,
        "store_id": each.store_id,
        "outcome": each.outcome.value,
        "status": each.status.value,
        "previous_minor": _minor(each.previous),
        "price_minor": _minor(each.price),
        "published_minor": _minor(each.published),
        "compare_at_minor": _minor(each.compare_at),
        "floor_minor": _minor(each.floor),
        "currency": each.currency,
        "reason": each.reason,
        "inputs": each.inputs,
        "steps": [
            {
                "name": step.name,
                "detail": step.detail,
                "amount": None if step.amount is None else str(step.amount),
            }
            for step in each.steps
        ],
        "priced_with": each.priced_with,
        "offer_id": each.offer_id,
        "offer_revision": each.offer_revision,
        "run_id": each.run_id,
        "decided_at": each.decided_at,
        "settled_at": each.settled_at,
        "note": each.note,
    }


def _record(row: Row[Any]) -> DecisionRecord:
    return DecisionRecord(
        id=row.id,
        variant_id=row.variant_id,
        store_id=row.store_id,
        outcome=PriceOutcome(row.outcome),
        status=DecisionStatus(row.status),
        previous=_money(row.previous_minor, row.currency),
        price=_money(row.price_minor, row.currency),
        published=_money(row.published_minor, row.currency),
        compare_at=_money(row.compare_at_minor, row.currency),
        floor=_money(row.floor_minor, row.currency),
        currency=row.currency,
        reason=row.reason,
        inputs=row.inputs,
        steps=tuple(_step(**step) for step in row.steps),
        priced_with=row.priced_with,
        offer_id=row.offer_id,
        offer_revision=row.offer_revision,
        run_id=row.run_id,
        decided_at=row.decided_at,
        settled_at=row.settled_at,
        note=row.note,
    )


def _step(name: str, detail: str, amount: str | None) -> Step:
    return Step(name, detail, None if amount is None else Decimal(amount))


def _listed(row: Row[Any]) -> ListedDecision:
    return ListedDecision(row.subdomain, row.product_title, row.variant_title, _record(row))


def _on_sale(row: Row[Any]) -> VariantOnSale:
    return VariantOnSale(
        variant_id=row.id,
        product_id=row.product_id,
        supplier_key=row.supplier_key,
        title=row.product,
        cost=_money(row.cost_minor, row.cost_currency),
        list_price_minor=row.list_price_minor,
        price_minor=row.price_minor,
        locked=row.price_locked,
    )


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)
