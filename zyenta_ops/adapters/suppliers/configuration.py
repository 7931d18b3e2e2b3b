"""What the settings of suppliers with an API share: how they are read, and a few kinds of value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ValidationError

from zyenta_ops.domain.errors import Refused

Config = TypeVar("Config", bound=BaseModel)

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]*")


def read_config(model: type[Config], settings: Mapping[str, Any], vendor: str) -> Config:
    """Settings as stored (JSON) as the model says.

    Raises:
        Refused: a setting is unknown or has no such value; the text names the first and quotes
            no value.
    """
    try:
        return model.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    setting = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(model.model_fields)
        raise Refused(f"the {vendor} setting '{setting}' is unknown; known are {known}")
    why = first["msg"].removeprefix("Value error, ")
    raise Refused(f"the {vendor} setting '{setting}' is not usable: {why[:1].lower()}{why[1:]}")


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("must be an address such as https://api.example.com")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must hold no user name, password, query or fragment")
    return value.rstrip("/")


def _address_or_nothing(value: str) -> str:
    return _address(value) if value else ""


def _header_name(value: str) -> str:
    if not _HEADER_NAME.fullmatch(value):
        raise ValueError("must be the name of an HTTP header")
    return value.lower()


BaseUrl = Annotated[str, AfterValidator(_address)]
OptionalBaseUrl = Annotated[str, AfterValidator(_address_or_nothing)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
