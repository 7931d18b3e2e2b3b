"""From our errors to Dagster's failures: what is worth trying again, decided in one place.

Dagster retries in two independent ways: an asset's RetryPolicy inside the run, and the run-retry
daemon for crashed workers. `Failure(allow_retries=False)` speaks to the first; `dagster.yaml` keeps
the second away from failures that an asset has already classified.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg

from zyenta_ops.domain.errors import DatabaseUnavailable, Paused, SourceUnavailable, ZyentaError

# Three attempts in all, waiting about 5 and 15 seconds.
RETRY_POLICY = dg.RetryPolicy(
    max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)


@contextmanager
def classified(
    context: dg.AssetExecutionContext,
    report: Callable[[str], None],
    metadata: Callable[[], Mapping[str, dg.MetadataValue[Any]]] = dict,
) -> Iterator[None]:
    """Turn expected errors into failures that are retried only when that can help.

    Args:
        context: of the running asset.
        report: called with the reason once no retry is left; never for what is paused.
        metadata: what the failure shows besides its reason.

    Raises:
        dagster.Failure: for every `ZyentaError`; other exceptions pass, they are bugs or crashes
            and the run-failure sensor reports them.
    """
    try:
        yield
    except DatabaseUnavailable:
        # It may be back at the next attempt, and there is nowhere to report it.
        raise
    except SourceUnavailable as error:
        last = context.retry_number >= RETRY_POLICY.max_retries
        if last:
            report(str(error))
        raise dg.Failure(str(error), dict(metadata()), allow_retries=not last) from error
    except Paused as error:
        # Whoever paused it knows.
        raise dg.Failure(str(error), allow_retries=False) from error
    except ZyentaError as error:
        report(str(error))
        raise dg.Failure(str(error), dict(metadata()), allow_retries=False) from error
