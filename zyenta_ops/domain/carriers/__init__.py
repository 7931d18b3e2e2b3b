"""Which carrier a tracking number is of.

    detect("RB 473 124 829 GB")[0].carrier.name  # "Royal Mail"

A number alone is often ambiguous: twelve digits may be FedEx or nobody's. So the answer is a
ranking, and an empty one where no known form fits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.carriers.check_digits import Check, check_character
from zyenta_ops.domain.carriers.formats import FORMS, S10, S10_SERVICES, Form
from zyenta_ops.domain.carriers.names import Carrier, carrier_code, carrier_of, post_of
from zyenta_ops.domain.names import COUNTRIES

__all__ = ["Candidate", "Carrier", "Confidence", "carrier_code", "detect", "tidied"]

# More than any label holds, with room for spaces. What is longer is not looked at.
_LONGEST_TEXT: Final = 128
_BETWEEN: Final = re.compile(r"[\s\-.]+")
_NUMBER: Final = re.compile(r"[0-9A-Z]+")


class Confidence(StrEnum):
    """What speaks for a candidate."""

    CHECKED = "CHECKED"  # its check character is right
    PATTERN = "PATTERN"  # it looks like one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A carrier that a number may be of.

    Attributes:
        carrier: who.
        service: its product, for people.
        confidence: what speaks for it.
        origin: ISO 3166 country of the post that gave the number; empty for other carriers.
    """

    carrier: Carrier
    service: str
    confidence: Confidence
    origin: str = ""


def detect(number: str, country: str = "", hint: str = "") -> tuple[Candidate, ...]:
    """The carriers that a number may be of, likeliest first, each once; empty = no known form.

    A right check character counts most, then that the service delivers to the country, then that
    the supplier named the carrier.

    Args:
        number: as anybody wrote it: spaces, hyphens, dots and case do not count.
        country: ISO 3166 code of where the parcel goes; empty = not known.
        hint: the carrier's name as the supplier gave it; empty = it gave none.
    """
    text = tidied(number)
    if not text:
        return ()
    named = carrier_code(hint)

    def rank(found: tuple[Candidate, Form | None]) -> tuple[bool, int, bool]:
        candidate, form = found
        return (
            candidate.confidence is Confidence.CHECKED,
            _reach(candidate, form, country),
            bool(named) and candidate.carrier.code == named,
        )

    best: dict[str, Candidate] = {}
    for candidate, _ in sorted(_fitting(text), key=rank, reverse=True):
        best.setdefault(candidate.carrier.code, candidate)
    return tuple(best.values())


def tidied(number: str) -> str:
    """A number as labels print it, without what people put between; "" when it cannot be one.

    Full-width characters of East Asian keyboards are read as what they stand for.
    """
    if len(number) > _LONGEST_TEXT:
        return ""
    text = _BETWEEN.sub("", unicodedata.normalize("NFKC", number)).upper()
    return text if _NUMBER.fullmatch(text) else ""


def _fitting(text: str) -> Iterator[tuple[Candidate, Form | None]]:
    if (post := _post(text)) is not None:
        yield post, None
    for form in FORMS:
        found = form.pattern.fullmatch(text)
        if found is None or not _is_right(form.check, found, form.put_before):
            continue
        confidence = Confidence.PATTERN if form.check is None else Confidence.CHECKED
        yield Candidate(carrier_of(form.carrier), form.service, confidence), form


def _post(text: str) -> Candidate | None:
    found = S10.fullmatch(text)
    if found is None or found["country"] not in COUNTRIES or not _is_right(Check.S10, found):
        return None
    return Candidate(
        post_of(found["country"]),
        S10_SERVICES.get(found["kind"], "post"),
        Confidence.CHECKED,
        found["country"],
    )


def _is_right(check: Check | None, found: re.Match[str], put_before: str = "") -> bool:
    return check is None or check_character(check, put_before + found["body"]) == found["check"]


def _reach(candidate: Candidate, form: Form | None, country: str) -> int:
    """2 = made for this country, 1 = may go there, 0 = does not deliver there."""
    made_for = {candidate.origin} if form is None else form.countries
    if not country or not made_for:
        return 1
    if country in made_for:
        return 2
    return 1 if form is None else 0
