"""What a single row says: its prices, stock, pictures and options, as the domain knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from zyenta_ops.adapters.suppliers import text
from zyenta_ops.adapters.suppliers.feed.amounts import AmountReader, Unusable
from zyenta_ops.adapters.suppliers.feed.columns import C, Column
from zyenta_ops.adapters.suppliers.feed.formats import Cell
from zyenta_ops.adapters.suppliers.feed.quantities import apply_availability, is_yes, stock_of
from zyenta_ops.domain.catalog import Offer, Rejection
from zyenta_ops.domain.money import Money

Cells = Sequence[Cell]
Located = tuple[int, Offer]

_OPTIONS: Final = (
    (C.OPTION_1_NAME, C.OPTION_1),
    (C.OPTION_2_NAME, C.OPTION_2),
    (C.OPTION_3_NAME, C.OPTION_3),
)
_PROPERTIES: Final = (C.COLOR, C.SIZE, C.MATERIAL, C.PATTERN)
_NO_CHOICE: Final = "Default Title"  # Shopify's option value of a product without variants


@dataclass(slots=True)
class Tally:
    """Where the unit costs came from, counted while the feed is read."""

    cost_stated: int = 0
    cost_estimated: int = 0


class Prices(NamedTuple):
    """What a row's price cells mean."""

    unit_cost: Money
    list_price: Money | None
    estimated: bool


class Facts:
    """Reads the rows of one feed.

    Args:
        positions: the cell that holds each fact.
        amounts: reads prices and costs.
        cost_share_percent: the share of the price taken as cost where a row states no cost.
        options: positions of (name, value) of options beyond the third.
    """

    def __init__(
        self,
        positions: Mapping[Column, int],
        amounts: AmountReader,
        cost_share_percent: Decimal | None,
        options: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.at = {column: positions.get(column, -1) for column in Column}
        self.tally = Tally()
        self._amounts = amounts
        self._share = cost_share_percent
        self._price_cells = tuple(
            self.at[column] for column in (C.PRICE, C.SALE_PRICE, C.SALE_DATES, C.COST, C.CURRENCY)
        )
        pairs = [(self.at[name], self.at[value]) for name, value in _OPTIONS]
        self._options = tuple(pair for pair in (*pairs, *options) if pair[1] != -1)
        pictures = (self.at[C.VARIANT_IMAGE], self.at[C.IMAGE], self.at[C.MORE_IMAGES])
        self._pictures = tuple(at for at in pictures if at != -1)
        self._properties = tuple(
            (column.value, self.at[column]) for column in _PROPERTIES if self.at[column] != -1
        )

    def says(self, cells: Cells, column: Column) -> str:
        """The clean text of a cell."""
        return text.clean(cells[self.at[column]])

    def prices(self, cells: Cells) -> Prices:
        """Unit cost and list price.

        The cost stated in the row, else a share of its current price: the sale price, unless it
        holds only between dates, for which the regular price is the safer estimate.

        Raises:
            Unusable: no cost and no price, or one of them is not a usable amount.
        """
        price, sale, dates, cost, currency = self._price_cells
        found = self._prices(
            cells[price], "" if cells[dates] else cells[sale], cells[cost], cells[currency]
        )
        if found.estimated:
            self.tally.cost_estimated += 1
        else:
            self.tally.cost_stated += 1
        return found

    def _prices(self, price: Cell, sale: Cell, cost: Cell, currency: Cell) -> Prices:
        stated = text.clean(currency) if currency else ""
        list_price = None
        if not _blank(price):
            list_price = self._amounts.read(price, stated, "price")
        if not _blank(cost):
            return Prices(self._amounts.read(cost, stated, "cost"), list_price, estimated=False)
        if self._share is None:
            raise Unusable("the cost is empty")
        if list_price is None:
            raise Unusable("the price is empty" if _blank(sale) else "the regular price is empty")
        current = list_price
        if not _blank(sale) and not _is_zero(sale):
            current = self._amounts.read(sale, stated, "sale price")
            if current.currency != list_price.currency:
                raise Unusable("the sale price is in another currency than the price")
            current = min(current, list_price)
        return Prices(self._share_of(current), list_price, estimated=True)

    def _share_of(self, price: Money) -> Money:
        share, scale = (self._share or Decimal(0)).as_integer_ratio()
        minor = (2 * price.minor * share + 100 * scale) // (200 * scale)  # rounds halves up
        if minor == 0:
            raise Unusable(f"{self._share} % of the price {price} is nothing")
        return Money(minor, price.currency)

    def stock(self, cells: Cells, inherited: Cell | None = None) -> tuple[int | None, bool]:
        """Units on hand (None when unknown) and whether the row is for sale.

        A count of zero under a policy of selling on is no limit, so the stock is unknown.

        Args:
            cells: the row.
            inherited: the stock cell to read instead of the row's own.

        Raises:
            Unusable: the count or the availability is not readable.
        """
        stock = stock_of(cells[self.at[C.STOCK]] if inherited is None else inherited)
        stock, saleable = apply_availability(stock, cells[self.at[C.AVAILABILITY]])
        if stock == 0 and is_yes(cells[self.at[C.OVERSELL]], empty=False):
            stock = None
        return stock, saleable

    def listed(self, cells: Cells) -> bool:
        """Whether the row's product is offered at all: active and published, as far as it says."""
        return is_yes(cells[self.at[C.STATUS]], empty=True) and is_yes(
            cells[self.at[C.PUBLISHED]], empty=True
        )

    def option_names(self, cells: Cells) -> tuple[str, ...]:
        """The names of the row's options, "" where it gives none."""
        return tuple(text.clean(cells[name])[:64] for name, _ in self._options)

    def attributes(
        self, cells: Cells, names: tuple[str, ...] | None = None
    ) -> tuple[tuple[str, str], ...]:
        """What sets the variant apart, as (name, value) pairs.

        Args:
            cells: the row.
            names: option names to use where the row gives none.
        """
        pairs = []
        for number, (name_at, value_at) in enumerate(self._options):
            value = text.clean(cells[value_at])
            if value and value != _NO_CHOICE:
                name = text.clean(cells[name_at])[:64] or (names[number] if names else "")
                pairs.append((name or f"Option {number + 1}", value[: text.VALUE_LENGTH]))
        for name, at in self._properties:
            if value := text.clean(cells[at])[: text.VALUE_LENGTH]:
                pairs.append((name, value))
        return tuple(pairs)

    def images(self, cells: Cells) -> tuple[str, ...]:
        """The picture addresses of the row, the variant's own first."""
        return text.images(*(text.addresses(cells[at]) for at in self._pictures))


def rejected(line: int, name: str, error: Unusable) -> Rejection:
    """The rejection of a row whose facts are not usable."""
    return Rejection(line, name or None, str(error))


def _blank(cell: Cell) -> bool:
    return isinstance(cell, str) and (not cell or cell.isspace())


def _is_zero(cell: Cell) -> bool:
    # Exports write a sale price of 0 for "no sale".
    return text.clean(cell).strip("0.,") == ""
