"""Messages with realistic contexts, one for each template."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from zyenta_ops.domain.notifications import Channel, OutboundMessage

SENDER = "Zyenta Ops <ops@shop.example>"

_GREETING = {
    "store_name": "Fjord & Pine",
    "user_name": "Ingrid",
    "dashboard_url": "https://dash.example/stores/s1/products",
    "as_of": "2 November 2026, 12:05 UTC",
}
_STOCK = [
    {
        "title": "Steel bottle",
        "note": "hidden",
        "variants": [{"title": "750 ml", "text": "sold out at the supplier (before: 14)"}],
    }
]
_PRICES = [
    {
        "title": "Steel bottle",
        "note": "",
        "variants": [
            {
                "title": "750 ml",
                "previous_cost": "8.40 USD",
                "new_cost": "9.66 USD",
                "change": "+15.0 %",
                "selling_price": "24.99 EUR",
                "selling_note": "adjusted from 21.99 EUR",
            }
        ],
    }
]

_UNPRICED = [
    {
        "title": "Steel bottle",
        "note": "",
        "variants": [{"title": "750 ml", "text": "costs 8.40 USD; no exchange rate to EUR"}],
    }
]

CONTEXTS: dict[str, dict[str, Any]] = {
    "stock-alert": _GREETING
    | {
        "title": "1 product out of stock",
        "message": (
            "The following products are now out of stock and have been hidden from your storefront."
        ),
        "products": _STOCK,
        "more": 3,
    },
    "price-alert": _GREETING
    | {
        "title": "Significant price changes detected",
        "message": "1 product had supplier price changes > 10%.",
        "products": _PRICES,
        "more": 0,
    },
    "price-missing": _GREETING
    | {
        "title": "1 product without a price: no exchange rate from USD to EUR",
        "message": "The following products are on sale and cannot be bought: they have no price.",
        "products": _UNPRICED,
        "more": 0,
    },
    "digest": _GREETING
    | {
        "alerts": [
            {
                "type": kind,
                "title": title,
                "message": "It happened.",
                "since": "1 November 2026, 17:15 UTC",
                "remark": "3 of 7 variants are no longer concerned",
                "products": products,
                "more": 0,
            }
            for kind, title, products in (
                ("STOCK_OUT", "1 product out of stock", _STOCK),
                ("PRICE_CHANGE", "Significant price changes detected", _PRICES),
                ("PRICE_MISSING", "1 product without a price", _UNPRICED),
            )
        ]
    },
    "sync-failure": {
        "severity": "CRITICAL",
        "service": "zyenta-ops",
        "title": "Inventory sync failed for supplier Nordic Supply (212 store(s) affected)",
        "supplier_key": "nordic",
        "supplier_name": "Nordic Supply",
        "reason": "the feed answered with an HTML page; correct its URL",
        "run_id": "run-1",
        "stores": 212,
        "as_of": "2 November 2026, 12:05 UTC",
    },
    "account-alert": _GREETING
    | {
        "title": "AliExpress no longer accepts the account fox",
        "message": (
            "Nothing is asked with it until it is connected again:"
            " `zyenta-ops supplier connect aliexpress --store fjord`."
        ),
        "products": [],
        "more": 0,
    },
    "account-failure": {
        "severity": "HIGH",
        "service": "zyenta-ops",
        "title": "AliExpress refuses the account fox",
        "supplier_key": "aliexpress",
        "supplier_name": "AliExpress",
        "reason": "AliExpress refuses the account fox: the app may not read products",
        "run_id": "run-1",
        "stores": 3,
        "as_of": "2 November 2026, 12:05 UTC",
    },
}


CONTEXTS["order-alert"] = CONTEXTS["account-alert"] | {
    "title": "Your system is told of no more orders",
    "message": "The store's system answered 410: it wants no more events.",
}
CONTEXTS["intervention"] = {
    "severity": "HIGH",
    "service": "zyenta-ops",
    "title": "Order fjord:1001 needs a person",
    "reason": "AliExpress does not say whether it took the order; look there for zy-1-1",
    "store_name": "Fjord & Pine",
    "order": "fjord:1001",
    "supplier_order": "zy-1-1",
    "supplier_name": "AliExpress",
    "verbs": [
        {"does": "see all there is to know", "line": "zyenta-ops orders show fjord:1001"},
        {"does": "place it again", "line": "zyenta-ops orders retry fjord:1001"},
    ],
    "as_of": "2 November 2026, 12:05 UTC",
}


def a_message(
    template: str = "stock-alert",
    recipient: str = "ann@example.com",
    message_id: str = "01k8xyz",
    **context: Any,
) -> OutboundMessage:
    return OutboundMessage(
        id=message_id,
        channel=Channel.EMAIL,
        recipient=recipient,
        template=template,
        context=CONTEXTS[template] | context,
        created_at=datetime(2026, 11, 2, 12, 5, 7, tzinfo=UTC),
        attempts=1,
    )
