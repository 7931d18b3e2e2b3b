"""The same variant twice in a feed: the first one counts, every other is rejected."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from zyenta_ops.adapters.suppliers.feed.assembly.facts import Located
from zyenta_ops.domain.catalog import Offer, Rejection
from zyenta_ops.domain.catalog_keys import SeenKeys

_CHUNK: Final = 2048


def without_duplicates(entries: Iterator[Located | Rejection]) -> Iterator[Offer | Rejection]:
    """Every entry in order; an offer whose product and variant were seen becomes a rejection."""
    seen = SeenKeys()
    while chunk := list(islice(entries, _CHUNK)):
        repeated = iter(seen.add([_key(entry[1]) for entry in chunk if isinstance(entry, tuple)]))
        for entry in chunk:
            if isinstance(entry, Rejection):
                yield entry
            elif not next(repeated):
                yield entry[1]
            else:
                line, offer = entry
                yield Rejection(
                    line,
                    offer.variant_ref[:60],
                    f"the variant '{offer.variant_ref[:60]}' of product '{offer.product_ref[:60]}' "
                    "is in the feed already; the first one counts",
                )


def _key(offer: Offer) -> str:
    return f"{offer.product_ref}\x1f{offer.variant_ref}"
