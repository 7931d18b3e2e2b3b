"""What an operator decides about a whole order: its holds, its address, whose business it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from zyenta_ops.domain.addresses import faults_of, tidied
from zyenta_ops.domain.documents import Fault
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment import ActionReason, Facts, Verb
from zyenta_ops.domain.fulfillment.verbs import address_refusal
from zyenta_ops.domain.fulfillment.wishes import Wish, WishRefused
from zyenta_ops.domain.orders import HoldReason
from zyenta_ops.domain.stores import Document
from zyenta_ops.operations.fulfillment.carrying_out import CarryingOut
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.hands import Acted, Hand

_ALL: Final = "all"
# Another address may be what they wait for.
_OF_THE_ADDRESS: Final = frozenset(
    {ActionReason.ADDRESS, ActionReason.REGION, ActionReason.REJECTED}
)


@dataclass(frozen=True)
class Deciding:
    """Carries out the verbs of whole orders."""

    desk: Desk
    carrying_out: CarryingOut

    def decide(self, hand: Hand, wish: Wish) -> Acted:
        """Do it, and tell of it.

        Raises:
            Refused: it is not allowed as things stand.
        """
        says, after = self._verbs[wish.verb](hand, wish)
        event = hand.event(self.desk.new_id(), wish, "; ".join(says), after)
        hand.records.orders.add_events([event])
        order = hand.order
        return Acted(order.id, order.number, wish.verb, hand.key, tuple(says))

    @property
    def _verbs(self) -> Mapping[Verb, Callable[[Hand, Wish], tuple[list[str], Document]]]:
        return {
            Verb.EDIT_ADDRESS: self._edit_address,
            Verb.APPROVE: self._approve,
            Verb.SNOOZE: self._snooze,
            Verb.ASSIGN: self._assign,
            Verb.NOTE: self._note,
        }

    def _approve(self, hand: Hand, wish: Wish) -> tuple[list[str], Document]:
        held = [each for each in hand.order.holds if each.holds_at(hand.now)]
        names = [each.source for each in held]
        quoted = " and ".join(f"'{each}'" for each in names) or "nothing"
        if not wish.holds and len(names) > 1:
            raise Refused(
                f"order {hand.order.number} is held by {quoted};"
                f" say which to end, or '{_ALL}' for all of them"
            )
        sources = names if not wish.holds or wish.holds == (_ALL,) else list(wish.holds)
        unknown = [each for each in sources if each not in names]
        if unknown or not names:
            raise Refused(f"no such hold is open; order {hand.order.number} is held by {quoted}")
        hand.records.orders.release(hand.order.id, sources, hand.by, hand.now)
        says = [f"{each.reason} ends: {each.note}" for each in held if each.source in sources]
        left = [each for each in names if each not in sources]
        if left:
            says.append(f"it still waits for {' and '.join(left)}")
        self._tell_alerts(hand)
        return says, {"holds": sources}

    def _tell_alerts(self, hand: Hand) -> None:
        """Alerts of holds that are over end."""
        for each in hand.records.fulfillment.of_order(hand.order.id):
            if not each.is_over:
                self.carrying_out.refresh(hand, each.id)

    def _edit_address(self, hand: Hand, wish: Wish) -> tuple[list[str], Document]:
        order = hand.order
        mine = hand.records.fulfillment.of_order(order.id)
        why = address_refusal(Facts(order, mine))
        if why:
            raise Refused(f"the address of order {order.number} cannot be changed: {why}")
        address = tidied(replace(order.address, **wish.address))
        if address == order.address:
            raise Refused(f"the address of order {order.number} is so already")
        faults = faults_of(address)
        if faults:
            raise WishRefused(
                wish.verb, [Fault(f"address.{each.where}", each.problem) for each in faults]
            )
        hand.records.orders.set_address(order.id, address, hand.now)
        sources = [
            each.source
            for each in order.holds
            if each.reason is HoldReason.ADDRESS and each.holds_at(hand.now)
        ]
        hand.records.orders.release(order.id, sources, hand.by, hand.now)
        hand.records.fulfillment.wake(order.id, hand.now)
        fields = sorted(wish.address)
        says = [f"{', '.join(fields)} of the address changed"]
        for each in mine:
            if each.reason in _OF_THE_ADDRESS and not each.external:
                retry = replace(wish, verb=Verb.RETRY, which=each.seq, address={})
                says.append(f"supplier order {each.seq} is placed again")
                self.carrying_out.carry_out(hand, retry)
            elif each.is_live and each.was_placed:
                says.append(
                    f"supplier order {each.seq} was placed with the old address; tell the supplier"
                )
        return says, {"fields": fields}

    def _snooze(self, hand: Hand, wish: Wish) -> tuple[list[str], Document]:
        until = wish.until or hand.now
        hand.records.orders.snooze(hand.order.id, until, hand.now)
        said = f"out of the queue until {until:%Y-%m-%d %H:%M} UTC, unless something else comes up"
        return [said], {"until": until.isoformat()}

    def _assign(self, hand: Hand, wish: Wish) -> tuple[list[str], Document]:
        to = wish.to.strip()
        hand.records.orders.assign(hand.order.id, to, hand.now)
        return [f"{to or 'nobody'} takes care of it"], {"to": to}

    def _note(self, hand: Hand, wish: Wish) -> tuple[list[str], Document]:
        return [wish.note], {}
