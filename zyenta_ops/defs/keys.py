"""Names that more than one definition uses: asset keys, partitions, tags, groups.

Assets of different capabilities meet here and in the database, never by importing each other.
"""

import dagster as dg

SUPPLIER_CATALOG = dg.AssetKey("supplier_catalog")
STORE_INVENTORY = dg.AssetKey("store_inventory")
EXCHANGE_RATES = dg.AssetKey("exchange_rates")
SELLING_PRICES = dg.AssetKey("selling_prices")
STORE_ALERTS = dg.AssetKey("store_alerts")

# One partition per supplier: rate limits, credentials, outages and retries live there.
suppliers = dg.DynamicPartitionsDefinition(name="supplier")

OWNERS = ["team:operations"]

CADENCE_TAG = "zyenta/cadence"
# dagster.yaml limits runs per value of this tag to one, which also covers runs that a person
# launches for a partition in the UI: Dagster sets it for them.
PARTITION_TAG = "dagster/partition"
PRIORITY_TAG = "dagster/priority"
LANE_TAG = "zyenta/lane"
WORKER_TAG = "zyenta/worker"
# The last resort where `stranded_runs` cannot tell a killed worker from a busy one.
MAX_RUNTIME_TAG = "dagster/max_runtime"


def run_kind(run: dg.DagsterRun) -> str:
    """What a run does, as far as another one can do the same: its job, and its cadence if any."""
    return " ".join([run.job_name, *filter(None, [run.tags.get(CADENCE_TAG)])])


IN_PROGRESS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
