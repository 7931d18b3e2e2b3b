"""What a single row says: its prices, stock, pictures and options, as the domain knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from zyenta_ops.adapters.http.documents import clean
from zyenta_ops.adapters.suppliers import text
from zyenta_ops.adapters.suppliers.feed.amounts import AmountReader, Unusable
from zyenta_ops.adapters.suppliers.feed.columns import C, Column
from zyenta_ops.adapters.suppliers.feed.formats import Cell, UnfitRow
from zyenta_ops.adapters.suppliers.feed.quantities import (
    apply_availability,
    is_yes,
    says_some,
    stock_of,
)
from zyenta_ops.domain.catalog import Offer, Rejection
from zyenta_ops.domain.errors import SourceInvalid
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


class Prices(NamedTuple):
    """What a row's price cells mean."""

    unit_cost: Money
    list_price: Money | None
    estimated: bool


class Units(NamedTuple):
    """What a row says of stock; `in_stock` where it says that there is some and not how much."""

    stock: int | None
    in_stock: bool
    saleable: bool


class Facts:
    """Reads the rows of one feed.

    Args:
        positions: the cell that holds each fact.
        amounts: reads prices and costs.
        cost_share_percent: the share of the price taken as cost where the feed states none.
        costs_stated: whether the feed has a column of costs with a cost in it.
        options: positions of (name, value) of options beyond the third.
    """

    def __init__(
        self,
        positions: Mapping[Column, int],
        amounts: AmountReader,
        cost_share_percent: Decimal | None,
        costs_stated: bool,
        options: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.at = {column: positions.get(column, -1) for column in Column}
        self._amounts = amounts
        # In a feed that states costs, a blank one is a hole and no reason to guess.
        self._share = None if costs_stated else cost_share_percent
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
        return clean(cells[self.at[column]])

    def prices(self, cells: Cells) -> Prices:
        """Unit cost and list price.

        The cost stated in the row; in a feed that states no costs, a share of the row's current
        price: the sale price, unless it holds only between dates, for which the regular price is
        the safer estimate.

        Raises:
            Unusable: no cost and no price, or one of them is not a usable amount.
            SourceInvalid: a cost in a feed that states none at its beginning.
        """
        price, sale, dates, cost, currency = self._price_cells
        return self._prices(
            cells[price], "" if cells[dates] else cells[sale], cells[cost], cells[currency]
        )

    def _prices(self, price: Cell, sale: Cell, cost: Cell, currency: Cell) -> Prices:
        stated = clean(currency) if currency else ""
        list_price = None
        if not is_blank(price):
            list_price = self._amounts.read(price, stated, "price")
        if not is_blank(cost):
            if self._share is not None:
                # Rows before this one were given a cost made of their price.
                raise SourceInvalid(
                    "its costs begin far down, and the rows before have none; fill the column, or"
                    " set 'cost_share_percent' to null to leave such rows out"
                )
            return Prices(self._amounts.read(cost, stated, "cost"), list_price, estimated=False)
        if self._share is None:
            raise Unusable("no cost is stated")
        if list_price is None:
            raise Unusable("the price is empty" if is_blank(sale) else "the regular price is empty")
        current = list_price
        if not is_blank(sale) and not _is_zero(sale):
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

    def units(self, cells: Cells, inherited: Cell | None = None) -> Units:
        """What is on hand, and whether the row is for sale.

        Under a policy of selling on, zero is no limit: there is some, nobody knows how much.

        Args:
            cells: the row.
            inherited: the stock cell to read instead of the row's own.

        Raises:
            Unusable: the count or the availability is not readable.
        """
        count = cells[self.at[C.STOCK]] if inherited is None else inherited
        words = cells[self.at[C.AVAILABILITY]]
        stock, saleable = apply_availability(stock_of(count), words)
        if stock:
            return Units(stock, False, saleable)
        oversold = is_yes(cells[self.at[C.OVERSELL]], empty=False)
        if stock == 0 and not oversold:
            return Units(0, False, saleable)
        return Units(None, oversold or says_some(count) or says_some(words), saleable)

    def listed(self, cells: Cells) -> bool:
        """Whether the row's product is offered at all: active and published, as far as it says."""
        return is_yes(cells[self.at[C.STATUS]], empty=True) and is_yes(
            cells[self.at[C.PUBLISHED]], empty=True
        )

    def option_names(self, cells: Cells) -> tuple[str, ...]:
        """The names of the row's options, "" where it gives none."""
        return tuple(clean(cells[name])[:64] for name, _ in self._options)

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
            value = clean(cells[value_at])
            if value and value != _NO_CHOICE:
                name = clean(cells[name_at])[:64] or (names[number] if names else "")
                pairs.append((name or f"Option {number + 1}", value[: text.VALUE_LENGTH]))
        for name, at in self._properties:
            if value := clean(cells[at])[: text.VALUE_LENGTH]:
                pairs.append((name, value))
        return tuple(pairs)

    def images(self, cells: Cells) -> tuple[str, ...]:
        """The picture addresses of the row, the variant's own first."""
        return text.images(*(text.addresses(cells[at]) for at in self._pictures))


def rejected(line: int, name: str, product_ref: str, error: Unusable) -> Rejection:
    """The rejection of a row whose facts are not usable; "" where it names nothing."""
    return Rejection(line, name or None, str(error), product_ref or None)


def named(entry: Rejection, product_of: Callable[[Cells], str]) -> Rejection:
    """A rejection with the product that its row names, where it is of a row that names one."""
    if not isinstance(entry, UnfitRow):
        return entry
    return Rejection(entry.line, entry.reference, entry.reason, product_of(entry.cells) or None)


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing."""
    return isinstance(cell, str) and (not cell or cell.isspace())


def _is_zero(cell: Cell) -> bool:
    # Exports write a sale price of 0 for "no sale".
    return clean(cell).strip("0.,") == ""
