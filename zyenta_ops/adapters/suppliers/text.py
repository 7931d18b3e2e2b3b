"""Cleaning what suppliers write: control characters, odd spaces, lengths, image addresses."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Final

TITLE_LENGTH: Final = 300
REFERENCE_LENGTH: Final = 128
VALUE_LENGTH: Final = 200
IMAGE_LENGTH: Final = 2048
MOST_IMAGES: Final = 20

# Control characters, lone surrogates and invisible marks that reorder or hide text. Joiners stay:
# scripts and emoji need them.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff]+"
)
_SPACES: Final = re.compile(r"\s+")
_BETWEEN_ADDRESSES: Final = re.compile(r"[\s,;|]+(?=(?:https?:)?//)", re.IGNORECASE)


def clean(value: Any) -> str:
    """One line of visible text, trimmed; a JSON boolean reads as "true" or "false"."""
    text = value if isinstance(value, str) else _spelt(value)
    if not text:
        return text
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", _UNWANTED.sub("", text)).strip()


def _spelt(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


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
    text = value if isinstance(value, str) else _spelt(value)
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
