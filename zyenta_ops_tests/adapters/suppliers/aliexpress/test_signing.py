"""Signatures, against vectors that were not made with this code.

A is printed in the official documents. B to E, G and J were computed with the official Python SDK
(its `sign`), B and F also with the public client python-aliexpress-api; H, I and K with the
documented algorithm.
"""

from __future__ import annotations

from typing import Final

import pytest

from zyenta_ops.adapters.suppliers.aliexpress.signing import SignMethod, is_signed, sign

SECRET: Final = "my_app_secret_123"
FOO: Final = {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4"}
CALL: Final = {
    "app_key": "12345678",
    "sign_method": "sha256",
    "timestamp": "1700000000000",
}
SESSION: Final = {**CALL, "session": "test-access-token", "format": "json"}
ORDER: Final = (
    '{"logistics_address":{"address":"Straße 1","city":"München","contact_person":"Jürgen Groß",'
    '"country":"DE","mobile_no":"1512345678","phone_country":"+49","province":"Bayern",'
    '"zip":"80331"},"out_order_id":"zy-42-1","product_items":[{"logistics_service_name":'
    '"CAINIAO_FULFILLMENT_STD","product_count":1,"product_id":1005001234567890,'
    '"sku_attr":"14:350853#Black;5:361386"}]}'
)
REFRESH: Final = {"refresh_token": "50001600212refresh"}

VECTORS: Final = {
    "A": (
        "helloworld",
        SignMethod.SHA256,
        "/order/get",
        {
            "access_token": "test",
            "app_key": "123456",
            "order_id": "1234",
            "sign_method": "sha256",
            "timestamp": "1517820392000",
        },
        "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A",
    ),
    "B": ("testsecret", SignMethod.MD5, "", FOO, "54C22189FE38F1B7E6E4D701FB82851E"),
    "C": (
        "testsecret",
        SignMethod.SHA256,
        "",
        FOO,
        "5CE27691D77D7ADD868888905DEF78A0A257F96AE749C9B682266204D094D220",
    ),
    "D": (
        "testsecret",
        SignMethod.SHA256,
        "/test/api",
        FOO,
        "57C16E30E6EFBD1A317169F739195F9C4523EEF1F47392C8ABD61156661F464E",
    ),
    "E": ("testsecret", SignMethod.HMAC, "", FOO, "A68CBA142641C42D3BD97D462B5D1ACE"),
    "F": (
        SECRET,
        SignMethod.MD5,
        "",
        {
            **SESSION,
            "method": "aliexpress.ds.product.get",
            "v": "2.0",
            "sign_method": "md5",
            "partner_id": "taobao-sdk-python-20200924",
            "product_id": "1005001234567890",
            "ship_to_country": "GB",
            "target_currency": "GBP",
            "target_language": "en_US",
        },
        "3C285A05E7275C1E100E170EFA715F1E",
    ),
    "G": (
        SECRET,
        SignMethod.SHA256,
        "",
        {
            **SESSION,
            "method": "aliexpress.ds.product.get",
            "simplify": "false",
            "product_id": "1005001234567890",
            "ship_to_country": "US",
            "target_currency": "USD",
            "target_language": "en",
        },
        "37468231A3C523CAAE864E69439590D5387407E63AF9A19F0F0106CC2CB9809F",
    ),
    "H": (
        SECRET,
        SignMethod.SHA256,
        "/auth/token/create",
        {**CALL, "code": "0_abcDEF"},
        "412F066D396424F629929551ACB6E4F491BAABF4D1FF1052A4724C8BCA25A7ED",
    ),
    "I": (
        SECRET,
        SignMethod.SHA256,
        "/auth/token/refresh",
        {**CALL, **REFRESH},
        "A63EEEFD3B0B5D51115D3E2624CC668341E1524DC518A554CCE87A49E4F8B8CD",
    ),
    "J": (
        SECRET,
        SignMethod.SHA256,
        "/auth/token/create",
        {
            **CALL,
            "code": "0_abcDEF",
            "method": "/auth/token/create",
            "format": "json",
            "simplify": "false",
            "partner_id": "iop-sdk-python-20220609",
        },
        "FC9D106034AF3A4936F0AB1369B316B1F4C69DBF76BC2858031D4655D3B32392",
    ),
    "K": (
        SECRET,
        SignMethod.SHA256,
        "",
        {
            **SESSION,
            "method": "aliexpress.ds.order.create",
            "simplify": "false",
            "param_place_order_request4_open_api_d_t_o": ORDER,
        },
        "1903416149B86E639BE5937127A73F4B8B998EB756CAB9136ABE31350EE67F66",
    ),
}


@pytest.mark.parametrize("vector", VECTORS)
def test_a_published_signature_comes_out(vector: str) -> None:
    secret, method, path, params, expected = VECTORS[vector]
    assert sign(params, secret, method, path) == expected
    assert sign({**params, "sign": "anything"}, secret, method, path) == expected


@pytest.mark.parametrize("method", list(SignMethod))
def test_an_hmac_md5_between_two_secrets_is_no_scheme(method: SignMethod) -> None:
    assert sign(FOO, "testsecret", method) != "A8611C891DE7E36081CF83476B79045E"


PUSH: Final = (
    b'{"data":{"buyerId":1861703697,"orderId":1105933950463697,"orderStatus":"OrderShipped"},'
    b'"message_type":53,"seller_id":"1234","site":"ae_global","timestamp":1719389200}'
)
# Computed with the documented algorithm of the platform.
PUSH_SIGNATURE: Final = "c868d2e71f6f83196a123868ee0fb571f18d677536f5f69d231a06ba6e821685"


def test_a_push_is_signed_over_the_app_key_and_the_body() -> None:
    assert is_signed(PUSH, PUSH_SIGNATURE, "12345678", SECRET)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (PUSH + b" ", PUSH_SIGNATURE),
        (PUSH, PUSH_SIGNATURE[:-1]),
        (PUSH, ""),
        (PUSH, "é"),
        (b"", PUSH_SIGNATURE),
    ],
)
def test_anything_else_is_not_signed(body: bytes, signature: str) -> None:
    assert not is_signed(body, signature, "12345678", SECRET)
