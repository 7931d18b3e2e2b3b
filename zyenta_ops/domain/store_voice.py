"""How a store speaks to its customers: under which name, in which language, about what.

`pydantic.TypeAdapter(StoreVoice)` reads and writes it at the edges; unknown keys are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.names import display_name, email_address
from zyenta_ops.domain.web_addresses import https_address

_FORBID_EXTRA: Final[dict[str, Any]] = {"extra": "forbid"}
# RFC 5646: a language, or a language as it is written in a country.
_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")
_NOT_IN_A_SENDER: Final = frozenset('@<>"')


class Notice(StrEnum):
    """What customers are told of; the names of the templates."""

    CONFIRMED = "order-confirmed"
    SHIPPED = "order-shipped"
    DELAYED = "order-delayed"
    DELIVERED = "order-delivered"
    CANCELLED = "order-cancelled"
    REFUNDED = "order-refunded"


@dataclass(frozen=True, slots=True)
class StoreVoice:
    """One store's choices; the defaults suit a store that never chose.

    Attributes:
        sender_name: shown as the sender of mails; "" = the name of the store. Mails come from the
            platform's own address, which the store's may not be sent from.
        reply_to: where answers go; "" = to `support_email`.
        support_email: shown to customers who need help; "" = mails name none.
        review_url: where customers are asked for a review once everything has arrived; "" = they
            are not asked.
        locale: the language of mails, such as "de" or "en-GB", where an order names none. One that
            has no sentences yet is written in English.
        muted: notices that are not sent.

    Raises:
        Refused: a value that cannot be used.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID_EXTRA

    sender_name: str = ""
    reply_to: str = ""
    support_email: str = ""
    review_url: str = ""
    locale: str = "en"
    muted: frozenset[Notice] = frozenset()

    def __post_init__(self) -> None:
        if self.sender_name and (
            display_name(self.sender_name, "sender") != self.sender_name
            or _NOT_IN_A_SENDER.intersection(self.sender_name)
        ):
            # Programs that show the name alone would take an address in it for the sender's.
            raise Refused("sender_name must be a name without @, <, >, quotes or double spaces")
        for name in ("reply_to", "support_email"):
            _must_be_address(name, getattr(self, name))
        if self.review_url and https_address(self.review_url, "review_url") != self.review_url:
            raise Refused("review_url must begin and end without spaces")
        if locale_tag(self.locale) != self.locale:
            raise Refused(f"locale must be written as in {locale_tag(self.locale)}")


def locale_tag(text: str) -> str:
    """A language tag in its usual form: "de", "en-GB".

    Raises:
        Refused: not a language, or a language and a country.
    """
    found = _TAG.fullmatch(text.strip())
    if found is None:
        raise Refused("a locale is a language such as de, or with a country such as en-GB")
    language, country = found.groups()
    return language.lower() + (f"-{country.upper()}" if country else "")


def _must_be_address(name: str, text: str) -> None:
    try:
        usable = not text or email_address(text) == text
    except Refused:
        usable = False
    if not usable:
        raise Refused(f"{name} must be an e-mail address in small letters, without spaces")
