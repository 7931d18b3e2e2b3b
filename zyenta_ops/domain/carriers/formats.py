"""The forms of tracking numbers: one line a form, and nothing but data.

Written from what the carriers publish: UPU S10; UPS, FedEx, USPS (Publication 199) and DHL on their
labels and APIs; the DPD parcel label specification; Canada Post's label specification. The forms
without a check character are as the carriers show them; they are guesses by their look.

A form is a regular expression over digits and capital letters of ASCII. Where it has a check, its
group `body` is what the check character is made of and `check` is that character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from zyenta_ops.domain.carriers.check_digits import Check

S10: Final = re.compile(
    r"(?P<kind>[A-Z])[A-Z](?P<body>[0-9]{8})(?P<check>[0-9])(?P<country>[A-Z]{2})"
)

# UPU S10 by the first letter; the letters that are not here serve inside a country or by agreement.
S10_SERVICES: Final = {
    "C": "parcel",
    "E": "express (EMS)",
    "H": "e-commerce parcel",
    "L": "tracked letter",
    "M": "printed matter (M bag)",
    "R": "registered letter",
    "U": "letter",
    "V": "insured letter",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How the numbers of a carrier's service look.

    Attributes:
        carrier: our code of it.
        service: for people.
        pattern: the whole number.
        check: which check character it has; None = none, or none that is published.
        put_before: what the check character is made of besides, in front of the body.
        countries: where the service delivers; empty = many countries.
    """

    carrier: str
    service: str
    pattern: re.Pattern[str]
    check: Check | None = None
    put_before: str = ""
    countries: frozenset[str] = field(default_factory=frozenset)


def _form(
    carrier: str,
    service: str,
    pattern: str,
    check: Check | None = None,
    *,
    to: str = "",
    put_before: str = "",
) -> Form:
    return Form(carrier, service, re.compile(pattern), check, put_before, frozenset(to.split()))


_EUROPE: Final = (
    "AT BE BG CH CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV NL NO PL PT RO SE SI SK"
)
# USPS calls the barcode Intelligent Mail package barcode, IMpb.
_IMPB_22: Final = r"(?P<body>9[1-5][0-9]{19})(?P<check>[0-9])"
_IMPB_26: Final = r"(?P<body>9[1-5][0-9]{23})(?P<check>[0-9])"

# Of two forms that fit equally well the one that stands first is the likelier.
FORMS: Final = (
    _form("dhl-paket", "DHL Paket", r"00(?P<body>340434[0-9]{11})(?P<check>[0-9])", Check.GS1,
          to="DE AT"),
    _form("yodel", "Yodel", r"J(?:JD|D)0002[0-9]{12}", to="GB IE"),
    _form("ups", "UPS", r"1Z(?P<body>[0-9A-Z]{15})(?P<check>[0-9])", Check.UPS),
    _form("fedex", "FedEx Express", r"(?P<body>[0-9]{11})(?P<check>[0-9])", Check.FEDEX),
    _form("fedex", "FedEx Ground", r"(?P<body>[0-9]{14})(?P<check>[0-9])", Check.GS1, to="US CA"),
    _form("fedex", "FedEx Ground", r"96[0-9]{5}(?P<body>[0-9]{14})(?P<check>[0-9])", Check.GS1,
          to="US CA"),
    _form("fedex", "FedEx Ground Economy", r"(?P<body>[0-9]{19})(?P<check>[0-9])", Check.GS1,
          put_before="92", to="US"),
    _form("fedex", "FedEx Express label", r"100[0-9]{17}(?P<body>[0-9]{13})(?P<check>[0-9])",
          Check.FEDEX),
    _form("fedex", "FedEx Ground label", r"96[0-9]{18}(?P<body>[0-9]{13})(?P<check>[0-9])",
          Check.FEDEX, to="US CA"),
    _form("usps", "USPS", _IMPB_22, Check.GS1, to="US"),
    _form("usps", "USPS", _IMPB_26, Check.GS1, to="US"),
    _form("usps", "USPS with ZIP code", rf"420[0-9]{{5}}{_IMPB_22}", Check.GS1, to="US"),
    _form("usps", "USPS with ZIP+4", rf"420[0-9]{{9}}{_IMPB_22}", Check.GS1, to="US"),
    _form("usps", "USPS with ZIP code", rf"420[0-9]{{5}}{_IMPB_26}", Check.GS1, to="US"),
    _form("usps", "USPS", r"(?P<body>[0-9]{19})(?P<check>[0-9])", Check.GS1, to="US"),
    _form("usps", "USPS", r"(?P<body>7[0-9]{18})(?P<check>[0-9])", Check.GS1, put_before="91",
          to="US"),
    _form("fedex", "FedEx Ground Economy", r"(?P<body>92[0-9]{19})(?P<check>[0-9])", Check.GS1,
          to="US"),
    _form("dhl", "DHL Express", r"(?P<body>[0-9]{9,10})(?P<check>[0-9])", Check.MOD7),
    _form("dhl", "DHL Express piece", r"J(?:JD|VGL)[0-9]{9,20}"),
    _form("dhl-paket", "DHL Paket", r"J(?:JD|D)0[0-9]{10,20}", to="DE AT"),
    _form("dhl-ecommerce", "DHL eCommerce", r"GM[0-9]{10,39}"),
    _form("dpd", "DPD label", r"(?P<body>[0-9A-Z]{7}[0-9]{20})(?P<check>[0-9A-Z])", Check.ISO7064,
          to=_EUROPE),
    _form("dpd", "DPD", r"(?P<body>[0-9]{14})(?P<check>[0-9A-Z])", Check.ISO7064, to=_EUROPE),
    _form("dpd", "DPD", r"[0-9]{14}", to=_EUROPE),
    _form("canada-post", "Canada Post", r"(?P<body>[0-9]{15})(?P<check>[0-9])", Check.GS1,
          to="CA"),
    _form("yunexpress", "YunExpress", r"YT[0-9]{16}"),
    _form("amazon", "Amazon Logistics", r"TB[A-Z][0-9]{12}"),
    _form("cainiao", "Cainiao", r"LP[0-9]{14,16}"),
    _form("cainiao", "Cainiao", r"CN[A-Z]{1,4}[0-9]{8,20}"),
    _form("cainiao", "Cainiao", r"CAINIAO[0-9]{6,20}"),
    _form("4px", "4PX", r"4PX[0-9]{10,16}CN"),
    _form("sf-express", "SF Express", r"SF[0-9]{12,13}"),
    _form("yanwen", "Yanwen", r"[A-Z]{2}[0-9]{9}Y[PW]"),
    _form("yanwen", "Yanwen", r"YW[A-Z]{0,3}[0-9]{9,18}"),
    _form("sunyou", "SunYou", r"SY[A-Z]{2,4}[0-9]{8,12}"),
    _form("jt-express", "J&T Express", r"J(?:T|NT)[A-Z]{0,2}[0-9]{10,15}(?:YQ)?"),
    _form("cjpacket", "CJPacket", r"CJP[A-Z]{1,5}[0-9]{4,14}(?:YQ|CN)?"),
)  # fmt: skip
