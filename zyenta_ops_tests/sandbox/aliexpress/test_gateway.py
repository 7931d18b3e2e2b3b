"""Refusals come with status 200, in an `error_response` or bare at the top level."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from zyenta_ops.sandbox.aliexpress.apps import App, Buyer
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.aliexpress.conftest import AliExpressClient

PRODUCT = {"product_id": "1005001000000003", "ship_to_country": "DE"}
GET = "aliexpress.ds.product.get"


def refusal(answer: dict[str, dict[str, str]]) -> str:
    assert list(answer) == ["error_response"]
    return answer["error_response"]["code"]


@pytest.mark.parametrize("sign_method", ["sha256", "md5"])
def test_a_signed_call_is_answered(aliexpress: AliExpressClient, sign_method: str) -> None:
    answer = aliexpress.sync(GET, sign_method=sign_method, **PRODUCT)

    assert answer["aliexpress_ds_product_get_response"]["rsp_code"] == "200"


def test_a_wrong_signature_is_refused(aliexpress: AliExpressClient) -> None:
    aliexpress.secret = "another"

    assert refusal(aliexpress.sync(GET, **PRODUCT)) == "IncompleteSignature"


def test_a_scheme_that_is_gone_is_refused(aliexpress: AliExpressClient, http: httpx.Client) -> None:
    sent = {**aliexpress.signed(method=GET, **PRODUCT), "sign_method": "hmac"}

    answer = http.post(f"{aliexpress.world.urls['aliexpress']}/sync", data=sent)

    assert (answer.status_code, refusal(answer.json())) == (200, "IncompleteSignature")


def test_an_unknown_app_is_refused(aliexpress: AliExpressClient) -> None:
    assert refusal(aliexpress.sync(GET, app_key="999", **PRODUCT)) == "InvalidAppKey"


@pytest.mark.parametrize("name", ["app_key", "timestamp", "sign"])
def test_a_parameter_that_every_call_needs_is_missed(
    aliexpress: AliExpressClient, http: httpx.Client, name: str
) -> None:
    sent = {**aliexpress.signed(method=GET, **PRODUCT), name: ""}

    answer = http.post(f"{aliexpress.world.urls['aliexpress']}/sync", data=sent).json()

    assert refusal(answer) == "MissingParameter"
    assert name in answer["error_response"]["msg"]


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(7_200, True), (-7_200, True), (7_201, False), (-7_201, False)]
)
def test_a_clock_may_be_two_hours_off(
    aliexpress: AliExpressClient, seconds: int, accepted: bool
) -> None:
    aliexpress.skew = timedelta(seconds=seconds)

    answer = aliexpress.sync(GET, **PRODUCT)

    assert ("aliexpress_ds_product_get_response" in answer) is accepted
    assert accepted or refusal(answer) == "IllegalTimestamp"


@pytest.mark.parametrize(
    ("timestamp", "accepted"),
    [("2026-11-02T12:00:00Z", True), ("2026-11-02T12:00:00.123Z", False), ("yesterday", False)],
)
def test_a_timestamp_may_be_utc_to_the_second(
    aliexpress: AliExpressClient, timestamp: str, accepted: bool
) -> None:
    answer = aliexpress.sync(GET, timestamp=timestamp, **PRODUCT)

    assert ("aliexpress_ds_product_get_response" in answer) is accepted


def test_an_unknown_method_is_refused(aliexpress: AliExpressClient) -> None:
    assert refusal(aliexpress.sync("aliexpress.ds.product.list")) == "InvalidApiPath"


def test_a_call_without_a_session_is_refused(aliexpress: AliExpressClient) -> None:
    assert refusal(aliexpress.sync(GET, session="", **PRODUCT)) == "MissingParameter"


def test_a_session_of_nobody_is_refused(aliexpress: AliExpressClient) -> None:
    assert refusal(aliexpress.sync(GET, session="50000nobody", **PRODUCT)) == "IllegalAccessToken"


def test_a_simplified_refusal_is_bare(aliexpress: AliExpressClient) -> None:
    answer = aliexpress.sync(GET, session="50000nobody", simplify="true", **PRODUCT)

    assert {name: answer[name] for name in ("code", "type", "message")} == {
        "code": "IllegalAccessToken",
        "type": "ISV",
        "message": "The specified access token is invalid or expired",
    }


def test_a_refusal_on_rest_is_bare(aliexpress: AliExpressClient) -> None:
    answer = aliexpress.rest("/auth/token/create", code="3_nobody")

    assert (answer["code"], answer["type"]) == ("InvalidCode", "ISV")


def test_too_many_calls_in_a_second_are_refused_and_counted(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    answers = [aliexpress.sync(GET, **PRODUCT) for _ in range(21)]

    assert refusal(answers[-1]) == "ApiCallLimit"
    assert answers[-1]["error_response"]["msg"].endswith("this ban will last 1 more seconds")
    assert [list(answer) for answer in answers[:20]] == [
        ["aliexpress_ds_product_get_response"]
    ] * 20
    assert [entry.violation for entry in world.log.violations()] == ["rate:app 512345"]

    world.advance(seconds=1)
    assert "error_response" not in aliexpress.sync(GET, **PRODUCT)


def test_a_days_calls_are_used_up_until_midnight(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    world.aliexpress.app.calls_per_day = 1
    aliexpress.sync(GET, **PRODUCT)

    assert refusal(aliexpress.sync(GET, **PRODUCT)) == "AppCallLimit"

    world.advance(hours=12)
    assert "error_response" not in aliexpress.sync(GET, **PRODUCT)


def test_limits_that_are_not_enforced_are_still_counted(http: httpx.Client) -> None:
    with SandboxWorld(products=5, enforce_limits=False).serving() as world:
        client = AliExpressClient(world, http)
        answers = [client.sync(GET, **PRODUCT) for _ in range(22)]

    assert all("error_response" not in answer for answer in answers)
    assert world.trades["aliexpress"].limits.violations == {"rate:app 512345": 2}


def test_a_second_app_and_buyer_have_tokens_of_their_own(
    world: SandboxWorld, http: httpx.Client
) -> None:
    tokens = world.aliexpress.tokens
    app = world.aliexpress.add_app(App("777", "their-secret"))
    grant = tokens.grant(app, world.aliexpress.add_buyer(Buyer("second")))
    client = AliExpressClient(world, http, "their-secret", grant.access_token)

    assert "error_response" not in client.sync(GET, app_key="777", **PRODUCT)
    assert world.log.all()[-1].account == "second"

    client.session = world.aliexpress.tokens.grants[0].access_token
    assert refusal(client.sync(GET, app_key="777", **PRODUCT)) == "IllegalAccessToken"
