"""What a supplier says of the lines of a supplier order now; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass

from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.fulfillment.guards import LiveLine, live_lines
from zyenta_ops.domain.items import Item, ItemFault
from zyenta_ops.domain.supplier_orders import Ability, OrderLine, ShippingQuote, ShippingRequest
from zyenta_ops.operations.fulfillment.dossier import Dossier
from zyenta_ops.ports.gateway import SupplierGateway


@dataclass(frozen=True, slots=True)
class Live:
    """Lines and ways of sending; `ways` None = the supplier quotes none, empty = there are none."""

    lines: tuple[LiveLine, ...]
    ways: tuple[ShippingQuote, ...] | None


def ask(gateway: SupplierGateway, seen: Dossier) -> Live:
    """Ask for price, stock and freight to the customer.

    Raises:
        SupplierError: it did not answer for every product.
    """
    address = seen.order.address
    market = Market(address.country, seen.supplier.currency)
    refs = sorted({line.product_ref for line in seen.it.lines})
    items: list[Item] = []
    for answer in gateway.fetch_items(refs, market):
        if isinstance(answer, ItemFault):
            raise answer.error
        items.append(answer)
    lines = live_lines(seen.it.lines, items)
    origins = {each.variant.ships_from for each in lines if each.variant is not None}
    answerable = all(each.variant is not None for each in lines) and len(origins) == 1
    # What comes from several warehouses is split first, and then asked for part by part.
    if not answerable or not gateway.capabilities.can(Ability.QUOTE_SHIPPING):
        return Live(lines, None)
    request = ShippingRequest(
        lines=tuple(order_line(each) for each in lines),
        country=address.country,
        currency=seen.supplier.currency,
        province=address.province,
        city=address.city,
        postal_code=address.postal_code,
        ships_from=origins.pop(),
    )
    return Live(lines, gateway.quote_shipping(request))


def order_line(live: LiveLine) -> OrderLine:
    """A line as the supplier wants it named now."""
    line = live.line
    return OrderLine(line.product_ref, line.variant_ref, live.order_ref, line.quantity)
