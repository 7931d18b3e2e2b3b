"""The machine, pair by pair."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment.reasons import VERBS, ActionReason
from zyenta_ops.domain.fulfillment.stages import (
    TERMINAL,
    TRANSITIONS,
    Stage,
    Trigger,
    after,
    is_legal,
    mermaid,
)

_OPEN = "ACCEPTED>PLACED CALLED_OFF>CANCELLED STUCK>NEEDS_ACTION"
_NEWS = (
    "PAYMENT_DUE>AWAITING_SUPPLIER_PAYMENT CONFIRMED>CONFIRMED PART_SHIPPED>PARTIALLY_SHIPPED"
    " SHIPPED>SHIPPED DELIVERED>DELIVERED"
)
_ASKED = "CANCEL_ASKED>CANCEL_REQUESTED STUCK>NEEDS_ACTION"
# Every legal move, by stage; whatever is not here is refused.
EXPECTED = {
    "PLANNED": f"{_OPEN} CLEARED>READY",
    "READY": f"{_OPEN} SENT>PLACING POSTPONED>RETRY_WAIT",
    "PLACING": "ACCEPTED>PLACED POSTPONED>RETRY_WAIT LOST>UNKNOWN STUCK>NEEDS_ACTION",
    "UNKNOWN": "ACCEPTED>PLACED ABSENT>READY STUCK>NEEDS_ACTION",
    "RETRY_WAIT": f"{_OPEN} RETRIED>READY",
    "NEEDS_ACTION": f"{_OPEN} {_NEWS} RESUMED>READY CANCEL_ASKED>CANCEL_REQUESTED",
    "PLACED": f"{_NEWS} {_ASKED}",
    "AWAITING_SUPPLIER_PAYMENT": f"{_NEWS.split(' ', 1)[1]} {_ASKED}",
    "CONFIRMED": f"{_NEWS.split(' ', 2)[2]} {_ASKED}",
    "PARTIALLY_SHIPPED": "SHIPPED>SHIPPED DELIVERED>DELIVERED STUCK>NEEDS_ACTION",
    "SHIPPED": "DELIVERED>DELIVERED STUCK>NEEDS_ACTION",
    "CANCEL_REQUESTED": f"{_NEWS} CANCELLED>CANCELLED STUCK>NEEDS_ACTION",
    "DELIVERED": "",
    "CANCELLED": "",
}


@pytest.mark.parametrize(("stage", "trigger"), list(product(Stage, Trigger)))
def test_every_pair_moves_as_the_table_says_or_is_refused(stage: Stage, trigger: Trigger) -> None:
    expected = dict(move.split(">") for move in EXPECTED[stage].split())

    if trigger in expected:
        assert after(stage, trigger) == expected[trigger]
        assert is_legal(stage, trigger)
    else:
        assert not is_legal(stage, trigger)
        with pytest.raises(Refused, match=rf"a supplier order that is {stage} .*{trigger}"):
            after(stage, trigger)


@given(st.lists(st.sampled_from(Trigger)))
def test_what_is_over_stays_over_whatever_comes(triggers: list[Trigger]) -> None:
    stage = Stage.PLANNED
    ended = None
    for trigger in triggers:
        if is_legal(stage, trigger):
            stage = after(stage, trigger)
        if stage in TERMINAL:
            ended = ended or stage
            assert stage is ended


def test_every_stage_can_be_reached_and_left() -> None:
    reached = {target for moves in TRANSITIONS.values() for target in moves.values()}

    assert reached | {Stage.PLANNED} == set(Stage)
    assert {Stage.DELIVERED, Stage.CANCELLED} == TERMINAL


def test_the_diagram_shows_every_move() -> None:
    lines = mermaid().splitlines()

    assert lines[:2] == ["stateDiagram-v2", "    [*] --> PLANNED"]
    assert "    READY --> PLACING: sent" in lines
    assert "    CANCELLED --> [*]" in lines
    shown = {line.split(":")[0].strip() for line in lines if "-->" in line and ":" in line}
    assert shown == {
        f"{stage} --> {target}" for stage, moves in TRANSITIONS.items() for target in moves.values()
    }


@pytest.mark.parametrize("reason", ActionReason)
def test_every_reason_leaves_a_person_something_to_do(reason: ActionReason) -> None:
    assert len(VERBS[reason]) > 3
