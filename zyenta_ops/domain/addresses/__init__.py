"""Where a parcel goes, and what its country demands of an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Final

from zyenta_ops.domain.addresses.postal_codes import (
    example_of_postal_code,
    needs_postal_code,
    postal_code,
)
from zyenta_ops.domain.addresses.provinces import has_codes, needs_province, province_code
from zyenta_ops.domain.addresses.tax_ids import tax_id, tax_id_name
from zyenta_ops.domain.documents import Fault, text_problem
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.names import COUNTRIES, country_code, email_address

# More than any label holds; suppliers' own limits are the business of their adapters.
LONGEST: Final = {
    "country": 32,
    "name": 200,
    "line1": 200,
    "line2": 200,
    "city": 100,
    "province": 100,
    "postal_code": 16,
    "phone": 32,
    "email": 254,
    "tax_id": 32,
}
_PHONE_MARKS: Final = re.compile(r"\(0\)|[\s()./\-\u2010-\u2015\u2212]")
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164: at most 15 digits


@dataclass(frozen=True, slots=True)
class Address:
    """A recipient. Only the country shows in a `repr`: the rest is personal and stays out of logs.

    `country` is ISO 3166-1 alpha-2. `phone` is E.164 (+4915123456789) or empty; `tax_id` is what
    the country's customs ask of a recipient (CPF, RUT, VAT, PCCC), empty where they ask nothing.
    """

    country: str
    name: str = field(repr=False)
    line1: str = field(repr=False)
    city: str = field(repr=False)
    province: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    line2: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    tax_id: str = field(default="", repr=False)

    @property
    def lines(self) -> tuple[str, ...]:
        """As people write it, line by line, without how to reach the recipient."""
        lines = (
            self.name,
            self.line1,
            self.line2,
            f"{self.postal_code} {self.city}".strip(),
            self.province,
            self.country,
        )
        return tuple(line for line in lines if line)


def tidied(address: Address) -> Address:
    """The address as carriers want it written; what is wrong stays as it was given."""
    plain = Address(
        **{each.name: " ".join(getattr(address, each.name).split()) for each in fields(address)}
    )
    country = _known_country(plain.country) or plain.country
    return replace(
        plain,
        country=country,
        province=province_code(country, plain.province) or plain.province,
        postal_code=postal_code(country, plain.postal_code) or plain.postal_code,
        phone=phone_number(plain.phone) or plain.phone,
        email=_known_email(plain.email) or plain.email,
        tax_id=tax_id(country, plain.tax_id) or plain.tax_id,
    )


def phone_number(text: str) -> str | None:
    """A phone number in E.164, without the marks that people write; None when it is none.

    What begins with 00 is taken for international, as most of the world dials it.
    """
    number = _PHONE_MARKS.sub("", unicodedata.normalize("NFKC", text))
    if number.startswith("00"):
        number = "+" + number[2:]
    return number if _E164.fullmatch(number) else None


def faults_of(address: Address) -> tuple[Fault, ...]:
    """What keeps a parcel from being sent there; `where` is a field of `Address`.

    A field has one fault at most. Whether place and postal code belong together is not checked.
    """
    found: dict[str, Fault] = {}
    for fault in _faults(address):
        found.setdefault(fault.where, fault)
    return tuple(found.values())


def _faults(address: Address) -> Iterator[Fault]:
    for name, longest in LONGEST.items():
        if problem := text_problem(getattr(address, name), longest):
            yield Fault(name, problem)
    for name in ("country", "name", "line1", "city"):
        if not getattr(address, name).strip():
            yield Fault(name, "is missing")
    if address.country not in COUNTRIES:
        yield Fault("country", "is not an ISO 3166 country code of two letters, such as DE")
    if address.phone and phone_number(address.phone) is None:
        yield Fault("phone", "must begin with + and the country's calling code, such as +49")
    if address.email and _known_email(address.email) is None:
        yield Fault("email", "is not an e-mail address such as name@example.com")
    yield from _national_faults(address)


def _national_faults(address: Address) -> Iterator[Fault]:
    country = address.country
    if not address.postal_code:
        if needs_postal_code(country):
            yield Fault("postal_code", f"is missing; parcels to {country} need one")
    elif postal_code(country, address.postal_code) is None:
        example = example_of_postal_code(country)
        yield Fault("postal_code", f"is not one of {country}; they look like {example}")
    if not address.province:
        if needs_province(country):
            yield Fault("province", f"is missing; parcels to {country} need one")
    elif has_codes(country) and province_code(country, address.province) is None:
        yield Fault("province", f"is not a state or province of {country}; write its code")
    if name := tax_id_name(country):
        if not address.tax_id:
            yield Fault(
                "tax_id", f"is missing; customs of {country} ask for the recipient's {name}"
            )
        elif tax_id(country, address.tax_id) is None:
            yield Fault("tax_id", f"is not a valid {name}; a digit may be wrong")


def _known_country(text: str) -> str | None:
    try:
        return country_code(text)
    except Refused:
        return None


def _known_email(text: str) -> str | None:
    try:
        return email_address(text)
    except Refused:
        return None
