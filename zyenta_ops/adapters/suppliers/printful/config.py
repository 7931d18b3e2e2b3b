"""How Printful is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.adapters.suppliers.configuration import BaseUrl, HeaderName, read_config
from zyenta_ops.ports.gateway import Allowance, Secrets


class PrintfulConfig(BaseModel):
    """Settings of a Printful supplier.

    Attributes:
        base_url: of the API, without a version.
        store_id: the store at Printful; needed where a token serves several.
        requests_per_minute: of one token; 120 are published.
        webhook_header: the HTTP header in which webhooks bring the account's `webhook_secret`.
            Printful signs nothing in v1 and sets no header of its own, so a proxy in front of
            our edge has to set it; empty = webhooks are not believed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl = "https://api.printful.com"
    store_id: int | None = Field(default=None, gt=0)
    requests_per_minute: int = Field(default=120, gt=0, le=6_000)
    webhook_header: HeaderName = ""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> PrintfulConfig:
        """Read settings as stored (JSON).

        Raises:
            Refused: a setting is unknown or has no such value; the text names the first.
        """
        return read_config(cls, settings, "Printful")

    def allowance(self, secrets: Secrets) -> Allowance:
        """What every request with a token counts against.

        No burst: Printful counts over a window, and a burst on top of the steady rate would
        overstep it.
        """
        # Rounded up to a whole microsecond, so that the published rate is never exceeded.
        microseconds = -(-60_000_000 // self.requests_per_minute)
        return Allowance(
            f"printful:token:{fingerprint(secrets['token'])}", microseconds / 1_000_000
        )
