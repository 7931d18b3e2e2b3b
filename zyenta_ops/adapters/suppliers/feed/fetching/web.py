"""Feeds on web servers: conditional, retried, guarded requests that end on time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zyenta_ops.adapters.http import AddressRefused, HttpPolicy, attempts, build_client
from zyenta_ops.adapters.suppliers.feed.config import FeedCredentials, FeedLimits
from zyenta_ops.adapters.suppliers.feed.fetching import CHUNK, Fetched, store, too_large
from zyenta_ops.domain.catalog import SourceVersion
from zyenta_ops.domain.errors import SourceError, SourceInvalid, SourceUnavailable

if TYPE_CHECKING:
    import httpx

_PASSING: Final = frozenset({408, 425, 429})  # besides 5xx: what may be different next time
_REASONS: Final = {
    401: "the server asks for other credentials (HTTP 401); check the feed's credentials",
    403: "the server refuses access (HTTP 403); check the feed's credentials",
    404: "the feed is not there (HTTP 404); check its address",
    410: "the feed was removed for good (HTTP 410); ask the supplier for the new address",
}


class _Passing(SourceUnavailable):
    """A failure worth another attempt now; `wait` is the server's own wish in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class WebFetch:
    """Fetches one feed over HTTP.

    Args:
        location: the http(s) address.
        credentials: sent to the address's own origin only, never to where it redirects.
        policy: attempts, waits and the private addresses allowed.
        limits: size and total time, all attempts and waits included.
    """

    def __init__(
        self,
        location: str,
        credentials: FeedCredentials | None,
        policy: HttpPolicy,
        limits: FeedLimits,
    ) -> None:
        self._location = location
        self._credentials = credentials or FeedCredentials()
        self._policy = policy
        self._limits = limits

    def fetch(self, known: SourceVersion | None, target: Path) -> Fetched:
        """Download to `target` unless the server says that nothing changed since `known`.

        Raises:
            SourceUnavailable: still failing after all attempts, or out of time.
            SourceInvalid: refused, not there, too large, or not to be reached from here.
        """
        tries = attempts(
            self._another_attempt,
            self._policy.attempts,
            timeout=self._limits.timeout_seconds,
            first_wait=self._policy.first_wait_seconds,
            longest_wait=self._policy.longest_wait_seconds,
        )
        with build_client(self._policy, self._limits.timeout_seconds) as client:
            for attempt in tries:
                with attempt, _our_errors(self._limits):
                    return self._attempt(client, known, target)
        raise SourceUnavailable("no attempt was made")

    def _another_attempt(self, error: Exception) -> bool | float:
        if not isinstance(error, _Passing):
            return False
        if error.wait is None:
            return True
        return error.wait if error.wait <= self._policy.longest_wait_seconds else False

    def _attempt(self, client: httpx.Client, known: SourceVersion | None, target: Path) -> Fetched:
        response = self._final_response(client, known)
        try:
            if response.status_code == 304 and known is not None:
                return Fetched(known, None)
            _refuse_unless_ok(response)
            declared = response.headers.get("content-length", "")
            if declared.isdigit() and int(declared) > self._limits.download_bytes:
                raise too_large(self._limits.download_bytes)
            with target.open("wb") as file:
                sha256 = store(response.iter_raw(CHUNK), file, self._limits.download_bytes)
        finally:
            response.close()
        headers = response.headers
        return Fetched(
            SourceVersion(headers.get("etag"), headers.get("last-modified"), sha256), target
        )

    def _final_response(self, client: httpx.Client, known: SourceVersion | None) -> httpx.Response:
        """The response at the end of the redirects, its body not yet read."""
        import httpx

        start = url = httpx.URL(self._location)
        for hop in range(self._policy.max_redirects + 1):
            request = client.build_request("GET", url, headers=_conditions(known))
            if _origin(url) == _origin(start):
                self._authorise(request)
            try:
                response = client.send(request, stream=True)
            except AddressRefused as error:
                raise _refused_address(error, redirected=hop > 0) from error
            if not response.has_redirect_location:
                return response
            response.close()
            url = url.join(response.headers["location"])
            if url.scheme not in ("http", "https"):
                raise SourceInvalid(f"the server redirects to a {url.scheme[:20]} address")
        raise SourceInvalid(f"the server redirects more than {self._policy.max_redirects} times")

    def _authorise(self, request: httpx.Request) -> None:
        import httpx

        if self._credentials.header:
            name, value = self._credentials.header
            request.headers[name] = value
        if self._credentials.basic:
            user, password = self._credentials.basic
            next(httpx.BasicAuth(user, password).auth_flow(request))


def _conditions(known: SourceVersion | None) -> dict[str, str]:
    # Identity: the stored bytes and their digest are then the feed's own.
    headers = {"accept": "*/*", "accept-encoding": "identity"}
    if known and known.etag:
        headers["if-none-match"] = known.etag
    if known and known.last_modified:
        headers["if-modified-since"] = known.last_modified
    return headers


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _refuse_unless_ok(response: httpx.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in _PASSING or status >= 500:
        raise _Passing(f"the server answers HTTP {status}; try again later", _wished_wait(response))
    raise SourceInvalid(_REASONS.get(status, f"the server answers HTTP {status} instead of a feed"))


def _wished_wait(response: httpx.Response) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3: a number of seconds or a date)."""
    wish = response.headers.get("retry-after", "").strip()
    if wish.isdigit():
        return float(wish)
    try:
        until = parsedate_to_datetime(wish)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _refused_address(error: AddressRefused, redirected: bool) -> SourceInvalid:
    if redirected:
        return SourceInvalid(
            f"the server redirects to {error.host}, which is not on the public internet; nothing "
            "was fetched"
        )
    return SourceInvalid(
        f"{error.host} is not on the public internet; if the feed is your own, allow its network"
    )


@contextmanager
def _our_errors(limits: FeedLimits) -> Iterator[None]:
    """Exceptions of httpx as ours; their texts stay behind, for they may quote the address."""
    import httpx

    try:
        yield
    except SourceError:
        raise
    except httpx.TimeoutException as error:
        raise _Passing(
            f"the server did not deliver the feed in time (at most {limits.timeout_seconds:g} s)"
        ) from error
    except httpx.RemoteProtocolError as error:
        raise _Passing("the server ended the connection before the feed was complete") from error
    except httpx.ConnectError as error:
        raise _Passing("the server cannot be reached") from error
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
        raise SourceInvalid("the address is not usable; check it") from error
    except httpx.HTTPError as error:
        raise _Passing("the connection to the server broke") from error
    except OSError as error:
        raise SourceUnavailable(f"the feed could not be stored: {error.strerror}") from error
