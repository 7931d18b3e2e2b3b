"""Addresses on the web that merchants give us."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from zyenta_ops.domain.errors import Refused

LONGEST_URL: Final = 1_000


def https_address(text: str, what: str, *, loopback: bool = False) -> str:
    """An https URL as it was given, without white space around it.

    Args:
        text: what somebody wrote.
        what: begins the sentence when it is refused, "the review link".
        loopback: whether http is fine on this machine itself, where nobody can listen in.

    Raises:
        Refused: another scheme, no host, a user or password in it, or characters that no URL has.
            The text is not quoted: it may hold a token.
    """
    url = text.strip()
    advice = f"{what} must be an address such as https://shop.example.com/path"
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise Refused(f"{advice}, of up to {LONGEST_URL} characters without spaces")
    try:
        parts = urlsplit(url)
        host, usable_port = parts.hostname, parts.port != 0
    except ValueError:  # a port out of range, a bracket too many
        raise Refused(advice) from None
    plain = parts.scheme == "http" and loopback and _is_loopback(host or "")
    if not host or not usable_port or not (plain or parts.scheme == "https"):
        raise Refused(advice)
    if parts.username is not None or parts.password is not None:
        raise Refused(f"{what} must hold no user name and no password")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
