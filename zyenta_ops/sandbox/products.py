"""A catalogue of thousands of invented products, and what happens to them.

Every vendor has a catalogue of its own, made from the seed. Numbers are the vendor's own ids
without the vendor's make-up. Money is integer US cents here; vendors translate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random

_WORDS = (
    ("Foldable", "Magnetic", "Cordless", "Waterproof", "Pocket", "Silent", "Braided", "Quilted"),
    ("Bamboo", "Silicone", "Linen", "Steel", "Cork", "Velvet", "Ceramic", "Walnut", "Mesh"),
    ("Desk Lamp", "Travel Bag", "Phone Stand", "Yoga Mat", "Hoodie", "Pet Bowl", "Bottle",
     "Wall Clock", "Backpack", "Cushion", "Necklace", "Garden Gloves", "Cable Organizer"),
)  # fmt: skip
COLOURS = ("Black", "White", "Navy Blue", "Army Green", "Wine Red", "Grey", "Rose Gold")
SIZES = ("S", "M", "L", "XL")
WAREHOUSES = ("CN", "US", "DE")
_CATEGORIES = ("Home", "Outdoor", "Fashion", "Pets", "Gadgets")


class ProductStatus(StrEnum):
    """Whether a product can be bought: removed ones are as if they had never been."""

    ON_SALE = "on_sale"
    OFF_SALE = "off_sale"
    REMOVED = "removed"


@dataclass
class Variant:
    """One of a product's variants.

    Attributes:
        number: unique in the catalogue.
        attributes: such as colour and size; may be empty.
        price: what is asked for one, in US cents.
        list_price: the struck-through price, in US cents; never less than `price`.
        stock: units by warehouse country.
    """

    number: int
    attributes: dict[str, str]
    price: int
    list_price: int
    stock: dict[str, int]
    weight_g: int
    offered: bool = True

    @property
    def units(self) -> int:
        """Units in all warehouses."""
        return sum(self.stock.values())


@dataclass
class Product:
    """A product with its variants; `seller` is the shop that sells it, `images` their number."""

    number: int
    title: str
    category: str
    seller: int
    images: int
    changed_at: datetime
    variants: list[Variant]
    status: ProductStatus = ProductStatus.ON_SALE

    @property
    def offered(self) -> list[Variant]:
        """The variants that can be seen."""
        return [variant for variant in self.variants if variant.offered]


@dataclass
class Catalogue:
    """The products of one vendor. Moves choose by the seed and return the products they changed.

    Attributes:
        changed: variants in the order they changed, for those that push news of them.
    """

    products: dict[int, Product]
    clock: Callable[[], datetime]
    random: Random
    changed: list[tuple[Product, Variant | None, str]] = field(default_factory=list)

    @classmethod
    def from_seed(cls, seed: str, products: int, clock: Callable[[], datetime]) -> Catalogue:
        """A catalogue of so many products; the same seed gives the same one."""
        random = Random(seed)
        made = dict(_products(random, products, clock()))
        return cls(made, clock, random)

    def product(self, number: int) -> Product | None:
        """A product that is there, on sale or not."""
        found = self.products.get(number)
        return None if found is None or found.status is ProductStatus.REMOVED else found

    def variant(self, number: int) -> tuple[Product, Variant] | None:
        """An offered variant and its product. A variant's number begins with its product's."""
        product = self.product(number // 100)
        if product is None:
            return None
        return next(((product, v) for v in product.offered if v.number == number), None)

    def on_sale(self) -> list[Product]:
        """What can be bought, by number."""
        found = (self.products[number] for number in sorted(self.products))
        return [product for product in found if product.status is ProductStatus.ON_SALE]

    def move(self, name: str, count: int = 1, percent: int = 20) -> list[Product]:
        """What a fault script calls a move, by its name."""
        moves: dict[str, Callable[[], list[Product]]] = {
            "sell_out": lambda: self.sell_out(count),
            "restock": lambda: self.restock(count),
            "price_jump": lambda: self.price_jump(count, percent),
            "delist": lambda: self.delist(count),
            "remove": lambda: self.remove(count),
            "drop_variant": lambda: self.drop_variant(count),
        }
        return moves[name]()

    def sell_out(self, count: int) -> list[Product]:
        """Take the stock of every variant of some products to zero."""
        chosen = self._pick(count, lambda p: any(v.units for v in p.offered))
        return [self.set_stock(product, 0) for product in chosen]

    def restock(self, count: int) -> list[Product]:
        """Fill up some products that had none left."""
        chosen = self._pick(count, lambda p: not any(v.units for v in p.offered))
        return [self.set_stock(product, self.random.randint(50, 400)) for product in chosen]

    def price_jump(self, count: int, percent: int) -> list[Product]:
        """Make every variant of some products dearer, or cheaper by a negative percentage."""
        chosen = self._pick(count, lambda p: True)
        for product in chosen:
            for variant in product.variants:
                self.set_price(product, variant, max(1, variant.price * (100 + percent) // 100))
        return chosen

    def delist(self, count: int) -> list[Product]:
        """Take some products off sale; they can still be looked at."""
        return self._status(count, ProductStatus.OFF_SALE)

    def remove(self, count: int) -> list[Product]:
        """Remove some products as if they had never been."""
        return self._status(count, ProductStatus.REMOVED)

    def drop_variant(self, count: int) -> list[Product]:
        """Drop one variant of some products that have several."""
        chosen = self._pick(count, lambda p: len(p.offered) > 1)
        for product in chosen:
            variant = self.random.choice(product.offered)
            variant.offered = False
            self._note(product, variant, "dropped")
        return chosen

    def set_stock(self, product: Product, units: int) -> Product:
        """Give every variant so many units, in the warehouses it has."""
        for variant in product.variants:
            variant.stock = {place: units if n == 0 else units // 4
                             for n, place in enumerate(variant.stock)}  # fmt: skip
            self._note(product, variant, "stock")
        return product

    def set_price(self, product: Product, variant: Variant, cents: int) -> None:
        """Give a variant a price in US cents."""
        variant.price = cents
        variant.list_price = max(variant.list_price, cents)
        self._note(product, variant, "price")

    def take(self, variant: Variant, warehouse: str, units: int) -> bool:
        """Take units from a warehouse, or give them back when negative; False if too few."""
        if variant.stock.get(warehouse, 0) < units:
            return False
        variant.stock[warehouse] = variant.stock.get(warehouse, 0) - units
        return True

    def _status(self, count: int, status: ProductStatus) -> list[Product]:
        chosen = self._pick(count, lambda p: p.status is ProductStatus.ON_SALE)
        for product in chosen:
            product.status = status
            self._note(product, None, "status")
        return chosen

    def _pick(self, count: int, fits: Callable[[Product], bool]) -> list[Product]:
        found = [product for product in self.on_sale() if fits(product)]
        return self.random.sample(found, min(count, len(found)))

    def _note(self, product: Product, variant: Variant | None, what: str) -> None:
        product.changed_at = self.clock()
        self.changed.append((product, variant, what))


def _products(random: Random, count: int, now: datetime) -> Iterator[tuple[int, Product]]:
    for number in range(1, count + 1):
        words = " ".join(random.choice(part) for part in _WORDS)
        yield (
            number,
            Product(
                number=number,
                title=f"{words} {random.choice('ABCDEFGHKLMNPRSTUVWXYZ')}{number:04d}",
                category=random.choice(_CATEGORIES),
                seller=random.randint(1, 7),
                images=random.randint(2, 5),
                changed_at=now,
                variants=list(_variants(random, number)),
            ),
        )


def _variants(random: Random, product: int) -> Iterator[Variant]:
    price = random.randint(120, 6_000)
    colours = random.sample(COLOURS, random.randint(1, 4))
    sizes = SIZES[: random.choice((1, 1, 2, 3, 4))]
    places = WAREHOUSES[: random.choice((1, 1, 1, 2, 3))]
    weight = random.randint(40, 1_800)
    number = 0
    for colour in colours:
        for position, size in enumerate(sizes):
            number += 1
            empty = random.random() < 0.04
            yield Variant(
                number=product * 100 + number,
                attributes={"Color": colour} | ({"Size": size} if len(sizes) > 1 else {}),
                price=price + 35 * position,
                list_price=(price + 35 * position) * random.choice((1, 2, 10)),
                stock={
                    place: 0 if empty else random.randint(5, 900) // (1 + 3 * (place != "CN"))
                    for place in places
                },
                weight_g=weight + 10 * position,
            )
