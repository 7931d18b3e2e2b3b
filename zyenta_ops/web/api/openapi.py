"""The OpenAPI 3.1 document, made of the table of actions and of the shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.web import receiving
from zyenta_ops.web.api.actions import ACTIONS, Action
from zyenta_ops.web.problems import MEDIA_TYPE

_REF: Final = "#/components/schemas/{model}"
_ID: Final = {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$"}
_OBJECT: Final = {"type": "object"}

# What any action may answer with; a body may besides be none, too large, or of another kind.
_ALWAYS: Final = (400, 401, 404, 408, 413, 415, 422, 429, 503)
_HOOKS: Final = (400, 404, 408, 413, 415, 429, 503)

_PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "problem"],
                "properties": {"where": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
}


def document() -> dict[str, Any]:
    """The document."""
    schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for action in ACTIONS:
        paths.setdefault(action.path, {})[action.method.lower()] = _operation(action, schemas)
    paths[receiving.PATH] = {"post": _hook()}
    paths["/healthz"] = {"get": _plain("is_alive", "Whether the process answers", {200})}
    paths["/readyz"] = {
        "get": _plain("is_ready", "Whether events can be stored, and how things stand", {200, 503})
    }
    paths["/openapi.json"] = {"get": _plain("show_openapi", "This document", {200})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Zyenta Ops", "version": version("zyenta-ops")},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas() -> dict[str, Any]:
    models: list[tuple[type[BaseModel], Any]] = [(each.gives, "serialization") for each in ACTIONS]
    models += [(each.takes, "validation") for each in ACTIONS if each.takes]
    models += [(each.query, "validation") for each in ACTIONS if each.query]
    _, made = models_json_schema(list(dict.fromkeys(models)), ref_template=_REF)
    schemas: dict[str, Any] = made["$defs"]
    return schemas | {"Problem": _PROBLEM}


def _operation(action: Action, schemas: dict[str, Any]) -> dict[str, Any]:
    answer = {"application/json": {"schema": _ref(action.gives)}}
    operation: dict[str, Any] = {
        "operationId": action.name,
        "summary": action.summary,
        "security": [{"token": []}],
        "parameters": _path_parameters(action.path) + _query_parameters(action, schemas),
        "responses": {
            str(status): {"description": HTTPStatus(status).phrase, "content": answer}
            for status in (action.status, *action.also)
        }
        | _problems({*_ALWAYS, *action.refusals}),
    }
    if action.takes:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(action.takes)}},
        }
    return operation


def _hook() -> dict[str, Any]:
    source = {"type": "string", "enum": [each.value for each in EventSource]}
    return {
        "operationId": "deliver_event",
        "summary": "Deliver an event, signed as its source signs",
        "security": [],
        "parameters": [
            {"name": "source", "in": "path", "required": True, "schema": source},
            {
                "name": "endpoint_token",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "minLength": 1},
            },
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _OBJECT}}},
        "responses": _plain("", "", {200})["responses"] | _problems(_HOOKS),
    }


def _plain(name: str, summary: str, statuses: set[int]) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "security": [],
        "responses": {
            str(status): {
                "description": HTTPStatus(status).phrase,
                "content": {"application/json": {"schema": _OBJECT}},
            }
            for status in sorted(statuses)
        },
    }


def _problems(statuses: Iterable[int]) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted(statuses)
    }


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _ID}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(action: Action, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if action.query is None:
        return []
    # Not given is another thing than null, which a query cannot say.
    return [
        {"name": name, "in": "query", "required": False, "schema": _without_null(schema)}
        for name, schema in schemas[action.query.__name__]["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return kinds[0] if kinds else schema


def _ref(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=shape.__name__)}
