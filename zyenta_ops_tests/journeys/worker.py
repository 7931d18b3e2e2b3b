"""A process of its own that syncs one supplier the way a Dagster worker does.

    python -m zyenta_ops_tests.journeys.worker fjord

Settings and instance come from the environment. Exits 0 when the run succeeded, else 1.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg

from zyenta_ops.definitions import defs
from zyenta_ops.settings import Settings, child_environment

ROOT = Path(__file__).parents[2]


def start(settings: Settings, supplier: str) -> subprocess.Popen[str]:
    """Start a worker on this state; the Dagster instance must have been prepared."""
    environment = child_environment(settings) | {
        "ZYENTA_DATABASE_URL": settings.database_url,
        "ZYENTA_PRIVATE_NETWORKS": ",".join(settings.private_networks),
        "PYTHONWARNINGS": "ignore",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "zyenta_ops_tests.journeys.worker", supplier],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sync(supplier: str) -> bool:
    """Run `sync_catalog` on the instance of the environment."""
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def("sync_catalog").execute_in_process(
            instance=instance, partition_key=supplier, raise_on_error=False
        )
        return result.success


if __name__ == "__main__":
    sys.exit(not sync(*sys.argv[1:]))
