"""What goes wrong, and when: a script of faults, drawn from a seed or written as JSON.

Each rule names the calls it is about and the fault that befalls them. Which calls are hit depends
on their number among the calls that the rule is about, and on the seed; never on the clock and
never on the order of threads.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from zyenta_ops.sandbox.chance import chance, pick

FAULTS: dict[str, str] = {
    "latency": "the answer waits for `seconds`",
    "status": "HTTP `status` instead of an answer, with Retry-After when `retry_after` is given",
    "throttled": "the vendor's own answer to too many requests",
    "reset_before": "the connection is reset before the vendor has done anything",
    "reset_after": "the connection is reset after the vendor has done what was asked",
    "status_after": "HTTP `status` although the vendor has done what was asked",
    "truncated": "half of the answer arrives, then the connection ends",
    "html": "a web page instead of JSON, before the vendor has done anything",
    "drip": "the answer arrives in pieces over `seconds`",
    "huge": "an answer of `bytes` bytes",
    "hang": "no answer, until the client gives up or the sandbox ends",
    "forbidden": "the vendor's own answer to who may not ask for this",
    "expired_token": "the caller's access token expires before the call",
    "duplicated_order": "the vendor books the order twice under one reference",
    "slow_landing": "an order placed now can be looked up only after `seconds`",
    "index_lag": "an order placed now is found by reference only after `seconds`",
    "move": "`move` happens to `count` products before the call, by `percent` where it is a price",
    "push_lost": "a push is taken on the way to the receiver and never arrives",
    "push_twice": "a push arrives twice",
    "push_late": "a push goes out `seconds` late",
    "push_last": "a push goes out after all others that are due",
}
MOVES = ("sell_out", "restock", "price_jump", "delist", "remove", "drop_variant")
# A vendor has nothing better to say than these to a call that it never sees.
INSTEAD = frozenset({"status", "throttled", "reset_before", "html", "huge", "hang"})
# These befall messages from a vendor, whose method is PUSH; all others befall calls.
PUSH_FAULTS = frozenset(fault for fault in FAULTS if fault.startswith("push_"))
CALL_FAULTS = frozenset(FAULTS) - PUSH_FAULTS


@dataclass(frozen=True)
class Rule:
    """A fault and the calls it befalls.

    Attributes:
        vendor, operation, method, product: patterns with `*`; a call must match all of them. What
            a call says of products is `Call.product`.
        calls: which of the matching calls, counted from 1; empty means any of them.
        probability: share of those calls that are hit.
        times: how many calls are hit at most; None means no limit.
    """

    fault: str
    vendor: str = "*"
    operation: str = "*"
    method: str = "*"
    product: str = "*"
    calls: tuple[int, ...] = ()
    probability: float = 1
    times: int | None = None
    seconds: float = 0
    status: int = 503
    retry_after: int | None = None
    bytes: int = 50_000_000
    move: str = ""
    count: int = 1
    percent: int = 20


class FaultScript:
    """Rules in force, and how often each of them has been looked at and has struck."""

    def __init__(self, rules: Sequence[Rule] = (), seed: int = 0) -> None:
        self._seed = seed
        self._rules: list[Rule] = []
        self._seen: list[int] = []
        self._struck: list[int] = []
        for rule in rules:
            self.add(rule)

    @classmethod
    def from_seed(cls, seed: int) -> FaultScript:
        """A bad but ordinary day: a few of everything that real suppliers do, at every vendor."""
        kinds = ("status", "throttled", "reset_before", "reset_after", "truncated", "html")
        rules = [
            Rule(
                kind,
                probability=0.01 + chance(seed, kind) / 100,
                status=pick((500, 502, 503, 504), seed, kind),
            )
            for kind in kinds
        ]
        rules.append(Rule("slow_landing", probability=0.05, seconds=20))
        rules.append(Rule("expired_token", probability=0.002))
        for number, move in enumerate(("sell_out", "restock", "price_jump", "delist")):
            rules.append(Rule("move", move=move, count=2, calls=(50 + 100 * number,)))
        return cls(rules, seed)

    def add(self, rule: Rule) -> None:
        """Put a rule in force, after those that are."""
        self._rules.append(rule)
        self._seen.append(0)
        self._struck.append(0)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._rules, self._seen, self._struck = [], [], []

    def due(
        self,
        vendor: str,
        operation: str,
        method: str,
        product: str = "",
        kinds: frozenset[str] = CALL_FAULTS,
    ) -> dict[str, Rule]:
        """The faults that befall this call or push. To be asked once for each: asking counts."""
        found: dict[str, Rule] = {}
        for number, rule in enumerate(self._rules):
            if rule.fault not in kinds or not _concerns(rule, vendor, operation, method, product):
                continue
            self._seen[number] += 1
            if self._strikes(number, rule):
                self._struck[number] += 1
                found.setdefault(rule.fault, rule)
        return found

    def state(self) -> list[dict[str, Any]]:
        """Every rule with the number of calls it has seen and struck."""
        counts = zip(self._rules, self._seen, self._struck, strict=True)
        return [{**asdict(rule), "seen": seen, "struck": struck} for rule, seen, struck in counts]

    def _strikes(self, number: int, rule: Rule) -> bool:
        seen = self._seen[number]
        if rule.calls and seen not in rule.calls:
            return False
        if rule.times is not None and self._struck[number] >= rule.times:
            return False
        return chance(self._seed, number, rule.fault, seen) < rule.probability


def _concerns(rule: Rule, vendor: str, operation: str, method: str, product: str) -> bool:
    return (
        fnmatchcase(vendor, rule.vendor)
        and fnmatchcase(operation, rule.operation)
        and fnmatchcase(method, rule.method)
        and fnmatchcase(product, rule.product)
    )


def read_rules(text: str | bytes) -> list[Rule]:
    """The rules of a script: a JSON list of objects, each with a `fault` and fields of `Rule`.

    Raises:
        ValueError: it is not such a list; says which rule and what is wrong with it.
    """
    try:
        documents = json.loads(text)
    except ValueError as error:
        raise ValueError(f"the fault script is not JSON: {error}") from None
    if not isinstance(documents, list):
        raise ValueError("the fault script is not a list of rules")
    return [_rule(number, document) for number, document in enumerate(documents, 1)]


_TYPES: dict[str, tuple[type, ...]] = {
    "fault": (str,), "vendor": (str,), "operation": (str,), "method": (str,), "move": (str,),
    "product": (str,),
    "calls": (list, tuple), "probability": (int, float), "seconds": (int, float),
    "times": (int, type(None)), "retry_after": (int, type(None)),
    "status": (int,), "bytes": (int,), "count": (int,), "percent": (int,),
}  # fmt: skip


def _rule(number: int, document: object) -> Rule:
    if not isinstance(document, dict):
        raise ValueError(f"rule {number} of the fault script is not an object")
    if document.get("fault") not in FAULTS:
        raise ValueError(
            f"rule {number} of the fault script names no known fault: use {', '.join(FAULTS)}"
        )
    unknown = sorted(set(document) - {field.name for field in fields(Rule)})
    if unknown:
        raise ValueError(f"rule {number} of the fault script has no field {', '.join(unknown)}")
    for name, value in document.items():
        if not isinstance(value, _TYPES[name]) or isinstance(value, bool):
            raise ValueError(f"rule {number} of the fault script has a wrong value for {name}")
    calls = document.get("calls", ())
    if not all(isinstance(call, int) and call > 0 for call in calls):
        raise ValueError(f"rule {number} of the fault script: calls are numbers from 1")
    if document["fault"] == "move" and document.get("move") not in MOVES:
        raise ValueError(f"rule {number} of the fault script: a move is one of {', '.join(MOVES)}")
    return Rule(**{**document, "calls": tuple(calls)})
