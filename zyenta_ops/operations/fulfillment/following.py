"""Reading placed orders and their parcels, and taking over what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from zyenta_ops.domain.fulfillment import (
    AttemptKind,
    AttemptOutcome,
    External,
    Shipment,
    SupplierOrder,
)
from zyenta_ops.domain.fulfillment.following import (
    as_seen,
    expected_at,
    news_of,
    parcel_key,
    shipment_as_told,
)
from zyenta_ops.domain.fulfillment.outcomes import judge
from zyenta_ops.domain.fulfillment.stages import TERMINAL, Stage
from zyenta_ops.domain.fulfillment.timing import look_again
from zyenta_ops.domain.orders import EventKind
from zyenta_ops.domain.supplier_errors import SupplierError, UnknownReference
from zyenta_ops.domain.supplier_orders import Ability, ExternalOrder, Parcel, SupplierOrderState
from zyenta_ops.operations.fulfillment.accepting import apply
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import Dossier
from zyenta_ops.operations.fulfillment.failpoints import Failpoint
from zyenta_ops.ports.gateway import SupplierGateway

_State = SupplierOrderState
_OVER: Final = frozenset({_State.CANCELLED})
_WITH_PARCELS: Final = frozenset({_State.PARTIALLY_SHIPPED, _State.SHIPPED, _State.DELIVERED})
_UNPAID: Final = frozenset({_State.CREATED, _State.AWAITING_PAYMENT, _State.UNKNOWN})


@dataclass
class Reading:
    """What was read: orders, parcels by order, orders that are not there, and what went wrong."""

    orders: dict[str, ExternalOrder] = field(default_factory=dict)
    parcels: dict[str, tuple[Parcel, ...]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    error: SupplierError | None = None


@dataclass(frozen=True)
class Following:
    """Follows one supplier order at its supplier."""

    desk: Desk

    def follow(self, seen: Dossier) -> Dossier:
        """Read, and take over what moved; never back.

        Raises:
            ClaimLost: another process has taken it over.
        """
        with self.desk.gateway(seen) as gateway:
            reading = _read(gateway, seen.it)
        if reading.error is not None:
            self.desk.note_login(seen.facts.account, reading.error)
        self.desk.failpoint(Failpoint.FOLLOWED)
        with self.desk.open(seen.claimed, Failpoint.FOLLOW_SETTLE_COMMIT) as dossier:
            if dossier.it.stage not in TERMINAL:
                self._take_over(dossier, reading)
        self.desk.failpoint(Failpoint.FOLLOW_SETTLED)
        return dossier

    def _take_over(self, dossier: Dossier, reading: Reading) -> None:
        it, now = dossier.it, dossier.now
        asked = it.stage is Stage.CANCEL_REQUESTED
        found: list[External] = []
        for each in it.external:
            if each.external_id in reading.orders:
                found.append(as_seen(each, reading.orders[each.external_id], now))
            elif each.external_id in reading.absent and asked:
                # Some suppliers forget what was taken back (CJ deletes it).
                found.append(
                    External(each.external_id, _State.CANCELLED, each.attempt, seen_at=now)
                )
        dossier.put_external(found)
        self._take_parcels(dossier, reading)
        _settle_open_attempt(dossier)
        if reading.error is None:
            dossier.change(
                failures=0, next_check_at=look_again(it.stage, now, expected_at(it.shipments))
            )
        else:
            self._later(dossier, reading.error)
        apply(dossier, news_of(dossier.it, cancel_asked=asked))

    def _take_parcels(self, dossier: Dossier, reading: Reading) -> None:
        known = {parcel_key(each.parcel.number): each for each in dossier.it.shipments}
        changed: dict[str, Shipment] = {}
        for external_id, parcels in reading.parcels.items():
            for parcel in parcels:
                key = parcel_key(parcel.number)
                if not key:
                    continue  # a parcel without a number cannot be told from another
                before = changed.get(key) or known.get(key)
                base = before or Shipment(self.desk.new_id(), external_id, parcel, dossier.now)
                after = shipment_as_told(base, parcel, dossier.now)
                if after != before:
                    changed[key] = after
        dossier.put_shipments(list(changed.values()))
        for key, shipment in changed.items():
            _tell(dossier, known.get(key), shipment)

    def _later(self, dossier: Dossier, error: SupplierError) -> None:
        verdict = judge(error)
        failures = dossier.it.failures + 1
        wait = self.desk.wait(failures, verdict.retry_after)
        dossier.change(failures=failures, next_check_at=dossier.now + wait)


def _read(gateway: SupplierGateway, it: SupplierOrder) -> Reading:
    reading = Reading()
    for each in it.external:
        if each.state in _OVER:
            continue
        try:
            order = gateway.get_order(each.external_id)
            reading.orders[each.external_id] = order
            parcels = order.parcels
            if order.state in _WITH_PARCELS and gateway.capabilities.can(Ability.TRACK):
                parcels = (*parcels, *gateway.get_tracking(each.external_id))
            reading.parcels[each.external_id] = parcels
        except UnknownReference as error:
            reading.absent.add(each.external_id)
            reading.error = reading.error or error
        except SupplierError as error:
            reading.error = error
            break
    return reading


def _settle_open_attempt(dossier: Dossier) -> None:
    """Whether what nobody knew was done shows in the order by now."""
    attempt = dossier.it.open_attempt
    if attempt is None or attempt.kind is AttemptKind.PLACE:
        return
    state = _state_of(dossier.it.external, attempt.external_id)
    paid, gone = state not in _UNPAID, state is _State.CANCELLED
    done = paid if attempt.kind is AttemptKind.PAY else gone
    capabilities = dossier.facts.capabilities
    if done:
        dossier.settle_attempt(attempt.number, AttemptOutcome.ACCEPTED)
    elif capabilities is not None and dossier.now >= attempt.started_at + capabilities.settle:
        dossier.settle_attempt(attempt.number, AttemptOutcome.RETRYABLE, "it was not done")


def _state_of(external: Sequence[External], external_id: str) -> SupplierOrderState:
    return next((e.state for e in external if e.external_id == external_id), _State.UNKNOWN)


def _tell(dossier: Dossier, before: Shipment | None, after: Shipment) -> None:
    """Add a parcel's change of state to the timeline; further events of it are no news."""
    parcel = after.parcel
    if before is not None and before.parcel.state is parcel.state:
        return
    dossier.tell(
        EventKind.PARCEL_CHANGED,
        f"parcel {parcel.number} is {parcel.state.lower()}",
        {} if before is None else {"parcel": parcel.number, "state": before.parcel.state.value},
        {
            "parcel": parcel.number,
            "carrier": parcel.carrier,
            "state": parcel.state.value,
            "supplier_order": dossier.it.seq,
        },
    )
