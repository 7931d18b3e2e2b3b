"""Repeating what may pass; every call that is repeated goes through here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import stamina
    from stamina.instrumentation import RetryDetails

_log = logging.getLogger(__name__)


def attempts(
    on: Callable[[Exception], bool | float],
    most: int,
    *,
    timeout: float,
    first_wait: float,
    longest_wait: float,
) -> Iterator[stamina.Attempt]:
    """Attempts, each a context manager that swallows what may be tried again.

    Args:
        on: whether to try again after an error; a number is the wait in seconds.
        most: attempts, the first included.
        timeout: seconds that all of them may take with their waits.
        first_wait: seconds, doubled with each attempt; as much is added by chance.
        longest_wait: seconds between two attempts.
    """
    import stamina
    from stamina.instrumentation import set_on_retry_hooks

    # With structlog installed stamina would print retries to standard output, amid results.
    set_on_retry_hooks([_tell])
    return iter(
        stamina.retry_context(
            on=on,
            attempts=most,
            timeout=timeout,
            wait_initial=first_wait,
            wait_max=longest_wait,
            wait_jitter=first_wait,
        )
    )


def _tell(details: RetryDetails) -> None:
    # The kind of error alone: its text may hold an address with a token.
    _log.info(
        "attempt %d failed (%s); trying again in %.1f s",
        details.retry_num,
        type(details.caused_by).__name__,
        details.wait_for,
    )
