from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg

from zyenta_ops.defs.housekeeping import delete_runs
from zyenta_ops_tests.defs.world import World, plain


def outputs(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, object]]:
    """The metadata of each step's output."""
    return {
        str(event.step_key): plain(event.step_output_data.metadata)
        for event in result.all_events
        if event.is_successful_output
    }


def kept_house(world: World) -> dict[str, dict[str, object]]:
    job = world.definitions.resolve_job_def("housekeeping")
    config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    result = job.execute_in_process(instance=world.instance, run_config=config)
    return outputs(result)


def test_a_run_tells_how_much_of_each_table_it_deleted(world: World) -> None:
    world.supplier()
    world.store("Ann")
    world.run()
    world.feed.rows[0]["Cost per item"] = "13.20"
    world.clock.advance(days=1)
    world.run()
    counted = dict.fromkeys(
        [
            *("price_decision", "offer_observation", "catalog_sweep", "product_change"),
            *("sync_log", "alert_subject", "alert", "outbox_message", "inbox_event", "answers"),
        ],
        0,
    )

    assert kept_house(world)["forget_records"] == counted | {"left": False}

    world.clock.advance(days=400)
    forgotten = kept_house(world)["forget_records"]

    assert forgotten["price_decision"] == 1
    assert forgotten["offer_observation"] == 1
    assert forgotten["product_change"] == 14
    assert forgotten["sync_log"] == 2


def test_runs_that_ended_long_ago_are_deleted_with_their_events(world: World) -> None:
    world.supplier()
    old, older = world.run().id, world.run().id
    now = datetime.now(UTC)

    assert delete_runs(world.instance, now - timedelta(hours=1)) == 0
    assert world.instance.get_runs_count() == 2
    assert delete_runs(world.instance, now + timedelta(hours=1), most=1) == 1
    assert delete_runs(world.instance, now + timedelta(hours=1)) == 1

    assert world.instance.get_runs_count() == 0
    assert world.instance.all_logs(old) == world.instance.all_logs(older) == []


def test_a_run_at_work_is_not_deleted(world: World) -> None:
    world.instance.create_run_for_job(
        world.definitions.resolve_job_def("housekeeping"), status=dg.DagsterRunStatus.STARTED
    )

    assert delete_runs(world.instance, datetime.now(UTC) + timedelta(hours=1)) == 0
    assert world.instance.get_runs_count() == 1
