from __future__ import annotations

from datetime import datetime

import httpx
import pytest

from zyenta_ops.sandbox.cj.accounts import (
    DEMO_ACCESS_TOKEN,
    DEMO_API_KEY,
    DEMO_REFRESH_TOKEN,
    Account,
)
from zyenta_ops.sandbox.wire import Call
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.cj.conftest import CjClient

LOGIN = "/authentication/getAccessToken"
REFRESH = "/authentication/refreshAccessToken"
LIST = "/product/list"


def test_an_api_key_gives_tokens_for_fifteen_and_a_hundred_and_eighty_days(cj: CjClient) -> None:
    tokens = cj.post(LOGIN, {"apiKey": DEMO_API_KEY})

    made, access, refresh = (
        datetime.fromisoformat(tokens[name])
        for name in ("createDate", "accessTokenExpiryDate", "refreshTokenExpiryDate")
    )
    assert tokens["createDate"] == "2026-11-02T20:00:01+08:00"
    assert ((access - made).days, (refresh - made).days) == (15, 180)
    assert tokens["openId"] == 12312
    cj.token = tokens["accessToken"]
    assert cj.get(LIST)["total"] == 50


def test_the_same_tokens_come_back_within_a_day(cj: CjClient, world: SandboxWorld) -> None:
    first = cj.post(LOGIN, {"apiKey": DEMO_API_KEY})
    world.advance(hours=23)
    second = cj.post(LOGIN, {"apiKey": DEMO_API_KEY})
    world.advance(hours=2)
    third = cj.post(LOGIN, {"apiKey": DEMO_API_KEY})

    assert second == first
    assert third["accessToken"] != first["accessToken"]


def test_logging_in_twice_in_five_minutes_is_too_often(cj: CjClient, world: SandboxWorld) -> None:
    cj.post(LOGIN, {"apiKey": DEMO_API_KEY})

    assert cj.code("POST", LOGIN, {"apiKey": DEMO_API_KEY}) == 1600200
    assert world.log.violations()[-1].violation == "rate:login demo"
    world.advance(minutes=5)
    assert cj.post(LOGIN, {"apiKey": DEMO_API_KEY})["openId"] == 12312


def test_a_wrong_api_key_is_refused(cj: CjClient) -> None:
    assert cj.code("POST", LOGIN, {"apiKey": "CJ1@api@nobody"}) == 1600005


def test_a_refreshed_token_replaces_the_old_one(cj: CjClient) -> None:
    fresh = cj.post(REFRESH, {"refreshToken": DEMO_REFRESH_TOKEN})["accessToken"]

    assert cj.code("GET", LIST) == 1600001
    cj.token = fresh
    assert cj.get(LIST)["total"] == 50
    assert cj.code("POST", REFRESH, {"refreshToken": "nobody's"}) == 1600003


def test_for_a_day_a_refresh_gives_the_same_token(cj: CjClient) -> None:
    first = cj.post(REFRESH, {"refreshToken": DEMO_REFRESH_TOKEN})
    assert cj.post(REFRESH, {"refreshToken": DEMO_REFRESH_TOKEN}) == first
    cj.world.advance(hours=24)

    second = cj.post(REFRESH, {"refreshToken": DEMO_REFRESH_TOKEN})

    assert second["accessToken"] != first["accessToken"]


def test_a_sixth_refresh_in_a_minute_is_too_often(cj: CjClient) -> None:
    cj.pace = 0
    for _ in range(5):
        cj.post(REFRESH, {"refreshToken": DEMO_REFRESH_TOKEN})

    assert cj.code("POST", REFRESH, {"refreshToken": DEMO_REFRESH_TOKEN}) == 1600200


def test_tokens_expire(cj: CjClient, world: SandboxWorld) -> None:
    world.advance(days=15)
    assert cj.code("GET", LIST) == 1600001

    world.advance(days=165)
    assert cj.code("POST", REFRESH, {"refreshToken": DEMO_REFRESH_TOKEN}) == 1600003


def test_logging_out_voids_both_tokens(cj: CjClient) -> None:
    assert cj.post("/authentication/logout", {}) is True

    assert cj.code("GET", LIST) == 1600001
    assert cj.code("POST", REFRESH, {"refreshToken": DEMO_REFRESH_TOKEN}) == 1600003


@pytest.mark.parametrize(("level", "served"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 6), (5, 6)])
def test_calls_a_second_follow_the_level(
    cj: CjClient, world: SandboxWorld, level: int, served: int
) -> None:
    world.cj.account.level = level
    cj.pace = 0

    codes = [cj.call("GET", LIST)["code"] for _ in range(8)]

    assert codes == [200] * served + [1600200] * (8 - served)


def test_too_many_requests_come_with_status_429_and_no_time_to_wait(
    world: SandboxWorld, http: httpx.Client
) -> None:
    headers = {"CJ-Access-Token": DEMO_ACCESS_TOKEN}
    answers = [http.get(f"{world.urls['cj']}{LIST}", headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert "Retry-After" not in answers[1].headers


def test_ten_calls_a_second_are_served_per_address(cj: CjClient, world: SandboxWorld) -> None:
    cj.pace = 0
    for number in range(12):
        account = Account(f"user{number}", f"CJ{number}@api@x", open_id=number)
        cj.token = world.cj.logins.log_in(world.cj.logins.add(account)).access_token
        cj.call("GET", LIST)

    assert [e.violation for e in world.log.violations()] == ["rate:address 127.0.0.1"] * 2


def test_an_unverified_user_has_a_thousand_calls_a_day_per_interface(
    cj: CjClient, world: SandboxWorld
) -> None:
    limits, call = world.trades["cj"].limits, Call("cj", "GET", LIST)
    assert all(limits.spend(call, f"demo {LIST}", 1_000) for _ in range(1_000))

    assert cj.code("GET", LIST) == 1600201
    assert cj.get("/product/listV2")["totalRecords"] == 50
    world.cj.account.verified = True
    assert cj.get(LIST)["total"] == 50


def test_what_is_no_interface_and_what_is_no_json_is_refused(
    cj: CjClient, world: SandboxWorld, http: httpx.Client
) -> None:
    assert cj.code("GET", "/product/nothing") == 1600101
    assert cj.code("POST", LIST) == 1600101
    assert world.log.operations("cj") == ["unknown", LIST]
    answer = http.post(f"{world.urls['cj']}{LOGIN}", content=b"{")
    assert answer.json()["code"] == 1600300
