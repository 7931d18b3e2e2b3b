"""Cleaning what suppliers write: control characters, odd spaces, lengths, image addresses."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Final

from zyenta_ops.adapters.http.documents import clean, spelt

TITLE_LENGTH: Final = 300
REFERENCE_LENGTH: Final = 128
VALUE_LENGTH: Final = 200
IMAGE_LENGTH: Final = 2048
MOST_IMAGES: Final = 20

_BETWEEN_ADDRESSES: Final = re.compile(r"[\s,;|]+(?=(?:https?:)?//)", re.IGNORECASE)


def title(value: Any) -> str:
    """Clean text of at most `TITLE_LENGTH` characters."""
    return clean(value)[:TITLE_LENGTH]


def reference(value: Any) -> str:
    """Clean text that stays different from every other one when cut to `REFERENCE_LENGTH`."""
    if value == "":
        return ""
    text = clean(value)
    if len(text) <= REFERENCE_LENGTH:
        return text
    digest = blake2b(text.encode(), digest_size=8).hexdigest()
    return f"{text[: REFERENCE_LENGTH - 17]}~{digest}"


def option_reference(values: tuple[str, ...]) -> str:
    """A variant's name from its option values: "Blue / M". Different values, different names.

    Made of the values alone, so neither the order of rows nor a price change moves it.
    """
    return reference(" / ".join(value.replace("/", "//") for value in values)) or "default"


def addresses(value: Any) -> tuple[str, ...]:
    """The http(s) addresses in a cell: one, or several between commas, bars or spaces."""
    text = value if isinstance(value, str) else spelt(value)
    if not text:
        return ()
    if text.count("//") == 1 and text.isprintable() and " " not in text:
        if text.startswith(("https://", "http://")) and len(text) <= IMAGE_LENGTH:
            return (text,)
        found = [text]
    else:
        found = _BETWEEN_ADDRESSES.split(text.strip())
    kept = []
    for each in found:
        address = clean(each.rstrip(",;| \t\r\n"))
        if address.startswith("//"):
            address = f"https:{address}"
        if address.lower().startswith(("http://", "https://")) and len(address) <= IMAGE_LENGTH:
            kept.append(address.replace(" ", "%20"))
    return tuple(kept)


def images(*groups: tuple[str, ...]) -> tuple[str, ...]:
    """Several groups of addresses as one, each address once, at most `MOST_IMAGES`."""
    if len(groups) == 1 and len(groups[0]) == 1:
        return groups[0]
    return tuple(dict.fromkeys(address for group in groups for address in group))[:MOST_IMAGES]
