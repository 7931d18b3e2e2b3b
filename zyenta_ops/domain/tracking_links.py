"""Where customers follow a parcel: the public pages of carriers, by what the carrier is called.

The addresses are those that the carriers' own sites show when a number is searched for. A carrier
that is not listed, or whose page cannot be opened at a number, has none.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.supplier_orders import Parcel
from zyenta_ops.domain.web_addresses import https_address

# Names that carriers go by, in small letters and digits, and the page; `{}` is the number.
_PAGES: Final = (
    ("amazon amazonlogistics amazonshipping", "https://track.amazon.com/tracking/{}"),
    ("auspost australiapost", "https://auspost.com.au/mypost/track/details/{}"),
    ("austrianpost postat", "https://www.post.at/s/sendungsdetails?snr={}"),
    (
        "cainiao aliexpressstandardshipping aliexpressselectionstandard",
        "https://global.cainiao.com/newDetail.htm?mailNoList={}",
    ),
    (
        "canadapost postescanada",
        "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
    ),
    ("cjpacket", "https://www.cjpacket.com/?trackingNumber={}"),
    (
        "dhlde dhlpaket dhlparcelgermany deutschepost",
        "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={}",
    ),
    ("dhl", "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}"),
    ("dpd", "https://tracking.dpd.de/status/en_US/parcel/{}"),
    ("evri hermesuk", "https://www.evri.com/track/parcel/{}"),
    ("fedex", "https://www.fedex.com/fedextrack/?trknbr={}"),
    ("4px fourpx", "https://track.4px.com/#/result/0/{}"),
    ("gls", "https://gls-group.com/GROUP/en/parcel-tracking?match={}"),
    ("hermesde", "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{}"),
    (
        "laposte colissimo chronopost",
        "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    ),
    ("ontrac", "https://www.ontrac.com/tracking/?number={}"),
    ("royalmail", "https://www.royalmail.com/track-your-item#/tracking-results/{}"),
    (
        "sf sfexpress sfinternational",
        "https://www.sf-express.com/us/en/dynamic_function/waybill/#search/bill-number/{}",
    ),
    ("sunyou", "https://www.sypost.net/search?orderNo={}"),
    ("swisspost postch", "https://service.post.ch/ekp-web/ui/entry/search/{}"),
    ("ups", "https://www.ups.com/track?tracknum={}"),
    ("usps", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"),
    ("yanwen yw56", "https://track.yw56.com.cn/en/querydel?nums={}"),
    ("yodel", "https://www.yodel.co.uk/tracking/{}"),
    ("yunexpress yuntrack", "https://www.yuntrack.com/parcelTracking?id={}"),
)
_PAGE_OF: Final = {name: page for names, page in _PAGES for name in names.split()}
# "usps" also names "USPS Ground Advantage"; "sf" would also name carriers of other names.
_SHORTEST_BEGINNING: Final = 3
_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{4,50}")


def tracking_url(carrier: str, number: str) -> str:
    """The carrier's page about a parcel, https; "" = we know none.

    Case, spaces and punctuation of the carrier's name play no part, and what follows its name
    ("DHL Parcel Connect") neither.
    """
    plain = "".join(number.split())
    if not _NUMBER.fullmatch(plain):
        return ""
    name = re.sub(r"[^a-z0-9]", "", carrier.casefold())
    page = _PAGE_OF.get(name) or _PAGE_OF.get(_beginning(name), "")
    return page.format(quote(plain, safe=""))


def link_of(parcel: Parcel) -> str:
    """Where a parcel is followed: at its carrier, else where its supplier says, if by https."""
    if parcel.internal_number:
        return ""
    if known := tracking_url(parcel.carrier, parcel.number):
        return known
    try:
        return https_address(parcel.url, "the link")
    except Refused:
        return ""


def _beginning(name: str) -> str:
    """The longest listed name that a carrier's name begins with; "" = none."""
    begins = [
        each for each in _PAGE_OF if len(each) >= _SHORTEST_BEGINNING and name.startswith(each)
    ]
    return max(begins, key=len, default="")
