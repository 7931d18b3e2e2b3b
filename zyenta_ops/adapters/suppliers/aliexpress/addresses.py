"""Recipients as AliExpress wants them, with its own names of provinces and cities.

An order is refused when a province is not spelled as in AliExpress's list of the country
(`aliexpress.ds.address.get`), which writes most names in plain English letters.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.shapes import objects
from zyenta_ops.adapters.suppliers.answers import entry, words
from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.addresses.provinces import subdivision_name
from zyenta_ops.domain.supplier_errors import OrderRejected, RejectionReason

METHOD: Final = "aliexpress.ds.address.get"

Provinces = Mapping[str, tuple[str, ...]]  # cities by province, in AliExpress's spelling

# Country calling codes of ITU-T E.164 with one digit and with two; all others have three.
_ONE_DIGIT: Final = "1 7"
_TWO_DIGITS: Final = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64"
    " 65 66 81 82 84 86 90 91 92 93 94 95 98"
)
# What customs of a country ask of a recipient goes into a field of its own.
_TAX_FIELDS: Final = {"BR": "cpf", "CL": "rut_no"}
_OTHER_TAX_FIELD: Final = "tax_number"


def list_params(country: str, language: str) -> dict[str, str]:
    """What to ask for the list of a country."""
    return {"countryCode": country, "language": language, "isMultiLanguage": "false"}


def provinces(result: Mapping[str, Any]) -> Provinces:
    """The list of a country; empty where its shape is not known."""
    data = result.get("data")
    countries = [data] if isinstance(data, dict) and "children" in data else objects(data)
    return {
        name: tuple(words(city.get("name")) for city in _children(each))
        for country in countries
        for each in _children(country)
        if (name := words(each.get("name")))
    }


def respelled(address: Address, known: Provinces) -> Address:
    """The address with AliExpress's names, as far as they are the same names.

    A province that was not given is told from a city that only one province has.
    """
    written = subdivision_name(address.country, address.province)
    province = _found(written, known) or written
    if not address.province:
        homes = [name for name, cities in known.items() if _found(address.city, cities)]
        province = homes[0] if len(homes) == 1 else ""
    city = _found(address.city, known.get(province, ())) or address.city
    return replace(address, province=province, city=city)


def recipient(address: Address, locale: str) -> dict[str, str]:
    """The address as an order holds it. Keys are in snake case: others are silently ignored.

    Raises:
        OrderRejected: ADDRESS: AliExpress would refuse it.
    """
    code, national = _split(address.phone)
    needed = {
        "name": address.name,
        "street": address.line1,
        "city": address.city,
        "province": address.province,
        "phone number": national,
    }
    if missing := [what for what, value in needed.items() if not value.strip()]:
        raise OrderRejected(
            f"an order at AliExpress needs the recipient's {missing[0]}",
            reason=RejectionReason.ADDRESS,
        )
    fields = {
        "contact_person": address.name,
        "full_name": address.name,
        "address": address.line1,
        "address2": address.line2,
        "city": address.city,
        "province": address.province,
        "country": address.country,
        "zip": address.postal_code,
        "phone_country": code,
        "mobile_no": national,
        "locale": locale,
        _TAX_FIELDS.get(address.country, _OTHER_TAX_FIELD): address.tax_id,
    }
    return {key: value for key, value in fields.items() if value}


def _split(phone: str) -> tuple[str, str]:
    """An E.164 number as calling code and national number; empty when it is none."""
    digits = phone.removeprefix("+")
    if not phone.startswith("+") or not (digits.isascii() and digits.isdigit()):
        return "", ""
    width = 1 if digits[0] in _ONE_DIGIT.split() else 2 if digits[:2] in _TWO_DIGITS.split() else 3
    return f"+{digits[:width]}", digits[width:]


def _children(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A level of the list, which comes as an array or as the text of one."""
    value = node.get("children")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return [entry(each) for each in value] if isinstance(value, list) else []


def _found(name: str, among: Iterable[str]) -> str | None:
    wanted = _folded(name)
    return next((each for each in among if wanted and _folded(each) == wanted), None)


def _folded(name: str) -> str:
    """A name without case, accents, spaces and marks."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in plain if character.isalnum())
