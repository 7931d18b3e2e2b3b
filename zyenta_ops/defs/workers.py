"""Who works on a run, so that a worker which was killed can be told from a busy one.

The local run launcher watches no worker: a run whose process was killed stays STARTED until
`dagster/max_runtime` ends it, and its supplier waits that long. So each run notes the process that
works on it, and a sensor ends those whose process is provably gone from this machine.
"""

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

import dagster as dg

from zyenta_ops.defs.keys import WORKER_TAG

_ENDING = dg.DagsterRunStatus.CANCELING
_WORKED_ON = [dg.DagsterRunStatus.STARTED, _ENDING]


@dataclass(frozen=True)
class Worker:
    """A process on a machine; `born` tells it from a later one with the same number.

    `space` is the process namespace, which a container loses when it is started again.
    """

    host: str
    space: str
    pid: int
    born: float

    @classmethod
    def current(cls) -> "Worker":
        """This process."""
        import psutil

        space = Path("/proc/self/ns/pid")
        return cls(
            socket.gethostname(),
            str(space.readlink()) if space.is_symlink() else "",
            os.getpid(),
            psutil.Process().create_time(),
        )

    @classmethod
    def of(cls, run: dg.DagsterRun) -> "Worker | None":
        """Who works on a run; None when it did not say.

        A run that is tried again has the tags of the one before, whose worker is not its own.
        """
        try:
            said = json.loads(run.tags[WORKER_TAG])
            return cls(**said["worker"]) if said["run"] == run.run_id else None
        except (KeyError, TypeError, ValueError):
            return None

    def tag(self, run_id: str) -> str:
        """The form that `of` reads, for the run that this process works on."""
        return json.dumps({"run": run_id, "worker": asdict(self)})

    def is_gone(self, here: "Worker") -> bool:
        """Whether it provably runs no more, as seen from another process."""
        import psutil

        if self.host != here.host:
            return False
        if self.space != here.space:
            return True
        try:
            return bool(psutil.Process(self.pid).create_time() != self.born)
        except psutil.NoSuchProcess:
            return True


@dg.sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Ends runs whose worker was killed, so that the next run need not wait for them.",
)
def stranded_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Report runs of workers that are gone; saying so twice changes nothing."""
    instance, here = context.instance, Worker.current()
    runs = instance.get_runs(dg.RunsFilter(statuses=_WORKED_ON))
    ended = 0
    for run in runs:
        worker = Worker.of(run)
        if worker is None or not worker.is_gone(here):
            continue
        # It may have ended well between the list and the look at its process.
        current = instance.get_run_by_id(run.run_id)
        if current is None or current.status not in _WORKED_ON:
            continue
        said = f"the process {worker.pid} that worked on the run is gone; it was killed"
        if run.status is _ENDING:
            instance.report_run_canceled(run, said)
        else:
            instance.report_run_failed(run, said)
        ended += 1
    return dg.SkipReason(f"{len(runs)} runs in progress, {ended} of them ended: killed workers")
