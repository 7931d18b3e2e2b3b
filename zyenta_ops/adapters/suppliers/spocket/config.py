"""How a partner's gateway to Spocket is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.adapters.suppliers.configuration import OptionalBaseUrl, read_config
from zyenta_ops.ports.gateway import Allowance, Secrets


class SpocketConfig(BaseModel):
    """Settings of a Spocket supplier; without `base_url` it is disabled.

    Attributes:
        base_url: of the partner's gateway.
        requests_per_minute: that the partner allows an account.
        requests_per_day: that the partner allows an account; None = no quota.
        batch: products asked for in one request.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: OptionalBaseUrl = ""
    requests_per_minute: int = Field(default=120, gt=0, le=6_000)
    requests_per_day: int | None = Field(default=None, gt=0)
    batch: int = Field(default=50, gt=0, le=500)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> SpocketConfig:
        """Read settings as stored (JSON).

        Raises:
            Refused: a setting is unknown or has no such value; the text names the first.
        """
        return read_config(cls, settings, "Spocket")

    def allowance(self, secrets: Secrets) -> Allowance:
        """What every request with a token counts against."""
        microseconds = -(-60_000_000 // self.requests_per_minute)
        return Allowance(
            f"spocket:token:{fingerprint(secrets['token'])}",
            microseconds / 1_000_000,
            per_day=self.requests_per_day,
        )
