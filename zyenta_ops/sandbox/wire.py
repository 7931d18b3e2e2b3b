"""What goes over the wire, before any vendor has looked at it: requests, answers, routes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from zyenta_ops.sandbox.faults import Rule


@dataclass(frozen=True)
class Request:
    """A request as the vendor received it.

    Attributes:
        path: without the vendor's prefix and without the query.
        headers: names in lower case.
        client: address the connection came from.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    client: str

    def parameters(self) -> dict[str, str]:
        """Query and form fields together; the last of a repeated name counts."""
        return dict(self.pairs())

    def pairs(self) -> list[tuple[str, str]]:
        """Query and form fields in order, empty values kept."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        if "form" in self.headers.get("content-type", ""):
            pairs += parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return pairs

    def document(self) -> dict[str, Any]:
        """The JSON object of the body; empty without a body.

        Raises:
            ValueError: the body is not a JSON object.
        """
        found = json.loads(self.body or b"{}")
        if not isinstance(found, dict):
            raise ValueError("the body is not a JSON object")
        return found


@dataclass(frozen=True)
class Answer:
    """A vendor's answer; `outcome` is what the request log says of it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    outcome: str = "ok"

    @classmethod
    def of(cls, document: object, status: int = 200, outcome: str = "ok", **headers: str) -> Answer:
        """A JSON answer; underscores in header names stand for hyphens."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(
            status, body, {"Content-Type": "application/json;charset=UTF-8", **names}, outcome
        )


@dataclass
class Call:
    """One request on its way through the sandbox: who asks whom for what, and what goes wrong.

    Attributes:
        operation: the vendor's name of what is asked: an API method, or the pattern of a path.
        account: name of the account, never its credentials; empty when unknown.
        product: the reference of the product it is about, or several with commas, else empty.
        violation: the limit that the call broke, else empty.
        effects: what the fault script does to the vendor during this call, by fault.
    """

    vendor: str
    method: str
    operation: str
    account: str = ""
    product: str = ""
    violation: str = ""
    effects: dict[str, Rule] = field(default_factory=dict)


Handler = Callable[..., Answer]


class Routes:
    """Paths with `{names}` in them, and who handles which."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, str, re.Pattern[str], Handler]] = []

    def add(self, method: str, pattern: str, handler: Handler) -> None:
        """Hand requests for a path to a handler, with the path's named parts as arguments."""
        expression = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + "$")
        self._routes.append((method, pattern, expression, handler))

    def find(self, method: str, path: str) -> tuple[str, Handler | None, dict[str, str]]:
        """Pattern, handler and named parts; the path itself and no handler when unknown."""
        known = ""
        for route_method, pattern, expression, handler in self._routes:
            if found := expression.match(path):
                if route_method == method:
                    return pattern, handler, found.groupdict()
                known = pattern
        return known or path, None, {}
