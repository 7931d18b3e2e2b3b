"""Domain values kept as JSON documents: strategies, preferences. Unknown fields are refused."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from zyenta_ops.domain.errors import Refused

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

Value = TypeVar("Value")


def read_document(kind: type[Value], document: object, where: str) -> Value:
    """The value that a document describes.

    Args:
        kind: a frozen dataclass of the domain.
        document: parsed JSON.
        where: begins the sentence when it is refused, "the strategy of store x".

    Raises:
        Refused: naming the first field that is unknown or has no such value.
    """
    from pydantic import ValidationError

    try:
        wanted: Any = kind
        value: Value = _adapter(wanted).validate_python(document)
    except ValidationError as error:
        raise Refused(f"{where} is not valid: {_first(error)}") from None
    except Refused as error:
        raise Refused(f"{where} is not valid: {error}") from None
    return value


def write_document(value: object) -> dict[str, Any]:
    """The document that `read_document` turns back into an equal value."""
    kind: Any = type(value)
    document: dict[str, Any] = _adapter(kind).dump_python(value, mode="json")
    return document


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _first(error: ValidationError) -> str:
    complaint = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in complaint["loc"]) or "the document"
    if complaint["type"] == "unexpected_keyword_argument":
        return f"there is no field '{path}'; correct or remove it"
    message = complaint["msg"].removeprefix("Value error, ")
    return f"{path}: {message[:1].lower()}{message[1:]}"
