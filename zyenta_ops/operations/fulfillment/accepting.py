"""What is written when a supplier has an order, and when one waits for goods, prices or money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from zyenta_ops.domain.fulfillment import ActionReason, External, Trigger
from zyenta_ops.domain.fulfillment.following import News, news_of
from zyenta_ops.domain.fulfillment.holds import WantedHold, words
from zyenta_ops.domain.fulfillment.stages import Stage
from zyenta_ops.domain.orders import HoldReason
from zyenta_ops.domain.supplier_orders import ExternalOrder, PlacedOrder, SupplierOrderState
from zyenta_ops.operations.fulfillment.dossier import Dossier

# Goods come back and prices move within hours, not minutes; money may be topped up sooner.
_HELD_FOR: Final = {HoldReason.BALANCE: timedelta(minutes=30)}
_HELD_FOR_OTHERWISE: Final = timedelta(hours=1)


def held_for(hold: WantedHold) -> timedelta:
    """How long until it is looked into again whether a hold is still right."""
    return _HELD_FOR.get(hold.reason, _HELD_FOR_OTHERWISE)


def wait_for(dossier: Dossier, holds: Sequence[WantedHold]) -> None:
    """Open holds, and look into them again after a while."""
    dossier.hold(holds)
    ends = [each.expires_at for each in holds if each.expires_at is not None]
    wait = min(held_for(each) for each in holds)
    at = max(ends) if len(ends) == len(holds) else dossier.now + wait
    note = words([each for each in dossier.order.holds if each.source in _sources(dossier, holds)])
    dossier.change(next_check_at=at, note=note or dossier.it.note)


def accept(dossier: Dossier, placed: PlacedOrder, attempt: int) -> None:
    """The supplier has taken an order, maybe as several of its own."""
    total = placed.total if len(placed.external_ids) == 1 else None
    found = [
        External(each, placed.state, attempt, total, placed.pay_until, dossier.now)
        for each in placed.external_ids
    ]
    note = "; ".join(placed.holds) or f"accepted as {', '.join(placed.external_ids)}"
    _take_over(dossier, found, note)


def found(dossier: Dossier, order: ExternalOrder) -> None:
    """An order was found at the supplier under our reference."""
    external = External(
        order.external_id, order.state, None, order.total, order.pay_until, dossier.now
    )
    _take_over(dossier, [external], f"found as {order.external_id}")


def adopt(dossier: Dossier, external_id: str, note: str) -> None:
    """The supplier has told its name of an order; how it stands is read next."""
    _take_over(dossier, [External(external_id, SupplierOrderState.UNKNOWN)], note)
    if dossier.it.stage is Stage.PLACED:
        dossier.change(next_check_at=dossier.now)


def take_over_known(dossier: Dossier, note: str) -> None:
    """Orders at the supplier that were told of late become those of the supplier order."""
    attempts = {each.attempt for each in dossier.it.external if each.attempt is not None}
    if len(attempts) > 1:
        why = "the supplier has it more than once; cancel all but one on its site"
        dossier.move(Trigger.STUCK, why, ActionReason.DUPLICATE)
        return
    dossier.move(Trigger.ACCEPTED, note, failures=0, negatives=0, settle_until=None)
    dossier.change(next_check_at=dossier.now)


def apply(dossier: Dossier, news: News | None) -> None:
    """Move as the supplier says."""
    if news is not None:
        dossier.move(news.trigger, news.note, news.reason)


def _take_over(dossier: Dossier, external: Sequence[External], note: str) -> None:
    ids = [each.external_id for each in external]
    owners = dossier.records.fulfillment.owner_of(dossier.it.supplier_key, ids)
    if any(owner != dossier.it.id for owner in owners.values()):
        why = f"the supplier answered with {', '.join(ids)}, which belongs to another order of ours"
        dossier.move(Trigger.STUCK, why, ActionReason.OUTCOME_UNKNOWN)
        return
    dossier.put_external(external)
    dossier.move(Trigger.ACCEPTED, note, failures=0, negatives=0, settle_until=None)
    apply(dossier, news_of(dossier.it, cancel_asked=False))


def _sources(dossier: Dossier, holds: Sequence[WantedHold]) -> set[str]:
    return {each.source(dossier.it.id) for each in holds}
