"""What customers are told of their orders, as messages for the outbox.

Every function is pure and says what is the case now: the same told again has the same dedupe key
and is kept once. What a store has muted gives no message. A message that could not be sent for
longer than `MAX_AGES` is dropped, for "your parcel is on its way" must not come after the parcel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Final

from zyenta_ops.domain.notifications import Channel, NewMessage
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.store_voice import Notice, StoreVoice
from zyenta_ops.domain.stores import Document
from zyenta_ops.domain.supplier_orders import Parcel, ParcelState
from zyenta_ops.domain.tracking_links import link_of

MAX_AGES: Final = {
    Notice.CONFIRMED: timedelta(days=1),
    Notice.SHIPPED: timedelta(days=2),
    Notice.DELAYED: timedelta(days=1),
    Notice.DELIVERED: timedelta(days=2),
    Notice.CANCELLED: timedelta(days=3),
    Notice.REFUNDED: timedelta(days=3),
}
# Orders older than this are history that was imported: their customers know.
_OLDEST_CONFIRMED: Final = timedelta(days=30)
# A day more or less is no news to somebody who waits for weeks.
_DELAY_WORTH_TELLING: Final = timedelta(days=2)
# Of a parcel that has come, or that comes back, nobody is told that it is on its way.
_NOT_ON_ITS_WAY: Final = frozenset(
    {ParcelState.DELIVERED, ParcelState.RETURNING, ParcelState.RETURNED, ParcelState.LOST}
)
_LONGEST_KEY: Final = 200

# By parcel number, the day on which a customer was told that it will come.
Promises = Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Shop:
    """A store as its customers and its own system meet it.

    `listens` says whether the store's system wants to hear of orders, `shows` whether it can be
    asked what it shows.
    """

    store_id: str
    name: str
    voice: StoreVoice = field(default_factory=StoreVoice)
    listens: bool = False
    shows: bool = False


def confirmed(
    order: Order, shop: Shop, *, new_id: Callable[[], str], now: datetime
) -> list[NewMessage]:
    """The order is paid for; nothing for an order from long ago."""
    if now - order.placed_at > _OLDEST_CONFIRMED:
        return []
    about = {
        "items": [
            {
                "title": item.title,
                "quantity": item.quantity,
                "price_minor": item.total_minor,
            }
            for item in order.items
        ],
        "currency": order.currency,
        "subtotal_minor": order.amounts.subtotal_minor,
        "discount_minor": order.amounts.discount_minor,
        "shipping_minor": order.amounts.shipping_minor,
        "tax_minor": order.amounts.tax_minor,
        "total_minor": order.amounts.total_minor,
        "address": list(order.address.lines),
    }
    return _mail(Notice.CONFIRMED, order, shop, about, (), new_id, now)


def parcel_news(
    order: Order,
    shop: Shop,
    parcels: Sequence[Parcel],
    promised: Promises,
    *,
    new_id: Callable[[], str],
    now: datetime,
) -> tuple[list[NewMessage], dict[str, date]]:
    """What is to be told of parcels: each once that it is on its way, and later of delays.

    A parcel is known by its number: who carries it is often found out, or found to be another,
    after the customer was told.

    Returns:
        The messages, and the promises that stand once they are told.
    """
    told: list[NewMessage] = []
    promises = dict(promised)
    for parcel in parcels:
        if parcel.state in _NOT_ON_ITS_WAY or parcel.internal_number:
            continue
        told += _mail(Notice.SHIPPED, order, shop, _of(parcel), (parcel.number,), new_id, now)
        day = _day(parcel.expected_at)
        if day is None:
            continue
        before = promises.setdefault(parcel.number, day)
        if day - before >= _DELAY_WORTH_TELLING:
            told += delayed(order, shop, day, parcel, new_id=new_id, now=now)
            promises[parcel.number] = day
    return told, promises


def delayed(
    order: Order,
    shop: Shop,
    expected: date,
    parcel: Parcel | None = None,
    *,
    new_id: Callable[[], str],
    now: datetime,
) -> list[NewMessage]:
    """A parcel, or an order that has none yet, comes later than was said: on `expected`."""
    about = _of(parcel) | {"eta": expected.isoformat()}
    key = (about["parcel"], expected.isoformat())
    return _mail(Notice.DELAYED, order, shop, about, key, new_id, now)


def delivered(
    order: Order, shop: Shop, *, new_id: Callable[[], str], now: datetime
) -> list[NewMessage]:
    """Everything that was ordered has arrived; once per order."""
    about: Document = {"review_url": shop.voice.review_url}
    return _mail(Notice.DELIVERED, order, shop, about, (), new_id, now)


def cancelled(
    order: Order, shop: Shop, *, new_id: Callable[[], str], now: datetime
) -> list[NewMessage]:
    """Nothing of the order will be sent; once per order."""
    about: Document = {"paid": order.paid_minor > order.refunded_minor}
    return _mail(Notice.CANCELLED, order, shop, about, (), new_id, now)


def refunded(
    order: Order,
    shop: Shop,
    amount_minor: int,
    total_minor: int,
    *,
    new_id: Callable[[], str],
    now: datetime,
) -> list[NewMessage]:
    """Money went back: `amount_minor` now, `total_minor` with what went back before."""
    about: Document = {"amount_minor": amount_minor, "currency": order.currency}
    return _mail(Notice.REFUNDED, order, shop, about, (str(total_minor),), new_id, now)


def dedupe_key(*parts: str) -> str:
    """What tells a message from others, short enough to be kept whatever suppliers write."""
    key = ":".join(parts)
    if len(key) <= _LONGEST_KEY:
        return key
    digest = blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{key[: _LONGEST_KEY - len(digest) - 1]}:{digest}"


def _mail(
    notice: Notice,
    order: Order,
    shop: Shop,
    about: Document,
    key: Sequence[str],
    new_id: Callable[[], str],
    now: datetime,
) -> list[NewMessage]:
    voice = shop.voice
    if notice in voice.muted:
        return []
    speaking: Document = {
        "locale": order.locale or voice.locale,
        "sender_name": voice.sender_name or shop.name,
        "reply_to": voice.reply_to or voice.support_email,
        "support_email": voice.support_email,
        "store_name": shop.name,
        "customer_name": order.customer.name,
        "number": order.number,
    }
    return [
        NewMessage(
            id=new_id(),
            dedupe_key=dedupe_key(notice.value, order.id, *key),
            channel=Channel.EMAIL,
            recipient=order.customer.email,
            template=notice.value,
            context=speaking | about,
            due_at=now,
            store_id=shop.store_id,
            regarding=f"order:{order.id}",
            expires_at=now + MAX_AGES[notice],
        )
    ]


def _of(parcel: Parcel | None) -> Document:
    if parcel is None:
        return {"parcel": "", "carrier": "", "url": "", "eta": ""}
    day = _day(parcel.expected_at)
    return {
        "parcel": parcel.number,
        "carrier": parcel.carrier,
        "url": link_of(parcel),
        "eta": "" if day is None else day.isoformat(),
    }


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
