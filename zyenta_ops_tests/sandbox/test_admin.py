"""The sandbox's own pages, and what they never show."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.aliexpress.apps import DEMO_ACCESS_TOKEN, DEMO_APP_SECRET
from zyenta_ops.sandbox.cj.accounts import DEMO_ACCESS_TOKEN as DEMO_CJ_TOKEN
from zyenta_ops.sandbox.clock import START
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.aliexpress.conftest import AliExpressClient

PRODUCT_GET = "aliexpress.ds.product.get"
REFUSALS = {
    "aliexpress": "IllegalAccessToken",
    "cj": "1600001",
    "printful": "Unauthorized",
    "spocket": "unauthorized",
}
PRODUCT = {"product_id": "1005001000000003", "ship_to_country": "DE"}


def test_requests_are_listed_without_secrets(world: SandboxWorld, http: httpx.Client) -> None:
    client = AliExpressClient(world, http)
    client.sync("aliexpress.ds.product.get", **PRODUCT)
    client.sync("aliexpress.ds.nothing")

    answer = http.get(f"{world.urls['sandbox']}/requests", params={"vendor": "aliexpress"})

    assert answer.json() == [
        {
            "number": 1,
            "at": START.isoformat(),
            "vendor": "aliexpress",
            "method": "POST",
            "operation": "aliexpress.ds.product.get",
            "account": "demo",
            "status": 200,
            "outcome": "ok",
            "faults": [],
            "violation": "",
        },
        {**answer.json()[1], "number": 2, "outcome": "InvalidApiPath"},
    ]
    assert DEMO_ACCESS_TOKEN not in answer.text
    assert DEMO_APP_SECRET not in answer.text
    later = http.get(f"{world.urls['sandbox']}/requests", params={"after": "1"}).json()
    assert [entry["number"] for entry in later] == [2]


def test_the_clock_is_read_and_advanced(world: SandboxWorld, http: httpx.Client) -> None:
    url = f"{world.urls['sandbox']}/clock"

    assert http.get(url).json() == {"now": "2026-11-02T12:00:00+00:00"}
    answer = http.post(url, json={"advance_seconds": 90})
    assert answer.json() == {"now": "2026-11-02T12:01:30+00:00"}
    assert world.clock().isoformat() == answer.json()["now"]


def test_faults_are_added_listed_and_cleared(world: SandboxWorld, http: httpx.Client) -> None:
    url = f"{world.urls['sandbox']}/faults"

    added = http.post(url, json=[{"fault": "hang", "calls": [2]}]).json()

    assert [(r["fault"], r["calls"], r["seen"], r["struck"]) for r in added] == [
        ("hang", [2], 0, 0)
    ]
    assert http.get(url).json() == added
    assert http.delete(url).json() == []


@pytest.mark.parametrize("vendor", ["aliexpress", "cj", "printful", "spocket"])
def test_an_account_is_revoked(world: SandboxWorld, http: httpx.Client, vendor: str) -> None:
    asked = {"vendor": vendor, "account": "demo", "do": "revoke"}

    answer = http.post(f"{world.urls['sandbox']}/accounts", json=asked)

    assert answer.json() == {"vendor": vendor, "account": "demo", "revoked": True}
    token = {"authorization": f"Bearer {DEMO_SECRETS[vendor].get('token')}"}
    refused = {
        "aliexpress": lambda: AliExpressClient(world, http).sync(PRODUCT_GET, **PRODUCT),
        "cj": lambda: http.get(
            f"{world.urls['cj']}/product/query", headers={"CJ-Access-Token": DEMO_CJ_TOKEN}
        ).json(),
        "printful": lambda: http.get(f"{world.urls['printful']}/stores", headers=token).json(),
        "spocket": lambda: http.get(f"{world.urls['spocket']}/products", headers=token).json(),
    }[vendor]()
    assert REFUSALS[vendor] in str(refused)


def test_a_fault_befalls_a_single_product(world: SandboxWorld, http: httpx.Client) -> None:
    rule = {"fault": "forbidden", "vendor": "aliexpress", "product": PRODUCT["product_id"]}
    http.post(f"{world.urls['sandbox']}/faults", json=[rule])
    client = AliExpressClient(world, http)

    refused = client.sync(PRODUCT_GET, **PRODUCT)
    other = client.sync(PRODUCT_GET, **{**PRODUCT, "product_id": "1005001000000004"})

    assert "isv.insufficient-permission" in str(refused)
    assert "isv.insufficient-permission" not in str(other)


def test_a_move_is_made_on_demand(world: SandboxWorld, http: httpx.Client) -> None:
    asked = {"vendor": "aliexpress", "move": "delist", "count": 3}

    answer = http.post(f"{world.urls['sandbox']}/moves", json=asked).json()

    catalogue = world.trades["aliexpress"].catalogue
    assert len(answer["products"]) == 3
    assert not {p.number for p in catalogue.on_sale()} & set(answer["products"])


@pytest.mark.parametrize(
    ("method", "path", "body", "sentence"),
    [
        ("GET", "/requests?after=x", None, "after is the number of a request"),
        ("POST", "/clock", {}, "advance_seconds is a number of seconds"),
        ("POST", "/clock", {"advance_seconds": -1}, "only goes forward"),
        ("POST", "/clock", [], "the body is not a JSON object"),
        ("POST", "/faults", [{"fault": "gremlin"}], "rule 1 of the fault script"),
        ("POST", "/moves", {"vendor": "aliexpress", "move": "burn"}, "move is one of sell_out"),
        ("POST", "/moves", {"vendor": "acme", "move": "delist"}, "vendor is one of aliexpress"),
        ("POST", "/moves", {"vendor": "aliexpress", "move": "delist", "count": "3"}, "count is a"),
        ("POST", "/accounts", {"vendor": "acme", "do": "revoke"}, "vendor is one of aliexpress"),
        ("POST", "/accounts", {"vendor": "cj", "account": "demo", "do": "burn"}, "do is revoke"),
        ("POST", "/accounts", {"vendor": "cj", "account": "x", "do": "revoke"}, "account is the"),
        ("POST", "/orders", {"vendor": "aliexpress", "order": 1, "do": "pay"}, "order is the"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_happens(
    world: SandboxWorld, http: httpx.Client, method: str, path: str, body: Any, sentence: str
) -> None:
    answer = http.request(method, f"{world.urls['sandbox']}{path}", json=body)

    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert (world.clock(), world.script.state()) == (START, [])
    assert len(world.trades["aliexpress"].catalogue.on_sale()) == 50


@pytest.mark.parametrize("path", ["/_sandbox/nothing", "/acme/orders", "/images/cj/x.png"])
def test_what_is_not_there_is_not_found(world: SandboxWorld, http: httpx.Client, path: str) -> None:
    base = world.urls["sandbox"].removesuffix("/_sandbox")

    assert http.get(f"{base}{path}").status_code == 404
