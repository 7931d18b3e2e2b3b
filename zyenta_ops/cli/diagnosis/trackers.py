"""Whether those who follow parcels accept our keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from zyenta_ops.cli.diagnosis.findings import Finding, Health
from zyenta_ops.domain.supplier_errors import SupplierError
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.ports.gateway import Allowance


class _NoLimits:
    """One request needs no limiter, and leaves no trace of having been made."""

    def acquire(self, allowances: Sequence[Allowance], *, urgent: bool = False) -> None:
        """Let it through."""

    def penalize(self, key: str, seconds: float) -> None:
        """Nobody else is to wait."""

    def left_today(self, allowance: Allowance) -> int | None:
        """Not counted."""

    def paused_until(self, allowances: Sequence[Allowance]) -> datetime | None:
        """Never paused."""

    def lift(self, allowances: Sequence[Allowance]) -> None:
        """Nothing to forget."""


def trackers(settings: Settings) -> Iterator[Finding]:
    """What each says of our account."""
    from zyenta_ops.bootstrap.carriers import tracking_providers

    providers = tracking_providers(settings, _NoLimits())
    if not providers:
        yield Finding("trackers", Health.GOOD, "none is set, so parcels are as suppliers say")
    for provider in providers:
        try:
            says = provider.check()
        except SupplierError as error:
            advice = f"check its key and address, ZYENTA_{provider.name.upper()}_KEY and _URL"
            yield Finding("trackers", Health.BAD, f"{provider.name}: {error}", advice)
        else:
            yield Finding("trackers", Health.GOOD, f"{provider.name}: {says}")
        finally:
            provider.close()
