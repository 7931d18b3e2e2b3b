"""Many products, a few at a time: one answer each, and nothing asked for nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Lock

import pytest

from zyenta_ops.adapters.suppliers.fetching import answers
from zyenta_ops.domain.items import Item, ItemAnswer, ItemFault, ItemStatus
from zyenta_ops.domain.supplier_errors import (
    LoginRevoked,
    RateLimited,
    RateScope,
    SupplierUnavailable,
    UnknownReference,
)

REFS = [f"P{number}" for number in range(20)]


class Supplier:
    """Answers for every product, except where `failing` says otherwise."""

    def __init__(self, failing: Callable[[str], Exception | None] = lambda ref: None) -> None:
        self.asked: list[str] = []
        self._failing = failing
        self._lock = Lock()

    def __call__(self, refs: Sequence[str]) -> list[ItemAnswer]:
        with self._lock:
            self.asked += refs
        for ref in refs:
            if error := self._failing(ref):
                raise error
        return [Item(ref, ItemStatus.ON_SALE) for ref in refs]


@pytest.mark.parametrize(("workers", "batch"), [(1, 1), (4, 1), (1, 7), (4, 7), (50, 50)])
def test_each_product_is_asked_for_and_answered_once(workers: int, batch: int) -> None:
    supplier = Supplier()
    found = list(answers([*REFS, *REFS], supplier, workers=workers, batch=batch))
    assert [each.product_ref for each in found] == REFS
    assert sorted(supplier.asked) == sorted(REFS)


def test_no_more_runs_ahead_than_there_are_workers() -> None:
    supplier = Supplier()
    found = answers(REFS, supplier, workers=3)
    assert supplier.asked == []
    next(found)
    assert len(supplier.asked) <= 3
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert len(supplier.asked) <= 4


def test_one_worker_asks_only_for_what_is_taken() -> None:
    supplier = Supplier()
    found = answers(REFS, supplier, workers=1)
    assert next(found).product_ref == "P0"
    assert next(found).product_ref == "P1"
    found.close()  # type: ignore[attr-defined]
    assert supplier.asked == ["P0", "P1"]


def test_requests_run_at_once() -> None:
    together = Barrier(4)

    def ask(refs: Sequence[str]) -> list[ItemAnswer]:
        together.wait(timeout=30)
        return [Item(ref, ItemStatus.ON_SALE) for ref in refs]

    assert len(list(answers(REFS[:4], ask, workers=4))) == 4


@pytest.mark.parametrize("error", [SupplierUnavailable("gone"), UnknownReference("no such")])
def test_a_fault_of_one_product_stops_no_other(error: Exception) -> None:
    supplier = Supplier(lambda ref: error if ref == "P3" else None)
    found = list(answers(REFS, supplier, workers=4))
    faults = [each for each in found if isinstance(each, ItemFault)]
    assert faults == [ItemFault("P3", error)]  # type: ignore[arg-type]
    assert len(found) == len(REFS)


def test_a_fault_of_a_batch_is_one_of_each_product_in_it() -> None:
    error = SupplierUnavailable("gone")
    supplier = Supplier(lambda ref: error if ref == "P3" else None)
    found = list(answers(REFS, supplier, workers=1, batch=5))
    assert [each.product_ref for each in found if isinstance(each, ItemFault)] == REFS[:5]


@pytest.mark.parametrize(
    "error",
    [LoginRevoked("over"), RateLimited("used up", scope=RateScope.DAY), RateLimited("too long")],
)
def test_what_concerns_every_product_ends_it_and_loses_no_answer(error: Exception) -> None:
    supplier = Supplier(lambda ref: error if ref == "P5" else None)
    found: list[ItemAnswer] = []
    with pytest.raises(type(error)) as caught:
        found.extend(answers(REFS, supplier, workers=4))
    assert caught.value is error
    answered = {each.product_ref for each in found}
    assert answered == set(supplier.asked) - {"P5"}
    assert len(supplier.asked) <= 9


def test_a_slip_of_ours_is_not_hidden() -> None:
    supplier = Supplier(lambda ref: ZeroDivisionError() if ref == "P3" else None)
    with pytest.raises(ZeroDivisionError):
        list(answers(REFS, supplier, workers=4))
