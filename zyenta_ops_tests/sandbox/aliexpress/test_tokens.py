"""Codes are good once; the two lifetimes depend on the app's status in the console."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from zyenta_ops.sandbox.aliexpress.apps import (
    DEMO_ACCESS_TOKEN,
    DEMO_APP_KEY,
    DEMO_CODE,
    DEMO_REFRESH_TOKEN,
)
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.aliexpress.conftest import AliExpressClient

PRODUCT = {"product_id": "1005001000000003", "ship_to_country": "DE"}
GET = "aliexpress.ds.product.get"
DAY = 86_400


def works(client: AliExpressClient) -> bool:
    return "aliexpress_ds_product_get_response" in client.sync(GET, **PRODUCT)


def test_a_code_is_exchanged_once(aliexpress: AliExpressClient) -> None:
    tokens = aliexpress.rest("/auth/token/create", code=DEMO_CODE)
    again = aliexpress.rest("/auth/token/create", code=DEMO_CODE)

    assert (tokens["code"], tokens["user_nick"]) == ("0", "demo")
    assert again["code"] == "InvalidCode"
    aliexpress.session = tokens["access_token"]
    assert works(aliexpress)


def test_a_code_is_exchanged_over_sync_in_a_wrapper(
    aliexpress: AliExpressClient, http: httpx.Client
) -> None:
    path = "/auth/token/create"
    sent = aliexpress.signed(path, method=path, format="json", code=DEMO_CODE)

    answer = http.post(f"{aliexpress.world.urls['aliexpress']}/sync", data=sent).json()

    assert answer["/auth/token/create_response"]["expires_in"] == 30 * DAY


@pytest.mark.parametrize(
    ("status", "access", "refresh"), [("Test", DAY, 2 * DAY), ("Online", 30 * DAY, 60 * DAY)]
)
def test_lifetimes_follow_the_apps_status(
    aliexpress: AliExpressClient, world: SandboxWorld, status: str, access: int, refresh: int
) -> None:
    world.aliexpress.app.status = status

    tokens = aliexpress.rest("/auth/token/create", code=DEMO_CODE)

    assert (tokens["expires_in"], tokens["refresh_expires_in"]) == (access, refresh)
    assert tokens["expire_time"] == int(world.clock().timestamp() + access) * 1000
    assert tokens["refresh_token_valid_time"] == int(world.clock().timestamp() + refresh) * 1000


def test_an_access_token_expires_and_is_refreshed(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    world.advance(days=30)
    assert not works(aliexpress)

    tokens = aliexpress.rest("/auth/token/refresh", refresh_token=DEMO_REFRESH_TOKEN)

    assert tokens["refresh_expires_in"] == 60 * DAY
    aliexpress.session = tokens["access_token"]
    assert works(aliexpress)


def test_refreshing_does_not_extend_the_refresh_token_of_an_app_in_test(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    world.aliexpress.app.status = "Test"
    first = aliexpress.rest("/auth/token/create", code=DEMO_CODE)
    world.advance(hours=40)

    second = aliexpress.rest("/auth/token/refresh", refresh_token=first["refresh_token"])

    assert second["refresh_token_valid_time"] == first["refresh_token_valid_time"]
    assert second["expires_in"] == 8 * 3_600
    world.advance(hours=8)
    third = aliexpress.rest("/auth/token/refresh", refresh_token=first["refresh_token"])
    assert third["code"] == "IllegalRefreshToken"


def test_what_a_buyer_withdraws_cannot_be_refreshed(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    world.aliexpress.tokens.revoke("demo")

    assert not works(aliexpress)
    answer = aliexpress.rest("/auth/token/refresh", refresh_token=DEMO_REFRESH_TOKEN)
    assert answer["code"] == "IllegalRefreshToken"


def test_a_buyer_who_agrees_comes_back_with_a_code(
    aliexpress: AliExpressClient, http: httpx.Client
) -> None:
    url = f"{aliexpress.world.urls['aliexpress']}/oauth/authorize"
    asked = {"client_id": DEMO_APP_KEY, "redirect_uri": "https://shop.example/back", "state": "s1"}

    answer = http.get(url, params={"response_type": "code", **asked})

    back = urlsplit(answer.headers["Location"])
    assert (answer.status_code, back.netloc, back.path) == (302, "shop.example", "/back")
    found = parse_qs(back.query)
    assert found["state"] == ["s1"]
    assert aliexpress.rest("/auth/token/create", code=found["code"][0])["code"] == "0"


def test_a_buyer_who_agrees_again_gets_another_code(
    aliexpress: AliExpressClient, http: httpx.Client
) -> None:
    asked = {"client_id": DEMO_APP_KEY, "redirect_uri": "https://shop.example/back"}

    def agreed() -> str:
        answer = http.get(f"{aliexpress.world.urls['aliexpress']}/oauth/authorize", params=asked)
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    first = aliexpress.rest("/auth/token/create", code=agreed())
    second = aliexpress.rest("/auth/token/create", code=agreed())

    assert (first["code"], second["code"]) == ("0", "0")
    assert first["access_token"] == DEMO_ACCESS_TOKEN != second["access_token"]
