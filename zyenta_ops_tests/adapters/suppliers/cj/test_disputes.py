"""Disputes with CJ: asked for in its own terms, once, and read from the list."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from zyenta_ops.adapters.suppliers.cj import Dispute, DisputeRequest, Remedy
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    OrderRejected,
    OutcomeUnknown,
    RequestInvalid,
)
from zyenta_ops_tests.adapters.suppliers.cj.service import CjRig, answered, success
from zyenta_ops_tests.contracts.supplier_gateway import Fault

REQUEST = DisputeRequest(
    reference="zy-dispute-1",
    external_id="SD0001",
    reason_id=7,
    remedy=Remedy.REFUND,
    message="Broken in transit.",
    images=("https://files.example/broken.jpg",),
)
LINE = {
    "cjProductId": "2502",
    "price": "11.09",
    "quantity": 1,
    "supplierName": None,
    "lineItemId": "L1",
    "cjVariantId": "V1",
    "canChoose": True,
}


def test_cj_says_what_it_would_accept(rig: CjRig) -> None:
    options = rig.gateway.dispute_options("SD0001")
    assert dict(options.reasons) == {7: "Products damaged"}
    assert options.remedies == {Remedy.REFUND}
    assert options.most == Money(15_80, "USD")
    assert options.lines == (LINE,)
    asked = rig.asked("disputes/disputeConfirmInfo")[0]
    assert json.loads(asked.body) == {"orderId": "SD0001", "productInfoList": [LINE]}


def test_a_dispute_sends_the_lines_back_as_they_came(rig: CjRig) -> None:
    rig.gateway.open_dispute(REQUEST)
    assert rig.service.disputes == [
        {
            "businessDisputeId": "zy-dispute-1",
            "orderId": "SD0001",
            "disputeReasonId": 7,
            "expectType": 1,
            "refundType": 1,
            "messageText": "Broken in transit.",
            "imageUrl": ["https://files.example/broken.jpg"],
            "productInfoList": [LINE],
        }
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"reason_id": 8},
            "CJ takes no such reason for this order; it takes 7 (Products damaged)",
        ),
        ({"remedy": Remedy.REISSUE}, "CJ does not offer REISSUE for this order"),
        ({"message": ""}, "a dispute's message has 1 to 500 characters"),
        ({"message": "x" * 501}, "a dispute's message has 1 to 500 characters"),
        ({"reference": ""}, "a dispute's reference has 1 to 100 characters"),
    ],
)
def test_what_cj_would_not_take_is_not_opened(
    rig: CjRig, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RequestInvalid) as caught:
        rig.gateway.open_dispute(replace(REQUEST, **changes))
    assert str(caught.value) == sentence
    assert rig.service.disputes == []


def test_lines_that_cannot_be_disputed_are_refused(rig: CjRig) -> None:
    for refs in (("V2",), ("V404",)):
        with pytest.raises(OrderRejected, match="takes no dispute"):
            rig.gateway.open_dispute(replace(REQUEST, variant_refs=refs))
    assert (rig.service.disputes, rig.asked("disputes/create")) == ([], [])


def test_a_lost_reply_is_told_by_the_list(rig: CjRig) -> None:
    rig.suffer(Fault.LOST_REPLY)
    with pytest.raises(OutcomeUnknown):
        rig.gateway.open_dispute(REQUEST)
    assert list(rig.gateway.disputes("SD0001")) == [
        Dispute("501", "Processing", "Products damaged")
    ]
    assert len(rig.asked("disputes/create")) == 1


def test_a_decision_comes_with_what_is_given_back(rig: CjRig) -> None:
    row = {"id": 9, "status": "Finished", "finallyDeal": 1, "money": 11.09, "resendOrderCode": None}
    listed = {"total": 1, "list": [row, {**row, "id": 10, "finallyDeal": 3, "money": None}]}
    rig.web.routes["/disputes/getDisputeList"] = answered(success(listed))
    assert list(rig.gateway.disputes()) == [
        Dispute("9", "Finished", decision=Remedy.REFUND, refund=Money(11_09, "USD")),
        Dispute("10", "Finished", decision=Remedy.REJECTED),
    ]


def test_a_list_is_read_to_its_end_and_no_further(rig: CjRig) -> None:
    rows = [{"id": n, "status": "x"} for n in range(50)]
    rig.web.routes["/disputes/getDisputeList"] = answered(success({"total": 100, "list": rows}))
    assert len(list(rig.gateway.disputes())) == 100
    assert [each.path for each in rig.web.asked] == [
        "/disputes/getDisputeList?pageNum=1&pageSize=50",
        "/disputes/getDisputeList?pageNum=2&pageSize=50",
    ]
    endless = answered(success({"total": 10**6, "list": rows}))
    rig.web.routes["/disputes/getDisputeList"] = endless
    with pytest.raises(AnswerInvalid, match="does not come to an end"):
        list(rig.gateway.disputes())
