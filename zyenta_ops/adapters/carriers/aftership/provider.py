"""AfterShip as a `zyenta_ops.ports.tracking.TrackingProvider`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from zyenta_ops.adapters.carriers.aftership import wire
from zyenta_ops.adapters.carriers.asking import Asking, Connections, batches
from zyenta_ops.adapters.http.documents import entries, entry, name
from zyenta_ops.domain.carriers import tidied
from zyenta_ops.domain.supplier_errors import AnswerInvalid, RateLimited, RateScope, RequestInvalid
from zyenta_ops.domain.tracking import (
    Knowledge,
    Registered,
    Registration,
    TrackedNumber,
    TrackingAnswer,
)

BASE_URL: Final = "https://api.aftership.com/tracking/2025-07"
_MOST: Final = 50  # numbers in one list
_CREATE_PER_SECOND: Final = 20
_LIST_PER_SECOND: Final = 6
_MOST_PAGES: Final = 20


class AfterShip:
    """One account at AfterShip.

    Args:
        key: an API key.
        base_url: of the API, with its version.
        connections: what requests go through.
    """

    name: Final = "aftership"

    def __init__(self, key: str, base_url: str, connections: Connections) -> None:
        self._asking = Asking(self.name, "AfterShip", key, base_url, connections)
        self._creating = self._asking.allowance("create", _CREATE_PER_SECOND)
        self._listing = self._asking.allowance("list", _LIST_PER_SECOND)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._asking.close()

    def check(self) -> str:
        """Whether the key is accepted; AfterShip tells nothing of the account."""
        self._list({"limit": "1"})
        return "the key is accepted"

    def register(self, asked: Sequence[TrackedNumber]) -> Iterator[Registration]:
        """A request for each number."""
        for each in asked:
            yield self._create(each)

    def read(self, asked: Sequence[TrackedNumber]) -> Iterator[TrackingAnswer]:
        """Fifty numbers a request."""
        for some in batches(asked, _MOST):
            numbers = sorted({tidied(each.number) for each in some} - {""})
            found = self._trackings(numbers) if numbers else {}
            for each in some:
                yield _answer(each, found.get(tidied(each.number), []))

    def _create(self, asked: TrackedNumber) -> Registration:
        number = tidied(asked.number)
        if not number:
            return Registration(asked, Registered.REFUSED, "the number is not valid")
        try:
            self._asking.ask(
                "POST", "/trackings", wire.data, self._creating, _headers, wire.item(number, asked)
            )
        except RequestInvalid as error:
            code = int(error.code)
            if code == wire.ALREADY_THERE:
                return Registration(asked, Registered.DONE)
            reason = f"AfterShip does not take it ({code})"
            return Registration(asked, Registered.REFUSED, wire.REFUSALS.get(code, reason))
        except RateLimited as error:
            if error.scope is RateScope.DAY:
                return Registration(asked, Registered.LATER, str(error))
            raise
        return Registration(asked, Registered.DONE)

    def _trackings(self, numbers: list[str]) -> Mapping[str, list[Mapping[str, Any]]]:
        """The trackings of numbers, several where several carriers have one; page by page."""
        found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        query = {"tracking_numbers": ",".join(numbers), "limit": "100"}
        for _ in range(_MOST_PAGES):
            held = self._list(query)
            for each in entries(held.get("trackings")):
                found[tidied(name(each.get("tracking_number")))].append(each)
            paging = entry(held.get("pagination"))
            cursor = name(paging.get("next_cursor"))
            if paging.get("has_next_page") is not True or not cursor:
                return found
            query = {**query, "cursor": cursor}
        raise AnswerInvalid("AfterShip's list of trackings does not come to an end")

    def _list(self, query: Mapping[str, str]) -> Mapping[str, Any]:
        return self._asking.ask(
            "GET", "/trackings", wire.data, self._listing, _headers, query=query
        )


def _headers(key: str) -> Mapping[str, str]:
    return {"as-api-key": key}


def _answer(asked: TrackedNumber, found: list[Mapping[str, Any]]) -> TrackingAnswer:
    if not found:
        return TrackingAnswer(asked, Knowledge.UNREGISTERED)
    chosen = next((each for each in found if wire.is_of(each, asked)), found[0])
    return wire.tracking(asked, chosen)
