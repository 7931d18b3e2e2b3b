"""The world as a whole: served, run until interrupted, asked by many at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from zyenta_ops.sandbox.printful.gateway import DEMO_TOKEN
from zyenta_ops.sandbox.wire import Answer, Call, Request
from zyenta_ops.sandbox.world import SandboxWorld, run

RUN = """
import sys
from pathlib import Path
from zyenta_ops.sandbox.world import run

run(0, 7, Path(sys.argv[1]), lambda line: print(line, flush=True), products=5)
"""
# Eight connections that stay open, fifty calls each; prints the statuses.
ASK = """
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

host, token = sys.argv[1:]

def ask(_):
    connection = HTTPConnection(host)
    statuses = []
    for _ in range(50):
        connection.request("GET", "/printful/stores", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    return statuses

with ThreadPoolExecutor(8) as pool:
    print(*(status for statuses in pool.map(ask, range(8)) for status in statuses))
"""
HEADERS = {"Authorization": f"Bearer {DEMO_TOKEN}"}


def test_every_vendor_is_served_until_the_block_ends() -> None:
    with SandboxWorld(products=3).serving() as world:
        assert list(world.urls) == [
            "aliexpress", "cj", "printful", "spocket", "stripe", "17track", "aftership", "ship24",
            "sandbox",
        ]  # fmt: skip
        assert world.urls["cj"].endswith("/cj/api2.0/v1")
        url = f"{world.urls['printful']}/stores"
        assert httpx.get(url, headers=HEADERS).status_code == 200

    with pytest.raises(httpx.ConnectError):
        httpx.get(url, headers=HEADERS)


def test_examples_are_named_as_each_vendor_names_them() -> None:
    assert SandboxWorld(products=3).examples(1) == {
        "aliexpress": ["1005001000000001"],
        "cj": ["1400000000000000001"],
        "printful": ["380000001"],
        "spocket": ["P1"],
    }


def test_two_processes_with_eight_open_connections_each_are_served() -> None:
    with SandboxWorld(products=3, enforce_limits=False).serving() as world:
        host = world.urls["printful"].split("/")[2]
        command = [sys.executable, "-c", ASK, host, DEMO_TOKEN]
        with ThreadPoolExecutor(2) as pool:
            outputs = list(pool.map(lambda _: subprocess.check_output(command), range(2)))

    assert [output.split() for output in outputs] == [[b"200"] * 400] * 2
    assert [entry.number for entry in world.log.all()] == list(range(1, 801))


def test_many_who_order_at_once_get_an_order_each(http: httpx.Client) -> None:
    with SandboxWorld(products=3).serving() as world:
        variant = world.trades["printful"].catalogue.products[1].variants[0]
        recipient = {"name": "A", "address1": "B", "city": "C", "country_code": "DE", "zip": "1"}

        def order(number: int) -> int:
            item = {"variant_id": 2_000_000 + variant.number, "quantity": 1}
            body = {"external_id": f"r{number % 20}", "recipient": recipient, "items": [item]}
            url = f"{world.urls['printful']}/orders"
            return http.post(url, json=body, headers=HEADERS).status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(order, range(40)))

    assert sorted(statuses) == [200] * 20 + [400] * 20
    assert len(world.trades["printful"].orders.orders) == 20


def test_a_mistake_of_the_sandbox_itself_does_not_pass_unnoticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mistaken(request: Request, call: Call) -> Answer:
        raise RuntimeError("a mistake")

    world = SandboxWorld(products=3)
    monkeypatch.setattr(world.printful, "answer", mistaken)

    with pytest.raises(RuntimeError, match="a mistake"), world.serving():
        assert httpx.get(f"{world.urls['printful']}/stores").status_code == 500


def test_a_body_without_a_length_is_refused() -> None:
    with SandboxWorld(products=3).serving() as world:
        answer = httpx.post(f"{world.urls['printful']}/orders", content=iter([b"{}"]))

    assert answer.status_code == 411


def test_it_runs_with_a_script_until_it_is_interrupted(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    script.write_text(json.dumps([{"fault": "status", "status": 502, "vendor": "printful"}]))

    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(script)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as output:
        lines = [output.readline().strip() for _ in range(21)]
        urls = dict(line.split(": ", 1) for line in lines[:9])
        status = httpx.get(f"{urls['printful']}/stores", headers=HEADERS).status_code
        now = httpx.get(f"{urls['sandbox']}/clock").json()["now"]
        process.send_signal(signal.SIGINT)
        last = output.read().strip()

    assert (status, process.wait(10), last) == (502, 0, "the sandbox ends")
    assert f"printful account: token={DEMO_TOKEN}" in lines
    assert "printful sells 380000001, 380000002, 380000003, …" in lines
    assert now.endswith("+00:00")


def test_a_script_that_is_none_starts_nothing(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    script.write_text('[{"fault": "gremlin"}]')
    announced: list[str] = []

    with pytest.raises(ValueError, match="rule 1 of the fault script"):
        run(0, 7, script, announced.append)

    assert announced == []
