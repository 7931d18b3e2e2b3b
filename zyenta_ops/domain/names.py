"""What accounts, stores and suppliers may be called.

Every function returns the canonical form of what a person wrote, or refuses it with a sentence
that says which form is expected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.money import exponent_of

LONGEST_NAME: Final = 200

# ISO 3166-1 alpha-2, officially assigned codes of 2026.
_ASSIGNED: Final = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM "
    "ZW"
)
COUNTRIES: Final = frozenset(_ASSIGNED.split())
# Reserved codes that people write for a country that has another one.
_MEANT: Final = {"UK": "GB", "EL": "GR"}

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1035 label
_SUPPLIER_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# Narrower than RFC 5321: no quoted local parts, no address literals, a domain with a dot.
_EMAIL: Final = re.compile(
    r"(?=.{6,254}\Z)(?=[^@]{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@(?:\w(?:[\w-]{0,61}\w)?\.)+\w(?:[\w-]{0,61}\w)"
)


def display_name(text: str, what: str) -> str:
    """A name for people to read, with runs of white space made one space.

    Raises:
        Refused: empty, longer than `LONGEST_NAME` characters, or with control characters.
    """
    name = " ".join(text.split())
    if not name:
        raise Refused(f"the name of the {what} is empty")
    if len(name) > LONGEST_NAME:
        raise Refused(f"the name of the {what} is longer than {LONGEST_NAME} characters")
    if not name.isprintable():
        raise Refused(f"the name of the {what} holds control characters")
    return name


def email_address(text: str) -> str:
    """An e-mail address in lower case, so that one mailbox is one account.

    Raises:
        Refused: not of the form name@example.com.
    """
    address = text.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise Refused(f"'{text}' is not an e-mail address; write one such as name@example.com")
    return address


def currency_code(text: str) -> str:
    """An ISO 4217 currency code in upper case.

    Raises:
        Refused: no such currency.
    """
    code = text.strip().upper()
    exponent_of(code)
    return code


def country_code(text: str) -> str:
    """An ISO 3166-1 country code of two letters in upper case.

    Raises:
        Refused: no such country.
    """
    code = text.strip().upper()
    if code in COUNTRIES:
        return code
    advice = f"write {_MEANT[code]}" if code in _MEANT else "write one such as DE or US"
    raise Refused(f"'{text}' is not an ISO 3166 country code of two letters; {advice}")


def slug(text: str) -> str:
    """Text as letters a-z, digits and single hyphens, at most 63 of them; may be empty."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].rstrip("-")


def subdomain_label(text: str | None, name: str) -> str:
    """The subdomain of a store: the one asked for, else the slug of the store's name.

    Raises:
        Refused: not a DNS label, or the name has no letters to make one from.
    """
    label = slug(name) if text is None else text.strip().lower()
    if text is None and not label:
        raise Refused(f"no subdomain can be made from the name '{name}'; choose one for the store")
    if not _SUBDOMAIN.fullmatch(label):
        raise Refused(
            f"'{text}' cannot be a subdomain; use up to 63 letters a-z, digits and hyphens,"
            " with no hyphen at either end"
        )
    return label


def supplier_key(text: str) -> str:
    """The key of a supplier, fit to name a partition of its assets.

    Raises:
        Refused: anything but lower-case letters, digits and hyphens.
    """
    if not _SUPPLIER_KEY.fullmatch(text):
        advice = f", such as '{slug(text)}'" if slug(text) else ""
        raise Refused(
            f"'{text}' cannot be the key of a supplier; use up to 63 lower-case letters a-z,"
            f" digits and hyphens, beginning with a letter or digit{advice}"
        )
    return text


def not_found(what: str, ref: str, known: Iterable[str]) -> NotFound:
    """The error for a name that nothing has, naming the closest ones that exist."""
    names: Collection[str] = sorted(set(known))
    if near := get_close_matches(ref, names, n=3, cutoff=0.6):
        return NotFound(f"there is no {what} '{ref}'; did you mean {' or '.join(near)}?")
    if not names:
        return NotFound(f"there is no {what} '{ref}'; none has been added yet")
    return NotFound(f"there is no {what} '{ref}'; list the {what}s to see their names")
