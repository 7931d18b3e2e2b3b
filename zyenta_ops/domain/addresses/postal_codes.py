"""Postal codes: which form they have in each country, and how they are written.

Sources: the addressing sheets of the Universal Postal Union and the countries' own posts. Only the
form is checked, not whether a code is in use.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

# In a mask 9 is a digit, A a letter, * either; small letters are the country's own code, which
# people leave out or write before any code. Spaces and hyphens, too, people write as they like.
_COUNTRIES_BY_MASK: Final = {
    "999": "BH FO IS LS MG OM PG TW",
    "9999": (
        "AF AL AM AR AT AU BD BE BG BH CC CH CV CX CY DK ET GE GL GW HU LB LI LR LU MK MZ NE NF NO"
        " NZ PA PH PY SI SJ SV TN VE ZA"
    ),
    "99999": (
        "AS BA BT CR CU DE DO DZ EE EG ES FI FM FR GF GP GT GU HN HR ID IL IQ IT JO KE KH KR KW LA"
        " LK MA MC ME MH MM MN MP MQ MX MY NC NI NP PE PF PK PM PR PW RE RS SA SD SM SN TH TR TW UA"
        " US UY VA VI VN WF YT ZM"
    ),
    "999999": "BY CN CO EC IN KG KH KZ NG PY RO RU SG TJ TM TT TW UZ VN",
    "9999999": "CL EG IL",
    "99999-9999": "AS GU MP PR SA US VI",
    "9999 9999": "LB",
    "999 99": "CZ GR SE SK",
    "999-9999": "JP",
    "9999-999": "PT",
    "99-999": "PL",
    "99999-999": "BR",
    "9999 AA": "NL",
    "A9999AAA": "AR",
    "A9A 9A9": "CA",
    "A99A9A9": "KZ",
    "A9 9AA": "GB",
    "A99 9AA": "GB",
    "A9A 9AA": "GB",
    "AA9 9AA": "GB GG IM JE",
    "AA99 9AA": "GB GG GI IM JE",
    "AA9A 9AA": "GB",
    "A99 ****": "IE",
    "A9A ****": "IE",
    "AAA 9999": "MT",
    "AA **": "BM",
    "AA9999": "BN",
    "A999": "SZ",
    "ad999": "AD",
    "az 9999": "AZ",
    "bb99999": "BB",
    "ht9999": "HT",
    "ky9-9999": "KY",
    "lt-99999": "LT",
    "lv-9999": "LV",
    "md-9999": "MD",
    "vg9999": "VG",
}
# Where a parcel without one does not arrive, or is refused by carriers. Elsewhere codes exist and
# many addresses go without.
_WITH_NEED: Final = (
    "AR AT AU BA BE BG BR BY CA CH CN CY CZ DE DK EE ES FI FR GB GF GG GP GR GU HR HU ID IL IM"
    " IN IS IT JE JP KR KZ LI LT LU LV MC ME MK MQ MT MX MY NL NO NZ PH PL PR PT RE RO RS RU SE"
    " SG SI SK SM TH TR TW UA US UZ VA VI YT ZA"
)
_NEEDED: Final = frozenset(_WITH_NEED.split())
# Signs of vehicles that people still write before a code (D-10115), besides the country's code.
_SIGNS: Final = {
    "AT": "A",
    "BE": "B",
    "DE": "D",
    "ES": "E",
    "FI": "FIN",
    "FR": "F",
    "IT": "I",
    "LU": "L",
    "SE": "S",
}
_MARKS: Final = re.compile(r"[\s.\-\u2010-\u2015\u2212\u30fc\u3012]")
_CLASSES: Final = {"9": "([0-9])", "A": "([A-Z])", "*": "([0-9A-Z])"}


def postal_code(country: str, text: str) -> str | None:
    """A code as the country's post writes it ("SW1A 1AA"); None when it cannot be one.

    Any text will do where the form of codes is not known.
    """
    forms = _forms(country)
    if not forms:
        return text.strip().upper()
    code = _MARKS.sub("", unicodedata.normalize("NFKC", text).upper())
    for mask, pattern in forms:
        if found := pattern.fullmatch(code):
            characters = iter(found.groups())
            return "".join(next(characters) if each in "9A*" else each.upper() for each in mask)
    return None


def needs_postal_code(country: str) -> bool:
    """Whether a parcel to the country needs one."""
    return country in _NEEDED


def example_of_postal_code(country: str) -> str:
    """What a code of the country looks like."""
    mask, _ = _forms(country)[0]
    return "".join({"9": "1", "A": "A", "*": "X"}.get(each, each.upper()) for each in mask)


@cache
def _forms(country: str) -> list[tuple[str, re.Pattern[str]]]:
    before = f"(?:{country}|{_SIGNS.get(country, country)})?"
    return [
        (mask, re.compile(before + "".join(_CLASSES.get(each, "") for each in mask)))
        for mask, countries in _COUNTRIES_BY_MASK.items()
        if country in countries.split()
    ]
