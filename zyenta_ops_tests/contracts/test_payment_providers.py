"""The one suite of promises, on every payment provider there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import stripe

from zyenta_ops.adapters.payments.stripe import StripeProvider
from zyenta_ops.domain.payment_errors import PaymentOutcomeUnknown, PaymentUnavailable
from zyenta_ops.domain.payments import FactKind, FactState
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.stripe.gateway import DEMO_KEY, PLATFORM
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.contracts.payment_provider import PRICE, PaymentProviderContract, Rig
from zyenta_ops_tests.operations.payments.world import FakeProvider


@dataclass
class FakeRig:
    """The provider in memory."""

    clock: FixedClock = field(default_factory=FixedClock)

    def __post_init__(self) -> None:
        self.provider = FakeProvider(self.clock)
        self.now = self.clock
        self.advance = self.clock.advance

    def pay(self, order: str, account: str = "") -> str:
        name = f"pi_{order}"
        self.provider.put(
            FactKind.INTENT, name, FactState.SUCCEEDED, PRICE.minor, account=account, order=order
        )
        return name

    def dispute(self, intent_id: str) -> str:
        self.provider.put(FactKind.DISPUTE, "dp_1", FactState.OPEN, PRICE.minor, intent=intent_id)
        return "dp_1"

    def win(self, dispute_id: str) -> None:
        intent = self.provider.objects[dispute_id].intent_id
        self.provider.put(FactKind.DISPUTE, dispute_id, FactState.WON, PRICE.minor, intent=intent)

    def connect(self) -> str:
        self.provider.accounts["acct_1"] = True
        return "acct_1"

    def withdraw(self, account: str) -> None:
        del self.provider.accounts[account]

    def break_reads(self) -> None:
        self.provider.fault = PaymentUnavailable("no answer")

    def lose_the_next_answer_to_a_refund(self) -> None:
        self.provider.refund_faults.append((PaymentOutcomeUnknown("no answer"), True))


@dataclass
class SandboxRig:
    """Stripe, by real HTTP, at the sandbox."""

    world: SandboxWorld

    def __post_init__(self) -> None:
        url = self.world.urls["stripe"]
        self.provider = StripeProvider(DEMO_KEY, self.world.clock, CountingIds(), url)
        self.now = self.world.clock

    def advance(self, **delta: float) -> None:
        self.world.advance(**delta)

    def pay(self, order: str, account: str = "") -> str:
        paid = self.world.payers.pay_order(
            order, "my-shop", PRICE.minor, "eur", account=account or PLATFORM
        )
        return str(paid["id"])

    def dispute(self, intent_id: str) -> str:
        return str(self.world.payers.dispute(intent_id)["id"])

    def win(self, dispute_id: str) -> None:
        self.world.payers.close_dispute(dispute_id, "won")

    def connect(self) -> str:
        return str(self.world.payers.connect()["id"])

    def withdraw(self, account: str) -> None:
        self.world.payers.withdraw(account)

    def break_reads(self) -> None:
        self.world.script.add(Rule("reset_before", vendor="stripe", method="GET"))

    def lose_the_next_answer_to_a_refund(self) -> None:
        self.world.script.add(
            Rule("truncated", vendor="stripe", operation="/v1/refunds", method="POST", times=1)
        )


class TestEveryPaymentProvider(PaymentProviderContract):
    @pytest.fixture(params=["fake", "stripe"])
    def rig(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
        if request.param == "fake":
            yield FakeRig()
            return
        monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
        monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
        with SandboxWorld(products=1).serving() as world:
            yield SandboxRig(world)
