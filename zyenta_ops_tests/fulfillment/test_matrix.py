"""Whatever dies and whenever, the supplier gets one order, and all ends as if nothing had died."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from zyenta_ops.domain.supplier_orders import Placement
from zyenta_ops.operations.fulfillment import Failpoint
from zyenta_ops_tests.fulfillment.matrix import Case, Matrix, Tally, cases
from zyenta_ops_tests.fulfillment.vendor import Manner
from zyenta_ops_tests.fulfillment.world import Fate, Scene, a_scene

SEED = 1
# One of each way of reconciling, one of each kind of call that gets lost, both fates.
SLICE = [
    Case(Placement.IDEMPOTENT_REF, Manner.REPLY_LOST, Fate.KEPT),
    Case(Placement.SEARCHABLE_REF, Manner.REPLY_LOST, Fate.TAKEN_BACK),
    Case(Placement.BLIND, Manner.SLOW_LANDING, Fate.TAKEN_BACK),
]
HOPELESS = Case(
    Placement.SEARCHABLE_REF, Manner.SLOW_LANDING, Fate.KEPT, settle=timedelta(minutes=1)
)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with a_scene() as scene:
        yield scene


def assert_nothing_is_wrong(tally: Tally) -> None:
    assert tally.faults == []
    assert (tally.doubles, tally.differ, tally.stuck, tally.broken) == (0, 0, 0, 0)


@pytest.mark.parametrize("case", SLICE, ids=str)
def test_a_death_costs_time_and_nothing_else(scene: Scene, case: Case) -> None:
    tally = Matrix(scene, case).tally(pairs=4, triples=2, seed=SEED)

    assert_nothing_is_wrong(tally)
    assert tally.schedules[0] == 1
    assert tally.schedules[1] >= 30
    assert tally.schedules[2:] == [4, 2]


def test_a_settle_window_that_is_too_short_is_noticed(scene: Scene) -> None:
    """The matrix finds what it looks for: this supplier lands orders after it said it would."""
    matrix = Matrix(scene, HOPELESS)
    outcome = matrix.outcome(matrix.start(), watched=False)

    assert outcome.doubles == 2


def test_what_is_not_committed_leaves_nothing_behind(scene: Scene) -> None:
    matrix = Matrix(scene, SLICE[0])
    images = dict(matrix.outcome(matrix.start(), watched=True).images or [])

    assert images[Failpoint.CLAIM_COMMIT].digest == images[Failpoint.PLANNED].digest
    assert images[Failpoint.PLACE_CALL].digest != images[Failpoint.PLACE_INTENT_COMMIT].digest
    assert images[Failpoint.PLACE_CALLED].digest != images[Failpoint.PLACE_CALL].digest


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_deaths_everywhere_cost_time_and_nothing_else(scene: Scene, case: Case) -> None:
    tally = Matrix(scene, case).tally(pairs=None, triples=40, seed=SEED)

    assert_nothing_is_wrong(tally)
