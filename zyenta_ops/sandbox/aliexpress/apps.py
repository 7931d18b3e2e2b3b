"""Apps, buyers and tokens of the AliExpress sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zyenta_ops.sandbox.aliexpress.envelopes import Refused
from zyenta_ops.sandbox.chance import between, digest

DEMO_APP_KEY = "512345"
DEMO_APP_SECRET = "sandbox-aliexpress-app-secret"  # noqa: S105
# Good for one exchange, like every code.
DEMO_CODE = "3_512345_sandbox_demo_code"
# What the code is exchanged for. They are in force from the beginning, so that who has exchanged it
# once goes on after the sandbox was started again.
DEMO_ACCESS_TOKEN = "50000sandboxaliexpressaccess"  # noqa: S105
DEMO_REFRESH_TOKEN = "50001sandboxaliexpressrefresh"  # noqa: S105

# Access and refresh token, by the app's status in the console.
LIFETIMES = {
    "Test": (timedelta(seconds=86_400), timedelta(seconds=172_800)),
    "Online": (timedelta(seconds=2_592_000), timedelta(seconds=5_184_000)),
}


@dataclass
class App:
    """An app in the console: `status` is Test or Online, `push_url` is where news go."""

    key: str
    secret: str
    status: str = "Online"
    push_url: str = ""
    calls_per_day: int = 100_000


@dataclass
class Buyer:
    """A buyer account.

    Attributes:
        pays_by_api: whether AliExpress has allowed it to pay through the API.
        rejection: order error that every order of this account meets, such as
            BLACKLIST_BUYER_IN_LIST; empty for an account in good standing.
    """

    name: str
    pays_by_api: bool = False
    rejection: str = ""


@dataclass
class Grant:
    """What a buyer has granted an app: the tokens in force and until when."""

    app: App
    buyer: Buyer
    access_token: str
    refresh_token: str
    access_until: datetime
    refresh_until: datetime
    revoked: bool = False


@dataclass
class Tokens:
    """Gives out tokens and knows whose they are.

    A code is good for one exchange. The refresh token of an app in Test is never extended: after
    two days somebody must authorise again.
    """

    seed: str
    clock: Callable[[], datetime]
    apps: dict[str, App] = field(default_factory=dict)
    buyers: dict[str, Buyer] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    _codes: dict[str, tuple[App, Buyer, str, str]] = field(default_factory=dict)
    _issued: int = 0

    def authorise(
        self, app: App, buyer: Buyer, code: str = "", access: str = "", refresh: str = ""
    ) -> str:
        """What happens when a buyer agrees in the browser: a code for one exchange."""
        self._issued += 1
        code = code or f"3_{app.key}_{digest(self.seed, 'code', self._issued)[:20]}"
        self._codes[code] = app, buyer, access, refresh
        return code

    def exchange(self, app: App, code: str) -> Grant:
        """Tokens for a code.

        Raises:
            Refused: the code is unknown, used, or another app's.
        """
        known = self._codes.pop(code, None)
        if known is None or known[0] is not app:
            raise Refused("InvalidCode", "Invalid authorization code")
        return self.grant(*known)

    def grant(self, app: App, buyer: Buyer, access: str = "", refresh: str = "") -> Grant:
        """New tokens for a buyer, with the lifetimes of the app's status."""
        short, long = LIFETIMES[app.status]
        now = self.clock()
        made = Grant(
            app, buyer,
            access or self._token("50000"), refresh or self._token("50001"),
            now + short, now + long,
        )  # fmt: skip
        self.grants = [g for g in self.grants if g.access_token != made.access_token] + [made]
        return made

    def refresh(self, app: App, token: str) -> Grant:
        """A new access token; the old one is void.

        Raises:
            Refused: the refresh token is unknown, revoked, or has expired.
        """
        found = next((g for g in self.grants if g.refresh_token == token and g.app is app), None)
        now = self.clock()
        if found is None or found.revoked or found.refresh_until <= now:
            raise Refused(
                "IllegalRefreshToken", "The specified refresh token is invalid or expired"
            )
        short, long = LIFETIMES[app.status]
        found.access_token = self._token("50000")
        found.access_until = min(now + short, found.refresh_until)
        if app.status != "Test":
            found.refresh_until = now + long
        return found

    def holder(self, app: App, token: str) -> Grant:
        """Whose access token it is.

        Raises:
            Refused: nobody's, another app's, revoked, or expired.
        """
        found = next((g for g in self.grants if g.access_token == token and g.app is app), None)
        if found is None or found.revoked or found.access_until <= self.clock():
            raise Refused("IllegalAccessToken", "The specified access token is invalid or expired")
        return found

    def expire(self, buyer: str) -> None:
        """Let the access tokens of a buyer expire now; they can be refreshed."""
        for grant in self.grants:
            if grant.buyer.name == buyer:
                grant.access_until = self.clock()

    def revoke(self, buyer: str) -> None:
        """The buyer withdraws what was granted; only a new authorisation helps."""
        for grant in self.grants:
            if grant.buyer.name == buyer:
                grant.revoked = True

    def is_open(self, code: str) -> bool:
        """Whether a code was not exchanged yet."""
        return code in self._codes

    def document(self, grant: Grant) -> dict[str, Any]:
        """The answer to an exchange or a refresh."""
        now, user = self.clock(), str(between(10**9, 10**10 - 1, self.seed, grant.buyer.name))
        return {
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token,
            "expires_in": int((grant.access_until - now).total_seconds()),
            "refresh_expires_in": int((grant.refresh_until - now).total_seconds()),
            "expire_time": int(grant.access_until.timestamp() * 1000),
            "refresh_token_valid_time": int(grant.refresh_until.timestamp() * 1000),
            "user_id": user,
            "seller_id": user,
            "account": f"{grant.buyer.name}@buyer.example",
            "user_nick": grant.buyer.name,
            "account_platform": "buyerApp",
            "havana_id": user,
            "sp": "ae",
            "locale": "zh_CN",
            "code": "0",
        }

    def _token(self, prefix: str) -> str:
        self._issued += 1
        return prefix + digest(self.seed, "token", self._issued)[:40]
