from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from sqlalchemy import update

from zyenta_ops.defs.schedules import PLANS, full_sync, high_frequency_sync, standard_sync
from zyenta_ops.domain.stores import Cadence, SyncFrequency
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import supplier
from zyenta_ops_tests.defs.world import PARTITIONS, World


@pytest.fixture
def world(lasting_world: World) -> World:
    """Two suppliers with a store each: Ann on HIGH from fjord, Bea on STANDARD from harbour."""
    lasting_world.supplier("fjord")
    lasting_world.supplier("harbour")
    lasting_world.store("Ann", "fjord", SyncFrequency.HIGH)
    lasting_world.store("Bea", "harbour", SyncFrequency.STANDARD)
    return lasting_world


def tick(world: World, schedule: dg.ScheduleDefinition) -> Any:
    """What the schedule asks for now."""
    with dg.build_schedule_context(
        instance=world.instance,
        resources={"operations": world.operations},
        repository_def=world.definitions.get_repository_def(),
        scheduled_execution_time=datetime(2026, 11, 2, 12, tzinfo=UTC),
    ) as context:
        return schedule.evaluate_tick(context)


def requested(world: World, schedule: dg.ScheduleDefinition) -> list[str | None]:
    return [request.partition_key for request in tick(world, schedule).run_requests]


def put_in_progress(world: World, request: dg.RunRequest, status: dg.DagsterRunStatus) -> None:
    """A run of the request, as the daemon would have created it."""
    # A run can only be queued when Dagster knows where its job is to be found.
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("zyenta_ops"), "repository")
    world.instance.add_run(
        dg.DagsterRun(
            "sync_catalog",
            tags=dict(request.tags),
            status=status,
            remote_job_origin=RemoteJobOrigin(repository, "sync_catalog"),
        )
    )


@pytest.mark.parametrize(
    ("schedule", "cadence", "partitions", "priority"),
    [
        (high_frequency_sync, "HIGH", ["fjord"], "10"),
        (standard_sync, "STANDARD", ["harbour"], "5"),
        (full_sync, "FULL", ["fjord", "harbour"], "1"),
    ],
)
def test_a_tick_asks_for_one_run_per_supplier_that_has_a_store_of_the_cadence(
    world: World,
    schedule: dg.ScheduleDefinition,
    cadence: str,
    partitions: list[str],
    priority: str,
) -> None:
    requests = tick(world, schedule).run_requests

    assert [request.partition_key for request in requests] == partitions
    for request in requests:
        assert request.run_key == request.partition_key
        assert request.tags["dagster/partition"] == request.partition_key
        assert request.tags["zyenta/cadence"] == cadence
        assert request.tags["dagster/priority"] == priority
        assert request.run_config == {
            "resources": {
                "scope": {
                    "config": {
                        "cadence": cadence,
                        "budget_seconds": PLANS[Cadence(cadence)].budget_seconds,
                    }
                }
            }
        }


def test_what_a_tick_asks_for_can_be_run(world: World) -> None:
    (request,) = tick(world, high_frequency_sync).run_requests

    result = world.definitions.resolve_job_def("sync_catalog").execute_in_process(
        instance=world.instance,
        partition_key=request.partition_key,
        run_config=request.run_config,
        tags=request.tags,
    )

    assert result.success
    assert (world.stocks()["Ann p01"], world.stocks()["Bea p01"]) == (20, None)


@pytest.mark.parametrize(
    "status",
    [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
    ],
)
def test_a_supplier_whose_run_is_not_over_is_skipped(
    world: World, status: dg.DagsterRunStatus
) -> None:
    first, _ = tick(world, full_sync).run_requests
    put_in_progress(world, first, status)

    assert requested(world, full_sync) == ["harbour"]


def test_a_tick_that_finds_everything_running_says_so(world: World) -> None:
    (request,) = tick(world, high_frequency_sync).run_requests
    put_in_progress(world, request, dg.DagsterRunStatus.STARTED)

    again = tick(world, high_frequency_sync)

    assert again.run_requests == []
    assert again.skip_message == "1 supplier due at HIGH, 1 of them still running"


def test_a_run_of_another_cadence_does_not_hold_a_supplier_back(world: World) -> None:
    first, _ = tick(world, full_sync).run_requests
    put_in_progress(world, first, dg.DagsterRunStatus.STARTED)

    assert requested(world, high_frequency_sync) == ["fjord"]


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE])
def test_a_run_that_is_over_holds_nothing_back(world: World, status: dg.DagsterRunStatus) -> None:
    (request,) = tick(world, high_frequency_sync).run_requests
    put_in_progress(world, request, status)

    assert requested(world, high_frequency_sync) == ["fjord"]


def test_a_supplier_without_a_partition_waits_for_one(world: World) -> None:
    world.instance.delete_dynamic_partition(PARTITIONS, "fjord")

    assert requested(world, full_sync) == ["harbour"]


def test_paused_suppliers_and_stores_are_left_alone(world: World) -> None:
    world.operations.suppliers.pause("fjord")
    world.operations.stores.pause("bea")

    assert requested(world, full_sync) == []


def test_a_blocked_supplier_is_left_alone_until_its_time_is_up(
    world: World, settings_database: Database
) -> None:
    with settings_database.write() as records:
        records.connection.execute(
            update(supplier)
            .where(supplier.c.key == "fjord")
            .values(blocked_until=world.clock() + timedelta(minutes=10))
        )

    assert requested(world, full_sync) == ["harbour"]
    world.clock.advance(minutes=10)
    assert requested(world, full_sync) == ["fjord", "harbour"]


def test_every_run_can_end_before_the_next_tick_of_its_cadence() -> None:
    intervals = {Cadence.HIGH: 15 * 60, Cadence.STANDARD: 3_600, Cadence.FULL: 86_400}
    for cadence, plan in PLANS.items():
        assert plan.budget_seconds < intervals[cadence]
    assert [plan.cron for plan in PLANS.values()] == ["*/15 * * * *", "0 * * * *", "0 3 * * *"]
