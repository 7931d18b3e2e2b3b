"""What every vendor's counter works with: its goods, its orders, its limits and the clock."""

from __future__ import annotations

from dataclasses import dataclass

from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.limits import Limits
from zyenta_ops.sandbox.orders import OrderBook
from zyenta_ops.sandbox.products import Catalogue, Product


@dataclass
class Trade:
    """The back of one vendor's shop.

    Attributes:
        seed: of the world and the vendor, for draws.
        url: where the sandbox is served; empty before it is.
    """

    vendor: str
    seed: str
    clock: Clock
    catalogue: Catalogue
    orders: OrderBook
    limits: Limits
    url: str = ""
    _calls: int = 0

    def images(self, product: Product) -> list[str]:
        """Where the pictures of a product are."""
        place = f"{self.url}/images/{self.vendor}/{product.number}"
        return [f"{place}/{number}.png" for number in range(1, product.images + 1)]

    def next_number(self) -> int:
        """A number that was not given before, for requests and tokens."""
        self._calls += 1
        return self._calls
