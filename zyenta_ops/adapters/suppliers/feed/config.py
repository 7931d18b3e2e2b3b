"""What a merchant says about a feed: where it is, how it is written, how much of it to accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from zyenta_ops.adapters.suppliers.feed.columns import Column
from zyenta_ops.domain.errors import Refused


class Format(StrEnum):
    """How the entries are written."""

    AUTO = "auto"  # told from the first bytes
    CSV = "csv"  # separated by the delimiter, quoted with "
    TSV = "tsv"  # CSV whose delimiter is the tabulator
    JSON = "json"  # one array of objects, or an object that holds one
    NDJSON = "ndjson"  # one JSON object a line
    XML = "xml"  # repeated elements, such as the items of RSS


class Preset(StrEnum):
    """Whose column names and row order the feed follows."""

    AUTO = "auto"  # told from the columns
    SHOPIFY = "shopify"  # Shopify product export: several rows a product
    WOOCOMMERCE = "woocommerce"  # WooCommerce product export: parents and variations
    GOOGLE = "google"  # Google Merchant Center product data
    GENERIC = "generic"  # one row an offer, under any of many usual names


class FeedLimits(BaseModel):
    """How much is accepted before a feed is refused; sizes in bytes, time in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    download_bytes: int = Field(default=2 * 1024**3, gt=0)
    uncompressed_bytes: int = Field(default=8 * 1024**3, gt=0)
    rows: int = Field(default=5_000_000, gt=0)
    timeout_seconds: float = Field(default=600, gt=0)


class FeedConfig(BaseModel):
    """One feed.

    `cost_share_percent` prices a feed that has no column of costs: the unit cost is that share of
    the feed's price. 60 is a cautious reading of the usual 40 to 50 % wholesale discount; None
    refuses such rows. `columns` names the column (or dotted path) of a field where the
    preset would not find it. `item_path` leads to the items: a dotted path to the array in JSON,
    the name of the repeated element in XML.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    location: str = Field(min_length=1, repr=False)
    format: Format = Format.AUTO
    preset: Preset = Preset.AUTO
    columns: dict[Column, str] = Field(default_factory=dict)
    compression: Literal["auto", "none", "gzip", "zip"] = "auto"
    encoding: str = "auto"
    delimiter: str = "auto"
    decimal: Literal["auto", ".", ","] = "auto"
    cost_share_percent: Decimal | None = Field(default=Decimal(60), ge=1, le=100)
    item_path: str | None = None
    limits: FeedLimits = FeedLimits()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> FeedConfig:
        """Read settings as stored (JSON).

        Raises:
            Refused: a setting is unknown or has no such value; the text names the first.
        """
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            raise Refused(_sentence(error)) from None

    @field_validator("location")
    @classmethod
    def _holds_no_password(cls, location: str) -> str:
        if "://" in location and "@" in urlsplit(location).netloc:
            raise ValueError("holds a user name or password; give them as credentials instead")
        return location

    @field_validator("delimiter")
    @classmethod
    def _is_one_character(cls, delimiter: str) -> str:
        if delimiter != "auto" and (len(delimiter) != 1 or delimiter in '\r\n"'):
            raise ValueError("must be 'auto' or one character such as ; or |")
        return delimiter

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, encoding: str) -> str:
        if encoding != "auto":
            try:
                "".encode(encoding)
            except LookupError:
                raise ValueError("must be 'auto' or an encoding such as utf-8 or cp1252") from None
        return encoding


@dataclass(frozen=True, slots=True)
class FeedCredentials:
    """What a feed's server asks for: a header, or a user name and password. Never shown."""

    header: tuple[str, str] | None = field(default=None, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class S3Access:
    """How to reach S3; every None is left to the AWS client's own defaults."""

    endpoint_url: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] == "extra_forbidden":
        model = FeedLimits if len(first["loc"]) > 1 else FeedConfig
        return f"the feed setting '{name}' is unknown; known are {', '.join(model.model_fields)}"
    if first["type"] == "missing":
        return f"the feed setting '{name}' is missing"
    why = first["msg"].removeprefix("Value error, ")
    return f"the feed setting '{name}' is not usable: {why[:1].lower()}{why[1:]}"
