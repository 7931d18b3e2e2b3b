"""What every proof does: compare without telling how far it got, then read what was proven."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hmac import compare_digest
from typing import Any

from zyenta_ops.domain.webhooks import NotGenuine


def require(expected: Iterable[str], given: Iterable[str]) -> None:
    """Accept when one of the given proofs is one of the expected; compares every pair in full.

    Raises:
        NotGenuine: none is.
    """
    proofs = [each.encode() for each in given]
    # Not `any`, which stops early: the time taken must not tell which secret it was.
    if not sum(compare_digest(each.encode(), proof) for each in expected for proof in proofs):
        raise NotGenuine("the delivery is not signed with a secret of this endpoint")


def document(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds.

    Raises:
        NotGenuine: it holds none, or is not UTF-8.
    """
    try:
        # Decoded here: the parser would guess UTF-16 and UTF-32.
        parsed = json.loads(body.decode())
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise NotGenuine("the delivery is not a JSON object in UTF-8")
    return parsed


def text(value: object) -> str:
    """A value where a text is expected; "" for anything else."""
    return value if isinstance(value, str) else ""
