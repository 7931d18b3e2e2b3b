"""What every gateway and connector is given besides its settings and its account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from zyenta_ops.adapters.http import HttpPolicy, build_client
from zyenta_ops.adapters.suppliers.calls import CallPolicy, Calls
from zyenta_ops.adapters.suppliers.logins import not_renewed
from zyenta_ops.ports.gateway import Login, RateLimiter, Secrets, Tokens


@dataclass(frozen=True)
class Connections:
    """How suppliers are reached, whoever asks them.

    Attributes:
        limiter: shared by all processes.
        clock: for signatures that hold the time, and tokens that last from now on.
        http: how addresses are reached.
        policy: how patient calls are.
        workers: requests for products that run at once.
    """

    limiter: RateLimiter
    clock: Callable[[], datetime]
    http: HttpPolicy
    policy: CallPolicy = field(default_factory=CallPolicy)
    workers: int = 4

    def calls(self, login: Login, ask_tokens: Callable[[Secrets], Tokens] = not_renewed) -> Calls:
        """Calls with one account; `ask_tokens` is for suppliers whose tokens can be renewed."""
        return Calls(lambda: build_client(self.http), self.limiter, login, ask_tokens, self.policy)
