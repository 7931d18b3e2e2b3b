"""States and provinces: where an address needs one, and the codes that posts have for them."""

from __future__ import annotations

from typing import Final

# ISO 3166-2 and the US Postal Service's military "states", for the countries whose addresses are
# usually written with the code.
_NAMES: Final = {
    "US": (
        "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut"
        "|DE Delaware|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois"
        "|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland"
        "|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana"
        "|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York"
        "|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania"
        "|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah"
        "|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"
        "|AS American Samoa|GU Guam|MP Northern Mariana Islands|PR Puerto Rico|VI Virgin Islands"
        "|AA Armed Forces Americas|AE Armed Forces Europe|AP Armed Forces Pacific"
    ),
    "CA": (
        "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador"
        "|NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island"
        "|QC Quebec|SK Saskatchewan|YT Yukon"
    ),
    "AU": (
        "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland"
        "|SA South Australia|TAS Tasmania|VIC Victoria|WA Western Australia"
    ),
}

_BY_CODE: Final = {
    (country, code): name
    for country, names in _NAMES.items()
    for code, name in (each.split(" ", 1) for each in names.split("|"))
}
_BY_NAME: Final = {(country, name.casefold()): code for (country, code), name in _BY_CODE.items()}
# Where the post or the carriers sort by it (addressing sheets of the Universal Postal Union).
_WITH_NEED: Final = "AE AR AU BR CA CL CN CO ES ID IN IT JP KR MX MY PH RU TH TR US"
_NEEDED: Final = frozenset(_WITH_NEED.split())


def needs_province(country: str) -> bool:
    """Whether a parcel to the country needs one."""
    return country in _NEEDED


def has_codes(country: str) -> bool:
    """Whether the codes of the country's provinces are known."""
    return country in _NAMES


def province_code(country: str, written: str) -> str | None:
    """The code of a state or province given by code or name; None when there is none such.

    Any text will do in a country whose codes are not known.
    """
    name = " ".join(written.split())
    if country not in _NAMES:
        return name
    if (country, name.upper()) in _BY_CODE:
        return name.upper()
    return _BY_NAME.get((country, name.casefold()))


def subdivision_name(country: str, written: str) -> str:
    """The name of a state or province that is written as its code; anything else as it is."""
    return _BY_CODE.get((country, written.strip().upper()), written)
