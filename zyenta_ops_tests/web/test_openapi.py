"""The OpenAPI document: valid, and kept by every answer to whatever it allows and forbids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from zyenta_ops.domain.addresses import LONGEST
from zyenta_ops.web.api.openapi import document
from zyenta_ops.web.app import build_app
from zyenta_ops_tests.web.conftest import House, order_for

SPEC = document()
OPERATIONS = [
    (path, method, operation)
    for path, methods in SPEC["paths"].items()
    for method, operation in methods.items()
]
ORDER_SHAPE = Draft202012Validator(
    SPEC["components"]["schemas"]["OrderHandedOver"] | {"components": SPEC["components"]}
)
SOME_OF_A_TEST = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
IDS = ["ours:1001", "theirs:1001", "alert-ours", "event-1", "none"]
FIELDS = [
    "store", "number", "note", "expires_at", "source", "key", "reason", "amount_minor", "items",
    "shipping_minor", "verb", "which", "until", "address", "limit", "status",
    "payment_status", "before",
]  # fmt: skip
WORDS = [
    "NOTE",
    "SNOOZE",
    "RETRY",
    "ours",
    "theirs",
    "store-ours",
    "PAID",
    "OPEN",
    "cj",
    "50",
    "2026-12-01T00:00:00Z",
]

texts = st.one_of(st.sampled_from(WORDS), st.text(max_size=20))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=8,
)
bodies = st.one_of(values, st.dictionaries(st.sampled_from(FIELDS), values, max_size=5))
# What a URL may carry in its path; slashes and dots make another path.
segments = st.one_of(
    st.sampled_from(IDS),
    st.text(st.characters(exclude_characters="/.?#", codec="utf-8"), min_size=1),
)


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(SPEC).validate()


def test_the_document_that_is_served_is_this_one(house: House) -> None:
    assert house.client.get("/openapi.json").json() == json.loads(json.dumps(SPEC))


def test_every_route_is_documented_and_no_other(house: House) -> None:
    routes = {
        (str(getattr(route, "path", "")), method.lower())
        for route in build_app(house.edge).routes
        for method in getattr(route, "methods", ())
        if method != "HEAD"
    }
    assert routes == {(path, method) for path, method, _ in OPERATIONS}


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))


def test_an_order_that_is_taken_has_the_documented_shape(house: House) -> None:
    order = order_for("ours", tax_minor=None)
    ORDER_SHAPE.validate(order)
    assert house.ask("ours", "POST", "/v1/orders", json=order).status_code == 201


WRONG: list[tuple[tuple[str | int, ...], tuple[Any, ...]]] = [
    (("number",), (None, "", 7, "x" * 65)),
    (("placed_at",), (None, 1_793_000_000)),
    (("currency",), (None, "eur", "EURO")),
    (("items",), (None, [], {}, [None], [{}])),
    (("total_minor",), (None, -1, 49.38, "4938", True, 10**12 + 1)),
    (("tax_minor",), (-1, "0")),
    (("colour",), ("red",)),
    (("customer",), (None, [], {"email": ""}, {"email": 1})),
    (("customer", "phone"), ("+" + "4" * 32,)),
    (("customer", "age"), (30,)),
    (("address",), (None,)),
    *((("address", name), (None,)) for name in ("country", "name", "line1", "city")),
    *((("address", name), ("x" * 255,)) for name in LONGEST),
    (("items", 0, "quantity"), (0, 10_001, None)),
    (("items", 0, "unit_price_minor"), (None,)),
    (("items", 0, "variant_id"), (None,)),
    (("items", 0, "sku"), ("MUG-1",)),
    (("items", 1, "sku"), ("",)),
    (("items", 1, "size"), ("L",)),
]


@pytest.mark.parametrize(("where", "values"), WRONG)
def test_an_order_of_another_shape_is_refused_where_the_document_says_so(
    house: House, where: tuple[str | int, ...], values: Sequence[Any]
) -> None:
    before = house.rows()
    for value in values:
        order = order_for("ours")
        part: Any = order
        for step in where[:-1]:
            part = part[step]
        part[where[-1]] = value

        assert not ORDER_SHAPE.is_valid(order)
        assert house.ask("ours", "POST", "/v1/orders", json=order).status_code == 422, value

    assert house.rows() == before


@pytest.mark.parametrize(("path", "method"), [each[:2] for each in OPERATIONS])
def test_a_method_that_is_not_documented_is_refused(house: House, path: str, method: str) -> None:
    for other in {"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"} - {
        name.upper() for name in SPEC["paths"][path]
    }:
        answer = house.client.request(other, path.replace("{", "").replace("}", ""))
        assert answer.status_code == 405
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("path", "method", "operation"),
    OPERATIONS,
    ids=[operation["operationId"] for _, _, operation in OPERATIONS],
)
@SOME_OF_A_TEST
@given(data=st.data())
def test_whatever_is_asked_the_answer_is_one_that_is_documented(
    house: House, path: str, method: str, operation: dict[str, Any], data: st.DataObject
) -> None:
    house.seconds[0] += 60  # nobody is told to wait
    where = path
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            segment = data.draw(segments)
            where = where.replace("{" + parameter["name"] + "}", percent_encoded(segment))
    names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    query = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), texts, max_size=3))
    request: dict[str, Any] = {"params": query} if query else {}
    if "requestBody" in operation:
        request["content"] = json.dumps(data.draw(bodies)).encode()
        request["headers"] = {"Content-Type": "application/json"}

    answer = house.ask("operator", method.upper(), where, **request)

    assert_documented(operation, answer.status_code, answer.headers["content-type"], answer.json())


def assert_documented(
    operation: dict[str, Any], status: int, media_type: str, told: object
) -> None:
    assert str(status) in operation["responses"], (status, told)
    content = operation["responses"][str(status)]["content"]
    assert list(content) == [media_type]
    schema = content[media_type]["schema"] | {"components": SPEC["components"]}
    Draft202012Validator(schema).validate(told)


def percent_encoded(segment: str) -> str:
    return "".join(f"%{byte:02X}" for byte in segment.encode())


@pytest.mark.parametrize(
    ("path", "method", "request_"),
    [
        ("/v1/stores", "get", {}),
        ("/v1/orders", "get", {}),
        ("/v1/orders", "post", {"json": order_for("ours")}),
        ("/v1/orders/{id}", "get", {}),
        ("/v1/orders/{id}/holds", "post", {"json": {"note": "wait"}}),
        ("/v1/orders/{id}/refunds", "post", {"json": {"key": "1", "reason": "broken"}}),
        ("/v1/alerts", "get", {}),
        ("/v1/alerts/{id}/acknowledge", "post", {}),
        ("/v1/inbox", "get", {}),
    ],
)
def test_what_succeeds_has_the_documented_shape(
    house: House, path: str, method: str, request_: dict[str, Any]
) -> None:
    where = path.replace("{id}", "alert-ours" if "alerts" in path else "ours:1001")
    answer = house.ask("operator", method.upper(), where, **request_)
    assert answer.status_code in (200, 201, 202)
    operation = SPEC["paths"][path][method]
    assert_documented(operation, answer.status_code, answer.headers["content-type"], answer.json())
