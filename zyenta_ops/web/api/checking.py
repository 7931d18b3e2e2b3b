"""From bytes to checked values: what has not the documented shape is told every fault it has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NoReturn

from starlette.datastructures import QueryParams

from zyenta_ops.domain.documents import MOST_FAULTS, Fault, pairs_once, repeated_fields
from zyenta_ops.web.problems import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def parse_body(media_type: str, body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Fractions are Decimals: no float comes near an amount.

    Raises:
        Problem: it is no JSON, no object, gives a field twice, or holds text that no database
            stores.
    """
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "The body must be application/json.")
    try:
        parsed = json.loads(
            body.decode(),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=pairs_once,
        )
    except (ValueError, ArithmeticError, RecursionError):
        raise Problem(400, "The body is not JSON in UTF-8.") from None
    if not isinstance(parsed, dict):
        raise Problem(422, "The body is not a JSON object.")
    if twice := [*islice(repeated_fields(parsed), MOST_FAULTS)]:
        raise Problem(422, "A field comes twice.", [Fault(name, "comes twice") for name in twice])
    if faults := [Fault(where, "holds NUL or half a character") for where in _unstorable(parsed)]:
        raise Problem(422, "The body cannot be stored.", faults)
    return parsed


def checked(shape: type[BaseModel], given: Mapping[str, Any]) -> BaseModel:
    """A value of this shape.

    Raises:
        Problem: it has not, naming every fault.
    """
    from pydantic import ValidationError

    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise Problem(422, "Some of it is not as it must be.", _faults(error)) from None


def query_of(params: QueryParams) -> dict[str, str]:
    """A query as a mapping.

    Raises:
        Problem: a parameter comes twice.
    """
    twice = sorted({name for name in params if len(params.getlist(name)) > 1})
    if twice:
        raise Problem(422, "A parameter comes twice.", [Fault(name, "twice") for name in twice])
    return dict(params)


def _no_number(_: str) -> NoReturn:
    raise ValueError


def _unstorable(value: object, where: str = "") -> Iterator[str]:
    """Where a text holds NUL or a lone surrogate; keys are texts, too."""
    match value:
        case str():
            if _UNSTORABLE.search(value):
                yield where or "the body"
        case dict():
            for key, item in value.items():
                if any(_unstorable(key)):
                    yield where or "the body"
                else:
                    yield from _unstorable(item, f"{where}.{key}" if where else key)
        case list():
            for place, item in enumerate(value):
                yield from _unstorable(item, f"{where}[{place}]")


def _faults(error: ValidationError) -> list[Fault]:
    return [
        Fault(
            ".".join(str(part) for part in each["loc"]) or "the body",
            each["msg"].removeprefix("Value error, "),
        )
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
