"""Accounts whose secrets a person gives once and nothing renews."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.domain.supplier_errors import LoginRevoked, RequestInvalid
from zyenta_ops.ports.gateway import Secrets, Tokens


@dataclass(frozen=True)
class FixedLogin:
    """An account not stored yet; satisfies `zyenta_ops.ports.gateway.Login`.

    `account_id` is a digest: nobody has named the account.
    """

    secrets: Secrets

    @property
    def account_id(self) -> str:
        """Says nothing of the secrets."""
        return fingerprint(*(f"{key}={self.secrets[key]}" for key in sorted(self.secrets)))

    def tokens(self) -> Tokens:
        """What was given."""
        return Tokens(self.secrets)

    def renew(self, used: Secrets, ask: Callable[[Secrets], Tokens]) -> Tokens:
        """Whatever the supplier says to it."""
        return ask(used)


def not_renewed(secrets: Secrets) -> Tokens:
    """For suppliers whose token serves until somebody ends it."""
    raise LoginRevoked(
        "the supplier no longer accepts the token; connect the account with a new one"
    )


def given_secrets(given: Secrets, needed: Collection[str], also: Collection[str] = ()) -> Secrets:
    """The secrets among what a person gave.

    Args:
        given: by name; spaces around a value are a slip of copying.
        needed: names that must be there.
        also: names that may be there.

    Raises:
        RequestInvalid: one is missing, unknown, or holds what an HTTP header cannot carry.
    """
    if unknown := sorted(given.keys() - {*needed, *also}):
        raise RequestInvalid(f"'{unknown[0]}' is not asked for; give {', '.join(needed)}")
    secrets = {key: value.strip() for key, value in given.items() if value.strip()}
    for key in needed:
        if key not in secrets:
            raise RequestInvalid(f"'{key}' is missing")
    for key, value in secrets.items():
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise RequestInvalid(f"'{key}' holds characters that no token has; copy it again")
    return secrets
