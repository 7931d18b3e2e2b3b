"""What can be told of a feed's location before anything is fetched."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.feed.fetching import shown
from zyenta_ops.adapters.suppliers.feed.fetching.local import local_path, refuse_unless_file
from zyenta_ops.domain.errors import Refused, SourceError, SourceInvalid

_LOOPBACK = ipaddress.ip_address("127.0.0.1")


def refuse_location(location: str, http: HttpPolicy) -> None:
    """Refuse a location that no sweep could read. Files are looked at, nothing is downloaded.

    Raises:
        Refused: it is empty, no readable file, a private address, or of no known scheme.
    """
    if not location.strip():
        raise Refused("the feed's location is empty; name a path, or an https:// or s3:// address")
    try:
        _judge(location, http)
    except SourceError as error:
        raise Refused(f"feed {shown(location)}: {error}") from None


def _judge(location: str, http: HttpPolicy) -> None:
    scheme = location.partition("://")[0].lower() if "://" in location else ""
    if scheme in ("", "file"):
        refuse_unless_file(local_path(location))
    elif scheme in ("http", "https"):
        _judge_host(location, http)
    elif scheme != "s3":
        raise SourceInvalid("its address must be a path, file://, http(s):// or s3://")


def _judge_host(location: str, http: HttpPolicy) -> None:
    """Judge addresses written as numbers, and this machine; other names are not resolved yet."""
    try:
        host = urlsplit(location).hostname or ""
    except ValueError:
        host = ""
    if not host:
        raise SourceInvalid("its address names no host")
    try:
        address = _LOOPBACK if host == "localhost" else ipaddress.ip_address(host)
    except ValueError:
        return
    if not http.permits(host, address):
        raise SourceInvalid(
            f"{host} is not on the public internet; allow it in ZYENTA_PRIVATE_NETWORKS if it is"
            " yours"
        )
