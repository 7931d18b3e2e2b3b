"""Form fields with brackets, `a[b][0][c]=1`, as the objects and lists they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

from zyenta_ops.sandbox.stripe.errors import invalid

_KEYS = re.compile(r"\[([^\[\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The tree that the names of form fields describe; lists are still objects by index."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        keys = [name.partition("[")[0], *_KEYS.findall(name)]
        branch = tree
        for key in keys[:-1]:
            found = branch.setdefault(key or str(len(branch)), {})
            if not isinstance(found, dict):
                raise invalid(f"Invalid object: {key}", param=name)
            branch = found
        branch[keys[-1] or str(len(branch))] = value
    return tree


@dataclass(frozen=True)
class Params:
    """Parameters of a request, or an object among them.

    Whatever is read is checked; what is wrong is refused in Stripe's words and by its full name.
    """

    values: dict[str, Any]
    path: str = ""

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def named(self, name: str) -> str:
        """The full name of a parameter."""
        return f"{self.path}[{name}]" if self.path else name

    def only(self, accepted: Set[str]) -> None:
        """Refuse what the interface does not know: a misspelt parameter is no parameter."""
        for name in self.values:
            if name not in accepted:
                full = self.named(name)
                raise invalid(f"Received unknown parameter: {full}", full, "parameter_unknown")

    def require(self, *names: str) -> None:
        """Refuse when one of them is missing."""
        for name in names:
            if self.values.get(name, "") in ("", {}):
                full = self.named(name)
                raise invalid(f"Missing required param: {full}.", full, "parameter_missing")

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        found = self.values.get(name, default)
        if not isinstance(found, str):
            raise invalid("Invalid string: must be a string", self.named(name))
        return found

    def optional(self, name: str) -> str | None:
        """A string, None when it is missing or empty."""
        return self.text(name) or None

    def number(self, name: str) -> int | None:
        """A whole number, None when it is missing."""
        found = self.values.get(name)
        if found is None:
            return None
        if not isinstance(found, str) or not re.fullmatch(r"-?\d{1,18}", found):
            full = self.named(name)
            raise invalid(f"Invalid integer: {found}", full, "parameter_invalid_integer")
        return int(found)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean."""
        found = self.values.get(name, str(default).lower())
        if found not in ("true", "false"):
            raise invalid(f"Invalid boolean: {found}", self.named(name))
        return bool(found == "true")

    def choice(self, name: str, options: Iterable[str], default: str = "") -> str:
        """One of several words."""
        found, known = self.text(name, default), list(options)
        if found not in known and found != default:
            allowed = f"{', '.join(known[:-1])}, or {known[-1]}"
            raise invalid(f"Invalid {self.named(name)}: must be one of {allowed}", self.named(name))
        return found

    def object(self, name: str) -> Params:
        """An object; empty when it is missing."""
        found = self.values.get(name) or {}
        if not isinstance(found, dict):
            raise invalid("Invalid object", self.named(name))
        return Params(found, self.named(name))

    def objects(self, name: str) -> list[Params]:
        """A list of objects."""
        return [self.object(name).object(key) for key in self.object(name).values]

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        found = self.values.get(name, {})
        if not isinstance(found, dict):
            raise invalid("Invalid array", self.named(name))
        return [Params(found, self.named(name)).text(key) for key in found]

    def metadata(self, before: dict[str, str] | None = None) -> dict[str, str]:
        """Metadata after this request: keys are added, an empty value takes a key away."""
        if self.values.get("metadata") == "":
            return {}
        given = self.object("metadata")
        for key in given.values:
            if len(key) > 40 or len(given.text(key)) > 500:
                raise invalid("Invalid metadata: too long", given.named(key))
        merged = {**(before or {}), **{key: given.text(key) for key in given.values}}
        if len(merged) > 50:
            raise invalid("Metadata can have up to 50 keys.", self.named("metadata"))
        return {key: value for key, value in merged.items() if value}
