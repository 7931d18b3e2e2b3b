"""Runs whose worker was killed end; all others are left alone."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import dagster as dg
import psutil
import pytest

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import WORKER_TAG
from zyenta_ops.defs.resources import OperationsResource, with_time_left
from zyenta_ops.defs.workers import Worker, stranded_runs
from zyenta_ops.domain.stores import SweepScope

STARTED = dg.DagsterRunStatus.STARTED


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def killed() -> Worker:
    """A real process that worked here and was killed."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        born = psutil.Process(process.pid).create_time()
        process.kill()
    return replace(Worker.current(), pid=process.pid, born=born)


def a_run(
    instance: dg.DagsterInstance,
    worker: Worker | str | None,
    status: dg.DagsterRunStatus = STARTED,
) -> str:
    run_id = str(uuid4())
    tags = {}
    if worker is not None:
        tags[WORKER_TAG] = worker if isinstance(worker, str) else worker.tag(run_id)
    instance.create_run_for_job(_job, run_id=run_id, status=status, tags=tags)
    return run_id


@dg.job
def _job() -> None:
    """Nothing; runs of it are made by hand."""


def tick(instance: dg.DagsterInstance) -> str:
    with dg.build_sensor_context(instance) as context:
        skipped = stranded_runs(context)
    assert isinstance(skipped, dg.SkipReason)
    return str(skipped.skip_message)


def status(instance: dg.DagsterInstance, run_id: str) -> str:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status.value


def test_a_run_whose_worker_was_killed_fails_once(
    instance: dg.DagsterInstance, killed: Worker
) -> None:
    run_id = a_run(instance, killed)

    assert tick(instance) == "1 runs in progress, 1 of them ended: killed workers"
    assert tick(instance) == "0 runs in progress, 0 of them ended: killed workers"

    assert status(instance, run_id) == "FAILURE"
    failures = instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert [str(each.dagster_event.message) for each in failures if each.dagster_event] == [
        f"the process {killed.pid} that worked on the run is gone; it was killed"
    ]


def test_a_run_that_was_being_cancelled_is_cancelled(
    instance: dg.DagsterInstance, killed: Worker
) -> None:
    run_id = a_run(instance, killed, dg.DagsterRunStatus.CANCELING)

    tick(instance)

    assert status(instance, run_id) == "CANCELED"


def test_a_number_that_another_process_has_now_does_not_save_a_run(
    instance: dg.DagsterInstance,
) -> None:
    here = Worker.current()
    run_id = a_run(instance, replace(here, born=here.born - 100))

    tick(instance)

    assert status(instance, run_id) == "FAILURE"


def test_a_container_that_was_started_again_lost_its_workers(
    instance: dg.DagsterInstance,
) -> None:
    run_id = a_run(instance, replace(Worker.current(), space="pid:[1]"))

    tick(instance)

    assert status(instance, run_id) == "FAILURE"


def test_runs_that_may_be_alive_are_left_alone(
    instance: dg.DagsterInstance, killed: Worker
) -> None:
    here = Worker.current()
    run_ids = [
        a_run(instance, here),
        a_run(instance, replace(killed, host="another-machine")),
        a_run(instance, None),
        a_run(instance, "not written by us"),
        a_run(instance, killed.tag("the run that this one is a retry of")),
        a_run(instance, killed, dg.DagsterRunStatus.STARTING),
    ]

    assert tick(instance) == "5 runs in progress, 0 of them ended: killed workers"
    assert [status(instance, each) for each in run_ids] == ["STARTED"] * 5 + ["STARTING"]


def test_what_a_run_does_to_orders_names_it(
    instance: dg.DagsterInstance, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZYENTA_HOME", str(tmp_path))
    monkeypatch.setenv("ZYENTA_STRIPE_KEY", "sk_test_1")
    named: list[str | None] = []

    @dg.op
    def work(operations: dg.ResourceParam[Operations]) -> None:
        assert operations.refunds is not None
        assert operations.stripe_events is not None
        named.append(operations.refunds.derivation.run_id)
        named.append(operations.stripe_events.derivation.run_id)

    @dg.job(resource_defs={"operations": OperationsResource()})
    def working() -> None:
        work()

    run_id = working.execute_in_process(instance=instance).run_id

    assert named == [run_id, run_id]


def test_a_run_notes_who_works_on_it(
    instance: dg.DagsterInstance, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZYENTA_HOME", str(tmp_path))

    @dg.op
    def work(operations: dg.ResourceParam[object]) -> None:
        pass

    @dg.job(resource_defs={"operations": OperationsResource()})
    def working() -> None:
        work()

    run_id = working.execute_in_process(instance=instance).run_id

    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert Worker.of(run) == Worker.current()


@pytest.mark.parametrize(("spent", "left"), [(0, 600), (250.5, 349), (600, 0), (9_000, 0)])
def test_the_steps_of_a_run_share_its_budget(
    instance: dg.DagsterInstance, spent: float, left: int
) -> None:
    seen: list[int] = []

    @dg.asset
    def step(context: dg.AssetExecutionContext) -> None:
        record = context.instance.get_run_record_by_id(context.run.run_id)
        assert record is not None
        assert record.start_time is not None
        scope = with_time_left(SweepScope(), context, record.start_time + spent)
        seen.append(scope.budget_seconds)

    assert dg.materialize([step], instance=instance).success
    assert seen == [left]
