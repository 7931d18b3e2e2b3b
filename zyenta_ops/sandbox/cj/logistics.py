"""CJ's freight quotes and tracking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zyenta_ops.sandbox.chance import between
from zyenta_ops.sandbox.cj.accounts import Asked
from zyenta_ops.sandbox.cj.envelope import CjError, Code, plain
from zyenta_ops.sandbox.cj.products import AREAS, variant_of
from zyenta_ops.sandbox.orders import Order, Parcel, checkpoints
from zyenta_ops.sandbox.prices import number
from zyenta_ops.sandbox.trade import Trade


@dataclass(frozen=True)
class Line:
    """A way to send from one country: base price, price per started 100 g, days on the road."""

    name: str
    start: str
    base: int
    per_100_g: int
    days: tuple[int, int]
    only_to: tuple[str, ...] = ()


LINES = (
    Line("CJPacket Ordinary", "CN", 210, 85, (7, 15)),
    Line("CJPacket Sensitive", "CN", 260, 95, (8, 16)),
    Line("CJPacket Fast Line", "CN", 480, 130, (5, 9), ("US", "GB", "DE", "FR")),
    Line("USPS+", "US", 390, 40, (2, 5), ("US",)),
    Line("DHL Paket", "DE", 350, 30, (2, 4), ("DE", "FR", "NL", "AT")),
)
_COUNTRIES = frozenset(
    ("US", "GB", "DE", "FR", "NL", "AT", "ES", "IT", "PL", "SE", "BE", "IE", "DK", "FI", "PT",
     "CA", "AU", "NZ", "JP", "KR", "BR", "CN")
)  # fmt: skip


def quotes(start: str, end: str, grams: int) -> dict[str, tuple[Line, int]]:
    """What goes from one country to another, with the price in US cents, by name.

    Raises:
        CjError: nothing is ever sent to that country.
    """
    if end not in _COUNTRIES:
        raise CjError(Code.COUNTRY_INVALID, "The destination country is not supported")
    lines = (
        line for line in LINES if line.start == start and (not line.only_to or end in line.only_to)
    )
    return {line.name: (line, line.base + line.per_100_g * -(-grams // 100)) for line in lines}


def freight(trade: Trade, asked: Asked) -> list[dict[str, Any]]:
    """POST /logistic/freightCalculate: the ways from a warehouse to a country."""
    start, end = asked.body.get("startCountryCode"), asked.body.get("endCountryCode")
    wanted = asked.body.get("products")
    if not isinstance(start, str) or not isinstance(end, str) or not isinstance(wanted, list):
        message = "Param error: startCountryCode, endCountryCode and products must not be empty"
        raise CjError(Code.PARAMETER, message)
    grams = 0
    for item in wanted:
        if not isinstance(item, dict) or not isinstance(item.get("quantity"), int):
            raise CjError(Code.PARAMETER, "Param error: quantity")
        grams += variant_of(trade, item.get("vid"))[1].weight_g * item["quantity"]
    if start not in AREAS or not wanted:
        raise CjError(Code.LOGISTIC_NOT_FOUND, "No logistics for these products")
    return [_quote(line, cents, end) for line, cents in quotes(start, end, grams).values()]


def _quote(line: Line, cents: int, end: str) -> dict[str, Any]:
    taxes = cents // 10 if end in ("GB", "DE", "FR") and line.start == "CN" else 0
    return {
        "logisticName": line.name,
        "logisticPrice": number(cents),
        "logisticPriceCn": number(cents * 72 // 10),
        "logisticAging": f"{line.days[0]}-{line.days[1]}",
        "taxesFee": number(taxes),
        "clearanceOperationFee": 0,
        "totalPostageFee": number(cents + taxes),
    }


def track(trade: Trade, asked: Asked) -> list[dict[str, Any]]:
    """GET /logistic/trackInfo: where parcels are; numbers nobody has are left out."""
    wanted = [value for name, value in asked.pairs if name == "trackNumber" and value]
    if not wanted:
        raise CjError(Code.PARAMETER, "Param error: trackNumber must not be empty")
    now = trade.clock()
    known = {
        parcel.tracking: _tracked(trade, order, parcel, at, now)
        for order in trade.orders.of(asked.account.name)
        for parcel, at in order.shipped(now)
    }
    return [known[tracking] for tracking in wanted if tracking in known]


def _tracked(
    trade: Trade, order: Order, parcel: Parcel, shipped_at: datetime, now: datetime
) -> dict[str, Any]:
    arrived = shipped_at + parcel.transit
    scans = checkpoints(parcel, shipped_at, now)
    texts = {"Delivered": "Delivered", "Out for delivery": "Out for delivery"}
    handed_over = len(scans) >= 4
    last_mile = f"LM{between(10**8, 10**9 - 1, trade.seed, parcel.tracking)}"
    return {
        "trackingNumber": parcel.tracking,
        "logisticName": order.service,
        "trackingFrom": order.lines[0].warehouse,
        "trackingTo": order.country,
        "deliveryDay": str(parcel.transit.days) if arrived <= now else None,
        "deliveryTime": plain(arrived) if arrived <= now else None,
        "trackingStatus": texts.get(scans[-1][1], "In transit"),
        "lastMileCarrier": "USPS" if handed_over and order.country == "US" else None,
        "lastTrackNumber": last_mile if handed_over else None,
    }


SERVICES = {
    ("POST", "/logistic/freightCalculate"): freight,
    ("GET", "/logistic/trackInfo"): track,
}
