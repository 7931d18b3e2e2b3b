"""What is done next: every stage, and why it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.accounts import AccountStatus
from zyenta_ops.domain.fulfillment import (
    ActionReason,
    Attempt,
    AttemptKind,
    AttemptOutcome,
    AutomationPolicy,
    Facts,
    Stage,
    Step,
    SupplierOrder,
    next_step,
    outlook,
)
from zyenta_ops.domain.fulfillment.stages import TERMINAL
from zyenta_ops.domain.orders import Hold, PaymentStatus
from zyenta_ops.domain.supplier_orders import Ability, Capabilities, Placement, SupplierOrderState
from zyenta_ops_tests.domain.fulfillment.making import (
    ACCOUNT,
    ALL,
    NOW,
    a_hold,
    a_supplier_order,
    an_external,
    an_order,
    facts,
)

LATER = NOW + timedelta(hours=1)
BLIND = replace(ALL, placement=Placement.BLIND)
SAME_REF = replace(ALL, placement=Placement.IDEMPOTENT_REF, reference_window=timedelta(hours=24))
NO_CANCEL = replace(ALL, abilities=ALL.abilities - {Ability.CANCEL_ORDERS})
BY_SITE = replace(ALL, abilities=ALL.abilities - {Ability.PAY_ORDERS})


def paid(**fields: object) -> SupplierOrder:
    """Placed and confirmed, and due."""
    return a_supplier_order(Stage.CONFIRMED, external=(an_external(),), placed_at=NOW, **fields)


def unpaid(**fields: object) -> SupplierOrder:
    external = an_external(SupplierOrderState.AWAITING_PAYMENT)
    return a_supplier_order(
        Stage.AWAITING_SUPPLIER_PAYMENT, external=(external,), placed_at=NOW, **fields
    )


def test_what_is_ready_is_placed() -> None:
    for stage, step in (
        (Stage.PLANNED, Step.CLEAR),
        (Stage.READY, Step.PLACE),
        (Stage.RETRY_WAIT, Step.RETRY),
    ):
        it = a_supplier_order(stage)
        assert next_step(it, facts(it), NOW) is step


def test_nothing_is_bought_while_a_hold_is_active() -> None:
    held = an_order(holds=(a_hold(),))
    for stage in (Stage.PLANNED, Stage.READY, Stage.RETRY_WAIT):
        it = a_supplier_order(stage)
        found = outlook(it, facts(it, order=held), NOW)
        assert (found.step, found.why, found.at) == (None, "FRAUD: disputed", None)


def test_a_hold_with_an_end_is_waited_for() -> None:
    it = a_supplier_order()
    held = an_order(holds=(a_hold(expires_at=LATER),))

    assert outlook(it, facts(it, order=held), NOW).at == LATER
    assert next_step(it, facts(it, order=held), LATER) is Step.PLACE


def test_a_hold_of_a_sibling_does_not_concern_this_one() -> None:
    it = a_supplier_order()
    held = an_order(holds=(a_hold("fulfillment:so-2:stock"),))

    assert next_step(it, facts(it, order=held), NOW) is Step.PLACE


def test_its_own_hold_is_looked_into_again_when_its_time_has_come() -> None:
    it = a_supplier_order(next_check_at=LATER)
    held = an_order(holds=(a_hold("fulfillment:so-1:stock"),))

    assert outlook(it, facts(it, order=held), NOW).at == LATER
    assert next_step(it, facts(it, order=held), LATER) is Step.PLACE


@pytest.mark.parametrize(
    "status", [PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.ABANDONED]
)
def test_nothing_is_bought_without_a_good_payment(status: PaymentStatus) -> None:
    it = a_supplier_order()
    found = outlook(it, facts(it, order=an_order(payment_status=status)), NOW)

    assert (found.step, found.at) == (None, None)
    assert found.why == f"the customer's payment is {status}"


def test_the_customer_may_change_an_order_for_a_while() -> None:
    it = a_supplier_order(Stage.PLANNED)
    slow = AutomationPolicy(cooling_off_minutes=90)
    found = outlook(it, facts(it, policy=slow), NOW)

    assert (found.step, found.at) == (None, NOW + timedelta(minutes=30))
    assert next_step(it, facts(it, policy=slow), NOW + timedelta(minutes=30)) is Step.CLEAR


def test_an_account_that_cannot_be_used_is_waited_for() -> None:
    it = a_supplier_order()
    blocked = replace(ACCOUNT, blocked_until=LATER, blocked_reason="the key is refused")
    found = outlook(it, facts(it, account=blocked), NOW)

    assert (found.step, found.at) == (None, LATER)
    assert found.why == "the account cannot be used now: the key is refused"
    none = outlook(it, facts(it, account=None), NOW)
    assert none.step is None
    assert none.at == NOW + timedelta(minutes=15)
    resting = outlook(it, facts(it, rests_until=LATER, rest_reason="its day is used up"), NOW)
    assert (resting.step, resting.at) == (None, LATER)
    own = replace(ACCOUNT, owner_id=None)
    assert next_step(it, facts(it, account=own), NOW) is None


def test_what_no_program_can_place_is_left_to_a_person() -> None:
    it = a_supplier_order()
    found = outlook(it, facts(it, capabilities=None), NOW)

    assert (found.step, found.reason) == (Step.GIVE_UP, ActionReason.BY_HAND)


def test_a_refund_before_it_is_placed_calls_it_off() -> None:
    refunded = an_order(payment_status=PaymentStatus.REFUNDED)
    for stage in (Stage.PLANNED, Stage.READY, Stage.RETRY_WAIT, Stage.NEEDS_ACTION):
        it = a_supplier_order(stage)
        assert next_step(it, facts(it, order=refunded), NOW) is Step.CALL_OFF


def test_whoever_placed_it_and_vanished_leaves_the_outcome_unknown() -> None:
    it = a_supplier_order(Stage.PLACING)

    assert next_step(it, facts(it), NOW) is Step.PRESUME_LOST


@pytest.mark.parametrize(
    ("capabilities", "step"),
    [(ALL, Step.SEARCH), (SAME_REF, Step.RESEND), (BLIND, Step.GIVE_UP), (None, Step.GIVE_UP)],
)
def test_a_lost_answer_is_looked_into_as_the_supplier_allows(
    capabilities: Capabilities | None, step: Step
) -> None:
    it = a_supplier_order(Stage.UNKNOWN, sent_at=NOW)
    found = outlook(it, facts(it, capabilities=capabilities), NOW)

    assert found.step is step
    if step is Step.GIVE_UP:
        assert found.reason is ActionReason.OUTCOME_UNKNOWN


def test_a_lost_answer_is_given_time_before_it_is_looked_into() -> None:
    it = a_supplier_order(Stage.UNKNOWN, sent_at=NOW, next_check_at=LATER)
    for capabilities in (ALL, SAME_REF):
        found = outlook(it, facts(it, capabilities=capabilities), NOW)
        assert (found.step, found.at) == (None, LATER)


def test_nothing_is_sent_again_that_could_place_what_is_not_to_be_placed() -> None:
    it = a_supplier_order(Stage.UNKNOWN, sent_at=NOW)
    refunded = facts(
        it, order=an_order(payment_status=PaymentStatus.REFUNDED), capabilities=SAME_REF
    )
    found = outlook(it, refunded, NOW)
    assert (found.step, found.reason) == (Step.GIVE_UP, ActionReason.OUTCOME_UNKNOWN)

    held = facts(it, order=an_order(holds=(a_hold(),)), capabilities=SAME_REF)
    assert outlook(it, held, NOW).step is None
    assert outlook(it, held, NOW).at == NOW + timedelta(hours=23)

    late = outlook(it, facts(it, capabilities=SAME_REF), NOW + timedelta(hours=23))
    assert (late.step, late.reason) == (Step.GIVE_UP, ActionReason.OUTCOME_UNKNOWN)


def test_an_order_that_turns_up_late_is_taken_over() -> None:
    for stage in (Stage.READY, Stage.RETRY_WAIT, Stage.PLACING, Stage.UNKNOWN, Stage.NEEDS_ACTION):
        it = a_supplier_order(stage, external=(an_external(),))
        assert next_step(it, facts(it), NOW) is Step.ADOPT


def test_tries_and_patience_have_an_end() -> None:
    spent = a_supplier_order(attempts=3, note="the address is odd")
    found = outlook(spent, facts(spent), NOW)
    assert (found.step, found.reason) == (Step.GIVE_UP, ActionReason.ATTEMPTS_SPENT)

    down = a_supplier_order(Stage.RETRY_WAIT, failures=99, next_check_at=NOW, note="no answer")
    assert next_step(down, facts(down), NOW) is Step.RETRY
    found = outlook(replace(down, failures=100), facts(down), NOW)
    assert (found.step, found.reason) == (Step.GIVE_UP, ActionReason.SUPPLIER_DOWN)

    for stage in set(Stage) - TERMINAL:
        crashing = a_supplier_order(stage, claims=6, reason=None)
        found = outlook(crashing, facts(crashing), NOW)
        assert (found.step, found.reason) == (Step.GIVE_UP, ActionReason.CRASHES)
    given_up = a_supplier_order(Stage.NEEDS_ACTION, claims=6, reason=ActionReason.CRASHES)
    assert next_step(given_up, facts(given_up), NOW) is None


def test_a_placed_order_is_paid_for_where_that_can_be_done() -> None:
    it = unpaid(next_check_at=LATER)
    assert next_step(it, facts(it), NOW) is Step.PAY
    assert outlook(it, facts(it, capabilities=BY_SITE), NOW).at == LATER
    held = facts(it, order=an_order(holds=(a_hold(),)))
    assert next_step(it, held, NOW) is None
    assert next_step(it, held, LATER) is Step.FOLLOW


def test_a_payment_whose_outcome_is_unknown_is_looked_into_before_another() -> None:
    attempt = Attempt(2, AttemptKind.PAY, "h", {}, NOW, "F1", NOW, AttemptOutcome.UNKNOWN)
    it = unpaid(attempt=attempt, next_check_at=LATER)

    assert next_step(it, facts(it), NOW) is None
    assert next_step(it, facts(it), LATER) is Step.FOLLOW
    settled = replace(it, attempt=replace(attempt, outcome=AttemptOutcome.RETRYABLE))
    assert next_step(settled, facts(settled), NOW) is Step.PAY


def test_what_is_refunded_after_it_was_placed_is_taken_back() -> None:
    refunded = an_order(payment_status=PaymentStatus.REFUNDED)
    for it in (paid(), unpaid(), a_supplier_order(Stage.PLACED, external=(an_external(),))):
        assert next_step(it, facts(it, order=refunded), NOW) is Step.ASK_BACK
        found = outlook(it, facts(it, order=refunded, capabilities=NO_CANCEL), NOW)
        assert (found.step, found.reason) == (Step.GIVE_UP, ActionReason.CANCEL_REFUSED)
        kept = replace(it, cancel_refused_at=NOW)
        assert next_step(kept, facts(kept, order=refunded), NOW) is Step.GIVE_UP


def test_what_is_on_its_way_is_followed_at_its_times() -> None:
    for stage in (Stage.CONFIRMED, Stage.PARTIALLY_SHIPPED, Stage.SHIPPED):
        it = a_supplier_order(stage, external=(an_external(),), next_check_at=LATER)
        assert outlook(it, facts(it), NOW).at == LATER
        assert next_step(it, facts(it), LATER) is Step.FOLLOW


@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        (Stage.AWAITING_SUPPLIER_PAYMENT, ActionReason.UNPAID),
        (Stage.CONFIRMED, ActionReason.NO_TRACKING),
        (Stage.PARTIALLY_SHIPPED, ActionReason.NO_TRACKING),
        (Stage.SHIPPED, ActionReason.LATE_DELIVERY),
    ],
)
def test_a_stage_that_lasts_too_long_is_a_persons_business_once_it_was_looked_at(
    stage: Stage, reason: ActionReason
) -> None:
    seen = an_external(seen_at=NOW)
    it = a_supplier_order(stage, external=(seen,), deadline_at=LATER, next_check_at=LATER)
    assert next_step(it, facts(it, capabilities=BY_SITE), LATER) is Step.FOLLOW

    looked = replace(it, external=(replace(seen, seen_at=LATER),))
    found = outlook(looked, facts(looked, capabilities=BY_SITE), LATER)
    assert (found.step, found.reason) == (Step.GIVE_UP, reason)


def test_an_account_that_is_gone_is_waited_for_by_what_is_on_its_way() -> None:
    it = paid()
    gone = replace(ACCOUNT, status=AccountStatus.REVOKED)

    assert next_step(it, facts(it, account=gone), NOW) is None
    # What refuses one request need not refuse another.
    blocked = replace(ACCOUNT, blocked_until=LATER)
    assert next_step(it, facts(it, account=blocked), NOW) is Step.FOLLOW


def test_what_waits_for_a_person_says_what_the_person_may_do() -> None:
    it = a_supplier_order(Stage.NEEDS_ACTION, reason=ActionReason.ADDRESS, note="no such street")

    found = outlook(it, facts(it), NOW)

    assert found.step is None
    assert found.why == (
        "no such street; a person may: ASSIGN, CANCEL, CANCEL_AND_REFUND, EDIT_ADDRESS,"
        " MARK_PLACED, NOTE, RETRY, SNOOZE"
    )


def test_a_parcel_that_was_given_up_is_looked_for_all_the_same() -> None:
    it = a_supplier_order(
        Stage.NEEDS_ACTION,
        reason=ActionReason.NO_TRACKING,
        external=(an_external(),),
        placed_at=NOW,
        next_check_at=LATER,
    )
    assert next_step(it, facts(it), NOW) is None
    assert next_step(it, facts(it), LATER) is Step.FOLLOW


@given(
    st.sampled_from(Stage),
    st.sampled_from([None, *ActionReason]),
    st.sampled_from(PaymentStatus),
    st.sampled_from([None, ALL, SAME_REF, BLIND, BY_SITE, NO_CANCEL]),
    st.sampled_from([(), (a_hold(),), (a_hold("fulfillment:so-1:stock"),)]),
    st.sampled_from([None, ACCOUNT, replace(ACCOUNT, status=AccountStatus.REVOKED)]),
    st.sampled_from([(), (an_external(),)]),
    st.sampled_from([None, NOW, LATER]),
)
def test_there_is_always_one_answer_and_it_is_the_same_when_asked_again(
    stage: Stage,
    reason: ActionReason | None,
    payment: PaymentStatus,
    capabilities: Capabilities | None,
    holds: Sequence[Hold],
    account: object,
    external: Sequence[object],
    check: object,
) -> None:
    it = a_supplier_order(stage, reason=reason, external=external, next_check_at=check)
    known: Facts = facts(
        it,
        order=an_order(payment_status=payment, holds=tuple(holds)),
        capabilities=capabilities,
        account=account,
    )

    found = outlook(it, known, NOW)

    assert outlook(it, known, NOW) == found
    assert (found.reason is not None) == (found.step is Step.GIVE_UP)
    assert found.why
    if stage in TERMINAL:
        assert found.step is None
    if found.step is None and found.at is not None:
        assert found.at > NOW
