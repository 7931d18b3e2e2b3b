"""What is answered when something is not done: RFC 9457 documents that say nothing of the input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zyenta_ops.domain.documents import Fault

MEDIA_TYPE: Final = "application/problem+json"


@dataclass
class Problem(Exception):
    """Ends a request with a status and a sentence.

    Attributes:
        says: for a person; never what came from somebody who is not known.
        faults: all there is to mend.
        headers: of the answer.
    """

    status: int
    says: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The answer."""
        document: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.says,
        }
        if self.faults:
            document["faults"] = [
                {"where": each.where, "problem": each.problem} for each in self.faults
            ]
        return JSONResponse(document, self.status, dict(self.headers), media_type=MEDIA_TYPE)


def nothing_here() -> Problem:
    """For what does not exist, and for what exists and is none of the caller's business."""
    return Problem(404, "There is nothing here.")


def busy(seconds: int = 5) -> Problem:
    """For what cannot be done now and was not."""
    return Problem(
        503, "This cannot be done right now; try again.", headers={"Retry-After": str(seconds)}
    )


def too_many(wait_seconds: float) -> Problem:
    """For whoever comes too often."""
    return Problem(
        429, "Too many requests; wait.", headers={"Retry-After": str(max(1, round(wait_seconds)))}
    )


async def answer_problem(_: Request, error: Exception) -> Response:
    """For problems raised anywhere below."""
    return cast(Problem, error).response()


async def answer_framework(_: Request, error: Exception) -> Response:
    """For what the framework refuses: no such path, no such method."""
    refused = cast(HTTPException, error)
    if refused.status_code == 404:
        return nothing_here().response()
    says = HTTPStatus(refused.status_code).phrase + "."
    return Problem(refused.status_code, says, headers=refused.headers or {}).response()
