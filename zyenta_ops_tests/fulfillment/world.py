"""One paid order, a supplier that goes its own way, and processes of ours that die.

Nothing of ours survives a death but the database: every object is thrown away and built anew. The
clock jumps to whatever happens next: nothing is done in between, which the tests of the operations
prove.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from sqlalchemy import select

from zyenta_ops.bootstrap.alerts import order_issues
from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.fulfillment import Stage, SupplierOrder, Trigger
from zyenta_ops.domain.fulfillment.invariants import Invariant
from zyenta_ops.domain.fulfillment.stages import TERMINAL
from zyenta_ops.domain.orders import Order, PaymentStatus
from zyenta_ops.domain.payments import Assessment
from zyenta_ops.domain.stores import Supplier
from zyenta_ops.domain.supplier_orders import Capabilities, SupplierOrderState
from zyenta_ops.operations.alerts import Alerts, Mailroom
from zyenta_ops.operations.fulfillment import Desk, Failpoint, Fulfillment
from zyenta_ops.operations.fulfillment.accepting import adopt
from zyenta_ops.operations.storefronts import Announcements
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import migrate
from zyenta_ops.persistence.schema import (
    alert,
    metadata,
    outbox_message,
    product_variant,
    spend,
    supplier_order,
)
from zyenta_ops.ports.fulfillment import Claimed
from zyenta_ops.ports.gateway import SupplierGateway
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.fulfillment.vendor import Vendor, VendorGateway
from zyenta_ops_tests.operations.fulfillment.shop import Shop

_TICK = timedelta(seconds=30)
_A_PERSON_COMES = timedelta(days=1)
_MOST_TICKS = 120
_ID: Final = re.compile(r"id-\d{6}")


class Fate(StrEnum):
    """What the customer wants in the end."""

    KEPT = "kept"
    TAKEN_BACK = "taken back"  # refunded five minutes after it was paid for


@dataclass(frozen=True)
class Image:
    """The world as a power cut leaves it: the database's files, and what is outside of us.

    `digest` is the same for two images that differ in nothing but the numbers of ids.
    """

    files: tuple[bytes, bytes] = field(repr=False)
    vendor: Vendor = field(repr=False)
    now: datetime
    ids: int
    refund_at: datetime | None
    person_comes: datetime | None
    digest: str


@dataclass(frozen=True)
class Scene:
    """Where a world's database lies; it is put back to an image again and again.

    The engine is kept, since it holds nothing but compiled statements once its connections are
    closed; a new one would cost ten times as much as a whole run.
    """

    path: Path
    database: Database
    order_id: str
    start: tuple[bytes, bytes] = field(repr=False)

    def files(self) -> tuple[bytes, bytes]:
        """The database and its log as they lie on the disk now, whatever is under way."""
        log = self.path.with_suffix(".db-wal")
        return self.path.read_bytes(), log.read_bytes() if log.exists() else b""

    def put_back(self, files: tuple[bytes, bytes]) -> None:
        """Begin with files that were copied; what readers share is made anew from them."""
        self.database.dispose()
        self.path.with_suffix(".db-shm").unlink(missing_ok=True)
        for end, content in zip(("", "-wal"), files, strict=True):
            self.path.with_suffix(f".db{end}").write_bytes(content)

    def content(self) -> str:
        """Every row that is committed, with ids numbered in the order of their appearance."""
        with closing(sqlite3.connect(self.path)) as connection:
            rows = [
                (table, *row)
                for table in sorted(metadata.tables)
                for row in connection.execute(f'SELECT * FROM "{table}"')
            ]
        seen: dict[str, str] = {}
        return _ID.sub(lambda found: seen.setdefault(found[0], f"#{len(seen)}"), repr(rows))


def a_shirt(shop: Shop) -> Order:
    """One paid order of a shirt."""
    return shop.order(shirt=1)


@contextmanager
def a_scene(make: Callable[[Shop], Order] = a_shirt) -> Iterator[Scene]:
    """A shop with the order that is made in it, in memory where that can hold files."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(mkdtemp(prefix="zyenta-matrix-", dir=memory))
    try:
        database = Database(f"sqlite:///{folder / 'zyenta.db'}")
        migrate(database)
        made = make(Shop(database, FixedClock(), CountingIds()))
        database.dispose()
        start = (folder / "zyenta.db").read_bytes(), b""
        yield Scene(folder / "zyenta.db", database, made.id, start)
        database.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class World:
    """Everything outside of us, and what of us is alive.

    Attributes:
        watch: called at every place where we may die.
        decisions: how often a person had to decide; `person_comes` when the next time is.
        refund_at: when the customer gets everything back; None = never.
    """

    scene: Scene
    vendor: Vendor
    clock: FixedClock
    watch: Callable[[Failpoint], None]
    refund_at: datetime | None = None
    decisions: int = 0
    person_comes: datetime | None = None
    new_id: CountingIds = field(default_factory=lambda: CountingIds(1_000))

    def __post_init__(self) -> None:
        self.database, self.order_id = self.scene.database, self.scene.order_id
        self.fulfillment = Fulfillment(self.desk())

    @classmethod
    def of(cls, scene: Scene, image: Image, watch: Callable[[Failpoint], None]) -> World:
        """A world that begins as an image, with everything of ours built anew."""
        scene.put_back(image.files)
        clock = FixedClock(image.now)
        vendor = copy(image.vendor)
        vendor.clock = clock
        return cls(
            scene,
            vendor,
            clock,
            watch,
            image.refund_at,
            0,
            image.person_comes,
            CountingIds(image.ids),
        )

    def image(self) -> Image:
        """What a power cut would leave now."""
        outside = (self.clock.now, self.refund_at, self.person_comes, self.vendor.state())
        digest = blake2b(f"{outside}{self.scene.content()}".encode(), digest_size=16).hexdigest()
        return Image(
            self.scene.files(),
            copy(self.vendor),
            self.clock.now,
            self.new_id.count,
            self.refund_at,
            self.person_comes,
            digest,
        )

    def desk(self) -> Desk:
        """What steps are taken with; alerts and customers' mails are the real ones."""
        alerts = Alerts(self.database, self.clock, self.new_id, Mailroom(self.new_id, "", ""))
        return Desk(
            self.database,
            self.clock,
            self.new_id,
            self._open,
            self._capabilities,
            lambda account, error: None,
            lambda: 500,
            order_issues(alerts),
            Announcements(self.new_id).moved,
            self.watch,
        )

    def run(self) -> bool:
        """Tick until everything is over and nothing is under way; False = it got stuck."""
        for _ in range(_MOST_TICKS):
            self.tick()
            stages, at = self._look()
            if at is None:
                return bool(stages) and stages <= TERMINAL
            self.clock.now = max(self.clock.now + _TICK, at)
        return False

    def tick(self) -> None:
        """What happens outside by now, and one pass of ours."""
        now = self.clock()
        if self.refund_at is not None and self.refund_at <= now:
            self.refund_at = None
            self.refund()
        self.vendor.live()
        if self.person_comes is not None and self.person_comes <= now:
            self.person_comes = None
            self.decide()
        self.fulfillment.advance()

    def refund(self) -> None:
        """The customer gets everything back."""
        now = self.clock()
        with self.database.write() as records:
            held = records.orders.hold(self.order_id)
            assert held is not None
            records.orders.save_payment(
                held.id,
                Assessment(PaymentStatus.REFUNDED, held.paid_minor, held.paid_minor),
                held.paid_at,
                now,
            )

    def breaches(self) -> list[str]:
        """Which invariants do not hold; nobody sends mails here."""
        with self.database.read() as records:
            found = records.fulfillment_invariants.breaches(self.clock())
        return [each.invariant for each in found if each.invariant is not Invariant.MESSAGES_LEAVE]

    def supplier_orders(self) -> tuple[SupplierOrder, ...]:
        with self.database.read() as records:
            return records.fulfillment.of_order(self.order_id)

    def ending(self) -> dict[str, Any]:
        """How everything stands, but for times, counters and how it came to that."""
        with self.database.read() as records:
            connection = records.connection
            mine = records.fulfillment.of_order(self.order_id)
            found = records.orders.find(self.order_id)
            assert found is not None
            messages = connection.execute(select(outbox_message.c.dedupe_key))
            alerts = connection.execute(
                select(alert.c.title).where(alert.c.status != "RESOLVED")
            ).scalars()
            return {
                "order": found.fulfillment_status.value,
                "stages": [(it.seq, it.stage.value, it.units(), it.reserves) for it in mine],
                "parcels": [
                    (each.parcel.number, each.parcel.state.value)
                    for it in mine
                    for each in it.shipments
                ],
                "at the supplier": sorted(
                    each.state.value
                    for each in self.vendor.orders.values()
                    if each.state is not SupplierOrderState.CANCELLED
                ),
                "kept back": connection.execute(
                    select(product_variant.c.id, product_variant.c.reserved_units).where(
                        product_variant.c.reserved_units != 0
                    )
                ).all(),
                "spent": connection.execute(select(spend.c.amount_minor, spend.c.state)).all(),
                "holds": [each.source for each in found.holds if each.released_at is None],
                "alerts": list(alerts),
                "mails": sorted(key for (key,) in messages if not key.startswith("alert")),
            }

    def _look(self) -> tuple[set[Stage], datetime | None]:
        """The stages there are, and when anything happens next; None = nothing ever does."""
        ours = supplier_order.c
        with self.database.read() as records:
            rows = records.connection.execute(
                select(ours.stage, ours.next_check_at, ours.lease_until)
            ).all()
        stages = {Stage(row.stage) for row in rows}
        if Stage.NEEDS_ACTION not in stages:
            self.person_comes = None
        elif self.person_comes is None:
            self.person_comes = self.clock() + _A_PERSON_COMES
        times = [self.refund_at, self.vendor.next_event(), self.person_comes]
        times += [
            max(row.next_check_at, row.lease_until or row.next_check_at)
            for row in rows
            if row.next_check_at is not None
        ]
        if not rows:
            times.append(self.clock())
        return stages, min((at for at in times if at is not None), default=None)

    def decide(self) -> None:
        """A person looks at the supplier's site, and says what is there."""
        for it in self.supplier_orders():
            if it.stage is not Stage.NEEDS_ACTION:
                continue
            self.decisions += 1
            there = self.vendor.under(it.client_ref)
            claimed = Claimed(it.id, it.order_id, it.version)
            desk = replace(self.desk(), failpoint=lambda failpoint: None)
            with desk.open(claimed, Failpoint.DECISION_COMMIT) as dossier:
                if there is not None:
                    adopt(dossier, there.external_id, "a person says that it was placed")
                else:
                    dossier.move(
                        Trigger.RESUMED,
                        "a person says that it was not placed",
                        attempts=0,
                        failures=0,
                        negatives=0,
                        sent_at=None,
                        settle_until=None,
                    )

    @contextmanager
    def _open(self, supplier: Supplier, account: SupplierAccount) -> Iterator[SupplierGateway]:
        yield VendorGateway(self.vendor)

    def _capabilities(self, supplier: Supplier) -> Capabilities | None:
        return self.vendor.capabilities
