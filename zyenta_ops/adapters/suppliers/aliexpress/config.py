"""How AliExpress is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.adapters.suppliers.aliexpress.signing import SignMethod
from zyenta_ops.adapters.suppliers.configuration import BaseUrl, read_config
from zyenta_ops.ports.gateway import Allowance, Secrets


class AliExpressConfig(BaseModel):
    """Settings of an AliExpress supplier.

    AliExpress publishes no limits; the app console shows those of an app. The defaults are
    cautious.

    Attributes:
        base_url: of the API.
        sign_method: of business calls; tokens are always asked for with sha256.
        language: of titles, attributes and tracking, such as en_US or de_DE.
        requests_per_second: of one app, whatever it asks.
        orders_per_second: orders placed by one app.
        requests_per_day: of one app; None = no quota.
        try_to_pay: let AliExpress charge the PayPal account bound to the buyer as soon as an order
            is placed. Works only once AliExpress has put the app on its list, in USD. Otherwise
            the merchant pays on the site.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl = "https://api-sg.aliexpress.com"
    sign_method: SignMethod = SignMethod.SHA256
    language: str = Field(default="en_US", pattern=r"^[a-z]{2}_[A-Z]{2}$")
    requests_per_second: int = Field(default=5, gt=0, le=500)
    orders_per_second: int = Field(default=1, gt=0, le=500)
    requests_per_day: int | None = Field(default=5_000, gt=0)
    try_to_pay: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> AliExpressConfig:
        """Read settings as stored (JSON).

        Raises:
            Refused: a setting is unknown or has no such value; the text names the first.
        """
        return read_config(cls, settings, "AliExpress")

    def reading(self, secrets: Secrets) -> Allowance:
        """What every request of an app counts against: the app is what AliExpress limits."""
        return Allowance(
            f"aliexpress:app:{fingerprint(secrets['app_key'])}",
            _interval(self.requests_per_second),
            per_day=self.requests_per_day,
        )

    def ordering(self, reading: Allowance) -> tuple[Allowance, ...]:
        """What placing an order counts against, beside what every request does."""
        return reading, Allowance(f"{reading.key}:order", _interval(self.orders_per_second))


def _interval(per_second: int) -> float:
    # Rounded up to a whole microsecond, so that the rate is never exceeded.
    return -(-1_000_000 // per_second) / 1_000_000
