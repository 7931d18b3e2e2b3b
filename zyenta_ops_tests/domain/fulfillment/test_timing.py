"""Waits and deadlines, and what parcels and errors come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.fulfillment import AttemptOutcome, Shipment, Stage, Trigger
from zyenta_ops.domain.fulfillment.following import merged, news_of, parcel_key, shipment_as_told
from zyenta_ops.domain.fulfillment.outcomes import judge
from zyenta_ops.domain.fulfillment.reasons import ActionReason
from zyenta_ops.domain.fulfillment.timing import backoff, deadline_of, look_again
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginExpired,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import Parcel, ParcelEvent, ParcelState, SupplierOrderState
from zyenta_ops_tests.domain.fulfillment.making import NOW, a_supplier_order, an_external

_State = SupplierOrderState
HOUR = timedelta(hours=1)


@given(st.integers(1, 10_000), st.integers(0, 999))
def test_waits_grow_to_a_limit_and_are_never_shorter_than_asked_for(
    failures: int, roll: int
) -> None:
    wait = backoff(failures, roll)

    assert timedelta(seconds=15) <= wait < timedelta(minutes=45)
    assert backoff(failures, roll, 2 * HOUR) == 2 * HOUR
    assert backoff(failures, 500, timedelta(0)) >= backoff(max(failures - 1, 1), 500)


def test_each_stage_has_its_deadline() -> None:
    assert deadline_of(Stage.READY, now=NOW) == NOW + timedelta(minutes=5)
    assert deadline_of(Stage.CONFIRMED, now=NOW) == NOW + timedelta(days=7)
    assert deadline_of(Stage.SHIPPED, now=NOW, most_days=10) == NOW + timedelta(days=22)
    assert deadline_of(Stage.SHIPPED, now=NOW) == NOW + timedelta(days=52)
    soon = NOW + HOUR
    assert deadline_of(Stage.AWAITING_SUPPLIER_PAYMENT, now=NOW, pay_until=soon) == soon
    assert deadline_of(Stage.UNKNOWN, now=NOW) is deadline_of(Stage.DELIVERED, now=NOW) is None


def test_parcels_are_looked_for_every_six_hours_then_daily_and_oftener_near_the_end() -> None:
    assert look_again(Stage.CONFIRMED, NOW) == NOW + 6 * HOUR
    assert look_again(Stage.SHIPPED, NOW) == NOW + 24 * HOUR
    assert look_again(Stage.SHIPPED, NOW, NOW + 25 * HOUR) == NOW + 24 * HOUR
    assert look_again(Stage.SHIPPED, NOW, NOW + 23 * HOUR) == NOW + 6 * HOUR
    assert look_again(Stage.AWAITING_SUPPLIER_PAYMENT, NOW) == NOW + HOUR


@given(st.lists(st.sampled_from(ParcelState), min_size=1))
def test_a_parcel_never_goes_back(states: list[ParcelState]) -> None:
    known = Parcel("A")
    delivered = False
    for place, state in enumerate(states):
        event = ParcelEvent(NOW + place * HOUR, state.value)
        known = merged(known, Parcel("A", state=state, events=(event,)))
        delivered = delivered or state is ParcelState.DELIVERED
        assert len(known.events) == place + 1
    returned = {ParcelState.DELIVERED, ParcelState.RETURNING, ParcelState.RETURNED}
    assert not delivered or known.state in returned


def test_what_is_told_again_changes_nothing() -> None:
    told = Parcel("A", "Carrier", state=ParcelState.IN_TRANSIT)
    first = shipment_as_told(Shipment("s", "F1", told, NOW), told, NOW)

    assert first.shipped_at == NOW
    assert shipment_as_told(first, told, NOW + HOUR) == first
    assert shipment_as_told(first, Parcel("A"), NOW + HOUR).parcel.carrier == "Carrier"
    assert parcel_key(" trk 1 ") == parcel_key("TRK1")


def shipment(state: ParcelState) -> Shipment:
    return Shipment("s", "F1", Parcel("A", state=state), NOW)


@pytest.mark.parametrize(
    ("stage", "states", "parcels", "expected"),
    [
        (Stage.PLACED, [_State.CREATED], [], None),
        (Stage.PLACED, [_State.AWAITING_PAYMENT], [], Trigger.PAYMENT_DUE),
        (Stage.PLACED, [_State.PAID, _State.AWAITING_PAYMENT], [], Trigger.PAYMENT_DUE),
        (Stage.PLACED, [_State.PAID], [], Trigger.CONFIRMED),
        (Stage.PLACED, [_State.ON_HOLD], [], None),
        (Stage.CONFIRMED, [_State.PAID], [], None),
        (Stage.CONFIRMED, [_State.AWAITING_PAYMENT], [], None),
        (Stage.CONFIRMED, [_State.UNKNOWN], [], None),
        (Stage.CONFIRMED, [_State.SHIPPED, _State.PAID], [], Trigger.PART_SHIPPED),
        (Stage.CONFIRMED, [_State.PAID], [ParcelState.ANNOUNCED], Trigger.PART_SHIPPED),
        (Stage.CONFIRMED, [_State.SHIPPED], [], Trigger.SHIPPED),
        (Stage.SHIPPED, [_State.PARTIALLY_SHIPPED], [], None),
        (Stage.SHIPPED, [_State.SHIPPED], [ParcelState.DELIVERED], Trigger.DELIVERED),
        (Stage.SHIPPED, [_State.DELIVERED], [], Trigger.DELIVERED),
        (Stage.CONFIRMED, [_State.PAID], [ParcelState.DELIVERED], Trigger.PART_SHIPPED),
        (Stage.SHIPPED, [_State.SHIPPED], [ParcelState.LOST], Trigger.STUCK),
        (Stage.SHIPPED, [_State.SHIPPED], [ParcelState.RETURNED], Trigger.STUCK),
        (Stage.CONFIRMED, [_State.CANCELLED], [], Trigger.STUCK),
        (Stage.CANCEL_REQUESTED, [_State.CANCELLED], [], Trigger.CANCELLED),
        (Stage.CANCEL_REQUESTED, [_State.CANCELLED, _State.PAID], [], Trigger.STUCK),
        (Stage.NEEDS_ACTION, [_State.SHIPPED], [], Trigger.SHIPPED),
        (Stage.SHIPPED, [_State.DELIVERED], [ParcelState.LOST], Trigger.DELIVERED),
        (Stage.DELIVERED, [_State.CANCELLED], [], None),
    ],
)
def test_what_the_supplier_says_moves_an_order_forward_only(
    stage: Stage,
    states: list[SupplierOrderState],
    parcels: list[ParcelState],
    expected: Trigger | None,
) -> None:
    it = a_supplier_order(
        stage,
        external=tuple(an_external(each, external_id=f"F{n}") for n, each in enumerate(states)),
        shipments=tuple(shipment(each) for each in parcels),
    )

    news = news_of(it, cancel_asked=stage is Stage.CANCEL_REQUESTED)

    assert (None if news is None else news.trigger) is expected
    if news is not None:
        assert (news.reason is not None) == (news.trigger is Trigger.STUCK)


@pytest.mark.parametrize(
    ("reason", "stuck_in", "state", "expected"),
    [
        (ActionReason.UNPAID, Stage.AWAITING_SUPPLIER_PAYMENT, _State.AWAITING_PAYMENT, None),
        (ActionReason.UNPAID, Stage.AWAITING_SUPPLIER_PAYMENT, _State.PAID, Trigger.CONFIRMED),
        (ActionReason.NO_TRACKING, Stage.CONFIRMED, _State.PAID, None),
        (ActionReason.NO_TRACKING, Stage.CONFIRMED, _State.SHIPPED, Trigger.SHIPPED),
        (ActionReason.LATE_DELIVERY, Stage.SHIPPED, _State.SHIPPED, None),
        (ActionReason.LATE_DELIVERY, Stage.SHIPPED, _State.DELIVERED, Trigger.DELIVERED),
        (ActionReason.CANCEL_REFUSED, Stage.CANCEL_REQUESTED, _State.PAID, None),
        (ActionReason.CANCEL_REFUSED, Stage.CANCEL_REQUESTED, _State.SHIPPED, Trigger.SHIPPED),
        (ActionReason.NO_TRACKING, Stage.CONFIRMED, _State.CANCELLED, Trigger.STUCK),
        (ActionReason.SUPPLIER_CANCELLED, Stage.CONFIRMED, _State.CANCELLED, None),
    ],
)
def test_what_a_person_was_told_is_no_news_and_what_goes_beyond_it_is(
    reason: ActionReason,
    stuck_in: Stage,
    state: SupplierOrderState,
    expected: Trigger | None,
) -> None:
    it = a_supplier_order(
        Stage.NEEDS_ACTION, reason=reason, stuck_in=stuck_in, external=(an_external(state),)
    )

    news = news_of(it, cancel_asked=False)

    assert (None if news is None else news.trigger) is expected


def test_a_mishap_is_told_once_and_a_delivery_after_it_ends_it() -> None:
    sent = an_external(_State.SHIPPED)
    lost = a_supplier_order(
        Stage.SHIPPED, external=(sent,), shipments=(shipment(ParcelState.LOST),)
    )
    news = news_of(lost, cancel_asked=False)
    assert news is not None
    assert (news.trigger, news.reason) == (Trigger.STUCK, ActionReason.PARCEL_LOST)

    known = replace(lost, stage=Stage.NEEDS_ACTION, reason=news.reason, stuck_in=Stage.SHIPPED)
    assert news_of(known, cancel_asked=False) is None
    found = replace(known, shipments=(shipment(ParcelState.DELIVERED),))
    news = news_of(found, cancel_asked=False)
    assert news is not None
    assert news.trigger is Trigger.DELIVERED


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (SupplierUnavailable("not reached"), AttemptOutcome.NOT_SENT),
        (AnswerInvalid("a web page"), AttemptOutcome.NOT_SENT),
        (Misconfigured("the key is refused"), AttemptOutcome.NOT_SENT),
        (LoginExpired("expired"), AttemptOutcome.NOT_SENT),
        (RateLimited("too often"), AttemptOutcome.RATE_LIMITED),
        (OutcomeUnknown("lost"), AttemptOutcome.UNKNOWN),
        (SupplierError("odd"), AttemptOutcome.UNKNOWN),
        (ValueError("a secret"), AttemptOutcome.UNKNOWN),
    ],
)
def test_only_what_is_known_to_mean_so_means_that_nothing_was_done(
    error: Exception, outcome: AttemptOutcome
) -> None:
    verdict = judge(error)

    assert verdict.outcome is outcome
    assert "secret" not in verdict.sentence
