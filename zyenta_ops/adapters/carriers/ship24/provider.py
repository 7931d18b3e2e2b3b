"""Ship24 as a `zyenta_ops.ports.tracking.TrackingProvider`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from zyenta_ops.adapters.carriers.asking import Asking, Connections
from zyenta_ops.adapters.carriers.ship24 import wire
from zyenta_ops.adapters.http.documents import entries
from zyenta_ops.domain.carriers import tidied
from zyenta_ops.domain.supplier_errors import (
    RateLimited,
    RateScope,
    RequestInvalid,
    UnknownReference,
)
from zyenta_ops.domain.tracking import (
    Knowledge,
    Registered,
    Registration,
    TrackedNumber,
    TrackingAnswer,
)
from zyenta_ops.ports.gateway import Allowance

BASE_URL: Final = "https://api.ship24.com/public/v1"
_CREATE_PER_SECOND: Final = 10
_SEARCH_PER_SECOND: Final = 10


class Ship24:
    """One account at Ship24.

    Args:
        key: an API key.
        base_url: of the API, with its version.
        connections: what requests go through.
    """

    name: Final = "ship24"

    def __init__(self, key: str, base_url: str, connections: Connections) -> None:
        self._asking = Asking(self.name, "Ship24", key, base_url, connections)
        self._creating = self._asking.allowance("create", _CREATE_PER_SECOND)
        self._searching = self._asking.allowance("search", _SEARCH_PER_SECOND)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._asking.close()

    def check(self) -> str:
        """Whether the key is accepted; Ship24 tells nothing of the account."""
        self._ask("GET", "/trackers?page=1&limit=1", self._searching)
        return "the key is accepted"

    def register(self, asked: Sequence[TrackedNumber]) -> Iterator[Registration]:
        """A request for each number; a number that is followed already is answered for again."""
        for each in asked:
            yield self._create(each)

    def read(self, asked: Sequence[TrackedNumber]) -> Iterator[TrackingAnswer]:
        """A request for each number."""
        for each in asked:
            yield self._answer(each)

    def _create(self, asked: TrackedNumber) -> Registration:
        number = tidied(asked.number)
        if not number:
            return Registration(asked, Registered.REFUSED, "the number is not valid")
        try:
            self._ask("POST", "/trackers", self._creating, wire.item(number, asked))
        except RequestInvalid as error:
            why = f" ({error.code})" if error.code else ""
            return Registration(asked, Registered.REFUSED, f"Ship24 does not take it{why}")
        except RateLimited as error:
            if error.scope is RateScope.DAY:
                return Registration(asked, Registered.LATER, str(error))
            raise
        return Registration(asked, Registered.DONE)

    def _answer(self, asked: TrackedNumber) -> TrackingAnswer:
        number = tidied(asked.number)
        if not number:
            return TrackingAnswer(asked, Knowledge.UNREGISTERED)
        try:
            held = self._ask("GET", f"/trackers/search/{number}/results", self._searching)
        except UnknownReference:
            return TrackingAnswer(asked, Knowledge.UNREGISTERED)
        found = entries(held.get("trackings"))
        if not found:
            return TrackingAnswer(asked, Knowledge.UNREGISTERED)
        return wire.tracking(asked, found[0])

    def _ask(
        self, method: str, path: str, allowance: Allowance, body: Any = None
    ) -> Mapping[str, Any]:
        return self._asking.ask(method, path, wire.data, allowance, _headers, body)


def _headers(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"}
