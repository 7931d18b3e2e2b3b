"""How AliExpress expects requests to be signed, and signs its own pushes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping


def signature(secret: str, parameters: Mapping[str, str], method: str, path: str = "") -> str:
    """The signature a request must carry, in upper-case hexadecimal.

    Args:
        secret: of the app.
        parameters: everything that is sent; `sign` itself is left out.
        method: `sha256` or `md5`.
        path: API path that comes before the parameters: on /rest always, on /sync when the
            method's name is a path. The md5 method ignores it.

    Raises:
        ValueError: the method is neither of the two.
    """
    names = sorted(name for name in parameters if name != "sign")
    text = "".join(f"{name}{parameters[name]}" for name in names)
    if method == "sha256":
        return hmac.new(secret.encode(), (path + text).encode(), hashlib.sha256).hexdigest().upper()
    if method == "md5":
        wrapped = f"{secret}{text}{secret}".encode()
        return hashlib.md5(wrapped, usedforsecurity=False).hexdigest().upper()
    raise ValueError(f"sign_method {method} is not accepted")


def push_signature(app_key: str, secret: str, body: bytes) -> str:
    """The `Authorization` header of a push, in lower-case hexadecimal."""
    return hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()
