"""What is said when a request is tried again: a line in the log, nothing on the terminal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails

_log = logging.getLogger(__name__)


def log_retries() -> None:
    """Have `stamina` tell of retries through our log instead of its own bare event names."""
    from stamina.instrumentation import set_on_retry_hooks

    set_on_retry_hooks([_tell])


def _tell(details: RetryDetails) -> None:
    # The kind of error alone: its text may hold an address with a token.
    _log.info(
        "attempt %d failed (%s); trying again in %.1f s",
        details.retry_num,
        type(details.caused_by).__name__,
        details.wait_for,
    )
