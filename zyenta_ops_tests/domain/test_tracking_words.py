"""What trackers' words stand for."""

from __future__ import annotations

import pytest

from zyenta_ops.domain.supplier_orders import ParcelState
from zyenta_ops.domain.tracking.words import (
    AFTERSHIP,
    SEVENTEEN_TRACK,
    SHIP24,
    Heard,
    said_by_17track,
    said_by_aftership,
    said_by_ship24,
)

S = ParcelState
MAIN = {
    "NotFound", "InfoReceived", "InTransit", "Expired", "AvailableForPickup", "OutForDelivery",
    "DeliveryFailure", "Delivered", "Exception",
}  # fmt: skip


def test_the_published_words_are_all_known() -> None:
    fine = {word for word in SEVENTEEN_TRACK if "_" in word} | {"InfoReceived"}
    assert set(SEVENTEEN_TRACK) == MAIN | fine
    assert len(fine) == 30
    assert {word.partition("_")[0] for word in fine} == MAIN
    assert len(AFTERSHIP) == 9
    assert len(SHIP24) == 8


def test_every_state_is_said_by_somebody() -> None:
    assert {*SEVENTEEN_TRACK.values()} == set(ParcelState)


@pytest.mark.parametrize(
    ("status", "sub_status", "state"),
    [
        ("NotFound", "NotFound_InvalidCode", S.UNKNOWN),
        ("InfoReceived", "InfoReceived", S.ANNOUNCED),
        ("InTransit", "InTransit_Departure", S.IN_TRANSIT),
        ("InTransit", "InTransit_CustomsProcessing", S.CUSTOMS),
        ("InTransit", "InTransit_CustomsReleased", S.IN_TRANSIT),
        ("InTransit", "InTransit_CustomsRequiringInformation", S.CUSTOMS_ACTION),
        ("Expired", "Expired_Other", S.EXPIRED),
        ("AvailableForPickup", "AvailableForPickup_Other", S.READY_FOR_PICKUP),
        ("OutForDelivery", "", S.OUT_FOR_DELIVERY),
        ("DeliveryFailure", "DeliveryFailure_NoBody", S.FAILED_ATTEMPT),
        ("Delivered", "Delivered_Other", S.DELIVERED),
        ("Exception", "Exception_Returning", S.RETURNING),
        ("Exception", "Exception_Returned", S.RETURNED),
        ("Exception", "Exception_Destroyed", S.LOST),
        ("Exception", "Exception_Delayed", S.EXCEPTION),
    ],
)
def test_17track(status: str, sub_status: str, state: ParcelState) -> None:
    assert said_by_17track(status, sub_status) == Heard(state, sub_status or status)


@pytest.mark.parametrize(
    ("tag", "subtag", "state"),
    [
        ("Pending", "Pending_001", S.UNKNOWN),
        ("InfoReceived", "InfoReceived_001", S.ANNOUNCED),
        ("InTransit", "InTransit_007", S.IN_TRANSIT),
        ("InTransit", "InTransit_006", S.CUSTOMS),
        ("OutForDelivery", "OutForDelivery_001", S.OUT_FOR_DELIVERY),
        ("AttemptFail", "AttemptFail_002", S.FAILED_ATTEMPT),
        ("AvailableForPickup", "", S.READY_FOR_PICKUP),
        ("Delivered", "Delivered_003", S.DELIVERED),
        ("Exception", "Exception_001", S.EXCEPTION),
        ("Exception", "Exception_004", S.CUSTOMS_ACTION),
        ("Exception", "Exception_010", S.RETURNING),
        ("Exception", "Exception_011", S.RETURNED),
        ("Exception", "Exception_013", S.LOST),
        ("Expired", "Expired_001", S.EXPIRED),
    ],
)
def test_aftership(tag: str, subtag: str, state: ParcelState) -> None:
    assert said_by_aftership(tag, subtag) == Heard(state, subtag or tag)


@pytest.mark.parametrize(
    ("milestone", "code", "state"),
    [
        ("pending", "", S.UNKNOWN),
        ("info_received", "data_order_created", S.ANNOUNCED),
        ("in_transit", "", S.IN_TRANSIT),
        ("in_transit", "customs_received", S.CUSTOMS),
        ("in_transit", "customs_cleared", S.IN_TRANSIT),
        ("exception", "customs_exception", S.CUSTOMS_ACTION),
        ("exception", "exception_return", S.RETURNING),
        ("exception", "delivery_exception", S.EXCEPTION),
        ("out_for_delivery", "customs_received", S.OUT_FOR_DELIVERY),
        ("failed_attempt", "delivery_attempted", S.FAILED_ATTEMPT),
        ("available_for_pickup", "", S.READY_FOR_PICKUP),
        ("delivered", "delivery_delivered", S.DELIVERED),
    ],
)
def test_ship24(milestone: str, code: str, state: ParcelState) -> None:
    assert said_by_ship24(milestone, code) == Heard(state, code or milestone)


def test_a_word_that_nobody_knows_is_given_back_and_not_guessed_at() -> None:
    assert said_by_17track("InTransit", "InTransit_Teleported") == Heard(
        S.IN_TRANSIT, "InTransit_Teleported", ("InTransit_Teleported",)
    )
    assert said_by_17track("Abducted", "Abducted_Other") == Heard(
        S.UNKNOWN, "Abducted_Other", ("Abducted_Other", "Abducted")
    )
    assert said_by_aftership("Abducted", "") == Heard(S.UNKNOWN, "Abducted", ("Abducted",))
    assert said_by_ship24("abducted", "x") == Heard(S.UNKNOWN, "x", ("abducted",))
    assert said_by_17track("", "") == Heard(S.UNKNOWN, "")
