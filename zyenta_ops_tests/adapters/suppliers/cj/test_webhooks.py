"""CJ's webhooks: whether they are believed, and what is read again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zyenta_ops.domain.supplier_orders import HintKind
from zyenta_ops_tests.adapters.suppliers.cj.service import CjRig, signed

# The published algorithm, computed once by hand.
BODY = (
    b'{"messageId":"7cceede817dc47ed9748328b64353c5c","type":"ORDER","messageType":"UPDATE",'
    b'"openId":12312,"params":{"orderNumber":"zy-42-1","orderStatus":"SHIPPED",'
    b'"trackNumber":"CJPKL7160102171YQ"}}'
)
SIGNATURE = "wf22Jm4aVmqtqM6D2H+epMlnPeHEY2gTEYEZyINPFh8="


def test_the_vector_is_believed_and_nothing_near_it(rig: CjRig) -> None:
    verify = rig.gateway.verify_webhook
    assert verify({"sign": SIGNATURE}, BODY)
    assert not verify({"sign": SIGNATURE}, BODY + b" ")
    assert not verify({"sign": SIGNATURE.lower()}, BODY)
    assert not verify({"x-sign": SIGNATURE}, BODY)
    assert not verify({"sign": "ü"}, BODY)


def test_an_account_without_an_open_id_believes_nothing(rig: CjRig) -> None:
    rig.login.secrets.pop("open_id")
    headers, body = signed({"type": "ORDER"}, open_id="")
    assert not rig.gateway.verify_webhook(headers, body)


@pytest.mark.parametrize(
    ("message", "kind", "refs"),
    [
        (
            {"type": "PRODUCT", "params": {"pid": "2502", "productNameEn": None, "fields": []}},
            HintKind.PRODUCT,
            ("2502",),
        ),
        ({"type": "VARIANT", "params": {"vid": "V1"}}, HintKind.PRODUCT, ("V1",)),
        (
            {"type": "STOCK", "params": {"V1": [{"vid": "V1", "storageNum": 3}], "V2": []}},
            HintKind.STOCK,
            ("V1", "V2"),
        ),
        (
            {"type": "ORDER", "params": {"cjOrderId": 2507110100018043276, "orderNumber": "zy-1"}},
            HintKind.ORDER,
            ("2507110100018043276", "zy-1"),
        ),
        (
            {
                "type": "ORDER",
                "messageType": "ORDER_CONNNECTED",
                "params": {"cjOrderId": "SD1", "orderNumber": None},
            },
            HintKind.ORDER,
            ("SD1",),
        ),
        (
            {
                "type": "ORDERSPLIT",
                "params": {
                    "originalOrderId": "SD1",
                    "splitOrderList": [{"orderCode": "SD1-1"}, {"orderCode": "SD1-2"}],
                },
            },
            HintKind.ORDER,
            ("SD1", "SD1-1", "SD1-2"),
        ),
        (
            {
                "type": "LOGISTIC",
                "params": {
                    "orderId": "SD1",
                    "storeOrderNumbers": ["zy-1"],
                    "trackingNumber": None,
                    "trackingStatus": 12,
                    "logisticsTrackEvents": '[{"status":12,"activity":"Delivered"}]',
                },
            },
            HintKind.PARCEL,
            ("SD1", "zy-1"),
        ),
        ({"type": "SOURCINGCREATE", "params": {"cjProductId": "9"}}, HintKind.PRODUCT, ("9",)),
        ({"type": "MAKEUP", "params": {"orderId": "BT1"}}, HintKind.OTHER, ()),
        ({"type": "ORDER", "params": None}, HintKind.ORDER, ()),
    ],
)
def test_a_message_says_what_to_read_again_and_nothing_of_how_it_is(
    rig: CjRig, message: dict[str, Any], kind: HintKind, refs: tuple[str, ...]
) -> None:
    (hint,) = rig.gateway.parse_webhook(json.dumps({"messageId": "m-1", **message}).encode())
    assert (hint.kind, hint.event_id, hint.refs) == (kind, "m-1", refs)


def test_a_message_without_an_id_is_known_again_by_its_body(rig: CjRig) -> None:
    first, second = b'{"type": "ORDER"}', b'{"type": "STOCK"}'
    (hint,) = rig.gateway.parse_webhook(first)
    assert rig.gateway.parse_webhook(first) == (hint,)
    assert rig.gateway.parse_webhook(second)[0].event_id != hint.event_id
