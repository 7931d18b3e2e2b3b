"""Every fault as a client meets it. The waits are a hundredth of a second."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.aliexpress.conftest import AliExpressClient

Get = Callable[[], httpx.Response]


@pytest.fixture
def get(world: SandboxWorld, http: httpx.Client) -> Get:
    client = AliExpressClient(world, http)
    sent = client.signed(
        method="aliexpress.ds.product.get",
        session=client.session,
        product_id="1005001000000003",
        ship_to_country="DE",
    )
    return lambda: http.post(f"{world.urls['aliexpress']}/sync", data=sent)


def break_once(world: SandboxWorld, fault: str, **how: Any) -> None:
    world.script.add(Rule(fault, vendor="aliexpress", times=1, **how))


def outcomes(world: SandboxWorld) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(entry.status, entry.outcome, entry.faults) for entry in world.log.all()]


@pytest.mark.parametrize(("status", "again"), [(429, 7), (429, None), (500, None), (503, 2)])
def test_a_status_comes_with_or_without_retry_after(
    world: SandboxWorld, get: Get, status: int, again: int | None
) -> None:
    break_once(world, "status", status=status, retry_after=again)

    answer = get()

    assert (answer.status_code, answer.content) == (status, b"")
    assert answer.headers.get("Retry-After") == (None if again is None else str(again))
    assert get().status_code == 200
    assert outcomes(world) == [(status, "status", ("status",)), (200, "ok", ())]


def test_the_vendor_can_say_itself_that_there_are_too_many(world: SandboxWorld, get: Get) -> None:
    break_once(world, "throttled")

    assert get().json()["error_response"]["code"] == "ApiCallLimit"
    assert outcomes(world) == [(200, "ApiCallLimit", ("throttled",))]


def test_a_reset_before_the_call_does_nothing(world: SandboxWorld, get: Get) -> None:
    break_once(world, "reset_before")

    with pytest.raises(httpx.ReadError):
        get()

    assert outcomes(world) == [(0, "reset_before", ("reset_before",))]
    assert get().status_code == 200


def test_a_reset_after_the_call_leaves_it_done(world: SandboxWorld, get: Get) -> None:
    break_once(world, "reset_after")

    with pytest.raises(httpx.ReadError):
        get()

    assert outcomes(world) == [(0, "ok", ("reset_after",))]
    assert get().status_code == 200


def test_a_status_after_the_call_leaves_it_done(world: SandboxWorld, get: Get) -> None:
    break_once(world, "status_after", status=500)

    assert (get().status_code, get().status_code) == (500, 200)
    assert outcomes(world)[0] == (500, "status_after", ("status_after",))


def test_a_truncated_answer_ends_in_the_middle(world: SandboxWorld, get: Get) -> None:
    whole = get().content
    break_once(world, "truncated")

    with pytest.raises(httpx.RemoteProtocolError, match=f"received {len(whole) // 2} bytes"):
        get()

    assert get().content[:40] == whole[:40]


def test_a_web_page_comes_instead_of_json(world: SandboxWorld, get: Get) -> None:
    break_once(world, "html")

    answer = get()

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.content.startswith(b"<!doctype html>")


def test_a_slow_answer_is_whole(world: SandboxWorld, get: Get) -> None:
    break_once(world, "latency", seconds=0.01)
    break_once(world, "drip", seconds=0.01)

    assert get().json()["aliexpress_ds_product_get_response"]["rsp_code"] == "200"
    assert outcomes(world) == [(200, "ok", ("latency", "drip"))]


def test_a_huge_answer_is_json_of_the_size_that_was_asked_for(
    world: SandboxWorld, get: Get
) -> None:
    break_once(world, "huge", bytes=3_000_000)

    answer = get()

    assert len(answer.content) == 3_000_000
    assert list(json.loads(answer.content)) == ["padding"]


def test_a_huge_answer_is_fifty_megabytes_unless_said_otherwise(world: SandboxWorld) -> None:
    break_once(world, "huge")

    with httpx.stream("POST", f"{world.urls['aliexpress']}/sync", content=b"") as answer:
        assert answer.headers["Content-Length"] == "50000000"


def test_a_hang_ends_when_the_client_gives_up(world: SandboxWorld, get: Get) -> None:
    break_once(world, "hang")

    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{world.urls['aliexpress']}/sync", content=b"", timeout=0.1)

    assert get().status_code == 200
    assert outcomes(world)[0] == (0, "hang", ("hang",))


def test_an_expired_token_is_refused_until_it_is_refreshed(world: SandboxWorld, get: Get) -> None:
    break_once(world, "expired_token")

    codes = [get().json()["error_response"]["code"] for _ in range(2)]

    assert codes == ["IllegalAccessToken"] * 2


def test_the_world_moves_under_a_call(world: SandboxWorld, get: Get) -> None:
    break_once(world, "move", move="delist", count=50)

    base = get().json()["aliexpress_ds_product_get_response"]["result"]["ae_item_base_info_dto"]

    assert base["product_status_type"] == "offline"
    assert world.trades["aliexpress"].catalogue.on_sale() == []


def test_two_worlds_of_one_seed_answer_with_the_same_bytes() -> None:
    answers = []
    for _ in range(2):
        made = SandboxWorld(seed=5, products=20)
        with made.serving() as world, httpx.Client() as http:
            client = AliExpressClient(world, http)
            world.script.add(Rule("status", probability=0.3))
            replies = []
            for number in range(1, 12):
                sent = client.signed(
                    method="aliexpress.ds.product.get",
                    session=client.session,
                    product_id=str(1005001000000000 + number),
                    ship_to_country="FR",
                )
                reply = http.post(f"{world.urls['aliexpress']}/sync", data=sent)
                port = world.urls["aliexpress"].rpartition(":")[2].partition("/")[0]
                replies.append((reply.status_code, reply.text.replace(port, "PORT")))
        answers.append(replies)

    assert answers[0] == answers[1]
    assert {status for status, _ in answers[0]} == {200, 503}
