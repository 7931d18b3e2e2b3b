"""The job with which operators act on orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dagster as dg
import pytest

from zyenta_ops.defs.fulfillment import act_on_order
from zyenta_ops.domain.fulfillment import ActionReason, Stage
from zyenta_ops.operations.fulfillment import Operators
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.fulfillment.counter import Counter
from zyenta_ops_tests.operations.fulfillment.shop import Shop


@dataclass
class Bundle:
    operators: Operators


@pytest.fixture
def counter(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Counter:
    return Counter(Shop(sqlite_database, clock, new_id))


def run(counter: Counter, **config: Any) -> dg.ExecuteInProcessResult:
    return act_on_order.execute_in_process(
        run_config={"ops": {"act": {"config": {"by": "mira"} | config}}},
        resources={"operations": Bundle(counter.operators)},
        raise_on_error=False,
    )


def test_a_run_acts_and_is_named_in_the_timeline(counter: Counter) -> None:
    order, _ = counter.stuck(ActionReason.REJECTED)
    result = run(counter, order=order.id, verb="RETRY")
    assert result.success
    assert counter.shop.stages(order) == {"cj": "READY"}
    (entry,) = counter.acts(order)
    assert (entry.actor, entry.run_id) == ("mira", result.run_id)


def test_a_run_under_a_known_key_does_nothing_more(counter: Counter) -> None:
    order, _ = counter.stuck(ActionReason.REJECTED)
    assert all(run(counter, order=order.id, verb="RETRY", key="k").success for _ in range(2))
    assert len(counter.acts(order)) == 1


def test_a_dry_run_changes_nothing(counter: Counter) -> None:
    order, it = counter.stuck(ActionReason.REJECTED)
    assert run(counter, order=order.id, verb="CANCEL", dry_run=True).success
    assert counter.shop.of(order)["cj"] == it


@pytest.mark.parametrize(
    "config", [{"verb": "MARK_PAID"}, {"verb": "SNOOZE", "until": "tomorrow"}, {"verb": "NOTE"}]
)
def test_what_is_refused_fails_the_run_and_changes_nothing(
    counter: Counter, config: dict[str, str]
) -> None:
    order, _ = counter.stuck(ActionReason.REJECTED)
    assert not run(counter, order=order.id, **config).success
    assert counter.shop.of(order)["cj"].stage is Stage.NEEDS_ACTION
    assert counter.acts(order) == []


def test_a_verb_that_there_is_not_is_refused_before_the_run(counter: Counter) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError):
        run(counter, order="x", verb="DANCE")
