"""What holds for every answer, and how the edge says how it stands."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from sqlalchemy import text

from zyenta_ops.domain.errors import DatabaseUnavailable
from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops.operations.orders import Orders
from zyenta_ops_tests.orders import PERSONAL
from zyenta_ops_tests.web.conftest import House, stripe_event
from zyenta_ops_tests.web.running import running

ANYTHING = ["/healthz", "/readyz", "/openapi.json", "/nowhere", "/v1/orders", "/hooks/stripe/x"]


@pytest.mark.parametrize("path", ANYTHING)
def test_every_answer_is_guarded_and_names_no_server(house: House, path: str) -> None:
    headers = house.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_the_log_holds_no_token_no_query_and_no_id(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    path = house.hook()
    with caplog.at_level(logging.DEBUG):
        house.deliver(f"{path}?secret=hush", stripe_event())
        house.ask("ours", "GET", "/v1/orders/ours:1001")
        house.client.get("/nowhere/hush")

    lines = [each.getMessage() for each in caplog.records if each.name.endswith("access")]
    assert [each.rpartition(" ms")[0].rpartition(" ")[0] for each in lines] == [
        "POST /hooks/{source}/{endpoint_token} 200",
        "GET /v1/orders/{id} 200",
        "GET - 404",
    ]
    ours = "\n".join(
        each.getMessage()
        for each in caplog.records
        if not each.name.startswith(("httpx", "httpcore"))
    )
    for secret in ("hush", path.rpartition("/")[2], house.tokens["ours"], "ours:1001", *PERSONAL):
        assert secret not in ours


def test_what_breaks_is_logged_by_kind_and_told_without_its_text(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("row of eve@example.com")

    monkeypatch.setattr(Orders, "show", breaks)

    answer = house.ask("ours", "GET", "/v1/orders/ours:1001")

    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "eve@" not in answer.text + caplog.text
    assert "RuntimeError at " in caplog.text


def test_a_database_that_is_away_is_told_as_such(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("the database postgresql://host/name cannot be used")

    monkeypatch.setattr(Orders, "show", away)
    answer = house.ask("ours", "GET", "/v1/orders/ours:1001")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "postgresql" not in answer.text


def test_readiness_tells_of_the_database_the_inbox_and_what_else_is_looked_at(
    house: House,
) -> None:
    house.clock.now = house.kept()[0].received_at
    edge = replace(house.edge, probes={"daemon": lambda: {"ok": True, "seconds": 3}})
    with running(edge) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": {
            "database": {"ok": True},
            "inbox": {"ok": True, "lag_seconds": 0},
            "sources": {"ok": True, "silent": []},
            "daemon": {"ok": True, "seconds": 3},
        },
    }


def test_events_that_wait_and_a_daemon_that_rests_are_told_and_lose_no_event(house: House) -> None:
    def broken() -> dict[str, object]:
        raise OSError("/var/lib/secret")

    edge = replace(house.edge, probes={"daemon": broken})
    with running(edge) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["daemon"] == {"ok": False, "fault": "OSError"}
    assert answer.json()["checks"]["inbox"] == {"ok": False, "lag_seconds": 97_200}


def test_a_source_that_has_gone_quiet_is_told_and_looked_for_once_a_minute(house: House) -> None:
    keys = [f"evt_{number}" for number in range(84)]  # one in two hours of a week
    house.edge.inbox.record(
        [
            NewEvent(key, EventSource.STRIPE, key, "x", b"", Via.POLL, True, house.clock.now)
            for key in keys
        ]
    )
    sources = {"ok": True, "silent": []}
    assert house.client.get("/readyz").json()["checks"]["sources"] == sources

    house.clock.advance(hours=41)  # more than twenty pauses
    house.seconds[0] += 59
    assert house.client.get("/readyz").json()["checks"]["sources"] == sources
    house.seconds[0] += 1
    answer = house.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["sources"] == {"ok": False, "silent": ["stripe"]}


def test_an_inbox_that_cannot_be_written_is_not_ready(house: House) -> None:
    with house.database.write() as records:
        records.connection.execute(text("ALTER TABLE inbox_event RENAME TO elsewhere"))

    answer = house.client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (503, "unready")


def test_to_prove_that_events_could_be_stored_changes_nothing(house: House) -> None:
    before = house.rows()
    assert house.client.get("/readyz").json()["checks"]["database"] == {"ok": True}
    assert house.rows() == before


def test_without_a_database_the_process_lives_and_is_not_ready(house: House) -> None:
    house.database.dispose()
    path = house.database.url.database
    assert path is not None
    house.database.__dict__.pop("engine", None)
    house.database.url = house.database.url.set(database="/proc/none/zyenta.db")

    assert house.client.get("/healthz").status_code == 200
    answer = house.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert "/proc" not in answer.text


def test_how_it_stands_is_looked_up_once_a_second_at_most(house: House) -> None:
    looked: list[int] = []

    def look() -> dict[str, object]:
        looked.append(1)
        return {}

    with running(replace(house.edge, probes={"daemon": look})) as client:
        for _ in range(5):
            client.get("/readyz")
        assert len(looked) == 1
        house.seconds[0] += 1
        client.get("/readyz")
    assert len(looked) == 2
