from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from zyenta_ops.domain.supplier_orders import Parcel
from zyenta_ops.domain.tracking_links import _PAGES, link_of, tracking_url


@pytest.mark.parametrize(
    ("carrier", "number", "url"),
    [
        ("UPS", "1Z999AA10123456784", "https://www.ups.com/track?tracknum=1Z999AA10123456784"),
        (
            "usps ground advantage",
            "9400 1000 0000 0000 0000 00",
            "https://tools.usps.com/go/TrackConfirmAction?tLabels=9400100000000000000000",
        ),
        (
            "DHL Parcel Connect",
            "LX1234",
            "https://www.dhl.com/global-en/home/tracking.html?tracking-id=LX1234",
        ),
        (
            "DHL-DE",
            "00340434161094042557",
            "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html"
            "?piececode=00340434161094042557",
        ),
        (
            "YunExpress",
            "YT2104621266021548",
            "https://www.yuntrack.com/parcelTracking?id=YT2104621266021548",
        ),
        (
            "SF Express",
            "SF1234567890",
            "https://www.sf-express.com/us/en/dynamic_function/waybill/#search/bill-number/"
            "SF1234567890",
        ),
        ("Nobody's Post", "RR123456785CN", ""),
        ("", "RR123456785CN", ""),
        ("UPS", "1Z<script>", ""),
        ("UPS", "../../../etc", ""),
    ],
)
def test_a_carriers_page_is_found_by_its_name(carrier: str, number: str, url: str) -> None:
    assert tracking_url(carrier, number) == url


def test_every_page_is_public_and_holds_the_number() -> None:
    for names, _ in _PAGES:
        for name in names.split():
            url = tracking_url(name, "AB123456789XY")
            assert urlsplit(url).scheme == "https"
            assert url.count("AB123456789XY") == 1


def test_no_name_stands_for_two_carriers() -> None:
    names = [name for names, _ in _PAGES for name in names.split()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("parcel", "url"),
    [
        (
            Parcel("1Z999AA10123456784", "UPS", "https://elsewhere.example/"),
            "https://www.ups.com/track?tracknum=1Z999AA10123456784",
        ),
        (Parcel("X1234", "Post", "https://post.example/X1234"), "https://post.example/X1234"),
        (Parcel("X1234", "Post", "http://post.example/X1234"), ""),
        (Parcel("X1234", "Post", "javascript:alert(1)"), ""),
        (Parcel("X1234", "Post"), ""),
        (Parcel("X1234", "UPS", internal_number=True), ""),
    ],
)
def test_a_parcel_is_followed_at_its_carrier_else_where_its_supplier_says(
    parcel: Parcel, url: str
) -> None:
    assert link_of(parcel) == url
