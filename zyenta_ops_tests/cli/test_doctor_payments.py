"""`zyenta-ops doctor` tries the key of the payment provider."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import stripe

from zyenta_ops.cli.diagnosis.processes import payments
from zyenta_ops.sandbox.stripe.gateway import DEMO_KEY, PLATFORM
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops.settings import Settings


def finding(settings: Settings) -> tuple[str, str, str | None]:
    (found,) = payments(settings)
    return found.health, found.says, found.advice


def test_a_stripe_key_is_tried_and_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    assert finding(settings) == (
        "GOOD",
        "no Stripe key is set, so none are taken note of",
        None,
    )
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    with SandboxWorld(products=1).serving() as world:
        working = replace(settings, stripe_key=DEMO_KEY, stripe_url=world.urls["stripe"])
        assert finding(working) == (
            "GOOD",
            f"the key opens {PLATFORM} at Stripe, for test payments",
            None,
        )
        wrong = replace(working, stripe_key="sk_live_wrong_key")
        health, said, advice = finding(wrong)
    assert (health, advice) == ("BAD", "check ZYENTA_STRIPE_KEY and ZYENTA_STRIPE_URL")
    assert "wrong_key" not in said
    assert finding(working)[0] == "BAD"  # nobody answers there any more
