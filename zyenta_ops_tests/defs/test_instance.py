"""Dagster's own instance, from the two files the project ships."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import dagster as dg
import pytest
from moto.server import ThreadedMotoServer

from zyenta_ops.settings import Settings
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.defs.world import a_world

ROOT = Path(__file__).parents[2]
LIMITS = [
    {
        "key": "dagster/partition",
        "value": {"applyLimitPerUniqueValue": True},
        "limit": 1,
    },
    {"key": "zyenta/lane", "value": {"applyLimitPerUniqueValue": True}, "limit": 1},
    {"key": "dagster/backfill", "limit": 1},
]


def open_instance(source: Path, home: Path) -> dg.DagsterInstance:
    """The instance that a process with this folder as DAGSTER_HOME would get."""
    home.mkdir()
    (home / "dagster.yaml").write_text(source.read_text())
    return dg.DagsterInstance.from_config(str(home))


def test_the_embedded_instance_needs_no_environment_variable(tmp_path: Path) -> None:
    with open_instance(ROOT / "dagster.yaml", tmp_path / "dagster") as instance:
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert (queue.max_concurrent_runs, queue.tag_concurrency_limits) == (3, LIMITS)
        assert not instance.telemetry_enabled
        assert instance.run_monitoring_enabled
        assert instance.run_retries_enabled
        assert instance.get_settings("run_retries")["retry_on_asset_or_op_failure"] is False
        assert instance.get_settings("sensors") == {"use_threads": True, "num_workers": 4}
        assert instance.get_runs() == []


def test_the_production_instance_refuses_to_start_half_configured(tmp_path: Path) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match="DAGSTER_POSTGRES_URL"):
        open_instance(ROOT / "deploy" / "dagster.yaml", tmp_path / "dagster")


@pytest.fixture
def log_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on an S3 of this machine, to which the environment points."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DAGSTER_LOGS_BUCKET": "logs",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="logs")
    yield "logs"
    server.stop()


def test_the_production_instance_runs_a_sync_on_postgresql_and_s3(
    postgres_url: str,
    settings: Settings,
    clock: FixedClock,
    new_id: CountingIds,
    log_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", postgres_url)
    with (
        open_instance(ROOT / "deploy" / "dagster.yaml", tmp_path / "dagster") as instance,
        a_world(settings, instance, clock, new_id) as world,
    ):
        world.supplier()
        world.store("Ann")

        run = world.run()

        assert run.success
        kept = instance.get_run_by_id(run.id)
        assert kept is not None
        assert kept.status is dg.DagsterRunStatus.SUCCESS
        assert instance.get_materialized_partitions(dg.AssetKey("store_alerts")) == {"fjord"}
        assert not (tmp_path / "dagster" / "history").exists()
    keys = [
        each["Key"] for each in boto3.client("s3").list_objects_v2(Bucket=log_bucket)["Contents"]
    ]
    assert any(key.startswith(f"dagster-logs/storage/{run.id}/compute_logs/") for key in keys)
