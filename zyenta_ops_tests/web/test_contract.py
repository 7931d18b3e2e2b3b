"""Whatever the OpenAPI document lets a client send, or forbids it: the answer is as it says."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from zyenta_ops.web.api.openapi import document
from zyenta_ops_tests.web.conftest import House

SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = [each.ok() for each in SCHEMA.get_all_operations() if isinstance(each, Ok)]
THERE = ["ours:1001", "theirs:1001", "alert-ours", "alert-internal", "event-1", "none"]


def takes_anything(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    raw = operation.definition.raw
    return bool(raw.get("parameters") or raw.get("requestBody"))


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
        for operation in OPERATIONS
        for mode in GenerationMode
        if mode.is_positive or takes_anything(operation)
    ],
)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_answer_keeps_to_the_document(
    house: House,
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    data: st.DataObject,
) -> None:
    house.seconds[0] += 60  # nobody is told to wait
    case = data.draw(operation.as_strategy(generation_mode=mode))
    if mode.is_positive and "id" in case.path_parameters:
        case.path_parameters["id"] = data.draw(st.sampled_from(THERE))
    if mode.is_positive and isinstance(case.body, dict) and "store" in case.body:
        case.body["store"] = "ours"

    case.call_and_validate(
        base_url=str(house.client.base_url),
        headers={"Authorization": f"Bearer {house.tokens['operator']}"},
        # A schema cannot say that sums must be right, or all that countries ask of an address.
        excluded_checks=[positive_data_acceptance],
    )
