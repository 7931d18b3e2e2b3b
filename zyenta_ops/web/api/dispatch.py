"""From a request to an action and back: who calls, what is asked, what became of it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from zyenta_ops.domain.documents import Fault
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.fulfillment.wishes import WishRefused
from zyenta_ops.domain.order_intake import OrderRefused
from zyenta_ops.web.api.actions import Action, Asked, Done
from zyenta_ops.web.api.caller import Caller
from zyenta_ops.web.api.checking import checked, parse_body, query_of
from zyenta_ops.web.bodies import read_body
from zyenta_ops.web.buckets import Buckets
from zyenta_ops.web.edge import Edge
from zyenta_ops.web.problems import Problem, nothing_here, too_many

_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def endpoint_of(
    action: Action, edge: Edge, buckets: Buckets
) -> Callable[[Request], Awaitable[Response]]:
    """What answers a route."""

    async def answer(request: Request) -> Response:
        caller = await _caller(request, edge, buckets)
        if action.operators_only and not caller.token.is_operators:
            raise nothing_here()
        asked = Asked(
            id=_id(request),
            query=_query(action, request),
            body=await _body(action, request),
        )
        done = await run_in_threadpool(_do, action, caller, asked)
        told = action.gives.model_validate(done.value, from_attributes=True)
        return Response(
            told.model_dump_json(),
            done.status or action.status,
            media_type="application/json",
        )

    return answer


async def _caller(request: Request, edge: Edge, buckets: Buckets) -> Caller:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    token = None
    if kind.lower() == "bearer":
        token = await run_in_threadpool(edge.tokens.recognise, text.strip())
    if token is None:
        raise Problem(
            401,
            "Show a valid token as `Authorization: Bearer zyt_…`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if wait := buckets.take(token.id):
        raise too_many(wait)
    return Caller(token, edge)


def _id(request: Request) -> str:
    given = str(request.path_params.get("id", ""))
    if given and not _ID.fullmatch(given):
        raise nothing_here()
    return given


def _query(action: Action, request: Request) -> object:
    given = query_of(request.query_params)
    if action.query is not None:
        return checked(action.query, given)
    if given:
        faults = [Fault(name, "there is no such parameter") for name in sorted(given)]
        raise Problem(422, "There are no such parameters.", faults)
    return None


async def _body(action: Action, request: Request) -> object:
    body = await read_body(request)
    if action.takes is None:
        return None
    document = parse_body(request.headers.get("content-type", ""), body)
    return document if action.judged_below else checked(action.takes, document)


def _do(action: Action, caller: Caller, asked: Asked) -> Done:
    try:
        return action.does(caller, asked)
    # Its text tells operators more than a caller may know.
    except NotFound:
        raise nothing_here() from None
    except (OrderRefused, WishRefused) as error:
        raise Problem(422, str(error), error.faults) from None
    except Refused as error:
        raise Problem(409, str(error)) from None
