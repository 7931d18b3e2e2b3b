"""The one suite of promises, on every tracker there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
import stamina

from zyenta_ops.adapters.carriers.aftership import AfterShip
from zyenta_ops.adapters.carriers.asking import Connections
from zyenta_ops.adapters.carriers.seventeentrack import SeventeenTrack
from zyenta_ops.adapters.carriers.ship24 import Ship24
from zyenta_ops.domain.carriers import tidied
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    Misconfigured,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import Handover, ParcelEvent, ParcelState
from zyenta_ops.ports.tracking import TrackingProvider
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.trackers.journeys import Journey, Scan, Scanned
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import LOCAL, QUICK, FreeLimiter
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.contracts.fake_tracker import FakeTracker
from zyenta_ops_tests.contracts.tracking_provider import Fault, Rig, TrackingProviderContract

PROVIDERS: dict[str, Callable[[str, str, Connections], TrackingProvider]] = {
    "17track": SeventeenTrack,
    "aftership": AfterShip,
    "ship24": Ship24,
}
SCANS = {
    ParcelState.ANNOUNCED: Scan.ANNOUNCED,
    ParcelState.IN_TRANSIT: Scan.MOVING,
    ParcelState.CUSTOMS: Scan.CUSTOMS,
    ParcelState.CUSTOMS_ACTION: Scan.PAPERS_MISSING,
    ParcelState.OUT_FOR_DELIVERY: Scan.OUT,
    ParcelState.READY_FOR_PICKUP: Scan.AT_PICKUP_POINT,
    ParcelState.FAILED_ATTEMPT: Scan.NOBODY_HOME,
    ParcelState.EXCEPTION: Scan.TROUBLE,
    ParcelState.RETURNING: Scan.GOING_BACK,
    ParcelState.RETURNED: Scan.BACK,
    ParcelState.LOST: Scan.LOST,
    ParcelState.DELIVERED: Scan.DELIVERED,
}
FAULTS = {
    Fault.LOST_REPLY: Rule("reset_after", times=1),
    Fault.NOT_DONE: Rule("reset_before", times=1),
    Fault.TOO_OFTEN: Rule("throttled", times=1),
    Fault.WEB_PAGE: Rule("html"),
    Fault.SILENT: Rule("reset_before"),
    Fault.FORBIDDEN: Rule("forbidden"),
}


@dataclass
class FakeRig:
    """The tracker in memory; what passes by itself passes unseen."""

    clock: FixedClock = field(default_factory=FixedClock)
    secret: str = "fake-s3cret"

    def __post_init__(self) -> None:
        self.provider = FakeTracker(self.clock)
        self.now = self.clock
        self.advance = self.clock.advance

    def scan(self, number: str, state: ParcelState, text: str, place: str = "") -> None:
        self.provider.scan(number, ParcelEvent(self.clock(), text, place, state))

    def expect(self, number: str, at: datetime) -> None:
        self.provider.expected[tidied(number)] = at

    def hand_over(self, number: str, later: str) -> None:
        self.provider.later[tidied(number)] = Handover(later)

    def used(self) -> int:
        return len(self.provider.followed)

    def leave(self, count: int) -> None:
        self.provider.quota = self.used() + count

    def requests(self) -> int:
        return self.provider.requests

    def suffer(self, fault: Fault) -> None:
        self.provider.fault = {
            Fault.WEB_PAGE: AnswerInvalid("not JSON"),
            Fault.SILENT: SupplierUnavailable("no answer"),
            Fault.KEY_ENDED: LoginRevoked("not accepted"),
            Fault.FORBIDDEN: Misconfigured("not allowed"),
        }.get(fault)


@dataclass
class SandboxRig:
    """A tracker, by real HTTP, at the sandbox."""

    world: SandboxWorld
    name: str

    def __post_init__(self) -> None:
        self.secret = DEMO_SECRETS[self.name]["key"]
        self.desk = self.world.trackers[self.name]
        self.provider = PROVIDERS[self.name](
            self.secret, self.world.urls[self.name], Connections(FreeLimiter(), LOCAL, QUICK)
        )
        self.now = self.world.clock

    def advance(self, **delta: float) -> None:
        self.world.advance(**delta)

    def scan(self, number: str, state: ParcelState, text: str, place: str = "") -> None:
        known = self._journey(number)
        scanned = Scanned(self.now(), SCANS[state], text, place)
        self._tell(number, replace(known, scans=(*known.scans, scanned)))

    def expect(self, number: str, at: datetime) -> None:
        self._tell(number, replace(self._journey(number), expected_at=at))

    def hand_over(self, number: str, later: str) -> None:
        journey = replace(self._journey(number), later_number=later, later_carrier="usps")
        self._tell(number, journey)

    def used(self) -> int:
        return self.desk.quota - self.desk.left("demo")

    def leave(self, count: int) -> None:
        self.desk.quota = self.used() + count

    def requests(self) -> int:
        return len(self.world.log.all(self.name))

    def suffer(self, fault: Fault) -> None:
        if fault is Fault.KEY_ENDED:
            self.desk.revoke("demo")
        else:
            self.world.script.add(replace(FAULTS[fault], vendor=self.name))

    def _journey(self, number: str) -> Journey:
        return self.world.journeys.told.get(tidied(number)) or Journey((), "Cainiao")

    def _tell(self, number: str, journey: Journey) -> None:
        self.world.journeys.tell(tidied(number), journey)


class TestEveryTrackingProvider(TrackingProviderContract):
    @pytest.fixture(params=["fake", *PROVIDERS])
    def rig(self, request: pytest.FixtureRequest) -> Iterator[Rig]:
        if request.param == "fake":
            yield FakeRig()
            return
        with (
            stamina.set_testing(True, attempts=100, cap=True),
            SandboxWorld(products=1, enforce_limits=False).serving() as world,
        ):
            rig = SandboxRig(world, request.param)
            yield rig
            rig.provider.close()
