"""What operators do about orders that wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.fulfillment import VERBS, ActionReason, Stage, Verb
from zyenta_ops.domain.fulfillment.reasons import ALWAYS
from zyenta_ops.domain.fulfillment.wishes import Wish, WishRefused
from zyenta_ops.domain.orders import FulfillmentStatus, Order
from zyenta_ops.domain.supplier_orders import ParcelState
from zyenta_ops_tests.operations.fulfillment.counter import Counter
from zyenta_ops_tests.operations.fulfillment.shop import Shop


@pytest.fixture
def counter(shop: Shop) -> Counter:
    shop.offer_elsewhere("shirt", "aliexpress")
    return Counter(shop)


@pytest.fixture
def busy(both: Shop) -> Counter:
    """The same on both engines."""
    return Counter(both)


def needed(verb: Verb, order: Order) -> dict[str, Any]:
    """What a verb needs, for the order of two shirts."""
    item = order.items[0].id
    by_verb: dict[Verb, dict[str, Any]] = {
        Verb.REMAP_VARIANT: {"item": item, "offer": "aliexpress:shirt:shirt-v"},
        Verb.SPLIT: {"units": ((item, 1),)},
        Verb.MARK_PLACED: {"references": ("F9",)},
        Verb.ADD_TRACKING: {"number": "LX473124829CN"},
        Verb.EDIT_ADDRESS: {"address": {"line1": "Torstraße 2"}},
        Verb.CANCEL: {"done": True},
        Verb.CANCEL_AND_REFUND: {"done": True},
    }
    return by_verb.get(verb, {})


WAYS_OUT = [
    (reason, verb) for reason in ActionReason for verb in Verb if verb in VERBS[reason] - ALWAYS
]


@pytest.mark.parametrize("reason", list(ActionReason))
def test_every_reason_has_a_way_out(reason: ActionReason) -> None:
    assert VERBS[reason] - ALWAYS
    assert VERBS[reason] >= ALWAYS


@pytest.mark.parametrize(("reason", "verb"), WAYS_OUT)
def test_every_verb_that_a_reason_allows_leads_out_of_it(
    counter: Counter, reason: ActionReason, verb: Verb
) -> None:
    order, it = counter.stuck(reason)
    if reason is ActionReason.CRASHES and verb is Verb.CONFIRM_NOT_PLACED:
        counter.put(it, sent_at=counter.shop.clock() - timedelta(hours=2))
    assert [each.reason for each in counter.waiting()] == [reason]
    assert verb in counter.waiting()[0].verbs

    acted = counter.act(order, verb, **needed(verb, order))

    after = next(each for each in counter.shop.every(order) if each.id == it.id)
    assert after.stage is not Stage.NEEDS_ACTION
    assert (after.reason, after.stuck_at) == (None, None)
    assert acted.stage in ("", after.stage)
    assert [each.reason for each in counter.waiting()] == (
        ["NOT_BOUGHT"] if verb is Verb.CANCEL else []
    )
    said = [each.after["verb"] for each in counter.acts(order)]
    assert verb in said
    assert {each.actor for each in counter.acts(order)} == {"ann"}


def test_a_verb_that_is_not_allowed_is_refused_with_a_sentence_and_changes_nothing(
    counter: Counter,
) -> None:
    order, _ = counter.stuck(ActionReason.OUTCOME_UNKNOWN)
    before = counter.shop.counts()

    with pytest.raises(Refused) as refused:
        counter.act(order, Verb.RETRY)

    assert str(refused.value) == (
        "retry cannot be done to order 1001: supplier order 1: it is NEEDS_ACTION"
        " (OUTCOME_UNKNOWN); it allows mark placed, confirm not placed, snooze, assign, note"
    )
    assert counter.shop.counts() == before


@pytest.mark.parametrize(
    ("wish", "fault"),
    [
        (Wish(Verb.MARK_PLACED), "references is missing"),
        (Wish(Verb.NOTE, note=" "), "note is missing"),
        (Wish(Verb.RETRY, number="1Z"), "number is nothing that retry takes"),
        (Wish(Verb.SPLIT, units=(("item", 0),)), "units must be at least 1 of each item"),
        (Wish(Verb.ADD_TRACKING, number="1Z", url="javascript:x"), "url is no web address"),
        (Wish(Verb.EDIT_ADDRESS, address={"street": "x"}), "address.street is no field of"),
        (Wish(Verb.NOTE, note="x", which=1), "which is nothing that note takes"),
    ],
)
def test_a_wish_that_is_not_complete_is_refused(counter: Counter, wish: Wish, fault: str) -> None:
    order = counter.shop.order()
    before = counter.shop.counts()
    with pytest.raises(WishRefused, match=fault):
        counter.operators.act(order.id, wish, "ann", "k")
    assert counter.shop.counts() == before


def test_the_same_key_does_it_once_and_another_wish_under_it_is_refused(busy: Counter) -> None:
    order, _ = busy.stuck(ActionReason.REJECTED)
    first = busy.act(order, Verb.RETRY, key="mine")
    before = busy.shop.counts()

    again = busy.act(order, Verb.RETRY, key="mine")

    assert (first.repeated, again.repeated, again.says) == (False, True, first.says)
    with pytest.raises(Refused, match="the key mine belongs to another action on order 1001"):
        busy.act(order, Verb.CANCEL, key="mine")
    assert busy.shop.counts() == before
    assert len(busy.acts(order)) == 1


@pytest.mark.parametrize("verb", [Verb.RETRY, Verb.CANCEL_AND_REFUND, Verb.NOTE])
def test_a_rehearsal_says_what_would_happen_and_changes_nothing(busy: Counter, verb: Verb) -> None:
    order, it = busy.stuck(ActionReason.REJECTED)
    before = busy.shop.counts()
    told = dict(busy.shop.told)
    given = {"note": "see"} if verb is Verb.NOTE else {}

    rehearsed = busy.act(order, verb, rehearse=True, key="r", **given)

    assert rehearsed.rehearsed
    assert busy.shop.counts() == before
    assert busy.shop.of(order)["cj"] == it
    assert busy.acts(order) == []
    busy.shop.told = told
    # What was rehearsed can be done under the same key.
    done = busy.act(order, verb, key="r", **given)
    assert (done.says, done.stage, done.rehearsed) == (rehearsed.says, rehearsed.stage, False)


def test_an_order_is_bought_again_after_a_retry(busy: Counter) -> None:
    order, _ = busy.stuck(ActionReason.ATTEMPTS_SPENT, attempts=3)
    acted = busy.act(order, Verb.RETRY, note="they say it works now")
    assert (acted.which, acted.stage, acted.says) == (
        1, "READY", ("it is placed again, with three tries",),
    )  # fmt: skip

    busy.shop.tick()

    assert busy.shop.stages(order) == {"cj": "CONFIRMED"}
    (entry,) = busy.acts(order)
    assert (entry.actor, entry.reason, entry.after) == (
        "ann",
        "retry: it is placed again, with three tries (they say it works now)",
        {"verb": "RETRY", "supplier_order": 1},
    )


def test_a_crash_that_may_have_placed_is_not_retried_before_somebody_looked(
    counter: Counter,
) -> None:
    now = counter.shop.clock()
    order, it = counter.stuck(ActionReason.CRASHES, sent_at=now - timedelta(minutes=1))
    with pytest.raises(Refused, match="it may have been placed; look on the supplier's site"):
        counter.act(order, Verb.RETRY)
    counter.put(it, settle_until=now + timedelta(minutes=5))
    with pytest.raises(Refused, match="it may still show at the supplier; look again after 12:05"):
        counter.act(order, Verb.CONFIRM_NOT_PLACED)

    counter.shop.clock.advance(minutes=5)
    counter.act(order, Verb.CONFIRM_NOT_PLACED)

    counter.shop.tick()
    assert counter.shop.stages(order) == {"cj": "CONFIRMED"}
    assert counter.shop.placed("cj") == ["F1"]


def test_what_was_placed_by_hand_is_followed(busy: Counter) -> None:
    order, _ = busy.stuck(ActionReason.OUTCOME_UNKNOWN)
    other = busy.shop.order("1002", shirt=1)
    busy.shop.tick()
    (external,) = busy.shop.of(other)["cj"].external
    with pytest.raises(Refused, match="F1 belongs to another supplier order of ours"):
        busy.act(order, Verb.MARK_PLACED, references=(external.external_id,))

    busy.act(order, Verb.MARK_PLACED, references=("F9",))

    it = busy.shop.of(order)["cj"]
    assert (it.stage, [each.external_id for each in it.external]) == (Stage.PLACED, ["F9"])


def test_of_two_orders_at_the_supplier_the_one_that_is_named_is_kept(counter: Counter) -> None:
    order, _ = counter.stuck(ActionReason.DUPLICATE)
    counter.act(order, Verb.MARK_PLACED, references=("F8",))
    it = counter.shop.of(order)["cj"]
    assert [each.external_id for each in it.external] == ["F8"]
    assert it.stage is Stage.PLACED


def test_another_supplier_gets_what_one_cannot_deliver(busy: Counter) -> None:
    busy.shop.offer_elsewhere("shirt", "aliexpress")
    order, _ = busy.stuck(ActionReason.SUPPLIER_DOWN)

    busy.act(order, Verb.RETRY_OTHER_SUPPLIER)

    assert busy.shop.stages(order) == {"cj": "CANCELLED", "aliexpress": "PLANNED"}
    assert busy.shop.reserved()["shirt"] == 2
    busy.shop.suppliers["aliexpress"].list_product("shirt")
    busy.shop.tick()
    assert busy.shop.stages(order)["aliexpress"] == "CONFIRMED"
    assert busy.waiting() == ()


def test_without_another_supplier_it_is_refused(busy: Counter) -> None:
    order, it = busy.stuck(ActionReason.SUPPLIER_DOWN)
    with pytest.raises(Refused, match="another supplier than 'cj' has no 2 of variant"):
        busy.act(order, Verb.RETRY_OTHER_SUPPLIER)
    assert busy.shop.of(order)["cj"] == it


def test_split_units_are_bought_apart_and_none_is_lost(busy: Counter) -> None:
    order, _ = busy.stuck(ActionReason.REJECTED)
    item = order.items[0].id
    with pytest.raises(Refused, match="has 2 of item"):
        busy.act(order, Verb.SPLIT, units=((item, 3),))
    with pytest.raises(Refused, match="nothing would be left of supplier order 1"):
        busy.act(order, Verb.SPLIT, units=((item, 2),))

    busy.act(order, Verb.SPLIT, units=((item, 1),))

    assert [(each.seq, each.units()) for each in busy.shop.every(order)] == [(1, 1), (2, 1)]
    assert busy.shop.reserved()["shirt"] == 2
    busy.shop.tick()
    assert [each.stage for each in busy.shop.every(order)] == [Stage.CONFIRMED] * 2
    assert busy.shop.placed("cj") == ["F1", "F2"]


def test_a_placed_order_is_taken_back_and_refunded(busy: Counter) -> None:
    order = busy.shop.order(shirt=2)
    busy.shop.tick()

    acted = busy.act(order, Verb.CANCEL_AND_REFUND, note="she changed her mind")

    assert acted.says == (
        "the supplier is asked to take it back, and the customer gets the money for it back",
    )
    # Nothing else was bought: all that is left goes back, shipping included.
    assert busy.refunds == [("she changed her mind", ())]
    busy.shop.tick()
    assert busy.shop.stages(order) == {"cj": "CANCELLED"}
    assert busy.shop.placed("cj") == []


def test_of_two_supplier_orders_only_the_one_that_is_cancelled_is_refunded(busy: Counter) -> None:
    order = busy.shop.order()
    busy.shop.tick()
    with pytest.raises(Refused, match="could be done to supplier orders 1, 2 of order 1001"):
        busy.act(order, Verb.CANCEL_AND_REFUND)

    which = busy.shop.of(order)["cj"].seq
    busy.act(order, Verb.CANCEL_AND_REFUND, which=which)
    busy.shop.tick()

    shirt = next(each for each in order.items if each.variant_id == "variant-shirt")
    assert busy.refunds == [(f"supplier order {which} was cancelled", ((shirt.id, 2),))]
    assert busy.shop.stages(order) == {"cj": "CANCELLED", "aliexpress": "CONFIRMED"}
    assert busy.waiting() == ()


def test_what_is_cancelled_and_not_refunded_waits_until_it_is_bought_again(busy: Counter) -> None:
    order = busy.shop.order(shirt=2)
    busy.shop.tick()
    busy.act(order, Verb.CANCEL)
    busy.shop.tick()
    (waiting,) = busy.waiting()
    assert (waiting.reason, waiting.verbs[:2]) == (
        "NOT_BOUGHT", (Verb.REORDER, Verb.CANCEL_AND_REFUND),
    )  # fmt: skip

    busy.act(order, Verb.REORDER)
    busy.shop.tick()

    assert busy.waiting() == ()
    assert [each.stage for each in busy.shop.every(order)] == [Stage.CANCELLED, Stage.CONFIRMED]
    assert len({each.client_ref for each in busy.shop.every(order)}) == 2


def test_an_order_that_is_being_placed_is_taken_back_once_it_is_known(busy: Counter) -> None:
    order = busy.shop.order(shirt=2)

    def call_off() -> None:
        busy.act(order, Verb.CANCEL)

    busy.shop.meanwhile = call_off

    busy.shop.tick()

    assert busy.shop.stages(order) == {"cj": "CANCELLED"}
    assert busy.shop.placed("cj") == []
    assert len(busy.shop.suppliers["cj"].orders) == 1


def test_a_lost_parcel_is_sent_again_and_the_lost_one_says_nothing_more(busy: Counter) -> None:
    order = busy.shop.order(shirt=2)
    busy.shop.tick()
    supplier = busy.shop.suppliers["cj"]
    supplier.ship("F1")
    busy.shop.tick(days=1)
    (parcel,) = supplier.orders["F1"].parcels

    supplier.change("F1", parcels=(replace(parcel, state=ParcelState.LOST),))
    busy.shop.tick(days=1)
    assert [each.reason for each in busy.waiting()] == ["PARCEL_LOST"]

    busy.act(order, Verb.ADD_TRACKING, number="LX 473124829 CN", carrier="China Post")
    busy.shop.tick(days=2)

    it = busy.shop.of(order)["cj"]
    assert (it.stage, len(it.shipments)) == (Stage.SHIPPED, 2)
    assert busy.waiting() == ()
    busy.act(order, Verb.MARK_DELIVERED)
    assert busy.shop.show(order).fulfillment_status is FulfillmentStatus.DELIVERED


def test_an_address_is_changed_and_what_waited_for_it_goes_on(busy: Counter) -> None:
    order, _ = busy.stuck(ActionReason.ADDRESS)
    with pytest.raises(WishRefused, match=r"address\.postal_code"):
        busy.act(order, Verb.EDIT_ADDRESS, address={"postal_code": "1"})
    assert busy.shop.show(order).address == order.address

    acted = busy.act(order, Verb.EDIT_ADDRESS, address={"line1": "  Torstraße   2 "})

    assert acted.says == ("line1 of the address changed", "supplier order 1 is placed again")
    assert busy.shop.show(order).address.line1 == "Torstraße 2"
    assert all("Torstra" not in each.reason for each in busy.acts(order))
    busy.shop.tick()
    assert busy.shop.stages(order) == {"cj": "CONFIRMED"}
    with pytest.raises(Refused, match="everything was ordered with the old address"):
        busy.act(order, Verb.EDIT_ADDRESS, address={"line1": "Torstraße 3"})


def test_an_address_is_not_changed_while_nobody_knows_whether_it_was_placed(
    counter: Counter,
) -> None:
    order, _ = counter.stuck(ActionReason.OUTCOME_UNKNOWN)
    with pytest.raises(Refused, match="may have been placed with the old address"):
        counter.act(order, Verb.EDIT_ADDRESS, address={"line1": "Torstraße 2"})
    assert counter.shop.show(order).address == order.address


def test_holds_are_ended_by_approval_and_it_is_bought(busy: Counter) -> None:
    busy.shop.policy(purchases="PROPOSE")
    order = busy.shop.order(shirt=2)
    mine = busy.shop.hold(order)
    busy.shop.tick()
    assert sorted(each.reason for each in busy.waiting()) == ["APPROVAL", "MANUAL"]
    with pytest.raises(Refused, match="say which to end, or 'all'"):
        busy.act(order, Verb.APPROVE)
    with pytest.raises(Refused, match="no such hold is open"):
        busy.act(order, Verb.APPROVE, holds=("nothing",))

    busy.act(order, Verb.APPROVE, holds=("approval",))
    assert [each.hold for each in busy.waiting()] == [mine]
    busy.act(order, Verb.APPROVE)
    busy.shop.tick()

    assert busy.waiting() == ()
    assert busy.shop.told == {}
    assert busy.shop.stages(order) == {"cj": "CONFIRMED"}


def test_what_is_snoozed_is_out_of_sight_unless_something_else_comes_up(busy: Counter) -> None:
    order, _ = busy.stuck(ActionReason.REJECTED)
    busy.act(order, Verb.SNOOZE, until=busy.shop.clock() + timedelta(days=1))
    assert busy.waiting() == ()
    busy.shop.clock.advance(hours=1)
    busy.shop.hold(order)
    assert [each.reason for each in busy.waiting()] == ["MANUAL"]
    busy.shop.clock.advance(days=1)
    assert [each.reason for each in busy.waiting()] == ["REJECTED", "MANUAL"]


def test_somebody_takes_care_of_it_and_notes_what_was_done(busy: Counter) -> None:
    order, _ = busy.stuck(ActionReason.REJECTED)
    busy.act(order, Verb.ASSIGN, to="mira")
    busy.act(order, Verb.NOTE, note="called them")
    assert [each.assigned_to for each in busy.waiting()] == ["mira"]
    assert [each.reason for each in busy.acts(order)] == [
        "assign: mira takes care of it", "note: called them",
    ]  # fmt: skip


def test_the_longest_waiting_come_first_and_other_stores_stay_out(busy: Counter) -> None:
    busy.stuck(ActionReason.REJECTED)
    busy.shop.clock.advance(hours=1)
    held = busy.shop.order("1002")
    busy.shop.hold(held)
    assert [each.number for each in busy.waiting()] == ["1001", "1002"]
    assert [each.number for each in busy.waiting(limit=1)] == ["1001"]
    assert busy.waiting(within=["another"]) == ()
    with pytest.raises(NotFound):
        busy.operators.act(held.id, Wish(Verb.NOTE, note="x"), "ann", "k", within=["another"])
