"""What an operator asks for: a verb and what it needs, checked before anything is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from zyenta_ops.domain.addresses import LONGEST
from zyenta_ops.domain.documents import Fault, text_problem
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment.reasons import OF_THE_ORDER, Verb

LONGEST_TEXT: Final = 1_000
LONGEST_REF: Final = 200
MOST_PARTS: Final = 50


class WishRefused(Refused):
    """What was asked for is not complete, or more than the verb takes; nothing was done.

    Attributes:
        faults: everything that is wrong with it.
    """

    def __init__(self, verb: Verb, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{spoken(verb)} cannot be done: {'; '.join(map(str, self.faults))}")


@dataclass(frozen=True, slots=True)
class Wish:
    """A verb, and what it needs; what a verb does not need stays empty.

    Attributes:
        verb: what to do.
        note: why, for whoever reads the timeline.
        which: the number of the supplier order; None = the only one that it can be done to.
        holds: APPROVE: the sources of the holds to end; none = the only one there is.
        references: MARK_PLACED: what the supplier calls its orders.
        supplier: RETRY_OTHER_SUPPLIER: its key; "" = the best that has the goods.
        item: REMAP_VARIANT: the order's item.
        offer: REMAP_VARIANT: the offer to buy it as, by its id or as SUPPLIER:PRODUCT:VARIANT.
        units: SPLIT: units of items that go into a supplier order of their own.
        address: EDIT_ADDRESS: the fields that change.
        number: ADD_TRACKING: of the parcel; `carrier` and `url` where they are known.
        partial: ADD_TRACKING: more parcels will follow.
        done: CANCEL: it was cancelled on the supplier's site, or is given up.
        until: SNOOZE: when to come back to it.
        to: ASSIGN: who takes care of it; "" = nobody.
    """

    verb: Verb
    note: str = ""
    which: int | None = None
    holds: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    supplier: str = ""
    item: str = ""
    offer: str = ""
    units: tuple[tuple[str, int], ...] = ()
    address: Mapping[str, str] = field(default_factory=dict, repr=False)
    number: str = ""
    carrier: str = ""
    url: str = ""
    partial: bool = False
    done: bool = False
    until: datetime | None = None
    to: str = ""

    def said(self) -> dict[str, Any]:
        """What tells it from another wish: all that was given."""
        return {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.name not in ("verb", "note") and getattr(self, each.name) not in ("", None, ())
        }


# What each verb needs, and what else it takes; all take a note.
_CANCEL: Final = ((), ("done",))
TAKES: Final[Mapping[Verb, tuple[tuple[str, ...], tuple[str, ...]]]] = MappingProxyType(
    {
        Verb.RETRY: ((), ()),
        Verb.RETRY_OTHER_SUPPLIER: ((), ("supplier",)),
        Verb.REMAP_VARIANT: (("item", "offer"), ()),
        Verb.SPLIT: (("units",), ()),
        Verb.MARK_PLACED: (("references",), ()),
        Verb.CONFIRM_NOT_PLACED: ((), ()),
        Verb.MARK_PAID: ((), ()),
        Verb.REORDER: ((), ()),
        Verb.CANCEL: _CANCEL,
        Verb.CANCEL_AND_REFUND: _CANCEL,
        Verb.ADD_TRACKING: (("number",), ("carrier", "url", "partial")),
        Verb.MARK_DELIVERED: ((), ()),
        Verb.EDIT_ADDRESS: (("address",), ()),
        Verb.APPROVE: ((), ("holds",)),
        Verb.SNOOZE: (("until",), ()),
        Verb.ASSIGN: ((), ("to",)),
        Verb.NOTE: (("note",), ()),
    }
)


def spoken(verb: Verb) -> str:
    """A verb as people say it."""
    return verb.lower().replace("_", " ")


def check(wish: Wish, now: datetime) -> None:
    """See that a wish is complete and holds nothing that its verb does not take.

    Raises:
        WishRefused: it does not.
    """
    faults = [*_shape(wish), *_texts(wish)]
    if wish.until is not None and wish.until <= now:
        faults.append(Fault("until", "is over already"))
    if faults:
        raise WishRefused(wish.verb, faults)


def _shape(wish: Wish) -> Iterator[Fault]:
    needs, takes = TAKES[wish.verb]
    free = () if wish.verb in OF_THE_ORDER else ("which",)
    for each in fields(wish):
        name, value = each.name, getattr(wish, each.name)
        empty = not value and value != 0
        if name in needs and (empty or (isinstance(value, str) and not value.strip())):
            yield Fault(name, "is missing")
        elif not (empty or value is False or name in ("verb", "note", *needs, *takes, *free)):
            yield Fault(name, f"is nothing that {spoken(wish.verb)} takes")
    for name in ("holds", "references", "units"):
        if len(getattr(wish, name)) > MOST_PARTS:
            yield Fault(name, f"are more than {MOST_PARTS}")
    for name in wish.address:
        if name not in LONGEST:
            yield Fault(f"address.{name}"[:60], "is no field of an address")
    if any(quantity < 1 for _, quantity in wish.units):
        yield Fault("units", "must be at least 1 of each item")


def _texts(wish: Wish) -> Iterator[Fault]:
    texts = {"note": (wish.note, LONGEST_TEXT), "url": (wish.url, LONGEST_TEXT)}
    for name in ("supplier", "item", "offer", "number", "carrier", "to"):
        texts[name] = (getattr(wish, name), LONGEST_REF)
    for name in ("holds", "references"):
        for place, text in enumerate(getattr(wish, name)):
            texts[f"{name}[{place}]"] = (text, LONGEST_REF)
            if not text.strip():
                yield Fault(f"{name}[{place}]", "is empty")
    for where, (text, longest) in texts.items():
        if problem := text_problem(text, longest):
            yield Fault(where, problem)
    if wish.url and not wish.url.startswith(("https://", "http://")):
        yield Fault("url", "is no web address")
