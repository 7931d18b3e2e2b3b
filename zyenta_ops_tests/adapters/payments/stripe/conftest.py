"""The provider against the sandbox, by real HTTP and through Stripe's own library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from zyenta_ops.adapters.payments.stripe import StripeProvider
from zyenta_ops.domain.payments import FactKind, PaymentFact, Subject
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.stripe.gateway import DEMO_KEY
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.conftest import CountingIds

Connect = Callable[..., StripeProvider]


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    with SandboxWorld(seed=7, products=1).serving() as served:
        yield served


@pytest.fixture
def connect(world: SandboxWorld, new_id: CountingIds, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Makes providers; the library waits for nothing between its retries."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)

    def provider(key: str = DEMO_KEY, **options: Any) -> StripeProvider:
        return StripeProvider(key, world.clock, new_id, world.urls["stripe"], **options)

    return provider


@pytest.fixture
def provider(connect: Connect) -> StripeProvider:
    return connect()


def fault(world: SandboxWorld, kind: str, **how: Any) -> None:
    """Let something befall calls to Stripe; all of them unless said otherwise."""
    world.script.add(Rule(kind, vendor="stripe", **how))


def by_kind(
    provider: StripeProvider, subject: Subject, object_id: str, account: str = ""
) -> dict[FactKind, PaymentFact]:
    """The facts of an object by their kinds, each of which there is one."""
    facts = provider.facts(account, subject, object_id)
    found = {each.kind: each for each in facts}
    assert len(found) == len(facts)
    return found
