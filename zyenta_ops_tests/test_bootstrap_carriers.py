"""Who is asked where parcels are, by the settings."""

from __future__ import annotations

import pytest

from zyenta_ops.bootstrap.carriers import tracking_providers
from zyenta_ops.domain.errors import Refused
from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import FreeLimiter

KEYS = {"seventeentrack_key": "k17", "aftership_key": "asat_1", "ship24_key": "apik_1"}


def names(settings: Settings) -> list[str]:
    return [each.name for each in tracking_providers(settings, FreeLimiter())]


def test_those_with_a_key_are_asked_in_one_order() -> None:
    assert names(Settings(**KEYS)) == ["17track", "ship24", "aftership"]  # type: ignore[arg-type]
    assert names(Settings(aftership_key="asat_1")) == ["aftership"]
    assert names(Settings()) == []


def test_a_key_never_crosses_a_network_in_the_clear() -> None:
    with pytest.raises(Refused, match="over plain http"):
        names(Settings(ship24_key="apik_1", ship24_url="http://api.ship24.com/public/v1"))

    sandbox = Settings(
        ship24_key="apik_1",
        ship24_url="http://sandbox.internal:8900/ship24/public/v1",
        sandbox_url="http://sandbox.internal:8900",
    )
    assert names(sandbox) == ["ship24"]
