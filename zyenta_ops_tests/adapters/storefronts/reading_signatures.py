"""A receiver's reading of the Standard Webhooks specification, written apart from our signing."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def is_genuine(
    secret: str, headers: Mapping[str, str], body: bytes, now: float, tolerance: float = 300
) -> bool:
    """Whether one of the signatures in the headers was made with the secret, and lately."""
    assert secret.startswith("whsec_")
    message_id, seconds = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(now - int(seconds)) > tolerance:
        return False
    mac = hmac.new(base64.b64decode(secret[6:]), digestmod=hashlib.sha256)
    for part in (message_id.encode(), b".", seconds.encode(), b".", body):
        mac.update(part)
    for signature in headers["webhook-signature"].split(" "):
        version, _, text = signature.partition(",")
        if version == "v1" and hmac.compare_digest(base64.b64decode(text), mac.digest()):
            return True
    return False
