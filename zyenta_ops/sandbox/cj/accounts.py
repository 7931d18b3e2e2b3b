"""Accounts and tokens of the CJ sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zyenta_ops.sandbox.chance import between, digest
from zyenta_ops.sandbox.cj.envelope import CjError, Code, chinese
from zyenta_ops.sandbox.limits import Rate
from zyenta_ops.sandbox.wire import Call

DEMO_API_KEY = "CJ1234567@api@sandbox0000000000000000000000demo"
# Given out when the world begins, for those who skip getAccessToken.
DEMO_ACCESS_TOKEN = "API@CJ1234567@sandboxaccess"  # noqa: S105
DEMO_REFRESH_TOKEN = "API@CJ1234567@sandboxrefresh"  # noqa: S105

ACCESS_LIFETIME = timedelta(days=15)
REFRESH_LIFETIME = timedelta(days=180)
SAME_TOKENS_FOR = timedelta(hours=24)
_PER_SECOND = {0: 1, 1: 1, 2: 2, 3: 4, 4: 6, 5: 6}


@dataclass
class Account:
    """A CJ user.

    Attributes:
        level: 0 to 5; decides how many calls a second are served.
        verified: an unverified user has 1,000 calls a day per interface.
        intercepted: every order is created and held for a person to look at.
    """

    name: str
    api_key: str
    open_id: int
    level: int = 1
    verified: bool = False
    intercepted: bool = False

    @property
    def rate(self) -> Rate:
        """How many calls a second are served."""
        return Rate(_PER_SECOND[self.level], 1, _PER_SECOND[self.level])


@dataclass(frozen=True)
class Asked:
    """A verified call: who asks, with what parameters and what body."""

    call: Call
    account: Account
    parameters: dict[str, str]
    pairs: list[tuple[str, str]]
    body: dict[str, Any]


@dataclass
class Login:
    """Tokens in force and until when."""

    account: Account
    access_token: str
    refresh_token: str
    created_at: datetime
    access_until: datetime
    refresh_until: datetime


@dataclass
class Logins:
    """Gives out tokens and knows whose they are."""

    seed: str
    clock: Callable[[], datetime]
    accounts: dict[str, Account] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    _issued: int = 0

    def add(self, account: Account) -> Account:
        """Register a user."""
        self.accounts[account.api_key] = account
        return account

    def by_api_key(self, api_key: object) -> Account:
        """Whose API key it is.

        Raises:
            CjError: nobody's.
        """
        found = self.accounts.get(str(api_key))
        if found is None:
            raise CjError(Code.API_KEY_WRONG, "APIkey is wrong, please check and try again")
        return found

    def by_token(self, token: str) -> Account:
        """Whose access token it is.

        Raises:
            CjError: nobody's, or expired.
        """
        for login in self.logins.values():
            if login.access_token == token and login.access_until > self.clock():
                return login.account
        raise CjError(Code.TOKEN_INVALID, "Invalid API key or access token")

    def log_in(self, account: Account, access: str = "", refresh: str = "") -> Login:
        """Tokens for a user: for a day after they were made, the same ones."""
        now, last = self.clock(), self.logins.get(account.name)
        if last and self._is_fresh(last):
            return last
        login = Login(
            account, access or self._token(), refresh or self._token(),
            now, now + ACCESS_LIFETIME, now + REFRESH_LIFETIME,
        )  # fmt: skip
        self.logins[account.name] = login
        return login

    def refresh(self, token: object) -> Login:
        """A new access token, and the old one is void; for a day after it was made, the same one.

        Raises:
            CjError: the refresh token is nobody's or has expired.
        """
        now = self.clock()
        for login in self.logins.values():
            if login.refresh_token == token and login.refresh_until > now:
                if self._is_fresh(login):
                    return login
                login.access_token, login.access_until = self._token(), now + ACCESS_LIFETIME
                login.created_at = now
                return login
        raise CjError(Code.REFRESH_TOKEN_INVALID, "Invalid refresh token")

    def expire(self, name: str) -> None:
        """Let the access token of a user expire now."""
        if name in self.logins:
            self.logins[name].access_until = self.clock()

    def remove(self, name: str) -> bool:
        """Void a user's API keys and tokens; False when there is no such user."""
        keys = [key for key, account in self.accounts.items() if account.name == name]
        for key in keys:
            self.log_out(self.accounts.pop(key))
        return bool(keys)

    def log_out(self, account: Account) -> None:
        """Void both tokens."""
        self.logins.pop(account.name, None)

    def document(self, login: Login) -> dict[str, Any]:
        """The answer to a login or a refresh."""
        return {
            "openId": login.account.open_id,
            "accessToken": login.access_token,
            "accessTokenExpiryDate": chinese(login.access_until),
            "refreshToken": login.refresh_token,
            "refreshTokenExpiryDate": chinese(login.refresh_until),
            "createDate": chinese(login.created_at),
        }

    def _is_fresh(self, login: Login) -> bool:
        now = self.clock()
        return now - login.created_at < SAME_TOKENS_FOR and login.access_until > now

    def _token(self) -> str:
        self._issued += 1
        user = between(10**6, 10**7 - 1, self.seed, self._issued)
        return f"API@CJ{user}@CJ:{digest(self.seed, 'token', self._issued)[:32]}"
