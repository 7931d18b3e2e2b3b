"""What an alert keeps about the products it names: its metadata, as JSON.

    {
      "products": [{"id", "title", "hidden", "variants": [
          {"id", "title", "cause", ...}          see `_stock`, `_cost` and `_price`
      ]}],
      "product_count", "variant_count",           what is still the case, all of it
      "told_product_count", "told_variant_count"  what was the case when the alert was told
      "run_id"
    }

`products` lists the first that are still the case, by title, up to `MOST_PRODUCTS` of them. Money
is in minor units beside its currency.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from zyenta_ops.domain.alerts.facts import Cause, CostNews, PriceNews, Selling, StockNews
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import Document

# An alert is read by a person; the subjects of an alert are all kept, in rows of their own.
MOST_PRODUCTS: Final = 100

ProductNews = StockNews | CostNews | PriceNews


@dataclass(frozen=True, slots=True)
class Reach:
    """How much an alert names: variants, their products, and those of them that are hidden."""

    variants: int
    products: int
    hidden: int


@dataclass(slots=True)
class Gathered:
    """What an alert says, gathered in whatever order its variants come without keeping them all.

    Attributes:
        causes: variants by cause.
        sellings: variants with cost news by what became of their price.
        pairs: variants without a rate by the currencies it would lead from and to.
    """

    causes: Counter[Cause] = field(default_factory=Counter)
    sellings: Counter[Selling] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    _order: list[tuple[str, str]] = field(default_factory=list)
    _products: dict[str, Document] = field(default_factory=dict)

    def add(self, news: ProductNews) -> None:
        """Count a variant, and keep it if its product is among the first."""
        self.causes[news.cause] += 1
        if isinstance(news, CostNews):
            self.sellings[news.selling] += 1
        elif isinstance(news, PriceNews) and news.cause is Cause.NO_RATE:
            self.pairs[news.cost.currency, news.variant.currency] += 1
        self._keep(news)

    def metadata(self, reach: Reach, run_id: str | None) -> Document:
        """The metadata of an alert that reaches so far."""
        return {
            "products": [self._products[product_id] for _, product_id in self._order],
            "product_count": reach.products,
            "variant_count": reach.variants,
            "told_product_count": reach.products,
            "told_variant_count": reach.variants,
            "run_id": run_id,
        }

    def _keep(self, news: ProductNews) -> None:
        variant = news.variant
        place = (variant.product_title.casefold(), variant.product_id)
        if variant.product_id not in self._products:
            if len(self._order) == MOST_PRODUCTS and place > self._order[-1]:
                return
            insort(self._order, place)
            self._products[variant.product_id] = {
                "id": variant.product_id,
                "title": variant.product_title,
                "hidden": variant.hidden,
                "variants": [],
            }
            if len(self._order) > MOST_PRODUCTS:
                del self._products[self._order.pop()[1]]
        variants: list[Document] = self._products[variant.product_id]["variants"]
        insort(variants, _entry(news), key=lambda entry: str(entry["title"]).casefold())


def remaining(metadata: Document, causes: Mapping[str, Cause], reach: Reach) -> Document:
    """The metadata once some of an alert is over.

    Args:
        metadata: as made by `Gathered.metadata`.
        causes: why each of its variants is still named, by variant id.
        reach: what the alert still names, also beyond what its metadata lists.
    """
    kept: list[Document] = []
    for product in metadata["products"]:
        variants: list[dict[str, Any]] = [
            {**variant, "cause": causes[variant["id"]].value}
            for variant in product["variants"]
            if variant["id"] in causes
        ]
        if variants:
            kept.append({**product, "variants": variants})
    return {
        **metadata,
        "products": kept,
        "product_count": reach.products,
        "variant_count": reach.variants,
    }


def listed_variants(metadata: Document) -> list[str]:
    """Ids of the variants that the metadata of an alert lists."""
    return [variant["id"] for product in metadata["products"] for variant in product["variants"]]


def _entry(news: ProductNews) -> Document:
    variant = news.variant
    title = "" if variant.variant_title == variant.product_title else variant.variant_title
    if isinstance(news, StockNews):
        details = _stock(news)
    elif isinstance(news, CostNews):
        details = _cost(news)
    else:
        details = _price(news)
    return {"id": variant.variant_id, "title": title, "cause": news.cause.value, **details}


def _stock(news: StockNews) -> Document:
    return {
        "previous_stock": news.previous_stock,
        "stock": news.variant.published_stock if news.cause is Cause.STOCK_LOW else 0,
    }


def _cost(news: CostNews) -> Document:
    price, pending = news.variant.price, news.variant.pending
    proposed = pending.price if pending else None
    return {
        "previous_cost_minor": news.cost_before.minor,
        "previous_cost_currency": news.cost_before.currency,
        "new_cost_minor": news.cost.minor,
        "cost_currency": news.cost.currency,
        "change_percent": None if news.percent is None else str(news.percent),
        "selling": news.selling.value,
        "previous_selling_price_minor": _minor(news.price_before),
        "new_selling_price_minor": _minor(price),
        "proposed_selling_price_minor": _minor(proposed),
        "selling_currency": price.currency if price else proposed.currency if proposed else None,
    }


def _price(news: PriceNews) -> Document:
    return {
        "cost_minor": news.cost.minor,
        "cost_currency": news.cost.currency,
        "selling_currency": news.variant.currency,
        "reason": news.reason,
    }


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor
