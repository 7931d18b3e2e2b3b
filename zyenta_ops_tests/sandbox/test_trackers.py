"""17TRACK, AfterShip and Ship24 at the sandbox, asked as their documentation says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.trackers.journeys import Journey, Scan, Scanned
from zyenta_ops.sandbox.world import SandboxWorld

NUMBER = "LP473124829CN"
NEVER = "LP00123456780000"
NAMES = ["17track", "aftership", "ship24"]


@dataclass
class Client:
    """Asks a tracker about one number; what comes back is status, code and document."""

    world: SandboxWorld
    http: httpx.Client
    name: str
    key: str = ""

    def __post_init__(self) -> None:
        self.key = self.key or DEMO_SECRETS[self.name]["key"]

    def register(self, number: Any = NUMBER) -> tuple[int, Any]:
        if self.name == "17track":
            return self._17track("register", number)
        if self.name == "aftership":
            return self._aftership("POST", json={"tracking_number": number})
        return self._ship24("POST", "/trackers", json={"trackingNumber": number})

    def read(self, number: str = NUMBER) -> tuple[int, Any]:
        if self.name == "17track":
            return self._17track("gettrackinfo", number)
        if self.name == "aftership":
            return self._aftership("GET", params={"tracking_numbers": number})
        return self._ship24("GET", f"/trackers/search/{number}/results")

    def word(self, number: str = NUMBER) -> str:
        """What the parcel's state is called."""
        _, document = self.read(number)
        if self.name == "17track":
            info = document["data"]["accepted"][0]["track_info"]
            return str(info["latest_status"]["sub_status"])
        if self.name == "aftership":
            return str(document["data"]["trackings"][0]["subtag"])
        return str(document["data"]["trackings"][0]["shipment"]["statusMilestone"])

    def _17track(self, what: str, number: Any) -> tuple[int, Any]:
        url = f"{self.world.urls['17track']}/{what}"
        answer = self.http.post(url, json=[{"number": number}], headers={"17token": self.key})
        if answer.status_code != 200:
            return answer.status_code, answer.json() if answer.content else None
        document = answer.json()
        rejected = document["data"].get("rejected")
        return (rejected[0]["error"]["code"] if rejected else 0), document

    def _aftership(self, method: str, **more: Any) -> tuple[int, Any]:
        url = f"{self.world.urls['aftership']}/trackings"
        answer = self.http.request(method, url, headers={"as-api-key": self.key}, **more)
        document = answer.json()
        return document["meta"]["code"], document

    def _ship24(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        url = f"{self.world.urls['ship24']}{path}"
        headers = {"authorization": f"Bearer {self.key}"}
        answer = self.http.request(method, url, headers=headers, **more)
        return answer.status_code, answer.json()


@pytest.fixture(params=NAMES)
def client(request: pytest.FixtureRequest, http: httpx.Client, world: SandboxWorld) -> Client:
    return Client(world, http, request.param)


def by_name(client: Client, *values: Any) -> Any:
    """The value of the tracker that is asked."""
    return dict(zip(NAMES, values, strict=True))[client.name]


def wait(client: Client, **delta: float) -> None:
    client.world.advance(**(delta or {"minutes": 6}))


def test_a_number_is_followed_and_the_first_news_takes_minutes(client: Client) -> None:
    unknown = client.read()
    assert unknown[0] == by_name(client, -18019902, 200, 404)
    wait(client, seconds=1)
    assert client.register()[0] == by_name(client, 0, 201, 201)
    wait(client, minutes=4)
    if client.name == "17track":
        assert client.read()[0] == -18019909
    else:
        assert client.word() == by_name(client, "", "Pending_001", "pending")

    wait(client, minutes=2)

    assert client.word() == by_name(client, "InfoReceived", "InfoReceived_001", "info_received")


def test_a_number_is_followed_once(client: Client) -> None:
    client.register()
    wait(client)

    assert client.register()[0] == by_name(client, -18019901, 4003, 200)
    assert client.world.trackers[client.name].left("demo") == by_name(client, 99, 9_999, 9_999)


@pytest.mark.parametrize("number", ["12345", "with space 1", "x" * 51, 7, None, ["LP1"]])
def test_what_has_not_the_form_of_a_number_is_refused(client: Client, number: Any) -> None:
    wrong = by_name(client, (-18010012,), (4005, 4007), (400,))
    assert client.register(number)[0] in wrong
    assert client.world.trackers[client.name].numbers("demo") == []


def test_letters_alone_are_of_no_carrier(client: Client) -> None:
    assert client.register("LETTERSONLY")[0] == by_name(client, -18019903, 4012, 400)


def test_a_quota_is_used_up_until_the_month_ends(client: Client) -> None:
    client.world.trackers[client.name].quota = 1
    client.register()
    wait(client)
    assert client.register("LP473124830CN")[0] == by_name(client, -18019908, 402, 403)

    wait(client, days=40)

    assert client.register("LP473124830CN")[0] == by_name(client, 0, 201, 201)


def test_who_has_no_key_gets_nothing(client: Client) -> None:
    stranger = Client(client.world, client.http, client.name, key="guessed")

    assert stranger.register()[0] == 401
    assert stranger.read()[0] == 401
    client.world.trackers[client.name].revoke("demo")
    assert client.read()[0] == 401
    assert {entry.account for entry in client.world.log.all(client.name)} == {""}


def test_what_one_account_follows_no_other_sees(client: Client) -> None:
    client.register()
    client.world.trackers[client.name].keys["other-key"] = "other"
    wait(client)

    other = Client(client.world, client.http, client.name, key="other-key")

    assert other.read()[0] == by_name(client, -18019902, 200, 404)


def test_who_asks_too_often_is_told_so_and_counted(client: Client) -> None:
    statuses = [client.read()[0] for _ in range(3)]

    assert statuses[-1] == 429
    assert client.world.log.violations()
    wait(client)
    assert client.read()[0] != 429


@pytest.mark.parametrize(
    ("fault", "codes"),
    [("throttled", (429, 429, 429)), ("forbidden", (401, 403, 403)), ("expired_token", (401,) * 3)],
)
def test_faults_befall_them_as_all_vendors(
    client: Client, fault: str, codes: tuple[int, ...]
) -> None:
    client.world.script.add(Rule(fault, vendor=client.name, times=1))

    assert client.read()[0] == by_name(client, *codes)
    wait(client)
    assert client.read()[0] not in (401, 403, 429)


def test_a_number_that_ends_in_zeros_is_never_scanned(client: Client) -> None:
    client.register(NEVER)
    wait(client, days=60)

    assert client.word(NEVER) == by_name(client, "NotFound_Other", "Pending_001", "pending")


def test_a_journey_can_be_told(client: Client) -> None:
    at = client.world.clock()
    client.world.journeys.tell(NUMBER, Journey((Scanned(at, Scan.GOING_BACK, "Back"),), "UPS"))
    client.register()
    wait(client)

    assert client.word() == by_name(client, "Exception_Returning", "Exception_010", "exception")


def test_a_parcel_of_a_vendor_has_its_own_journey(client: Client) -> None:
    trade = client.world.trades["spocket"]
    product = trade.catalogue.on_sale()[0]
    body = {
        "lines": [
            {"variant_id": f"V{product.variants[0].number}", "quantity": 1},
        ],
        "address": {"country": "DE"},
    }
    headers = {
        "authorization": f"Bearer {DEMO_SECRETS['spocket']['token']}",
        "idempotency-key": "zy-1",
    }
    url = f"{client.world.urls['spocket']}/orders"
    assert client.http.post(url, json=body, headers=headers).status_code == 201
    (order,) = trade.orders.orders.values()
    (parcel,) = order.parcels
    client.world.advance(hours=parcel.after / timedelta(hours=1))
    client.register(parcel.tracking)

    wait(client, hours=parcel.transit / timedelta(hours=1))

    assert client.word(parcel.tracking) == by_name(
        client, "Delivered_Other", "Delivered_001", "delivered"
    )


def test_the_same_seed_makes_the_same_journeys() -> None:
    def scans(seed: int) -> list[Any]:
        world = SandboxWorld(seed, products=1)
        world.journeys.of(NUMBER)
        world.advance(days=30)
        return list(world.journeys.of(NUMBER).scans)

    assert scans(7) == scans(7)
    assert scans(7) != scans(8)


def test_most_journeys_end_at_the_door_and_some_do_not() -> None:
    world = SandboxWorld(products=1)
    numbers = [f"LP47312{number:04d}CN" for number in range(200)]
    for number in numbers:
        world.journeys.of(number)
    world.advance(days=60)

    ends = [world.journeys.of(number).scans[-1].what for number in numbers]

    assert 160 < ends.count(Scan.DELIVERED) < 200
    assert set(ends) == {Scan.DELIVERED, Scan.BACK, Scan.LOST}


@pytest.mark.parametrize("body", [b"{", b"{}", b"[7]", b"[" + b'{"number":"LP1"},' * 40 + b"{}]"])
def test_17track_refuses_what_is_no_list_of_forty(
    world: SandboxWorld, http: httpx.Client, body: bytes
) -> None:
    headers = {"17token": DEMO_SECRETS["17track"]["key"]}

    answer = http.post(f"{world.urls['17track']}/register", content=body, headers=headers).json()

    assert answer["data"]["errors"][0]["code"] in (-18010013, -18010014)


def test_17track_tells_what_is_left(world: SandboxWorld, http: httpx.Client) -> None:
    headers = {"17token": DEMO_SECRETS["17track"]["key"]}

    answer = http.post(f"{world.urls['17track']}/getquota", headers=headers).json()

    assert answer["data"] == {"quota_total": 100, "quota_used": 0, "quota_remain": 100}


def test_aftership_lists_in_pages(world: SandboxWorld, http: httpx.Client) -> None:
    desk = world.trackers["aftership"]
    for number in range(5):
        desk.follow("demo", f"LP47312482{number}CN")
    url, headers = (
        f"{world.urls['aftership']}/trackings",
        {"as-api-key": DEMO_SECRETS["aftership"]["key"]},
    )

    first = http.get(url, params={"limit": "3"}, headers=headers).json()["data"]
    world.advance(seconds=1)
    paging = first["pagination"]
    query = {"limit": "3", "cursor": paging["next_cursor"]}
    second = http.get(url, params=query, headers=headers).json()["data"]

    assert [len(first["trackings"]), len(second["trackings"])] == [3, 2]
    assert (paging["has_next_page"], second["pagination"]["has_next_page"]) == (True, False)


@pytest.mark.parametrize(
    ("name", "path"), [("17track", "/nothing"), ("aftership", "/nothing"), ("ship24", "/nothing")]
)
def test_what_they_do_not_have_is_not_found(
    world: SandboxWorld, http: httpx.Client, name: str, path: str
) -> None:
    key = DEMO_SECRETS[name]["key"]
    headers = {"17token": key, "as-api-key": key, "authorization": f"Bearer {key}"}

    assert http.post(f"{world.urls[name]}{path}", headers=headers).status_code == 404
