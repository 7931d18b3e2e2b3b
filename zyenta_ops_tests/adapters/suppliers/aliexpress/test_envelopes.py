"""The four kinds of error that AliExpress sends with HTTP 200, and everything that is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.adapters.suppliers.aliexpress.codes import _MEANINGS, error_of, meaning_of
from zyenta_ops.adapters.suppliers.aliexpress.envelopes import opened, result
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    DuplicateOrder,
    LoginExpired,
    LoginRevoked,
    Misconfigured,
    OrderRejected,
    RateLimited,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops_tests.adapters.suppliers.aliexpress.service import (
    error_response,
    order_refused,
    platform_error,
    wrapped,
)


def fault(document: Any) -> SupplierError:
    found = opened(document).fault
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (platform_error("IllegalAccessToken"), LoginExpired),
        (platform_error("InvalidAccessToken"), LoginExpired),
        (error_response(26), LoginExpired),
        (error_response("27", "invalid-sessionkey"), LoginExpired),
        (platform_error("IncompleteSignature"), Misconfigured),
        (platform_error("InvalidAppKey"), Misconfigured),
        (error_response(29), Misconfigured),
        (error_response(25), Misconfigured),
        (platform_error("InvalidApiPath"), Misconfigured),
        (platform_error("InsufficientPermission"), Misconfigured),
        (error_response(15, "isv.insufficient-permission", type="ISP"), Misconfigured),
        (platform_error("MissingParameter"), RequestInvalid),
        (error_response(41, "isv.invalid-parameter"), RequestInvalid),
        (error_response(15, "isv.something-new", type="ISP"), RequestInvalid),
        (platform_error("SomethingNew", kind="ISV"), RequestInvalid),
        (platform_error("ApiCallLimit"), RateLimited),
        (platform_error("AppCallLimit"), RateLimited),
        (platform_error("SellerCallLimit"), RateLimited),
        (error_response(7, "accesscontrol.limited-by-app-access-count"), RateLimited),
        (error_response(7, "accesscontrol.limited-by-anything-new"), RateLimited),
        (error_response(10), SupplierUnavailable),
        (error_response(15), SupplierUnavailable),
        (error_response(15, "isp.remote-service-timeout"), SupplierUnavailable),
        (platform_error("ServiceTimeout", kind=""), SupplierUnavailable),
        (platform_error("Anything", kind="SYSTEM"), SupplierUnavailable),
        (platform_error("Anything", kind="ISP"), SupplierUnavailable),
        (platform_error("Anything", kind=""), SupplierUnavailable),
        (error_response(27, msg="ISV.Session: bad"), LoginExpired),
        ({"error_response": None}, SupplierUnavailable),
        ({"error_response": {}}, SupplierUnavailable),
        (wrapped("product_get", rsp_code=605, rsp_msg="ITEM_ID_NOT_FOUND"), UnknownReference),
        (wrapped("product_get", rsp_code="605"), UnknownReference),
        (wrapped("product_get", rsp_code=999, rsp_msg="Something new"), SupplierUnavailable),
        (wrapped("order_create", code="500"), SupplierUnavailable),
        ({"aliexpress_x_response": {"resp_result": {"resp_code": 27}}}, LoginExpired),
        (order_refused("REPEATED_ORDER_ERROR"), DuplicateOrder),
        (order_refused("SOMETHING_NEW"), RequestInvalid),
        (wrapped("order_tracking_get", {"ret": False, "code": "1001"}), UnknownReference),
        (wrapped("freight_query", {"success": "false", "code": 506}), SupplierUnavailable),
    ],
)
def test_an_error_is_understood(document: Any, kind: type[SupplierError]) -> None:
    assert type(fault(document)) is kind


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("B_DROPSHIPPER_DELIVERY_ADDRESS_VALIDATE_FAIL", RejectionReason.ADDRESS),
        ("A002_INVALID_ZONE", RejectionReason.REGION),
        ("A005_INVALID_COUNTRIES", RejectionReason.REGION),
        ("DELIVERY_METHOD_NOT_EXIST", RejectionReason.SHIPPING_METHOD),
        ("INVENTORY_HOLD_ERROR", RejectionReason.OUT_OF_STOCK),
        ("SKU_NOT_EXIST", RejectionReason.OUT_OF_STOCK),
        ("BLACKLIST_BUYER_IN_LIST", RejectionReason.ACCOUNT),
        ("USER_ACCOUNT_DISABLED", RejectionReason.ACCOUNT),
        ("A001_ORDER_CANNOT_BE_PLACED", RejectionReason.ACCOUNT),
        ("A003_SUSPICIOUS_BUYER", RejectionReason.ACCOUNT),
        ("A006_INVALID_ACCOUNT_INFO", RejectionReason.ACCOUNT),
        ("PRICE_PAY_CURRENCY_ERROR", RejectionReason.PAYMENT),
        ("A004_CANNOT_USER_COUPON", RejectionReason.PAYMENT),
        ("ERROR_WHEN_BUILD_FOR_PLACE_ORDER", RejectionReason.UNKNOWN),
    ],
)
def test_a_refused_order_has_a_reason(code: str, reason: RejectionReason) -> None:
    found = fault(order_refused(code))
    assert isinstance(found, OrderRejected)
    assert (found.reason, found.code, found.request_id) == (reason, code, "req-1")


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("The request is limited, this ban will last 7 more seconds", 7),
        ("This ban will last 1 more second", 1),
        ("banned for 3600 seconds", 3600),
        ("please call later", None),
        ("", None),
    ],
)
def test_a_ban_lasts_as_long_as_it_says(message: str, seconds: float | None) -> None:
    for document in (
        error_response(7, msg=message),
        error_response(7, sub_msg=message),
        platform_error("ApiCallLimit", message),
    ):
        found = fault(document)
        assert isinstance(found, RateLimited)
        assert found.retry_after == seconds


def test_what_aliexpress_says_is_not_quoted_but_its_code() -> None:
    message = "Erika Mustermann, Evergreen Terrace 742, token session-s3cret"
    for document in (
        error_response(15, "isv.bad", msg=message, sub_msg=message),
        platform_error("Bad", message),
        platform_error(message, message),
        order_refused("BAD", error_msg=message),
        order_refused(message, error_msg=message),
    ):
        found = fault(document)
        assert "Erika" not in str(found) + found.code + found.request_id
        assert found.request_id == "req-1"
    assert str(fault(platform_error("InvalidAppKey"))).endswith("(InvalidAppKey)")


@pytest.mark.parametrize(
    "document",
    [
        {"aliexpress_ds_product_get_response": {"result": {"a": 1}}},
        wrapped("product_get", {"a": 1}, rsp_code="200", code="0"),
        wrapped("order_create", {"a": 1, "is_success": "true"}, code="00"),
        # An older name of the method, which some accounts still get.
        {"aliexpress_trade_buy_placeorder_response": {"result": {"a": 1, "is_success": True}}},
        {"result": {"a": 1}, "code": "0", "request_id": "req-1"},
    ],
)
def test_a_good_answer_is_opened(document: Any) -> None:
    answer = Answer(200, {}, json.dumps(document).encode())
    assert result(answer)["a"] == 1


def test_tokens_come_in_no_envelope_or_in_one() -> None:
    bare = {"access_token": "t", "code": "0"}
    assert opened(bare).checked() == bare
    assert opened({"/auth/token/create_response": bare}).checked() == bare


KEYS = (
    *("error_response", "x_response", "resp_result", "result", "is_success", "success", "ret"),
    *("code", "rsp_code", "resp_code", "sub_code", "error_code", "type", "msg", "message"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["0", "27"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_whatever_comes_is_a_result_or_an_error(document: Any) -> None:
    try:
        found = result(Answer(200, {}, json.dumps(document).encode()))
    except SupplierError:
        return
    assert isinstance(found, dict)


@pytest.mark.parametrize("document", [None, [], "text", 1, True, {}, {"x_response": {}}])
def test_what_holds_nothing_is_no_answer(document: Any) -> None:
    with pytest.raises(AnswerInvalid):
        result(Answer(200, {}, json.dumps(document).encode()))


def test_every_code_makes_an_error() -> None:
    for code, meaning in _MEANINGS.items():
        assert meaning_of([code.upper()]) is meaning
        assert str(error_of(meaning, code=code, request_id="")).endswith(f"({code})")
    assert meaning_of(["IllegalRefreshToken"]) is LoginRevoked
    assert meaning_of([]) is SupplierUnavailable
