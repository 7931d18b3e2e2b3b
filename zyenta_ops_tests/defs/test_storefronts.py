"""Storefronts are looked at when one is due, and not otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import dagster as dg

from zyenta_ops.defs.storefronts import check_storefronts, storefront_checks
from zyenta_ops.operations.storefronts import CheckReport


@dataclass
class FakeChecks:
    due: int = 0
    checked: list[tuple[int, float]] = field(default_factory=list)

    def count_due(self) -> int:
        return self.due

    def check(self, limit: int, budget_seconds: float) -> CheckReport:
        self.checked.append((limit, budget_seconds))
        return CheckReport(matching=self.due)


def tick(checks: FakeChecks) -> dg.RunRequest | dg.SkipReason:
    context = dg.build_schedule_context(
        resources={"operations": SimpleNamespace(storefront_checks=checks)}
    )
    asked = storefront_checks(context)
    assert isinstance(asked, dg.RunRequest | dg.SkipReason)
    return asked


def test_a_run_is_asked_for_only_while_an_order_is_due() -> None:
    checks = FakeChecks()
    assert isinstance(tick(checks), dg.SkipReason)
    checks.due = 2

    requests = [tick(checks), tick(checks)]

    assert [isinstance(each, dg.RunRequest) for each in requests] == [True, True]
    assert checks.checked == []


def test_a_run_looks_at_one_bounded_batch() -> None:
    checks = FakeChecks(due=2)

    result = check_storefronts.execute_in_process(
        resources={"operations": SimpleNamespace(storefront_checks=checks)},
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )

    assert result.success
    assert checks.checked == [(2_000, 600)]
