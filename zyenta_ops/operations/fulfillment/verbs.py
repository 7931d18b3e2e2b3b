"""What an operator does about an order: one transaction, once by its key, told in the timeline.

A rehearsal does all of it and takes it back, so that it says exactly what would happen.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Final

from zyenta_ops.domain.documents import text_problem
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment.reasons import OF_THE_ORDER, Verb
from zyenta_ops.domain.fulfillment.wishes import Wish, check
from zyenta_ops.operations.fulfillment.carrying_out import CarryingOut, Refunding
from zyenta_ops.operations.fulfillment.deciding import Deciding
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import ClaimLost
from zyenta_ops.operations.fulfillment.hands import Acted, Hand
from zyenta_ops.operations.lookup import find_order
from zyenta_ops.ports import Repositories
from zyenta_ops.ports.fulfillment import Action

_LONGEST_KEY: Final = 150
# Somebody may take a supplier order up just then; that takes a moment.
_TRIES: Final = 5


class _Rehearsed(Exception):
    """Ends the transaction of a rehearsal."""


@dataclass(frozen=True)
class Operators:
    """Carries out verbs.

    Attributes:
        refunding: None without a key of the payment provider.
    """

    desk: Desk
    refunding: Refunding | None = None

    def act(
        self,
        ref: str,
        wish: Wish,
        by: str,
        key: str,
        *,
        rehearse: bool = False,
        within: Collection[str] | None = None,
        run_id: str | None = None,
    ) -> Acted:
        """Do what an operator wants to an order, once by its key.

        Args:
            ref: the order's id, or STORE:NUMBER.
            wish: the verb and what it needs.
            by: who does it, for the timeline.
            key: of the caller; the same wish under it is carried out once.
            rehearse: say what would happen, and change nothing.
            within: the stores that whoever asks may see; None = all.
            run_id: of the Dagster run that does it.

        Raises:
            NotFound: there is no such order.
            WishRefused: what the verb needs is missing or wrong.
            Refused: the verb is not allowed as things stand, or the key belongs to another wish.
        """
        check(wish, self.desk.clock())
        problem = text_problem(key, _LONGEST_KEY) or ("" if key.strip() else "is missing")
        if problem:
            raise Refused(f"the key of the request {problem}")
        for _ in range(_TRIES):
            done: Acted | None = None
            try:
                with self.desk.database.write() as records:
                    done = self._once(records, ref, wish, by, key, within, run_id)
                    if rehearse:
                        raise _Rehearsed
            except ClaimLost:
                continue
            except _Rehearsed:
                pass
            if done is not None:
                return replace(done, rehearsed=rehearse)
        raise Refused("the order is being worked on at this moment; try again in a minute")

    def _once(
        self,
        records: Repositories,
        ref: str,
        wish: Wish,
        by: str,
        key: str,
        within: Collection[str] | None,
        run_id: str | None,
    ) -> Acted:
        found = find_order(records, ref, within)
        order = records.orders.hold(found.id) or found
        before = records.fulfillment.action_of(order.id, key)
        if before is not None:
            return _repeated(before, _digest(wish), order.number)
        hand = Hand(records, order, by, self.desk.clock(), key, run_id)
        carrying_out = CarryingOut(self.desk, self.refunding)
        if wish.verb in OF_THE_ORDER:
            acted = Deciding(self.desk, carrying_out).decide(hand, wish)
        else:
            acted = carrying_out.carry_out(hand, wish)
        action = Action(key, wish.verb, _digest(wish), by, asdict(acted), hand.now)
        records.fulfillment.add_action(order.id, action)
        return acted


def _repeated(before: Action, digest: str, number: str) -> Acted:
    """What was done before, when the same is asked for again."""
    if before.digest != digest:
        raise Refused(
            f"the key {before.request_key} belongs to another action on order {number};"
            " use a new key for a new action"
        )
    result = before.result | {"verb": Verb(before.verb), "says": tuple(before.result["says"])}
    return replace(Acted(**result), repeated=True)


def _digest(wish: Wish) -> str:
    said = [wish.verb.value, wish.note, wish.said()]
    return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
