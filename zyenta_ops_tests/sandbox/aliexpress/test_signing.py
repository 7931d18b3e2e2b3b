from __future__ import annotations

import hashlib
import hmac

import pytest

from zyenta_ops.sandbox.aliexpress.signing import push_signature, signature

LETTERS = {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4"}
SECRET = "my_app_secret_123"
PRODUCT = {
    "app_key": "12345678",
    "method": "aliexpress.ds.product.get",
    "timestamp": "1700000000000",
    "format": "json",
    "session": "test-access-token",
    "product_id": "1005001234567890",
}
TOKEN = {"app_key": "12345678", "sign_method": "sha256", "timestamp": "1700000000000"}
PLACE = (
    '{"logistics_address":{"address":"Straße 1","city":"München","contact_person":"Jürgen Groß",'
    '"country":"DE","mobile_no":"1512345678","phone_country":"+49","province":"Bayern",'
    '"zip":"80331"},"out_order_id":"zy-42-1","product_items":[{"logistics_service_name":'
    '"CAINIAO_FULFILLMENT_STD","product_count":1,"product_id":1005001234567890,'
    '"sku_attr":"14:350853#Black;5:361386"}]}'
)

VECTORS = {
    "the vendor's own, on /rest": (
        "helloworld", "sha256", "/order/get",
        {"access_token": "test", "app_key": "123456", "order_id": "1234",
         "sign_method": "sha256", "timestamp": "1517820392000"},
        "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A",
    ),
    "md5": ("testsecret", "md5", "", LETTERS, "54C22189FE38F1B7E6E4D701FB82851E"),
    "sha256 on /sync": (
        "testsecret", "sha256", "", LETTERS,
        "5CE27691D77D7ADD868888905DEF78A0A257F96AE749C9B682266204D094D220",
    ),
    "sha256 with a path": (
        "testsecret", "sha256", "/test/api", LETTERS,
        "57C16E30E6EFBD1A317169F739195F9C4523EEF1F47392C8ABD61156661F464E",
    ),
    "a product by md5": (
        SECRET, "md5", "",
        {**PRODUCT, "v": "2.0", "sign_method": "md5",
         "partner_id": "taobao-sdk-python-20200924", "ship_to_country": "GB",
         "target_currency": "GBP", "target_language": "en_US"},
        "3C285A05E7275C1E100E170EFA715F1E",
    ),
    "a product by sha256": (
        SECRET, "sha256", "",
        {**PRODUCT, "sign_method": "sha256", "simplify": "false", "ship_to_country": "US",
         "target_currency": "USD", "target_language": "en"},
        "37468231A3C523CAAE864E69439590D5387407E63AF9A19F0F0106CC2CB9809F",
    ),
    "a code exchanged on /rest": (
        SECRET, "sha256", "/auth/token/create", {**TOKEN, "code": "0_abcDEF"},
        "412F066D396424F629929551ACB6E4F491BAABF4D1FF1052A4724C8BCA25A7ED",
    ),
    "a token refreshed on /rest": (
        SECRET, "sha256", "/auth/token/refresh",
        {**TOKEN, "refresh_token": "50001600212refresh"},
        "A63EEEFD3B0B5D51115D3E2624CC668341E1524DC518A554CCE87A49E4F8B8CD",
    ),
    "a code exchanged on /sync": (
        SECRET, "sha256", "/auth/token/create",
        {**TOKEN, "code": "0_abcDEF", "method": "/auth/token/create", "format": "json",
         "simplify": "false", "partner_id": "iop-sdk-python-20220609"},
        "FC9D106034AF3A4936F0AB1369B316B1F4C69DBF76BC2858031D4655D3B32392",
    ),
    "an order with umlauts": (
        SECRET, "sha256", "",
        {"app_key": "12345678", "method": "aliexpress.ds.order.create", "sign_method": "sha256",
         "timestamp": "1700000000000", "session": "test-access-token", "format": "json",
         "simplify": "false", "param_place_order_request4_open_api_d_t_o": PLACE},
        "1903416149B86E639BE5937127A73F4B8B998EB756CAB9136ABE31350EE67F66",
    ),
}  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS)
def test_the_sandbox_expects_the_published_signature(vector: str) -> None:
    secret, method, path, parameters, expected = VECTORS[vector]

    assert signature(secret, parameters, method, path) == expected


def test_a_signature_that_is_sent_along_is_not_signed() -> None:
    signed = {**LETTERS, "sign": "whatever"}

    assert signature("testsecret", signed, "md5") == "54C22189FE38F1B7E6E4D701FB82851E"


def test_hmac_md5_of_a_wrapped_text_is_no_scheme_of_the_vendor() -> None:
    text = "".join(f"{name}{LETTERS[name]}" for name in sorted(LETTERS))
    wrapped = f"testsecret{text}testsecret".encode()
    wrong = hmac.new(b"testsecret", wrapped, hashlib.md5).hexdigest().upper()
    assert wrong == "A8611C891DE7E36081CF83476B79045E"

    made = {signature("testsecret", LETTERS, method) for method in ("md5", "sha256")}

    assert wrong not in made


def test_hmac_md5_is_not_accepted_although_it_once_was() -> None:
    text = "".join(f"{name}{LETTERS[name]}" for name in sorted(LETTERS))
    old = hmac.new(b"testsecret", text.encode(), hashlib.md5).hexdigest().upper()
    assert old == "A68CBA142641C42D3BD97D462B5D1ACE"

    with pytest.raises(ValueError, match="sign_method hmac is not accepted"):
        signature("testsecret", LETTERS, "hmac")


def test_a_push_is_signed_over_app_key_and_body() -> None:
    body = (
        b'{"data":{"buyerId":1861703697,"orderId":1105933950463697,"orderStatus":"OrderShipped"},'
        b'"message_type":53,"seller_id":"1234","site":"ae_global","timestamp":1719389200}'
    )

    assert push_signature("12345678", SECRET, body) == (
        "c868d2e71f6f83196a123868ee0fb571f18d677536f5f69d231a06ba6e821685"
    )
