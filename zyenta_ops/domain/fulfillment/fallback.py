"""Buying from the next source when the present one lacks the goods or wants too much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from zyenta_ops.domain.fulfillment.planning import Draft, Source, line_of
from zyenta_ops.domain.fulfillment.policy import AutomationPolicy
from zyenta_ops.domain.fulfillment.supplier_order import SupplierLine
from zyenta_ops.domain.money import Money

# What an amount is worth in minor units of the store's currency; None = nobody knows.
Worth = Callable[[Money], Fraction | None]


def instead(
    lines: Sequence[SupplierLine],
    sources: Mapping[str, Sequence[Source]],
    policy: AutomationPolicy,
    worth: Worth,
) -> list[Draft]:
    """The supplier orders that buy the same units from the next sources; empty = there are none.

    Sources are only gone down, never up again, so that no order goes round in circles. What is
    known of the next ones is what was last read; each is asked again before it is bought from.

    Args:
        lines: all of one supplier order.
        sources: of each variant, the best first.
        policy: the margin has to remain, as far as the goods alone tell.
        worth: converts costs.
    """
    by_supplier: dict[str, list[SupplierLine]] = {}
    for line in lines:
        source = _next(line, sources.get(line.variant_id, ()), policy, worth)
        if source is None:
            return []
        bought = line_of(line.item_id, source, line.quantity, line.revenue_minor)
        by_supplier.setdefault(source.supplier_key, []).append(bought)
    return [Draft(key, tuple(by_supplier[key])) for key in sorted(by_supplier)]


def _next(
    line: SupplierLine, sources: Sequence[Source], policy: AutomationPolicy, worth: Worth
) -> Source | None:
    ids = [each.offer_id for each in sources]
    after = ids.index(line.offer_id) + 1 if line.offer_id in ids else 0
    usable = (
        each
        for each in sources[after:]
        if each.has(line.quantity) and _leaves_margin(line, each, policy, worth)
    )
    return next(usable, None)


def _leaves_margin(
    line: SupplierLine, source: Source, policy: AutomationPolicy, worth: Worth
) -> bool:
    cost = worth(source.unit_cost)
    least = Fraction(policy.least_margin) / 100
    return cost is not None and line.revenue_minor - cost >= least * line.revenue_minor
