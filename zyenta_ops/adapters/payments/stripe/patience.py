"""How long Stripe is waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Timeout


class PatientSession(requests.Session):
    """Sends each request once it is sure how long an answer may take.

    A time-out is not what the SDK takes for a fault that passes: it would wait as long again.

    Args:
        seconds: the longest that a request may take.
        left: seconds until nothing more may be asked.
        connections: shared with other sessions.
    """

    def __init__(self, seconds: float, left: Callable[[], float], connections: HTTPAdapter) -> None:
        super().__init__()
        self.trust_env = False  # no proxies from the environment
        self._seconds = seconds
        self._left = left
        self.mount("https://", connections)
        self.mount("http://", connections)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a request; whoever does not answer in time is not asked again."""
        seconds = min(self._seconds, self._left())
        if seconds <= 0:
            raise requests.RequestException("no time is left to ask")
        options["timeout"] = Timeout(total=seconds)
        try:
            return super().send(request, **options)
        except requests.Timeout:
            raise requests.RequestException("no answer in time") from None
        except requests.ConnectionError as error:
            # What stops in the middle of an answer is told in this way.
            if error.args and isinstance(error.args[0], ReadTimeoutError):
                raise requests.RequestException("no whole answer in time") from None
            raise
