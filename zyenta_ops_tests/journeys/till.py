"""A merchant's installation whose customers pay at the sandbox: commands, sensors and runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import stripe
from click.testing import CliRunner, Result

from zyenta_ops.bootstrap import Operations, build, prepare
from zyenta_ops.cli import main
from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.defs import build_defs
from zyenta_ops.defs.fulfillment import fulfill_orders, orders_due
from zyenta_ops.defs.payments import reconcile_payments, stripe_events
from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.payments import Issue
from zyenta_ops.operations.alerts import Alerts
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports import Repositories
from zyenta_ops.sandbox.stripe.gateway import DEMO_KEY
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops.settings import Settings
from zyenta_ops_tests.orders import a_document, a_shop

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class Till:
    """Everything between an order and its payment, on one clock: the sandbox's.

    Attributes:
        told: the severity and the title of every issue that stands, by store and scope.
    """

    settings: Settings
    world: SandboxWorld
    operations: Operations
    instance: dg.DagsterInstance
    cursor: str | None = None
    told: dict[tuple[str | None, str], list[tuple[Severity, str]]] = field(default_factory=dict)

    def order(self, number: str = "1001", store: str = "my-shop") -> Order:
        """Hand an order of 49.38 EUR over."""
        return self.operations.orders.receive(store, a_document(number=number), "test").order

    def show(self, order: Order) -> Order:
        return self.operations.orders.show(order.id).order

    def pay(self, order: Order, **how: Any) -> str:
        """Let the customer pay for an order; the payment's id."""
        total = order.amounts.total_minor
        paid = self.world.payers.pay_order(order.id, "my-shop", total, "eur", **how)
        return str(paid["id"])

    def poll(self) -> Sequence[dg.RunRequest]:
        """Let `stripe_events` tick; the runs that it asks for."""
        tick = self._tick(stripe_events)
        self.cursor = tick.cursor
        return tick.run_requests or ()

    def due(self) -> Sequence[dg.RunRequest]:
        """Let `orders_due` tick; the runs that it asks for."""
        return self._tick(orders_due).run_requests or ()

    def hear(self) -> None:
        """Time goes on, and what has happened meanwhile is polled and acted on."""
        self.world.advance(seconds=30)
        self.poll()
        for request in self.due():
            self.run_orders(request)

    def run(self, job: dg.JobDefinition, request: dg.RunRequest) -> None:
        """Execute a run that a sensor asked for."""
        result = (
            build_defs({"operations": self.operations})
            .resolve_job_def(job.name)
            .execute_in_process(
                instance=self.instance,
                run_config=QUIET | dict(request.run_config),
                tags=dict(request.tags),
            )
        )
        assert result.success

    def run_orders(self, request: dg.RunRequest) -> None:
        self.run(fulfill_orders, request)

    def reconcile(self, request: dg.RunRequest) -> None:
        self.run(reconcile_payments, request)

    def command(self, *words: str, **options: Any) -> Any:
        """The JSON answer of a command that must succeed."""
        result = self.type(*words, "--json", **options)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def act(self, *words: str) -> Any:
        """The JSON answer of the sandbox's commands."""
        return self.command("sandbox", *words)

    def type(self, *words: str, **options: Any) -> Result:
        return CliRunner().invoke(main, list(words), obj=Wiring(self.settings), **options)

    def issues(self) -> list[tuple[Severity, str]]:
        """Every issue that stands."""
        return sorted(each for issues in self.told.values() for each in issues)

    def _tick(self, sensor: dg.SensorDefinition) -> Any:
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={"operations": self.operations},
            definitions=build_defs({"operations": self.operations}),
        ) as context:
            return sensor.evaluate_tick(context)


@contextmanager
def a_till(home: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[Till]:
    """An installation with a shop, its Dagster instance, and the sandbox it talks to."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    with SandboxWorld(seed=7, products=1).serving() as world:
        settings = Settings(
            home=home,
            database_url=database_url,
            stripe_key=DEMO_KEY,
            stripe_url=world.urls["stripe"],
            sandbox_url=world.urls["sandbox"].removesuffix("/_sandbox"),
            first_plan="FREE",
        )
        prepare(settings)
        prepare_instance(settings)
        database = Database(settings.database)
        with database.write() as records:
            a_shop(records.connection)
        database.dispose()
        with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
            till = Till(settings, world, None, instance)  # type: ignore[arg-type]
            _listen(till, monkeypatch)
            till.operations = build(settings, clock=world.clock)
            # What is paid for is bought elsewhere: these orders wait until the customer is sure.
            till.operations.stores.set_policy("my-shop", {"cooling_off_minutes": 7 * 24 * 60})
            yield till


def _listen(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Note issues, besides whatever is done about them."""
    settle = Alerts.settle_issues

    def noting(
        self: Alerts,
        records: Repositories,
        store_id: str | None,
        scope: str,
        issues: Sequence[Issue],
        now: datetime,
        **more: Any,
    ) -> None:
        till.told[store_id, scope] = [(each.severity, each.title) for each in issues]
        settle(self, records, store_id, scope, issues, now, **more)

    monkeypatch.setattr(Alerts, "settle_issues", noting)
