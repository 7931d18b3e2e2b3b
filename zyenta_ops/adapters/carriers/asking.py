"""How trackers are asked: with one key, within their rates, and again when nothing came back.

Handing over a number twice changes nothing, so everything here may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from zyenta_ops.adapters.http import HttpPolicy, build_client
from zyenta_ops.adapters.http.line import Answer, Ask, CallPolicy, Line, fingerprint
from zyenta_ops.domain.tracking import TrackedNumber
from zyenta_ops.ports.gateway import Allowance, RateLimiter

if TYPE_CHECKING:
    import httpx

Result = TypeVar("Result")


@dataclass(frozen=True)
class Connections:
    """How trackers are reached, whoever asks them.

    Attributes:
        limiter: shared by all processes.
        http: how addresses are reached.
        policy: how patient calls are.
    """

    limiter: RateLimiter
    http: HttpPolicy
    policy: CallPolicy = field(default_factory=CallPolicy)


class Asking:
    """One tracker, asked with one key.

    Args:
        name: what it is called in allowances.
        whom: what errors call it.
        key: of our account.
        base_url: of its API; no slash at the end.
        connections: what requests go through.
    """

    def __init__(
        self, name: str, whom: str, key: str, base_url: str, connections: Connections
    ) -> None:
        self._name = name
        self._key = key
        self._base_url = base_url.rstrip("/")
        self._line = Line(
            lambda: build_client(connections.http), connections.limiter, connections.policy, whom
        )

    def allowance(self, what: str, per_second: int) -> Allowance:
        """What requests of one kind count against, together with all others of the same key."""
        # Rounded up to a whole microsecond, so that the published rate is never exceeded.
        return Allowance(
            f"{self._name}:{fingerprint(self._key)}:{what}", -(-1_000_000 // per_second) / 1_000_000
        )

    def ask(
        self,
        method: str,
        path: str,
        understand: Callable[[Answer], Result],
        allowance: Allowance,
        headers: Callable[[str], Mapping[str, str]],
        body: Any = None,
        query: Mapping[str, str] | None = None,
    ) -> Result:
        """One request, repeated while that may help.

        Args:
            method: of HTTP.
            path: below the base address.
            understand: what an answer means, or the `SupplierError` it stands for.
            allowance: what it counts against.
            headers: makes those that show the key.
            body: sent as JSON; None = none.
            query: parameters of the address.
        """
        import httpx

        def prepare(_: Mapping[str, str]) -> httpx.Request:
            return httpx.Request(
                method,
                self._base_url + path,
                headers=headers(self._key),
                json=body,
                params=query,
            )

        question = Ask(prepare, understand, (allowance,))
        return self._line.patiently(lambda: self._line.once(question, {}))

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._line.close()


def batches(asked: Sequence[TrackedNumber], size: int) -> Iterator[list[TrackedNumber]]:
    """The numbers, so many at a time."""
    left = iter(asked)
    while some := list(islice(left, size)):
        yield some
