"""The last check before a supplier order is placed, and the intent that is stored with it.

Nothing is asked of anybody here: what the supplier said was asked before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from fractions import Fraction
from typing import Final

from zyenta_ops.domain.fulfillment import Attempt, AttemptKind, Step, Trigger
from zyenta_ops.domain.fulfillment.fallback import Worth, instead
from zyenta_ops.domain.fulfillment.guards import Cleared, Held, Refusal, Spending, check
from zyenta_ops.domain.fulfillment.planning import Draft, Source, by_warehouse
from zyenta_ops.domain.fx import Conversion, FxTable, FxUnavailable
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import EventKind, HoldReason
from zyenta_ops.domain.supplier_orders import OrderRequest
from zyenta_ops.operations.fulfillment.accepting import wait_for
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import Dossier
from zyenta_ops.operations.fulfillment.failpoints import Failpoint
from zyenta_ops.operations.fulfillment.planning import Planning
from zyenta_ops.operations.fulfillment.quoting import Live
from zyenta_ops.operations.fulfillment.requests import content_of, digest, request_of

_REMEDIED_ELSEWHERE: Final = frozenset({HoldReason.STOCK, HoldReason.MARGIN})


@dataclass(frozen=True)
class Intending:
    """Decides for the last time whether a supplier order is placed."""

    desk: Desk
    planning: Planning

    def intend(self, seen: Dossier, live: Live) -> tuple[Dossier, OrderRequest | None]:
        """Check with what the supplier says now, and store the intent; None = there is none.

        What waits, is split or is given to a person instead is stored all the same.

        Raises:
            ClaimLost: another process has taken it over.
        """
        request = None
        with self.desk.open(seen.claimed, Failpoint.PLACE_INTENT_COMMIT) as dossier:
            same = dossier.it.lines == seen.it.lines
            if dossier.outlook().step is Step.PLACE and same and not self._split(dossier, live):
                spending = _spending(dossier, live)
                known = dossier.current_facts()
                verdict = check(dossier.it, known, live.lines, live.ways, spending, dossier.now)
                if isinstance(verdict, Refusal):
                    dossier.move(Trigger.STUCK, verdict.sentence, verdict.reason)
                elif isinstance(verdict, Held):
                    if not self._buy_elsewhere(dossier, verdict, spending):
                        wait_for(dossier, verdict.holds)
                else:
                    request = self._clear(dossier, live, verdict)
        return dossier, request

    def _clear(self, dossier: Dossier, live: Live, cleared: Cleared) -> OrderRequest:
        dossier.hold(())
        account = dossier.facts.account
        assert account is not None  # noqa: S101 -- `outlook` asks for one
        dossier.change(quote=cleared.quote, account_id=account.id)
        cost = Money(cleared.cost_minor, dossier.order.currency)
        day = f"{dossier.now.astimezone(UTC):%Y-%m-%d}"
        dossier.records.fulfillment.reserve_spend(dossier.it, cost, day, dossier.now)
        content = content_of(live.lines, cleared.quote)
        request = request_of(dossier.it, dossier.order, content)
        store_intent(dossier, request, content)
        dossier.move(Trigger.SENT, f"placed with {dossier.supplier.name} for {cleared.quote.total}")
        return request

    def _split(self, dossier: Dossier, live: Live) -> bool:
        """Give what comes from another warehouse a supplier order of its own."""
        ships_from = {
            each.line.offer_id: each.variant.ships_from
            for each in live.lines
            if each.variant is not None
        }
        mine, *rest = by_warehouse(dossier.it.lines, ships_from)
        if not rest:
            return False
        dossier.change(lines=mine)
        dossier.lines_changed = True
        drafts = [Draft(dossier.it.supplier_key, lines) for lines in rest]
        self._add(dossier, drafts, "from another of its warehouses")
        return True

    def _buy_elsewhere(self, dossier: Dossier, held: Held, spending: Spending) -> bool:
        """Give lines that lack goods or margin to their next sources, if all have one."""
        if not {each.reason for each in held.holds} <= _REMEDIED_ELSEWHERE:
            return False
        it = dossier.it
        by_variant: dict[str, list[Source]] = {}
        variants = sorted({line.variant_id for line in it.lines})
        for source in dossier.records.fulfillment.sources(variants):
            by_variant.setdefault(source.variant_id, []).append(source)
        drafts = instead(it.lines, by_variant, dossier.facts.policy, _worth(dossier, spending))
        if not drafts:
            return False
        why = "; ".join(each.note for each in held.holds)
        self._add(dossier, drafts, f"instead of {it.supplier_key}: {why}")
        dossier.hold(())
        dossier.move(Trigger.CALLED_OFF, f"bought elsewhere: {why}")
        return True

    def _add(self, dossier: Dossier, drafts: Sequence[Draft], why: str) -> None:
        """Plan more supplier orders, under numbers and references of their own."""
        seq = max(each.seq for each in dossier.facts.supplier_orders)
        new = [
            self.planning.supplier_order(dossier.order, draft, seq + place, dossier.now)
            for place, draft in enumerate(drafts, start=1)
        ]
        dossier.records.fulfillment.add(new, dossier.now)
        dossier.added += new
        for each in new:
            dossier.tell(
                EventKind.PLANNED,
                f"{each.units()} units are to be bought from {each.supplier_key}, {why}",
                {"supplier_order": dossier.it.seq},
                {"supplier_order": each.seq, "reference": each.client_ref, "units": each.units()},
            )


def store_intent(dossier: Dossier, request: OrderRequest, content: Mapping[str, object]) -> None:
    """Store that the supplier is asked next, and with what; it counts as a try from now on."""
    it = dossier.it
    number = 1 if it.attempt is None else it.attempt.number + 1
    dossier.attempt(Attempt(number, AttemptKind.PLACE, digest(request), content, dossier.now))
    dossier.change(attempts=it.attempts + 1, sent_at=it.sent_at or dossier.now)


def _spending(dossier: Dossier, live: Live) -> Spending:
    """Converts the supplier's currency, and knows what the store has spent today."""
    day = f"{dossier.now.astimezone(UTC):%Y-%m-%d}"
    spent = dossier.records.fulfillment.spent_on(dossier.store.id, day, dossier.it.id)
    return Spending(_conversion(dossier, live.lines[0].cost.currency), spent)


def _worth(dossier: Dossier, spending: Spending) -> Worth:
    """Converts costs in any currency."""

    def worth(cost: Money) -> Fraction | None:
        found = spending.conversion
        if found.base != cost.currency:
            found = _conversion(dossier, cost.currency)
        return found.minor(cost) if isinstance(found, Conversion) else None

    return worth


def _conversion(dossier: Dossier, currency: str) -> Conversion | FxUnavailable:
    wanted = dossier.order.currency
    if currency == wanted:
        return Conversion.identity(currency)
    rates = dossier.records.rates.newest(dossier.now, {currency, wanted})
    return FxTable(rates).conversion(currency, wanted, dossier.now)
