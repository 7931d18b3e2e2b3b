"""What an alert keeps about the products it names: its metadata, as JSON.

    {
      "products": [{"id", "title", "hidden", "variants": [
          {"id", "title", "cause", ...}          see `_stock` and `_cost`
      ]}],
      "product_count", "variant_count",           what is still the case, all of it
      "told_product_count", "told_variant_count" what was the case when the alert was opened
      "run_id"
    }

`products` lists what is still the case, up to `MOST_PRODUCTS` of them. Money is in minor units
beside its currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from zyenta_ops.domain.alerts.decision import Cause, CostNews, StockNews
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import Document

# An alert is read by a person; the subjects of an alert are all kept, in rows of their own.
MOST_PRODUCTS: Final = 100


def contents(news: Sequence[StockNews | CostNews], run_id: str | None) -> Document:
    """The metadata of an alert about these variants; those of one product stand together."""
    products: dict[str, Document] = {}
    for each in news:
        variant = each.variant
        entry = products.setdefault(
            variant.product_id,
            {
                "id": variant.product_id,
                "title": variant.product_title,
                "hidden": variant.hidden,
                "variants": [],
            },
        )
        details = _stock(each) if isinstance(each, StockNews) else _cost(each)
        title = "" if variant.variant_title == variant.product_title else variant.variant_title
        entry["variants"].append(
            {"id": variant.variant_id, "title": title, "cause": each.cause.value, **details}
        )
    return {
        "products": list(products.values())[:MOST_PRODUCTS],
        "product_count": len(products),
        "variant_count": len(news),
        "told_product_count": len(products),
        "told_variant_count": len(news),
        "run_id": run_id,
    }


def remaining(metadata: Document, causes: Mapping[str, Cause], products: Iterable[str]) -> Document:
    """The metadata once only these variants are still concerned.

    Args:
        metadata: as made by `contents`.
        causes: why each variant is still named, by variant id.
        products: ids of the products these variants belong to.
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
        "product_count": len(set(products)),
        "variant_count": len(causes),
    }


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
        "new_cost_minor": news.cost.minor,
        "cost_currency": news.cost.currency,
        "change_percent": None if news.percent is None else str(news.percent),
        "selling": news.selling.value,
        "previous_selling_price_minor": _minor(news.price_before),
        "new_selling_price_minor": _minor(price),
        "proposed_selling_price_minor": _minor(proposed),
        "selling_currency": price.currency if price else proposed.currency if proposed else None,
    }


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor
