"""Runs that died are reported by a sensor, once, and only while they are the latest word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dagster as dg
import pytest

from zyenta_ops.defs.sensors import run_failures
from zyenta_ops.persistence.inventory import InventoryRecords
from zyenta_ops_tests.defs.world import World

FAILURES = [("Ann", "SYNC_FAILURE", "OPEN"), ("internal", "SYNC_FAILURE", "OPEN")]


@pytest.fixture
def world(world: World) -> World:
    world.supplier()
    world.store("Ann")
    return world


def a_dead_run(world: World, **tags: str) -> dg.DagsterRun:
    """A run whose process disappeared."""
    run = dg.DagsterRun(
        "sync_catalog",
        tags={"dagster/partition": "fjord"}
        | {name.replace("_", "/", 1): tags[name] for name in tags},
        status=dg.DagsterRunStatus.STARTED,
    )
    world.instance.add_run(run)
    world.instance.report_run_failed(run, message="the process was killed\nand more")
    return run


def tick(world: World, run: dg.DagsterRun) -> str | None:
    """Let the sensor see a failed run; why it did nothing, or None."""
    (record,) = world.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    event = record.get_dagster_event()
    found = world.instance.get_run_by_id(run.run_id)
    assert found is not None
    with dg.build_run_status_sensor_context(
        "run_failures", event, world.instance, found, resources={"operations": world.operations}
    ) as context:
        result = run_failures(context.for_run_failure())
    return result.skip_message if isinstance(result, dg.SkipReason) else None


def test_a_dead_run_is_reported_with_its_first_line(world: World) -> None:
    assert tick(world, a_dead_run(world)) is None

    assert world.alerts() == FAILURES
    (internal,) = [each for each in world.operations.alerts.listed() if each.store_id is None]
    assert internal.message == "the process was killed"


def test_seeing_a_dead_run_again_changes_nothing(world: World) -> None:
    run = a_dead_run(world)
    tick(world, run)
    tick(world, run)

    assert world.alerts() == FAILURES
    assert len(world.mails()) == 1


def test_a_run_that_will_be_retried_is_not_reported(world: World) -> None:
    run = a_dead_run(world, dagster_will_retry="true")

    assert tick(world, run) == "the run will be retried"
    assert world.alerts() == []


def test_a_failure_that_was_made_good_is_not_reported_late(world: World) -> None:
    run = a_dead_run(world)
    assert world.run().success

    assert tick(world, run) == "a newer run of the supplier speaks for itself"
    assert world.alerts() == []


def test_a_run_of_no_supplier_is_nobodys_sync(world: World) -> None:
    run = dg.DagsterRun("sync_catalog", status=dg.DagsterRunStatus.STARTED)
    world.instance.add_run(run)
    world.instance.report_run_failed(run)

    assert tick(world, run) == "the run was not for a supplier"
    assert world.alerts() == []


@pytest.mark.parametrize("status", [404, None])
def test_what_an_asset_reported_itself_is_not_reported_again(
    world: World, status: int | None
) -> None:
    if status is None:
        world.feed.broken = True  # and quarantined
    else:
        world.feeds.statuses = [status]
    failed = world.run()
    assert world.alerts() == FAILURES
    run = world.instance.get_run_by_id(failed.id)
    assert run is not None
    # A person who accepts a quarantine closes its alerts; a late sensor must not open them again.
    world.operations.alerts.resolve_sync_failure("fjord")

    assert tick(world, run) == "the run has reported the failure itself"
    assert {alert[2] for alert in world.alerts()} == {"RESOLVED"}


@pytest.mark.usefixtures("no_waiting")
def test_a_bug_in_an_asset_is_reported_by_the_sensor(world: World) -> None:
    class Broken:
        def sweep(self, *_: Any) -> None:
            raise RuntimeError("a bug")

    world.operations = replace(world.operations, catalog=Broken())  # type: ignore[arg-type]
    failed = world.run()
    assert world.alerts() == []
    run = world.instance.get_run_by_id(failed.id)
    assert run is not None

    assert tick(world, run) is None
    assert world.alerts() == FAILURES


def test_a_run_that_ends_well_makes_good_one_of_its_kind_and_no_other(world: World) -> None:
    tick(world, a_dead_run(world, zyenta_cadence="HIGH"))

    world.run(job="reprice")
    world.run(cadence="HIGH", store_ids=["nobody"])

    assert world.alerts() == FAILURES

    world.run()

    assert {status for _, _, status in world.alerts()} == {"RESOLVED"}


def test_a_run_of_one_cadence_does_not_speak_for_a_dead_one_of_another(world: World) -> None:
    dead = a_dead_run(world, zyenta_cadence="STANDARD")
    a_dead_run(world, zyenta_cadence="HIGH")

    assert tick(world, dead) is None
    assert world.alerts() == FAILURES


@pytest.mark.usefixtures("no_waiting")
def test_what_stores_were_told_of_is_not_told_as_a_dead_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr(InventoryRecords, "count_variants", broken)
    failed = world.run()
    assert (failed.success, world.alerts()) == (False, FAILURES)
    run = world.instance.get_run_by_id(failed.id)
    assert run is not None

    assert tick(world, run) == "the run has reported the failure itself"
    assert len(world.mails()) == 1
