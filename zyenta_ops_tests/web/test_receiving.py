"""Deliveries to endpoints: what is kept, and that of all else nothing is."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from zyenta_ops.domain.inbox import EventSource, InboxStatus, Via
from zyenta_ops.persistence.engine import Database
from zyenta_ops.web.bodies import MOST_BYTES
from zyenta_ops.web.edge import Limits
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.web.conftest import SECRET, House, an_edge, signed, stripe_event
from zyenta_ops_tests.web.running import running


@pytest.fixture
def path(house: House) -> str:
    return house.hook()


def stripe_events(house: House) -> list[str]:
    return [each.event_id for each in house.kept() if each.source is EventSource.STRIPE]


def test_a_genuine_delivery_is_in_the_inbox_when_it_is_answered(house: House, path: str) -> None:
    answer = house.deliver(path, stripe_event())

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    (event,) = [each for each in house.kept() if each.source is EventSource.STRIPE]
    assert event.event_id == "evt_1"
    assert event.body == stripe_event()
    assert (event.via, event.verified, event.status) == (Via.HOOK, True, InboxStatus.RECEIVED)
    assert event.received_at == house.clock.now


def test_the_same_event_delivered_again_is_accepted_and_kept_once(house: House, path: str) -> None:
    assert [house.deliver(path, stripe_event()).status_code for _ in range(3)] == [200, 200, 200]
    assert stripe_events(house) == ["evt_1"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (stripe_event(), {}, 400),
        (stripe_event(), {"Stripe-Signature": "t=1,v1=00"}, 400),
        (b"x" * (MOST_BYTES + 1), {}, 413),
        (b"x" * 10_000_000, {}, 413),
        (gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}, 415),
        (stripe_event(), {"Content-Encoding": "br"}, 415),
    ],
    ids=["unsigned", "old", "a byte too long", "10 MB", "gzip bomb", "brotli"],
)
def test_what_is_not_genuine_is_refused_and_leaves_no_row(
    house: House, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = house.client.post(path, content=body, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert stripe_events(house) == []


@pytest.mark.parametrize(
    "body", [stripe_event()[:-1], b"\xff\xfe", b'{"id": "\xff", "type": "x"}', b"", b"[1]"]
)
def test_what_is_signed_and_no_event_is_refused_and_leaves_no_row(
    house: House, path: str, body: bytes
) -> None:
    assert house.deliver(path, body).status_code == 400
    assert stripe_events(house) == []


def test_a_body_cut_after_it_was_signed_is_refused(house: House, path: str) -> None:
    headers = signed(stripe_event(), house.clock)
    assert house.client.post(path, content=stripe_event()[:-2], headers=headers).status_code == 400
    assert stripe_events(house) == []


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_delivery_recorded_by_a_thief_cannot_be_replayed(
    house: House, path: str, minutes: int
) -> None:
    headers = signed(stripe_event(), house.clock)
    house.clock.advance(minutes=minutes)
    assert house.client.post(path, content=stripe_event(), headers=headers).status_code == 400
    assert stripe_events(house) == []


def test_a_body_that_comes_in_pieces_without_its_length_has_the_same_limit(
    house: House, path: str
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(MOST_BYTES // 1024 + 1):
            yield b"x" * 1024

    answer = house.client.post(path, content=pieces())

    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert stripe_events(house) == []


def test_without_a_secret_an_endpoint_takes_nothing_until_it_has_one(house: House) -> None:
    opened = house.edge.hooks.add(EventSource.STRIPE)
    path = f"/hooks/stripe/{opened.token}"
    answer = house.deliver(path, stripe_event())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert stripe_events(house) == []

    house.edge.hooks.add_secret(opened.endpoint.id, SECRET)
    house.seconds[0] += 6

    assert house.deliver(path, stripe_event()).status_code == 200
    assert stripe_events(house) == ["evt_1"]


def test_a_rotated_secret_is_accepted_beside_the_old_one_until_that_is_dropped(
    house: House,
) -> None:
    opened = house.edge.hooks.add(EventSource.STRIPE, secret=SECRET)
    path = f"/hooks/stripe/{opened.token}"
    house.edge.hooks.add_secret(opened.endpoint.id, "whsec_the-new-one")
    assert house.deliver(path, stripe_event("evt_1"), SECRET).status_code == 200
    assert house.deliver(path, stripe_event("evt_2"), "whsec_the-new-one").status_code == 200

    house.edge.hooks.drop_old_secrets(opened.endpoint.id)
    house.seconds[0] += 6

    assert house.deliver(path, stripe_event("evt_3"), SECRET).status_code == 400
    assert house.deliver(path, stripe_event("evt_4"), "whsec_the-new-one").status_code == 200
    assert sorted(stripe_events(house)) == ["evt_1", "evt_2", "evt_4"]


def test_a_revoked_endpoint_is_gone_within_seconds(house: House) -> None:
    opened = house.edge.hooks.add(EventSource.STRIPE, secret=SECRET)
    path = f"/hooks/stripe/{opened.token}"
    assert house.deliver(path, stripe_event("evt_1")).status_code == 200

    house.edge.hooks.revoke(opened.endpoint.id)
    house.seconds[0] += 6

    assert house.deliver(path, stripe_event("evt_2")).status_code == 404
    assert stripe_events(house) == ["evt_1"]


def test_an_unknown_source_an_unknown_token_and_anothers_token_are_the_same(
    house: House, path: str
) -> None:
    token = path.rpartition("/")[2]
    answers = [
        house.deliver(f"/hooks/{where}", stripe_event())
        for where in (
            f"paypal/{token}",
            "stripe/nonsense",
            f"cj/{token}",
            "stripe",
            f"stripe/{token}/",
        )
    ]
    assert {each.status_code for each in answers} == {404}
    assert len({each.text for each in answers}) == 1
    assert stripe_events(house) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_an_address_takes_nothing_but_posts(house: House, path: str, method: str) -> None:
    answer = house.client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_nothing_of_a_refused_delivery_is_reflected(house: House, path: str) -> None:
    marked = b'{"id": "MARK", "type": "MARK"}'
    for answer in (
        house.client.post(f"{path}?MARK=MARK", content=marked, headers={"X": "MARK"}),
        house.client.post("/hooks/MARK/MARK", content=marked),
        house.client.post("/hooks/stripe/MARK", content=marked),
    ):
        assert answer.status_code in (400, 404)
        assert "MARK" not in answer.text + str(answer.headers)


def test_an_endpoint_that_is_called_too_often_says_when_to_come_again(house: House) -> None:
    edge = replace(house.edge, limits=Limits(hooks_rate=1, hooks_burst=2))
    busy, quiet = house.hook(), house.hook()
    with running(edge) as client:

        def post(path: str, event_id: str) -> int:
            body = stripe_event(event_id)
            answer = client.post(path, content=body, headers=signed(body, house.clock))
            if answer.status_code == 429:
                assert answer.headers["retry-after"] == "1"
            return answer.status_code

        # The first call of all is a stranger's: only then is the token known.
        assert [post(busy, f"evt_{number}") for number in range(4)] == [200, 200, 200, 429]
        assert post(quiet, "evt_9") == 200
        assert [post("/hooks/stripe/guess", "evt") for _ in range(2)] == [429, 429]
        house.seconds[0] += 1
        assert post(busy, "evt_5") == 200
    assert sorted(stripe_events(house)) == ["evt_0", "evt_1", "evt_2", "evt_5", "evt_9"]


def test_a_source_that_signs_nothing_is_recorded_as_unproven(house: House) -> None:
    path = house.hook(secret=None, source=EventSource.PRINTFUL)
    body = b'{"type": "order_updated", "store": 5, "data": {"order": {"id": 1}}}'
    assert house.client.post(path, content=body).status_code == 200
    (event,) = [each for each in house.kept() if each.source is EventSource.PRINTFUL]
    assert (event.verified, event.account) == (False, "5")


def test_while_nothing_can_be_stored_nothing_is_acknowledged(
    house: House, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.deliver(path, stripe_event("evt_1")).status_code == 200
    locked = house.database.engine.raw_connection()
    locked.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("zyenta_ops.web.writer.ANSWER_SECONDS", 0.05)
    try:
        answer = house.deliver(path, stripe_event("evt_2"))
    finally:
        locked.rollback()
        locked.close()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert house.deliver(path, stripe_event("evt_2")).status_code == 200
    assert sorted(stripe_events(house)) == ["evt_1", "evt_2"]


def test_a_body_that_ends_before_its_length_leaves_no_row(house: House, path: str) -> None:
    body = stripe_event()
    headers = {"Host": "localhost", "Content-Length": str(len(body))} | signed(body, house.clock)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((house.client.base_url.host, house.client.base_url.port)) as raw:
        raw.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body[:-5])
        raw.shutdown(socket.SHUT_WR)
        raw.recv(4_096)  # the connection is over, whatever was said

    assert stripe_events(house) == []
    assert house.deliver(path, body).status_code == 200


def test_a_body_that_does_not_come_is_not_waited_for_for_ever(
    house: House, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zyenta_ops.web.bodies.READ_SECONDS", 0.01)
    with socket.create_connection((house.client.base_url.host, house.client.base_url.port)) as raw:
        raw.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n".encode()
        )
        assert raw.recv(4_096).startswith(b"HTTP/1.1 408 ")
    assert stripe_events(house) == []


def test_while_the_database_is_down_nothing_is_acknowledged(
    house: House, clock: FixedClock, new_id: CountingIds
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]  # nobody listens there afterwards
    away = Database(f"postgresql://zyenta:hush@127.0.0.1:{port}/zyenta", patience_seconds=1)
    with running(an_edge(away, clock, new_id)) as client:
        body = stripe_event()
        answer = client.post("/hooks/stripe/token", content=body, headers=signed(body, clock))
        ready = client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (ready.status_code, ready.json()["status"]) == (503, "unready")
    assert "hush" not in answer.text + ready.text
