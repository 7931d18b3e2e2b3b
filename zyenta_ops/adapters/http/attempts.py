"""Repeating what may pass; every call that is repeated goes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import stamina


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
    from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

    # With structlog installed stamina would print retries to standard output, amid results.
    set_on_retry_hooks([LoggingOnRetryHook])
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
