"""Where a parcel goes. Rules about what a country demands belong here too."""

from __future__ import annotations

from dataclasses import dataclass, field


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
