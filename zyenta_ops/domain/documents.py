"""Reading a JSON document field by field, so that everything wrong with it is told at once."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

# Enough to correct a document by; a hostile one could hold millions.
MOST_FAULTS: Final = 100

# What is read where a time is missing or wrong, as "" and 0 are for texts and numbers.
NO_TIME: Final = datetime.min.replace(tzinfo=UTC)

_SHOWABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
# Control characters, halves of surrogate pairs, and the two separators that end a line.
_UNWANTED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a document.

    `where` is a path ("items[2].quantity"), `problem` ends the sentence it begins. Neither quotes
    what was written: it may be personal.
    """

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where} {self.problem}"


class Ambiguous(dict[str, object]):
    """A JSON object that gives a field more than once; it holds what was said last."""

    repeated: tuple[str, ...] = ()


def pairs_once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """For `object_pairs_hook`: remembers the fields that come more than once.

    Readers of JSON differ in which of them they take (RFC 8259, section 4), so whoever checked the
    document may have seen another one.
    """
    content = dict(pairs)
    if len(content) == len(pairs):
        return content
    counts = Counter(name for name, _ in pairs)
    ambiguous = Ambiguous(content)
    ambiguous.repeated = tuple(name for name, count in counts.items() if count > 1)
    return ambiguous


def repeated_fields(document: object) -> Iterator[str]:
    """The paths of the fields that a document read with `pairs_once` gives more than once."""
    waiting = deque([("", document)])  # a hostile one is nested too deep for recursion
    while waiting:
        where, value = waiting.popleft()
        if isinstance(value, Ambiguous):
            yield from (_path(where, name) for name in value.repeated)
        if isinstance(value, dict):
            waiting.extend((_path(where, name), item) for name, item in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{where}[{place}]", item) for place, item in enumerate(value))


def _path(where: str, name: str) -> str:
    shown = name if _SHOWABLE_NAME.fullmatch(name) else "…"
    return f"{where}.{shown}" if where else shown


def text_problem(text: str, longest: int) -> str | None:
    """Why a text of one line cannot be taken, or None."""
    if len(text) > longest:
        return f"is longer than {longest} characters"
    if any(unicodedata.category(character) in _UNWANTED for character in text):
        return "holds control characters"
    return None


class Fields:
    """One JSON object being read.

    A field that is missing or wrong is noted and reads as blank ("", 0, `NO_TIME`); of several
    faults at one place the first counts. `end` notes the fields that nothing has asked for.
    """

    def __init__(
        self, content: object, where: str = "", faults: dict[str, Fault] | None = None
    ) -> None:
        self._where = where
        self._faults: dict[str, Fault] = {} if faults is None else faults
        self._content: dict[str, object] | None = None
        self._asked: set[str] = set()
        if isinstance(content, dict):
            self._content = content
        else:
            self._note(where or "the document", "must be a JSON object")

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was found so far, in the order of reading, in this object and those around it."""
        return tuple(self._faults.values())

    def note(self, name: str, problem: str) -> None:
        """Note that something is wrong with a field, if there is an object to have it."""
        if self._content is not None:
            self._note(self.path(name), problem)

    def path(self, name: str) -> str:
        """Where a field stands in the whole document."""
        return f"{self._where}.{name}" if self._where else name

    def has(self, name: str) -> bool:
        """Whether a field is there; null counts as absent."""
        self._asked.add(name)
        return self._content is not None and self._content.get(name) is not None

    def text(self, name: str, longest: int, *, required: bool = True) -> str:
        """A text of one line, without white space around it."""
        value = self._value(name, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.note(name, "must be text")
            return ""
        text = value.strip()
        if problem := text_problem(text, longest):
            self.note(name, problem)
            return ""
        if required and not text:
            self.note(name, "is empty")
        return text

    def whole(self, name: str, least: int, most: int, *, required: bool = True) -> int:
        """A whole number; neither 1.0 nor true nor "1" is one."""
        value = self._value(name, required=required)
        if value is None:
            return 0
        if type(value) is not int:
            self.note(name, "must be a whole number")
            return 0
        if not least <= value <= most:
            self.note(name, f"must be from {least} to {most}")
            return 0
        return value

    def moment(self, name: str) -> datetime:
        """A time in ISO 8601 with its zone, as UTC."""
        text = self.text(name, 40)
        if not text:
            return NO_TIME
        moment = moment_of(text)
        if moment is None:
            self.note(
                name, "must be a time in ISO 8601 with its zone, such as 2026-11-02T12:00:00Z"
            )
            return NO_TIME
        return moment

    def inner(self, name: str) -> Fields:
        """The object that a field holds; of one that is missing only that is noted."""
        value = self._value(name, required=True)
        return Fields(value, self.path(name), {} if value is None else self._faults)

    def each(self, name: str, most: int) -> Sequence[Fields]:
        """The objects in a list that holds at least one of them."""
        value = self._value(name, required=True)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.note(name, "must be a list")
            return ()
        if not 0 < len(value) <= most:
            self.note(name, f"must hold from 1 to {most} entries")
            return ()
        return [
            Fields(entry, f"{self.path(name)}[{place}]", self._faults)
            for place, entry in enumerate(value)
        ]

    def end(self) -> None:
        """Note the fields that nothing has asked for."""
        for name in self._content or ():
            if name not in self._asked:
                shown = name if _SHOWABLE_NAME.fullmatch(name) else "?"
                self.note(shown, "is not a field; correct or remove it")

    def _value(self, name: str, *, required: bool) -> object:
        self._asked.add(name)
        if self._content is None:
            return None
        value = self._content.get(name)
        if value is None and required:
            self.note(name, "is missing")
        return value

    def _note(self, where: str, problem: str) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.setdefault(where, Fault(where, problem))


def moment_of(text: str) -> datetime | None:
    """A time in ISO 8601 as UTC; None for what is none, or names no zone."""
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
