"""The provinces that AliExpress knows, and aliexpress.ds.address.get that tells them.

Only countries that are listed here are checked. The shape of the answer is not documented.
"""

from __future__ import annotations

import json
from typing import Any

from zyenta_ops.sandbox.aliexpress.apps import Grant
from zyenta_ops.sandbox.aliexpress.envelopes import Refused
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Call

COUNTRIES = frozenset(
    ("US", "GB", "DE", "FR", "NL", "AT", "ES", "IT", "PL", "SE", "BE", "IE", "DK", "FI", "PT",
     "CZ", "CH", "CA", "AU", "NZ", "JP", "KR", "BR", "CL", "MX")
)  # fmt: skip
PROVINCES = {
    "DE": (
        "Baden-Württemberg", "Bayern", "Berlin", "Brandenburg", "Bremen", "Hamburg", "Hessen",
        "Mecklenburg-Vorpommern", "Niedersachsen", "Nordrhein-Westfalen", "Rheinland-Pfalz",
        "Saarland", "Sachsen", "Sachsen-Anhalt", "Schleswig-Holstein", "Thüringen",
    ),
    "US": (
        "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut",
        "Delaware", "District of Columbia", "Florida", "Georgia", "Hawaii", "Idaho", "Illinois",
        "Indiana", "Iowa", "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland",
        "Massachusetts", "Michigan", "Minnesota", "Mississippi", "Missouri", "Montana",
        "Nebraska", "Nevada", "New Hampshire", "New Jersey", "New Mexico", "New York",
        "North Carolina", "North Dakota", "Ohio", "Oklahoma", "Oregon", "Pennsylvania",
        "Rhode Island", "South Carolina", "South Dakota", "Tennessee", "Texas", "Utah",
        "Vermont", "Virginia", "Washington", "West Virginia", "Wisconsin", "Wyoming",
    ),
}  # fmt: skip
_REQUIRED = {
    "contact_person": "Please enter the name of the recipient",
    "mobile_no": "Please enter mobile phone number",
    "address": "Please enter the street address",
    "city": "Please select a city",
    "province": "Please select a province",
}


def complaint(address: dict[str, Any]) -> tuple[str, str] | None:
    """What is wrong with an address, as error code and message. Unknown keys are ignored."""
    country = address.get("country")
    if country not in COUNTRIES:
        return "A005_INVALID_COUNTRIES", "The country is not supported"
    for name, message in _REQUIRED.items():
        if not str(address.get(name) or "").strip():
            return "B_DROPSHIPPER_DELIVERY_ADDRESS_VALIDATE_FAIL", message
    known = PROVINCES.get(str(country))
    if known and address["province"] not in known:
        message = "The province is not one of the country's"
        return "B_DROPSHIPPER_DELIVERY_ADDRESS_VALIDATE_FAIL", message
    return None


def get(trade: Trade, call: Call, grant: Grant, sent: dict[str, str]) -> dict[str, Any]:
    """The provinces of a country, as JSON in a string."""
    country = sent.get("countryCode", "").upper()
    if country not in COUNTRIES:
        raise Refused("MissingParameter", "The input parameter countryCode is not valid")
    children = [
        {"name": name, "type": "PROVINCE", "hasChildren": False}
        for name in PROVINCES.get(country, ())
    ]
    data = {"country": country, "children": json.dumps(children, ensure_ascii=False)}
    return {"result": {"success": True, "code": "0", "data": data}}
