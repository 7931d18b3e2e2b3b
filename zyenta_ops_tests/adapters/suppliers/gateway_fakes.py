"""What every gateway leans on, in memory: an account, a limiter that counts, quick patience."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.calls import CallPolicy
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.domain.supplier_errors import RateLimited
from zyenta_ops.ports.gateway import Allowance, RateLimiter, Secrets, Tokens
from zyenta_ops_tests.adapters.web_server import LOOPBACK
from zyenta_ops_tests.conftest import FixedClock

LOCAL = HttpPolicy(allow_private=(LOOPBACK,), connect_seconds=5, read_seconds=5)
IMPATIENT = replace(LOCAL, read_seconds=0.1)  # for servers that hang on purpose
QUICK = CallPolicy(first_wait_seconds=0.001)


@dataclass
class FakeLogin:
    """An account whose tokens one process holds; satisfies `ports.gateway.Login`."""

    secrets: dict[str, str]
    account_id: str = "account-1"
    renewals: int = 0  # times that the supplier was asked
    renewed: Tokens | None = None
    looked_up: int = 0

    def tokens(self) -> Tokens:
        self.looked_up += 1
        return self.renewed or Tokens(dict(self.secrets))

    def renew(self, used: Secrets, ask: Callable[[Secrets], Tokens]) -> Tokens:
        tokens = self.tokens()
        if dict(tokens.secrets) != dict(used):
            return tokens
        self.renewals += 1
        self.renewed = ask(tokens.secrets)
        return self.renewed


@dataclass
class FreeLimiter:
    """Lets everything through and remembers it; satisfies `ports.gateway.RateLimiter`."""

    acquired: list[tuple[str, ...]] = field(default_factory=list)  # keys of each request
    urgent: list[tuple[str, ...]] = field(default_factory=list)  # those that were urgent
    penalties: list[tuple[str, float]] = field(default_factory=list)
    refuses: RateLimited | None = None

    def acquire(self, allowances: Sequence[Allowance], *, urgent: bool = False) -> None:
        if self.refuses is not None:
            raise self.refuses
        keys = tuple(each.key for each in allowances)
        self.acquired.append(keys)
        if urgent:
            self.urgent.append(keys)

    def penalize(self, key: str, seconds: float) -> None:
        self.penalties.append((key, seconds))

    def left_today(self, allowance: Allowance) -> int | None:
        return allowance.per_day

    def paused_until(self, allowances: Sequence[Allowance]) -> datetime | None:
        return None

    def lift(self, allowances: Sequence[Allowance]) -> None:
        pass


def connections(
    limiter: RateLimiter | None = None,
    clock: Callable[[], datetime] | None = None,
    http: HttpPolicy = LOCAL,
    policy: CallPolicy = QUICK,
    workers: int = 4,
) -> Connections:
    """To servers on this machine; without a limiter, without limits."""
    return Connections(limiter or FreeLimiter(), clock or FixedClock(), http, policy, workers)
