"""Parcels as CJ tells of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.adapters.suppliers.cj.tracking import BY_NUMBER, BY_WORD, state_of
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid
from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelEvent, ParcelState
from zyenta_ops_tests.adapters.suppliers.cj.service import CjRig, answered, failure, success
from zyenta_ops_tests.contracts.supplier_gateway import placed

TRACK = "/logistic/trackInfo"


def parcel_of(rig: CjRig, **fields: Any) -> Parcel:
    rig.web.routes[TRACK] = answered(success([{"trackingNumber": "T1", **fields}]))
    return rig.gateway.track(["T1"])["T1"]


def shipped(rig: CjRig) -> str:
    external_id = placed(rig)
    rig.gateway.pay_order(external_id, Money(15_80, "USD"))
    rig.ship(external_id)
    return external_id


def test_a_parcel_has_events_newest_first(rig: CjRig) -> None:
    assert rig.gateway.get_tracking(shipped(rig)) == (
        Parcel(
            "CJPKLSD0001YQ",
            "CJPacket Ordinary",
            state=ParcelState.IN_TRANSIT,
            raw_state="In transit",
            events=(
                ParcelEvent(datetime(2026, 9, 12, 6, 13, 48, tzinfo=UTC), "Arrived", "TLV"),
                ParcelEvent(datetime(2026, 9, 8, 10, 7, 49, tzinfo=UTC), "Handed over"),
            ),
        ),
    )


def test_many_numbers_are_asked_for_ten_at_a_time(rig: CjRig) -> None:
    numbers = [f"T{n}" for n in range(12)]
    rig.service.parcels = {each: {"trackingNumber": each} for each in numbers[1:]}
    assert sorted(rig.gateway.track([*numbers, "T1"])) == sorted(numbers[1:])
    first, second = rig.asked("logistic/trackInfo")
    assert first.path == "/logistic/trackInfo?" + "&".join(
        f"trackNumber={each}" for each in numbers[:10]
    )
    assert second.path == "/logistic/trackInfo?trackNumber=T10&trackNumber=T11"
    assert rig.gateway.track([]) == {}


@pytest.mark.parametrize("answer", [success([]), success(None), failure(1600300)])
def test_a_number_that_nobody_knows_yet_is_told_of_by_the_order(rig: CjRig, answer: Any) -> None:
    external_id = shipped(rig)
    rig.web.routes[TRACK] = answered(answer)
    (parcel,) = rig.gateway.get_tracking(external_id)
    assert (parcel.number, parcel.carrier) == ("CJPKLSD0001YQ", "CJPacket Ordinary")
    assert parcel.url == "https://track.example/CJPKLSD0001YQ"
    assert (parcel.state, parcel.events) == (ParcelState.IN_TRANSIT, ())


@pytest.mark.parametrize("listed", [["SD0002"], [{"orderCode": "SD0002"}, {}, None]])
def test_the_parcels_of_a_split_order_are_those_of_its_parts(rig: CjRig, listed: Any) -> None:
    parent = shipped(rig)
    part = {**rig.service.orders[parent], "cjOrderId": "SD0002", "orderNum": "zy-part"}
    rig.service.orders["SD0002"] = part
    rig.ship("SD0002")
    rig.service.orders[parent]["splitOrderList"] = listed
    assert rig.gateway.get_order(parent).children[0] == "SD0002"
    numbers = [each.number for each in rig.gateway.get_tracking(parent)]
    assert numbers == ["CJPKLSD0001YQ", "CJPKLSD0002YQ"]


def test_a_failure_is_not_an_order_without_events(rig: CjRig) -> None:
    external_id = shipped(rig)
    rig.web.routes[TRACK] = answered([])
    with pytest.raises(AnswerInvalid):
        rig.gateway.get_tracking(external_id)


def test_events_come_as_in_webhooks_too(rig: CjRig) -> None:
    told = (
        '[{"status":12,"activity":"Delivered","location":"NENANA","eventTime":'
        '"2024-01-18 07:59:22"},{"activity":"no time"},{"eventTime":"2024-01-18 07:00:00"}]'
    )
    parcel = parcel_of(rig, trackingStatus=12, logisticsTrackEvents=told)
    at = datetime(2024, 1, 18, 7, 59, 22, tzinfo=UTC)
    assert (parcel.state, parcel.raw_state) == (ParcelState.DELIVERED, "12")
    assert parcel.events == (ParcelEvent(at, "Delivered", "NENANA", ParcelState.DELIVERED),)


@pytest.mark.parametrize("events", ["[", "{}", "7", 7, {}, None])
def test_events_that_are_none_are_left_out(rig: CjRig, events: Any) -> None:
    assert parcel_of(rig, logisticsTrackEvents=events).events == ()


def test_a_number_of_cj_own_network_is_marked(rig: CjRig) -> None:
    assert parcel_of(rig, cjMailNo="T1").internal_number
    assert not parcel_of(rig, cjMailNo="CJPAQ1YQ").internal_number
    assert not parcel_of(rig).internal_number


def test_the_number_of_the_last_carrier_is_told(rig: CjRig) -> None:
    told = {"lastTrackNumber": "LM123456789", "lastMileCarrier": "USPS"}
    assert parcel_of(rig, **told).handovers == (Handover("LM123456789", "USPS"),)
    assert parcel_of(rig, lastTrackNumber=None, lastMileCarrier="USPS").handovers == ()


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (0, ParcelState.ANNOUNCED),
        (3, ParcelState.RETURNING),
        ("7", ParcelState.CUSTOMS),
        (10, ParcelState.OUT_FOR_DELIVERY),
        (11, ParcelState.READY_FOR_PICKUP),
        (12, ParcelState.DELIVERED),
        (13, ParcelState.FAILED_ATTEMPT),
        (14, ParcelState.RETURNED),
        (15, ParcelState.UNKNOWN),
        ("In transit", ParcelState.IN_TRANSIT),
        ("OUT_FOR_DELIVERY", ParcelState.OUT_FOR_DELIVERY),
        ("Exception", ParcelState.EXCEPTION),
        ("expired", ParcelState.EXPIRED),
        ("Abducted", ParcelState.UNKNOWN),
        (None, ParcelState.UNKNOWN),
        (True, ParcelState.UNKNOWN),
        ([], ParcelState.UNKNOWN),
    ],
)
def test_numbers_and_words_stand_for_a_state(said: Any, state: ParcelState) -> None:
    assert state_of(said) is state


def test_the_published_numbers_are_all_known() -> None:
    assert BY_NUMBER.keys() == set(range(15))
    assert ParcelState.UNKNOWN not in {*BY_NUMBER.values(), *BY_WORD.values()}
