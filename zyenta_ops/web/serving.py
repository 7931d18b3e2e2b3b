"""Running the edge: limits of the server, and an end that loses nothing."""

from __future__ import annotations

import logging
import signal
from typing import Any, Final

import uvicorn

from zyenta_ops.web.app import build_app
from zyenta_ops.web.edge import Edge

# More at a time than any source opens; beyond that uvicorn answers 503 by itself.
MOST_CONNECTIONS: Final = 512
KEEP_ALIVE_SECONDS: Final = 15
# Longer than the longest a request may take (a slow body and its commit).
STOP_SECONDS: Final = 15

_LOGS: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        name: {"handlers": ["stderr"], "level": "INFO", "propagate": False}
        for name in ("uvicorn", "zyenta_ops.web")
    },
}


def serve(edge: Edge, host: str, port: int) -> None:
    """Answer until told to stop by SIGINT or SIGTERM; what was accepted by then is committed.

    Raises:
        SystemExit: the address cannot be bound.
    """
    # The server raises the signal again when it has stopped; that is no failure.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server_of(edge, host=host, port=port, log_config=_LOGS).run()
    except KeyboardInterrupt:
        return


def server_of(edge: Edge, **where: Any) -> uvicorn.Server:
    """The server of an edge, not started; `where` it listens and logs is uvicorn's to know."""
    config = uvicorn.Config(
        build_app(edge),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        **where,
    )
    # Its lines show paths, and those hold tokens; see `shield`. Off, whoever listens to it.
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Server(config)
