from __future__ import annotations

import dagster as dg

from zyenta_ops.definitions import defs
from zyenta_ops.defs import build_defs
from zyenta_ops.defs.keys import MAX_RUNTIME_TAG

SUPPLIER_ASSETS = {
    "supplier_catalog": "catalog",
    "store_inventory": "catalog",
    "selling_prices": "pricing",
    "store_alerts": "alerts",
}


def specs() -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def test_the_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_tells_what_it_is_and_whose() -> None:
    assert {name: spec.group_name for name, spec in specs().items()} == SUPPLIER_ASSETS | {
        "exchange_rates": "pricing",
        "ops_report": "reporting",
    }
    for spec in specs().values():
        assert spec.description
        assert spec.owners == ["team:operations"]
        assert "python" in spec.kinds


def test_the_supplier_is_the_partition() -> None:
    partitioned = {name: spec.partitions_def for name, spec in specs().items()}
    assert partitioned.pop("ops_report") is None
    assert partitioned.pop("exchange_rates") is None
    for partitions in partitioned.values():
        assert isinstance(partitions, dg.DynamicPartitionsDefinition)
        assert partitions.name == "supplier"


def test_the_lineage_is_a_straight_line() -> None:
    parents = {
        name: [dep.asset_key.to_user_string() for dep in spec.deps]
        for name, spec in specs().items()
    }
    assert parents == {
        "supplier_catalog": [],
        "store_inventory": ["supplier_catalog"],
        "selling_prices": ["store_inventory"],
        "store_alerts": ["selling_prices"],
        "exchange_rates": [],
        "ops_report": ["store_inventory"],
    }


def test_every_job_ends_even_when_its_process_was_killed() -> None:
    jobs = {job.name: job for job in defs.resolve_all_job_defs() if job.name[0] != "_"}
    assert set(jobs) == {
        "sync_catalog",
        "act_on_order",
        "apply_offers",
        "reprice",
        "refresh_rates",
        "daily_report",
        "fulfill_orders",
        "reconcile_payments",
        "check_storefronts",
        "deliver_notifications",
        "renew_credentials",
        "housekeeping",
    }
    for job in jobs.values():
        assert int(job.tags[MAX_RUNTIME_TAG]) > 0
        assert job.description


def test_schedules_and_sensors_run_without_being_switched_on() -> None:
    repository = defs.get_repository_def()
    assert {
        schedule.name: (schedule.cron_schedule, schedule.execution_timezone)
        for schedule in repository.schedule_defs
    } == {
        "high_frequency_sync": ("*/15 * * * *", "UTC"),
        "standard_sync": ("0 * * * *", "UTC"),
        "full_sync": ("0 3 * * *", "UTC"),
        "daily_rates": ("30 15 * * 1-5", "UTC"),
        "nightly_payments": ("30 2 * * *", "UTC"),
        "storefront_checks": ("10 * * * *", "UTC"),
        "daily_report_schedule": ("30 5 * * *", "UTC"),
        "daily_housekeeping": ("30 4 * * *", "UTC"),
    }
    assert {sensor.name for sensor in repository.sensor_defs} == {
        "suppliers_changed",
        "notifications_due",
        "credentials_due",
        "products_imported",
        "prices_due",
        "stripe_events",
        "orders_due",
        "silent_sources",
        "run_failures",
        "stranded_runs",
    }
    for schedule in repository.schedule_defs:
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        assert schedule.description
    for sensor in repository.sensor_defs:
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
        assert sensor.description


def test_resources_are_replaced_by_name() -> None:
    replaced = build_defs({"operations": "another"})

    assert replaced.resources is not None
    assert replaced.resources["operations"] == "another"
    assert set(replaced.resources) == {"operations", "scope"}
