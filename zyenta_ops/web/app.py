"""The application: routes, what guards them, and the writer that lives as long as they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from zyenta_ops.web.api.actions import ACTIONS
from zyenta_ops.web.api.dispatch import endpoint_of
from zyenta_ops.web.buckets import Buckets
from zyenta_ops.web.edge import Edge
from zyenta_ops.web.health import Readiness, is_alive
from zyenta_ops.web.problems import Problem, answer_framework, answer_problem
from zyenta_ops.web.receiving import PATH, Doors, Receiving
from zyenta_ops.web.shield import ROUTE, Shield
from zyenta_ops.web.writer import Writer

Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(edge: Edge) -> Starlette:
    """The application on these operations; opens nothing until it is started."""
    limits = edge.limits
    writer = Writer(edge.inbox.record)
    doors = Doors(
        edge.hooks, Buckets(limits.hooks_rate, limits.hooks_burst, edge.monotonic), edge.monotonic
    )
    calls = Buckets(limits.calls_rate, limits.calls_burst, edge.monotonic)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        writing = asyncio.create_task(writer.run())
        yield
        writer.close()
        await writing

    paths: dict[str, dict[str, Endpoint]] = {
        PATH: {"POST": Receiving(edge.hooks, doors, writer)},
        "/healthz": {"GET": is_alive},
        "/readyz": {"GET": Readiness(edge)},
        "/openapi.json": {"GET": show_openapi},
    }
    for action in ACTIONS:
        paths.setdefault(action.path, {})[action.method] = endpoint_of(action, edge, calls)
    app = Starlette(
        routes=[_route(*each) for each in paths.items()],
        middleware=[Middleware(Shield)],
        exception_handlers={Problem: answer_problem, HTTPException: answer_framework},
        lifespan=lifespan,
    )
    # A path with a slash too many is another path, not an invitation to guess.
    app.router.redirect_slashes = False
    return app


async def show_openapi(_: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(_openapi())


@cache
def _openapi() -> dict[str, Any]:
    from zyenta_ops.web.api.openapi import document

    return document()


def _route(path: str, methods: Mapping[str, Endpoint]) -> Route:
    async def answer(request: Request) -> Response:
        request.scope[ROUTE] = path
        # What answers HEAD is what answers GET; the server leaves out the body.
        method = "GET" if request.method == "HEAD" else request.method
        return await methods[method](request)

    return Route(path, answer, methods=list(methods))
