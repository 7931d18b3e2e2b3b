"""How CJ Dropshipping is reached, and what it lets an account ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.adapters.suppliers.configuration import BaseUrl, read_config
from zyenta_ops.ports.gateway import Allowance, Secrets

# Requests per second by the level of the CJ account: Free (0, 1), Plus, Prime, Advanced (4, 5).
_PER_SECOND: Final = {0: 1, 1: 1, 2: 2, 3: 4, 4: 6, 5: 6}

NETWORK: Final = Allowance("cj:ip", 0.1)  # 10 requests per second from one network address
_LOGIN_SECONDS: Final = 300.0  # one page says one log-in in five minutes, another one a second
_REFRESH_SECONDS: Final = 12.0  # five a minute


def _split(value: Any) -> Any:
    return [each.strip() for each in value.split(",")] if isinstance(value, str) else value


CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class CjConfig(BaseModel):
    """Settings of a CJ supplier.

    Attributes:
        base_url: of the API, with its version.
        level: of the account at CJ, 0 to 5; it decides the requests per second.
        calls_per_day: of one interface; 1,000 for accounts that CJ has not verified, None for
            the others.
        from_country: warehouses to buy from, the favourite first, as ISO 3166 codes: a list, or
            text with commas. A variant is offered from the first that has it in stock.
        platform: the shop platform named in orders, such as shopify. Published as optional; one
            public project found that newer orders are refused without it (code 5027).
        sandbox: whether orders are CJ's test orders, which cost nothing and send nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl = "https://developers.cjdropshipping.com/api2.0/v1"
    level: int = Field(default=0, ge=0, le=5)
    calls_per_day: int | None = Field(default=1_000, gt=0)
    from_country: Annotated[tuple[CountryCode, ...], BeforeValidator(_split)] = Field(
        default=("CN",), min_length=1
    )
    platform: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,20}$")
    sandbox: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> CjConfig:
        """Read settings as stored (JSON).

        Raises:
            Refused: a setting is unknown or has no such value; the text names the first.
        """
        return read_config(cls, settings, "CJ")

    def allowances(self, user: str, interface: str) -> tuple[Allowance, Allowance, Allowance]:
        """What a request of a CJ user, see `user_of`, to an interface counts against."""
        # Rounded up to a whole microsecond, so that the published rate is never exceeded.
        seconds = -(-1_000_000 // _PER_SECOND[self.level]) / 1_000_000
        account = f"cj:user:{user}"
        return (
            Allowance(account, seconds),
            NETWORK,
            Allowance(f"{account}:{interface}", seconds, per_day=self.calls_per_day),
        )


def user_number(secrets: Secrets) -> str:
    """The number of a CJ user, which begins its API keys; empty when the key is built unlike it."""
    number, _, rest = secrets.get("api_key", "").partition("@api@")
    return number if rest else ""


def user_of(secrets: Secrets) -> str:
    """Names the CJ user whom the limits are about, whichever of its API keys is used."""
    return fingerprint(user_number(secrets) or secrets.get("api_key", ""))


def log_in_allowances(user: str) -> tuple[Allowance, ...]:
    """What asking for tokens with an API key counts against."""
    return (Allowance(f"cj:login:{user}", _LOGIN_SECONDS), NETWORK)


def refresh_allowances(user: str) -> tuple[Allowance, ...]:
    """What renewing tokens counts against."""
    return (Allowance(f"cj:refresh:{user}", _REFRESH_SECONDS), NETWORK)
