"""The euro reference rates of the European Central Bank, as XML.

One format for `eurofxref-daily.xml`, `eurofxref-hist-90d.xml` and `eurofxref-hist.xml`: an envelope
with a Cube for each day and in it a Cube for each currency,

    <Cube time="2026-11-20"><Cube currency="USD" rate="1.0812"/>…</Cube>

https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from zyenta_ops.domain.errors import Refused, SourceInvalid, SourceUnavailable
from zyenta_ops.domain.fx import FxRate
from zyenta_ops.domain.money import EXPONENTS
from zyenta_ops.ports.pricing import SkippedRate

ECB_DAILY: Final = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"

_SOURCE: Final = "ECB"
_CUBE: Final = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


def open_ecb_rates(location: str, fetch: Callable[[str], bytes]) -> Iterator[FxRate | SkippedRate]:
    """The rates in a file or at an https URL, read as they are asked for.

    A rate holds from the midnight (UTC) that opens its day. Currencies that no longer exist are
    skipped with the reason.

    Args:
        location: a path, or an https URL; rates that somebody could alter on their way are none.
        fetch: gets the content of a URL; raises SourceError.

    Raises:
        Refused: the location is a URL of another kind.
        SourceInvalid: there is no such file; while iterating, it does not hold ECB rates.
        SourceUnavailable: the file or URL cannot be read now.
    """
    if "://" not in location:
        return _rates(_read(Path(location)), location)
    parts = urlsplit(location)
    shown = f"{parts.scheme}://{parts.hostname}{parts.path}"
    if parts.scheme != "https":
        raise Refused(f"exchange rates are read from a file or an https URL, not from {shown}")
    return _rates(fetch(location), shown)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SourceInvalid(f"there is no file {path}; check the path") from None
    except OSError as error:
        raise SourceUnavailable(f"the file {path} cannot be read: {error.strerror}") from error


def _rates(content: bytes, where: str) -> Iterator[FxRate | SkippedRate]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    day: datetime | None = None
    found = False
    try:
        for event, cube in iterparse(BytesIO(content), events=("start", "end"), forbid_dtd=True):
            if cube.tag != _CUBE:
                continue
            if event == "end":
                cube.clear()
            elif "time" in cube.attrib:
                day = _day(cube.get("time"), where)
            elif "currency" in cube.attrib:
                found = True
                yield _rate(cube, day, where)
    except (ParseError, DefusedXmlException) as error:
        raise SourceInvalid(f"{where} is not the XML of the ECB's reference rates") from error
    if not found:
        raise SourceInvalid(f"{where} holds no reference rates of the ECB; check the address")


def _day(text: str, where: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        raise SourceInvalid(f"{where} dates rates '{text}', which is not a date") from None


def _rate(cube: Any, day: datetime | None, where: str) -> FxRate | SkippedRate:
    currency, text = str(cube.get("currency")), str(cube.get("rate"))
    if day is None:
        raise SourceInvalid(f"{where} gives a rate for {currency} without a day")
    if currency not in EXPONENTS:
        return SkippedRate(currency, f"{currency} is not a currency of today's ISO 4217 list")
    try:
        return FxRate("EUR", currency, Decimal(text), day, _SOURCE)
    except (InvalidOperation, Refused):
        raise SourceInvalid(
            f"{where} gives the rate EUR/{currency} of {day:%Y-%m-%d} as '{text}', which is not a"
            " positive number"
        ) from None
