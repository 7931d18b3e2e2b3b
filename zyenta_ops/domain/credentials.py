"""How we log in to a supplier. The secret part never shows itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NoReturn

from zyenta_ops.domain.errors import Refused

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 token


class Secret:
    """Bytes that appear in no text: not in `repr`, `str`, a format, a pickle or a log."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The bytes themselves, for the one who sends them."""
        return self._value

    def document(self) -> dict[str, Any]:
        """The bytes read as a JSON object.

        Raises:
            Refused: they are none; the text does not quote them.
        """
        try:
            content = json.loads(self._value)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise Refused("the opened secret is not a JSON object; store the credentials again")
        return content

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


class CredentialsKind(StrEnum):
    """How the secret is presented."""

    HEADER = "header"  # an HTTP header of the supplier's choosing
    BASIC = "basic"  # user name and password, RFC 7617


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a supplier asks for: `name` is the header's name or the user's, `secret` the rest."""

    kind: CredentialsKind
    name: str
    secret: Secret

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Credentials:
        """Read `{"header": [name, value]}` or `{"basic": [user, password]}`.

        Raises:
            Refused: neither of them, or a part that HTTP cannot carry. Nothing is quoted.
        """
        if len(document) != 1 or (kind := next(iter(document))) not in list(CredentialsKind):
            raise Refused("credentials are either one 'header' or one 'basic' login")
        pair = document[kind]
        if not (
            isinstance(pair, list | tuple)
            and len(pair) == 2
            and all(isinstance(part, str) and part.isprintable() and part for part in pair)
        ):
            raise Refused(
                f"the {kind} credentials must be a pair of non-empty texts without line breaks"
            )
        return cls._checked(CredentialsKind(kind), pair[0], pair[1])

    @classmethod
    def _checked(cls, kind: CredentialsKind, name: str, secret: str) -> Credentials:
        if kind is CredentialsKind.HEADER and not (
            _HEADER_NAME.fullmatch(name) and secret.isascii()
        ):
            raise Refused("the credentials' header holds characters that HTTP does not allow")
        if kind is CredentialsKind.BASIC and ":" in name:
            raise Refused("the user name of basic credentials cannot hold a colon")
        return cls(kind, name, Secret(secret.encode()))

    @property
    def header(self) -> tuple[str, str] | None:
        """Name and value of the header, None for another kind."""
        return self._pair() if self.kind is CredentialsKind.HEADER else None

    @property
    def basic(self) -> tuple[str, str] | None:
        """User name and password, None for another kind."""
        return self._pair() if self.kind is CredentialsKind.BASIC else None

    def document(self) -> dict[str, list[str]]:
        """The form that `of` reads; for sealing only."""
        return {self.kind.value: list(self._pair())}

    def _pair(self) -> tuple[str, str]:
        return self.name, self.secret.reveal().decode()
