"""`aliexpress.ds.product.get`: a product as an item.

Price, stock and whether it is sold at all depend on the country it goes to. `sku_price` is the
price struck through; what is paid is `offer_sale_price`, in the currency of the variant, which is
not that of the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.shapes import decimal, objects, truth
from zyenta_ops.adapters.suppliers.answers import entry, money, name, shortened, whole, words
from zyenta_ops.adapters.suppliers.text import addresses, images, title
from zyenta_ops.domain.catalog import Market, Offer
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.items import Item, ItemStatus, ItemVariant
from zyenta_ops.domain.supplier_errors import AnswerInvalid, RequestInvalid

METHOD: Final = "aliexpress.ds.product.get"

_ON_SALE: Final = "onselling"
# Newest first; the later ones are what older answers call it. `sku_stock` is a boolean.
_STOCK: Final = ("sku_available_stock", "s_k_u_available_stock", "ipm_sku_stock")
# What a product without options has for `sku_attr`; an order then names none.
NO_OPTIONS: Final = "<none>"
_HEAVIEST_KG: Final = 10_000


def params(product_ref: str, market: Market, language: str) -> dict[str, str]:
    """What to ask for a product.

    `remove_personal_benefit` keeps one-off coupons of the account out of the cost.

    Raises:
        RequestInvalid: AliExpress could not have named a product so.
    """
    if not is_number(product_ref):
        raise RequestInvalid("a product at AliExpress is a number")
    return {
        "product_id": product_ref,
        "ship_to_country": market.country,
        "target_currency": market.currency,
        "target_language": language,
        "remove_personal_benefit": "true",
    }


def is_number(reference: str) -> bool:
    """Whether AliExpress could have named something so."""
    return reference.isascii() and reference.isdigit() and len(reference) <= 20


def item(product_ref: str, result: Mapping[str, Any], raw: bytes) -> Item:
    """A product that AliExpress knows.

    Raises:
        AnswerInvalid: it is no product, or none of its variants can be understood.
    """
    base = entry(result.get("ae_item_base_info_dto"))
    if not base:
        raise AnswerInvalid("AliExpress's answer holds no product")
    media = entry(result.get("ae_multimedia_info_dto"))
    # An answer that says no status has a price and a stock, and thus a product on sale.
    on_sale = words(base.get("product_status_type")).lower() in ("", _ON_SALE)
    reader = _Variants(product_ref, result, on_sale, addresses(media.get("image_urls")))
    variants: list[ItemVariant] = []
    faults: list[str] = []
    for each in objects(result.get("ae_item_sku_info_dtos")):
        try:
            variants.append(reader.variant(each))
        except Refused as error:
            faults.append(f"variant {shortened(name(each.get('sku_id')))}: {error}")
    if on_sale and not variants:
        why = faults[0] if faults else "it lists none"
        raise AnswerInvalid(f"no variant of the product can be understood: {why}")
    return Item(
        product_ref,
        ItemStatus.ON_SALE if on_sale else ItemStatus.OFF_SALE,
        title=reader.title,
        variants=tuple(variants),
        images=images(reader.images),
        videos=images(
            *(addresses(each.get("media_url")) for each in objects(media.get("ae_video_dtos")))
        ),
        faults=tuple(faults),
        raw=raw,
    )


class _Variants:
    """Reads the variants of one product."""

    def __init__(
        self, product_ref: str, result: Mapping[str, Any], on_sale: bool, pictures: tuple[str, ...]
    ) -> None:
        self._product_ref = product_ref
        self._on_sale = on_sale
        self.images = pictures
        self.title = title(entry(result.get("ae_item_base_info_dto")).get("subject"))
        self._grams = _grams(entry(result.get("package_info_dto")).get("gross_weight"))

    def variant(self, sku: Mapping[str, Any]) -> ItemVariant:
        """One variant; raises Refused with what is wrong with it."""
        variant_ref = name(sku.get("sku_id"))
        if not variant_ref:
            raise Refused("it has no sku_id")
        currency = words(sku.get("currency_code")).upper()
        cost = money(sku.get("offer_sale_price"), currency, "offer_sale_price")
        if cost is None or not cost.minor:
            raise Refused("it has no offer_sale_price")
        options = objects(sku.get("ae_sku_property_dtos") or sku.get("aeop_s_k_u_propertys"))
        pictures = (addresses(each.get("sku_image")) for each in options)
        stock = _stock(sku)
        return ItemVariant(
            Offer(
                product_ref=self._product_ref,
                variant_ref=variant_ref,
                order_ref=_order_ref(sku),
                title=self.title,
                unit_cost=cost,
                list_price=money(sku.get("sku_price"), currency, "sku_price"),
                stock=stock,
                in_stock=stock is None and truth(sku.get("sku_stock")) is True,
                saleable=self._on_sale,
                sku=words(sku.get("sku_code")) or None,
                attributes=_attributes(options),
                images=images(*pictures, self.images),
            ),
            most_per_order=_most_per_order(sku),
            weight_grams=self._grams,
            tax_included=truth(sku.get("price_include_tax")),
        )


def _order_ref(sku: Mapping[str, Any]) -> str:
    """`sku_attr` as it came: an order has to repeat it to the letter."""
    found = sku.get("sku_attr") or sku.get("id") or NO_OPTIONS
    if not isinstance(found, str) or "\x00" in found or not found.isprintable():
        raise Refused("its sku_attr cannot be repeated in an order")
    return found


def _stock(sku: Mapping[str, Any]) -> int | None:
    for key in _STOCK:
        units = whole(sku.get(key), "stock")
        if units is not None:
            return units
    return 0 if truth(sku.get("sku_stock")) is False else None


def _most_per_order(sku: Mapping[str, Any]) -> int | None:
    """The limit of a promotion, where an order beyond it is refused rather than dearer."""
    if words(sku.get("limit_strategy")) != "create_order_fail":
        return None
    return whole(sku.get("buy_amount_limit_set_by_promotion"), "limit") or None


def _attributes(options: list[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Option and value; a seller's own name of a value is what the buyer sees."""
    found = (
        (
            words(each.get("sku_property_name")),
            words(each.get("property_value_definition_name"))
            or words(each.get("sku_property_value")),
        )
        for each in options
    )
    return tuple((option, value) for option, value in found if option and value)


def _grams(kilograms: Any) -> int | None:
    weight = decimal(kilograms)
    if weight is None or not 0 < weight <= _HEAVIEST_KG:
        return None
    return int((weight * 1_000).to_integral_value()) or None
