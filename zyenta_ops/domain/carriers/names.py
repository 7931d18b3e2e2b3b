"""Carriers, and what people, suppliers and trackers call them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Carrier:
    """Who brings a parcel. `code` is ours and never changes, `name` is for people."""

    code: str
    name: str


# Posts with a name of their own by the country of UPU numbers; every other country has one, too.
_POSTS: Final = {
    "AE": "Emirates Post", "AR": "Correo Argentino", "AT": "Austrian Post",
    "AU": "Australia Post", "BE": "bpost", "BG": "Bulgarian Posts", "BR": "Correios",
    "CA": "Canada Post", "CH": "Swiss Post", "CL": "Correos Chile", "CN": "China Post",
    "CY": "Cyprus Post", "CZ": "Czech Post", "DE": "Deutsche Post", "DK": "PostNord Denmark",
    "EE": "Omniva", "ES": "Correos", "FI": "Posti", "FR": "La Poste", "GB": "Royal Mail",
    "GR": "Hellenic Post", "HK": "Hongkong Post", "HR": "Croatian Post", "HU": "Magyar Posta",
    "ID": "Pos Indonesia", "IE": "An Post", "IL": "Israel Post", "IN": "India Post",
    "IS": "Iceland Post", "IT": "Poste Italiane", "JP": "Japan Post", "KR": "Korea Post",
    "KZ": "Kazpost", "LT": "Lithuania Post", "LU": "POST Luxembourg", "LV": "Latvijas Pasts",
    "MT": "MaltaPost", "MX": "Correos de Mexico", "MY": "Pos Malaysia", "NL": "PostNL",
    "NO": "Posten Norge", "NZ": "New Zealand Post", "PH": "PHLPost", "PL": "Poczta Polska",
    "PT": "CTT", "RO": "Romanian Post", "RS": "Pošta Srbije", "RU": "Russian Post",
    "SA": "Saudi Post", "SE": "PostNord Sweden", "SG": "Singapore Post", "SI": "Pošta Slovenije",
    "SK": "Slovak Post", "TH": "Thailand Post", "TR": "PTT", "TW": "Chunghwa Post",
    "UA": "Ukrposhta", "US": "USPS", "VN": "Vietnam Post", "ZA": "South African Post Office",
}  # fmt: skip

_COMPANIES: Final = {
    "4px": "4PX",
    "amazon": "Amazon Logistics",
    "cainiao": "Cainiao",
    "cjpacket": "CJPacket",
    "dhl": "DHL Express",
    "dhl-ecommerce": "DHL eCommerce",
    "dhl-paket": "DHL Paket",
    "dpd": "DPD",
    "fedex": "FedEx",
    "jt-express": "J&T Express",
    "sf-express": "SF Express",
    "sunyou": "SunYou",
    "ups": "UPS",
    "yanwen": "Yanwen",
    "yodel": "Yodel",
    "yunexpress": "YunExpress",
}

# Other names for them, as suppliers and trackers write them; letters and digits alone count.
_ALIASES: Final = {
    "canada-post": ("postescanada",),
    "china-post": ("chinaems", "emschina", "epacket", "chinapostregisteredairmail", "chinapostems"),
    "deutsche-post": ("germanpost",),
    "dhl": ("dhlexpress",),
    "dhl-ecommerce": ("dhlglobalmail",),
    "dhl-paket": ("dhlgermany", "dhlparcel"),
    "dpd": ("dpdgermany", "dpduk", "dpdgroup"),
    "fedex": ("fedexexpress", "fedexground", "federalexpress"),
    "jt-express": ("jt", "jntexpress", "jnt"),
    "la-poste": ("colissimo", "laposte"),
    "royal-mail": ("royalmailgroup", "parcelforce"),
    "sf-express": ("sf", "shunfeng"),
    "ups": ("unitedparcelservice", "upsground"),
    "usps": ("unitedstatespostalservice", "uspsplus"),
    "yanwen": ("yanwenlogistics", "yanwenexpress"),
    "yunexpress": ("yuntrack", "yunexpresslogistics"),
}
_OTHER: Final = re.compile(r"[\W_]+")
_LONGEST: Final = 100


def post_of(country: str) -> Carrier:
    """The post that numbers with a country's suffix are of."""
    name = _POSTS.get(country)
    if name is None:
        return Carrier(f"post-{country.lower()}", f"Post of {country}")
    return Carrier("-".join(name.lower().split()), name)


def carrier_of(code: str) -> Carrier:
    """A carrier by our code."""
    return _BY_CODE[code]


def carrier_code(name: str) -> str:
    """Our code of a carrier that somebody names; of one that we do not know, its letters.

    What follows a known name is taken for its service: "FedEx International Economy" is FedEx.
    "" is nobody.
    """
    words = [word for each in name[:_LONGEST].casefold().split() if (word := _letters(each))]
    for count in range(len(words), 0, -1):
        if found := _CODES.get("".join(words[:count])):
            return found
    return "".join(words)


def _letters(name: str) -> str:
    return _OTHER.sub("", name.casefold())


_BY_CODE: Final = {
    each.code: each
    for each in (
        *(post_of(country) for country in _POSTS),
        *(Carrier(code, name) for code, name in _COMPANIES.items()),
    )
}
_CODES: Final = {
    **{_letters(text): code for code, each in _BY_CODE.items() for text in (each.name, code)},
    **{alias: code for code, aliases in _ALIASES.items() for alias in aliases},
}
