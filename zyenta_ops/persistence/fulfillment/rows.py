"""Supplier orders and what belongs to them as rows, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from zyenta_ops.domain.fulfillment import (
    ActionReason,
    Attempt,
    AttemptKind,
    AttemptOutcome,
    External,
    Quote,
    Shipment,
    Stage,
    SupplierLine,
    SupplierOrder,
)
from zyenta_ops.domain.fulfillment.following import parcel_key
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_orders import (
    Parcel,
    ParcelEvent,
    ParcelState,
    SupplierOrderState,
)

# Kept as they are, whichever way.
_PLAIN = (
    *("order_id", "store_id", "supplier_key", "account_id", "seq", "client_ref", "note"),
    "stuck_at",
    *("attempts", "failures", "claims", "eligible_at", "sent_at", "unwanted_at", "placed_at"),
    *("confirmed_at", "shipped_at", "delivered_at", "settle_until", "negatives"),
    *("cancel_refused_at", "reserves", "next_check_at", "deadline_at", "lease_until", "version"),
)


def supplier_order_row(it: SupplierOrder) -> dict[str, Any]:
    """A supplier order's own columns, without its id and times."""
    return {
        **{name: getattr(it, name) for name in _PLAIN},
        "stage": it.stage.value,
        "reason": None if it.reason is None else it.reason.value,
        "stuck_in": None if it.stuck_in is None else it.stuck_in.value,
        **_quote_row(it.quote),
    }


def supplier_order_value(
    row: Any,
    lines: Sequence[SupplierLine],
    external: Sequence[External],
    shipments: Sequence[Shipment],
    attempt: Attempt | None,
) -> SupplierOrder:
    """A supplier order from its rows."""
    return SupplierOrder(
        id=row.id,
        created_at=row.created_at,
        stage=Stage(row.stage),
        reason=None if row.reason is None else ActionReason(row.reason),
        stuck_in=None if row.stuck_in is None else Stage(row.stuck_in),
        quote=_quote_value(row),
        lines=tuple(lines),
        external=tuple(external),
        shipments=tuple(shipments),
        attempt=attempt,
        **{name: getattr(row, name) for name in _PLAIN},
    )


def line_row(line: SupplierLine) -> dict[str, Any]:
    """A line's columns."""
    row = asdict(line)
    cost = row.pop("unit_cost")
    return row | {"unit_cost_minor": cost["minor"], "cost_currency": cost["currency"]}


def line_value(row: Any) -> SupplierLine:
    """A line from its row."""
    return SupplierLine(
        row.item_id,
        row.variant_id,
        row.offer_id,
        row.product_ref,
        row.variant_ref,
        row.order_ref,
        row.quantity,
        Money(row.unit_cost_minor, row.cost_currency),
        row.revenue_minor,
    )


def external_row(external: External) -> dict[str, Any]:
    """The columns of an order at the supplier."""
    total = external.total
    return {
        "external_id": external.external_id,
        "state": external.state.value,
        "attempt": external.attempt,
        "total_minor": None if total is None else total.minor,
        "total_currency": None if total is None else total.currency,
        "pay_until": external.pay_until,
        "seen_at": external.seen_at,
    }


def external_value(row: Any) -> External:
    """An order at the supplier from its row."""
    return External(
        row.external_id,
        SupplierOrderState(row.state),
        row.attempt,
        _money(row.total_minor, row.total_currency),
        row.pay_until,
        row.seen_at,
    )


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """An attempt's columns."""
    return asdict(attempt) | {
        "kind": attempt.kind.value,
        "outcome": None if attempt.outcome is None else attempt.outcome.value,
    }


def attempt_value(row: Any) -> Attempt:
    """An attempt from its row."""
    return Attempt(
        row.number,
        AttemptKind(row.kind),
        row.request_hash,
        row.request,
        row.started_at,
        row.external_id,
        row.settled_at,
        None if row.outcome is None else AttemptOutcome(row.outcome),
        row.error,
    )


def shipment_row(shipment: Shipment) -> dict[str, Any]:
    """A parcel's columns."""
    parcel = shipment.parcel
    return {
        "id": shipment.id,
        "external_id": shipment.external_id,
        "key": parcel_key(parcel.number),
        "number": parcel.number,
        "carrier": parcel.carrier,
        "url": parcel.url,
        "state": parcel.state.value,
        "raw_state": parcel.raw_state,
        "internal_number": parcel.internal_number,
        "events": [
            {
                "at": each.at.isoformat(),
                "text": each.text,
                "place": each.place,
                "state": each.state.value,
            }
            for each in parcel.events
        ],
        "expected_at": parcel.expected_at,
        "first_seen_at": shipment.first_seen_at,
        "shipped_at": shipment.shipped_at,
        "delivered_at": shipment.delivered_at,
        "settled_at": shipment.settled_at,
    }


def shipment_value(row: Any) -> Shipment:
    """A parcel from its row."""
    events = tuple(
        ParcelEvent(
            datetime.fromisoformat(each["at"]),
            each["text"],
            each["place"],
            ParcelState(each["state"]),
        )
        for each in row.events
    )
    parcel = Parcel(
        row.number,
        row.carrier,
        row.url,
        ParcelState(row.state),
        row.raw_state,
        events,
        row.expected_at,
        row.internal_number,
    )
    return Shipment(
        row.id,
        row.external_id,
        parcel,
        row.first_seen_at,
        row.shipped_at,
        row.delivered_at,
        row.settled_at,
    )


def _quote_row(quote: Quote | None) -> dict[str, Any]:
    if quote is None:
        return {"goods_minor": None}
    return {
        "goods_minor": quote.goods.minor,
        "freight_minor": quote.freight.minor,
        "goods_expected_minor": quote.goods_expected.minor,
        "cost_currency": quote.goods.currency,
        "service_code": quote.service_code,
        "service_name": quote.service_name,
        "ships_from": quote.ships_from,
        "most_days": quote.most_days,
    }


def _quote_value(row: Any) -> Quote | None:
    if row.goods_minor is None:
        return None
    return Quote(
        Money(row.goods_minor, row.cost_currency),
        Money(row.freight_minor, row.cost_currency),
        Money(row.goods_expected_minor, row.cost_currency),
        row.service_code,
        row.service_name,
        row.ships_from,
        row.most_days,
    )


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)
