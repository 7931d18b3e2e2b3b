"""Messages to customers as the domain makes them, one for each notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from zyenta_ops.domain import customer_notices as notices
from zyenta_ops.domain.customer_notices import Shop
from zyenta_ops.domain.notifications import NewMessage, OutboundMessage
from zyenta_ops.domain.orders import Amounts
from zyenta_ops.domain.store_voice import Notice, StoreVoice
from zyenta_ops.domain.supplier_orders import Parcel, ParcelState
from zyenta_ops_tests.orders import an_order

NOW = datetime(2026, 11, 2, 12, 5, 7, tzinfo=UTC)
VOICE = StoreVoice(
    sender_name="Fjord & Pine",
    support_email="help@fjord.example",
    review_url="https://fjord.example/review?from=mail&stars=5",
)
PARCEL = Parcel(
    "00340434161094042557",
    "DHL",
    state=ParcelState.IN_TRANSIT,
    expected_at=datetime(2026, 11, 9, 18, tzinfo=UTC),
)


def every_notice(locale: str, voice: StoreVoice = VOICE) -> dict[Notice, NewMessage]:
    """One message for each notice, about a dear order in a locale."""
    order = an_order(locale=locale, amounts=Amounts(123_948, 490, 1_250, 500, 125_188))
    shop = Shop("store-fjord", "Fjord & Pine", voice)
    given: dict[str, Any] = {"new_id": lambda: "01k8xyz", "now": NOW}
    late = replace(PARCEL, expected_at=datetime(2026, 11, 16, 18, tzinfo=UTC))
    shipped, promised = notices.parcel_news(order, shop, [PARCEL], {}, **given)
    delayed, _ = notices.parcel_news(order, shop, [late], promised, **given)
    messages = [
        *notices.confirmed(order, shop, **given),
        *shipped,
        *delayed[1:],
        *notices.delivered(order, shop, **given),
        *notices.cancelled(order, shop, **given),
        *notices.refunded(order, shop, 1_999, 1_999, **given),
    ]
    return {Notice(each.template): each for each in messages}


def an_order_that_waits(locale: str) -> NewMessage:
    """The notice of a delay before there is a parcel."""
    given: dict[str, Any] = {"new_id": lambda: "01k8xyz", "now": NOW}
    shop = Shop("store-fjord", "Fjord & Pine", VOICE)
    (message,) = notices.delayed(an_order(locale=locale), shop, date(2026, 11, 20), **given)
    return message


def outbound(message: NewMessage, **context: Any) -> OutboundMessage:
    """The message as a transport is given it."""
    return OutboundMessage(
        id=message.id,
        channel=message.channel,
        recipient=message.recipient,
        template=message.template,
        context=message.context | context,
        created_at=NOW,
        attempts=1,
    )
