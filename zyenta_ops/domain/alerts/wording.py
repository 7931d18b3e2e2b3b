"""What alerts say: titles, messages, and the lines about each product.

A sentence is only used where it is true: "hidden from your storefront" for products that are,
"automatically adjusted" for selling prices that were.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from zyenta_ops.domain.alerts.contents import Gathered, Reach
from zyenta_ops.domain.alerts.facts import Cause, Selling
from zyenta_ops.domain.alerts.lifecycle import AlertType
from zyenta_ops.domain.alerts.preferences import AlertPreferences
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import Document
from zyenta_ops.domain.sync import SyncPart

# A longer mail is not read; the dashboard has the rest.
PRODUCTS_IN_A_MAIL: Final = 30
STORES_IN_A_MAIL: Final = 5

_CAUSES: Final = {
    Cause.OUT_OF_STOCK: "sold out at the supplier",
    Cause.NOT_SALEABLE: "not sold by the supplier at the moment",
    Cause.VARIANT_GONE: "variant no longer offered by the supplier",
    Cause.DELISTED: "no longer listed by the supplier",
}


def quantity(number: int, noun: str) -> str:
    """A number with its noun: "1 product", "2 products"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def words(
    alert: AlertType, said: Gathered, reach: Reach, preferences: AlertPreferences
) -> tuple[str, str]:
    """The title and message of a product alert."""
    if alert is AlertType.STOCK_OUT:
        return _stock_out_title(said, reach), _stock_out_message(said, reach)
    if alert is AlertType.STOCK_LOW:
        return f"{quantity(reach.products, 'product')} low on stock", (
            f"The following products are down to {preferences.stock_low_threshold} units or fewer."
            " They stay on your storefront until they are sold out."
        )
    if alert is AlertType.PRICE_MISSING:
        return _unpriced_title(said, reach), _unpriced_message(said)
    message = _price_message(said, reach, preferences.cost_change_percent)
    return "Significant price changes detected", message


def _stock_out_title(said: Gathered, reach: Reach) -> str:
    partly = "" if reach.hidden else "with variants "
    return f"{quantity(reach.products, 'product')} {partly}{_out_of_what(said)}"


def _stock_out_message(said: Gathered, reach: Reach) -> str:
    what = _out_of_what(said)
    shown = reach.products - reach.hidden
    if not shown:
        text = f"The following products are now {what} and have been hidden from your storefront."
    elif reach.hidden:
        text = (
            f"The following products are now {what}. They have been hidden from your storefront,"
            f" except {shown} that can still be bought in other variants."
        )
    else:
        text = (
            f"Variants of the following products are now {what}. The products stay on your"
            " storefront: other variants can still be bought."
        )
    if set(said.causes) == {Cause.OUT_OF_STOCK}:
        return text
    counted = ", ".join(
        f"{said.causes[each]} {word}" for each, word in _CAUSES.items() if said.causes[each]
    )
    return f"{text} Variants: {counted}."


def _price_message(said: Gathered, reach: Reach, threshold: int) -> str:
    """The message of a PRICE_CHANGE alert, true to what became of the selling prices."""
    what = f"had supplier price changes > {threshold}%"
    if set(said.causes) == {Cause.COST_CURRENCY}:
        what = f"{_are(reach)} now priced by their supplier in another currency"
    elif said.causes[Cause.COST_CURRENCY]:
        what += f" or {_are(reach)} now priced by their supplier in another currency"
    text = f"{quantity(reach.products, 'product')} {what}."
    if set(said.sellings) == {Selling.ADJUSTED}:
        return f"{text} Your selling prices have been automatically adjusted."
    if set(said.sellings) == {Selling.UNCHANGED}:
        return f"{text} Your selling prices are unchanged."
    sellings = {
        Selling.ADJUSTED: "automatically adjusted",
        Selling.AWAITS_APPROVAL: "awaiting your approval",
        Selling.BLOCKED: "blocked because the change is too large to believe",
        Selling.UNPRICED: "unchanged because no price could be computed",
        Selling.UNCHANGED: "unchanged",
    }
    counted = ", ".join(
        f"{said.sellings[each]} {word}" for each, word in sellings.items() if said.sellings[each]
    )
    return f"{text} Your selling prices: {counted}."


def _are(reach: Reach) -> str:
    return "is" if reach.products == 1 else "are"


def _unpriced_title(said: Gathered, reach: Reach) -> str:
    title = f"{quantity(reach.products, 'product')} without a price"
    if said.causes[Cause.NO_PRICE] or len(said.pairs) != 1:
        return title
    ((base, quote),) = said.pairs
    return f"{title}: no exchange rate from {base} to {quote}"


def _unpriced_message(said: Gathered) -> str:
    text = "The following products are on sale and cannot be bought: they have no price."
    for base, quote in sorted(said.pairs):
        text += (
            f" There is no usable exchange rate from {base} to {quote}: set one with"
            f" `zyenta-ops fx set {base} {quote} RATE`, or load rates with `zyenta-ops fx import`."
        )
    if unpriced := said.causes[Cause.NO_PRICE]:
        text += (
            f" No price could be made of the cost of {quantity(unpriced, 'variant')};"
            " `zyenta-ops price history VARIANT` says why."
        )
    return text


def merchants_failure(part: SyncPart) -> tuple[str, str]:
    """The title and message that merchants find when a sync fails."""
    if part is SyncPart.PRICES:
        return (
            "Price update failed",
            "Your selling prices could not be updated and stay as they are."
            " Our team has been notified.",
        )
    return (
        "Inventory sync failed",
        "The automated inventory sync encountered an error. Our team has been notified.",
    )


def internal_failure_title(part: SyncPart, supplier: str, stores: int) -> str:
    """What operators read first when a part of a supplier's sync fails."""
    what = {SyncPart.PRICES: "Pricing", SyncPart.RUN: "Sync run"}.get(part, "Inventory sync")
    return f"{what} failed for supplier {supplier} ({stores} store(s) affected)"


def failed_stores(reasons: Sequence[tuple[str, str]]) -> str:
    """Why stores fail, as (store, reason); the first are named and the others counted."""
    named = "; ".join(f"{store}: {reason}" for store, reason in reasons[:STORES_IN_A_MAIL])
    more = len(reasons) - STORES_IN_A_MAIL
    return named if more <= 0 else f"{named}; and {more} more"


def product_rows(alert: AlertType, metadata: Document) -> tuple[list[Document], int]:
    """The products of an alert as mails show them, and how many more there are.

    Alerts about an account name no products.

    Returns:
        Rows {title, note, variants} whose variants are {title, text} for stock and missing prices
        and {title, previous_cost, new_cost, change, selling_price, selling_note} for changed ones;
        every value is text.
    """
    describe = _ROWS.get(alert)
    if describe is None:
        return [], 0
    rows = [
        {
            "title": product["title"],
            "note": _note(alert, product),
            "variants": [describe(variant) for variant in product["variants"]],
        }
        for product in metadata["products"][:PRODUCTS_IN_A_MAIL]
    ]
    return rows, metadata["product_count"] - len(rows)


def remark(metadata: Document) -> str:
    """How much of an alert is over, in words; empty when none of it is."""
    if "variant_count" not in metadata:
        return ""
    told, left = metadata["told_variant_count"], metadata["variant_count"]
    return "" if left == told else f"{told - left} of {told} variants are no longer concerned"


def short_time(moment: datetime) -> str:
    """An instant for people, in UTC: 2 November 2026, 12:05 UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


def _out_of_what(said: Gathered) -> str:
    if not said.causes[Cause.OUT_OF_STOCK]:
        return "no longer available"
    return "out of stock" if len(said.causes) == 1 else "out of stock or no longer available"


def _note(alert: AlertType, product: Document) -> str:
    if alert is not AlertType.STOCK_OUT:
        return ""
    return "hidden" if product["hidden"] else "still on sale in other variants"


def _stock_row(variant: Document) -> Document:
    cause = Cause(variant["cause"])
    before = variant["previous_stock"]
    text = f"{variant['stock']} left" if cause is Cause.STOCK_LOW else _CAUSES[cause]
    if before:
        text += f" (before: {before})"
    return {"title": variant["title"], "text": text}


def _unpriced_row(variant: Document) -> Document:
    cost = _money(variant, "cost_minor", "cost_currency")
    why = (
        f"no exchange rate to {variant['selling_currency']}"
        if Cause(variant["cause"]) is Cause.NO_RATE
        else variant["reason"]
    )
    return {"title": variant["title"], "text": f"costs {cost}; {why}"}


def _price_row(variant: Document) -> Document:
    price = _money(variant, "new_selling_price_minor", "selling_currency")
    before = _money(variant, "previous_selling_price_minor", "selling_currency")
    proposed = _money(variant, "proposed_selling_price_minor", "selling_currency") or "a new price"
    percent = variant["change_percent"]
    # Alerts from before costs could change their currency name one for both.
    known = "previous_cost_currency" in variant
    before_in = "previous_cost_currency" if known else "cost_currency"
    selling = Selling(variant["selling"])
    notes = {
        Selling.ADJUSTED: "adjusted",
        Selling.AWAITS_APPROVAL: f"{proposed} awaits your approval",
        Selling.BLOCKED: f"{proposed} was blocked",
        Selling.UNPRICED: "no new price could be computed",
        Selling.UNCHANGED: "unchanged",
    }
    meanwhile = " from" if selling is Selling.ADJUSTED else "; meanwhile adjusted from"
    return {
        "title": variant["title"],
        "previous_cost": _money(variant, "previous_cost_minor", before_in),
        "new_cost": _money(variant, "new_cost_minor", "cost_currency"),
        "change": "" if percent is None else f"{Decimal(percent):+} %",
        "selling_price": price or "none yet",
        "selling_note": notes[selling] + (f"{meanwhile} {before}" if before else ""),
    }


def _money(variant: Document, minor: str, currency: str) -> str:
    return "" if variant[minor] is None else str(Money(variant[minor], variant[currency]))


_ROWS: Final = {
    AlertType.STOCK_OUT: _stock_row,
    AlertType.STOCK_LOW: _stock_row,
    AlertType.PRICE_CHANGE: _price_row,
    AlertType.PRICE_MISSING: _unpriced_row,
}
