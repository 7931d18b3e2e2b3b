"""Stripe's lists and expansion: pages by cursor, and ids that turn into objects on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import islice

from zyenta_ops.sandbox.stripe.errors import invalid, missing, refused
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger
from zyenta_ops.sandbox.stripe.params import Params

LISTED = "created ending_before limit starting_after"
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda at, bound: at > bound,
    "gte": lambda at, bound: at >= bound,
    "lt": lambda at, bound: at < bound,
    "lte": lambda at, bound: at <= bound,
}


def envelope(url: str, data: list[Document], more: bool = False) -> Document:
    """A list as Stripe writes it."""
    return {"object": "list", "data": data, "has_more": more, "url": url}


def listed(
    url: str,
    found: Sequence[Document],
    asked: Params,
    kind: str,
    wanted: Callable[[Document], bool] = lambda document: True,
) -> Document:
    """The page that was asked for.

    Args:
        url: path of the list.
        found: everything a cursor may name, newest first.
        asked: the parameters of the page.
        kind: what a cursor names, for the refusal of one that does not exist.
        wanted: what is in the list. A cursor holds its place whether or not it is wanted itself.
    """
    limit = 10 if (given := asked.number("limit")) is None else given
    if not 1 <= limit <= 100:
        raise invalid("This value must be between 1 and 100.", "limit", "parameter_invalid_integer")
    if "starting_after" in asked and "ending_before" in asked:
        raise invalid("You can only pass one of starting_after and ending_before.")
    for name in ("starting_after", "ending_before"):
        if name in asked:
            place = _place(found, asked.text(name), kind, name)
            found = found[place + 1 :] if name == "starting_after" else found[:place]
    inside, backwards = _within(asked), "ending_before" in asked
    ordered = reversed(found) if backwards else iter(found)
    page = list(islice((e for e in ordered if wanted(e) and inside(e)), limit + 1))
    more = len(page) > limit
    page = page[:limit]
    return envelope(url, page[::-1] if backwards else page, more)


def having(asked: Params, *names: str) -> Callable[[Document], bool]:
    """Whether fields are what the parameters of the same names say."""
    wanted = {name: asked.text(name) for name in names if name in asked}
    return lambda each: all(each.get(name) == value for name, value in wanted.items())


def _place(found: Sequence[Document], cursor: str, kind: str, param: str) -> int:
    for place, each in enumerate(found):
        if each["id"] == cursor:
            return place
    raise missing(kind, cursor, param)


def _within(asked: Params) -> Callable[[Document], bool]:
    """Whether something was created when `created` says: at a second, or within bounds."""
    if not isinstance(asked.values.get("created", {}), dict):
        at = asked.number("created")
        return lambda each: bool(each.get("created", 0) == at)
    bounds = asked.object("created")
    bounds.only(_COMPARE.keys())
    limits = [(_COMPARE[name], bounds.number(name) or 0) for name in bounds.values]
    return lambda each: all(holds(each.get("created", 0), at) for holds, at in limits)


def expanded(ledger: Ledger, document: Document, paths: Sequence[str]) -> Document:
    """A copy of an object with ids on the given paths turned into the objects they name."""
    made = deepcopy(document)
    for path in paths:
        if path.count(".") > 3:
            raise refused("You cannot expand more than 4 levels of a property.", param="expand")
        _expand(ledger, made, path.split("."), path)
    return made


def _expand(ledger: Ledger, document: Document, names: Sequence[str], path: str) -> None:
    name, rest = names[0], names[1:]
    hidden = ledger.notes.get(document.get("id", ""), {}).get("expandable", {})
    if name not in document and name in hidden:
        document[name] = deepcopy(hidden[name]())
    value = document.get(name)
    if isinstance(value, str):
        document[name] = value = deepcopy(ledger.find(value))
        name = name if value else ""
    if name not in document or not isinstance(value, dict | list | None):
        raise refused(f"This property cannot be expanded ({path}).", param="expand")
    for each in value if isinstance(value, list) else [value]:
        if rest and isinstance(each, dict):
            _expand(ledger, each, rest, path)
