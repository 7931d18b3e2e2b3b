"""Where a store's own system hears of orders, and what a person may choose about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.web_addresses import https_address

# One in force, one that is going, and one to spare.
MOST_SECRETS: Final = 3
# Stands for the order's number in the address that is read back.
NUMBER: Final = "{number}"


@dataclass(frozen=True, slots=True)
class StorefrontHook:
    """Where a store's system hears of orders, and how it knows that we speak.

    Attributes:
        store_id: whose it is.
        url: where events are posted; may hold a token, so it is shown to nobody but its owner.
        secrets: sign every event, newest first; several while one is replaced.
        read_url: where the system says which tracking it shows for the order `{number}`; "" =
            nowhere.
        off_since: when the system asked for no more, or a person turned it off.
        off_reason: why.
    """

    store_id: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    read_url: str = field(default="", repr=False)
    off_since: datetime | None = None
    off_reason: str = ""


def hook_address(text: str) -> str:
    """Where events may be posted.

    Raises:
        Refused: not https, nor this machine itself.
    """
    return https_address(text, "the address of the webhook", loopback=True)


def read_address(text: str) -> str:
    """Where a system may be asked what it shows; "" = nowhere.

    Raises:
        Refused: it holds the order's number not once, or is not https, nor this machine itself.
    """
    if not text:
        return ""
    before, number, after = text.partition(NUMBER)
    if not number or NUMBER in after:
        raise Refused(f"the address that is read back must hold {NUMBER} once, for the order's")
    https_address(f"{before}1{after}", "the address that is read back", loopback=True)
    return text.strip()


def secrets_after(secrets: tuple[str, ...], new: str, *, drop_old: bool) -> tuple[str, ...]:
    """The secrets in force once a new one came, "" = none, or the old ones went.

    Raises:
        Refused: there would be too many.
    """
    found = (new, *secrets) if new else secrets
    if drop_old:
        return found[:1]
    if len(found) > MOST_SECRETS:
        raise Refused(f"the webhook has {MOST_SECRETS} secrets; drop the old ones first")
    return found
