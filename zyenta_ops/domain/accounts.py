"""Our accounts at suppliers with an API: whose they are, whether they work, how long they will.

The secrets are not here; they are sealed in the database and opened only to be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# Before the refresh token ends a person has to log in by hand: long enough to plan for it. Test
# apps of AliExpress get two days in all, so the warning comes at a third of the time left at most.
WARN_BEFORE: Final = timedelta(days=7)
# Renewed in time for runs that begin with a token to end with it.
RENEW_BEFORE: Final = timedelta(hours=1)
# A refusal that is over sooner is nothing that anybody has to know of.
LONG_BLOCK: Final = timedelta(minutes=5)
# The same of a supplier that asks for patience: a run or two pass over it.
LONG_PAUSE: Final = timedelta(minutes=15)
_PAUSE_REASON: Final = "the supplier asked to be left alone"


class AccountStatus(StrEnum):
    """Whether an account can be used."""

    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"  # the supplier no longer accepts it; it has to be connected again
    DISCONNECTED = "DISCONNECTED"  # a person took it away; its secrets are gone


@dataclass(frozen=True, slots=True)
class SupplierAccount:
    """An account at a supplier.

    Attributes:
        owner_id: the account of ours (`zyenta_ops.domain.stores.Account`) whose orders it places;
            None = the platform's own, which only reads.
        label: how the supplier names it.
        access_expires_at: when the access token ends; None = never.
        refresh_expires_at: when it can no longer be renewed; None = never.
        connected_at: when a person last connected it.
        blocked_until: nothing is asked before. Once it has passed the account is asked again; it
            stays set until an answer shows that the account works, which closes the circuit.
        paused_until: the supplier wants to be left alone until then; the account is as good as
            ever. It stays set until the supplier answers again.
    """

    id: str
    supplier_key: str
    owner_id: str | None
    label: str
    status: AccountStatus
    connected_at: datetime
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    blocked_until: datetime | None = None
    blocked_reason: str | None = None
    paused_until: datetime | None = None

    @property
    def rests_until(self) -> datetime | None:
        """The end of its block or of its pause; None = neither is known."""
        return self.blocked_until or self.paused_until

    @property
    def rest_reason(self) -> str | None:
        """Why it rests, for people."""
        return self.blocked_reason or (_PAUSE_REASON if self.paused_until else None)

    def is_healthy(self, now: datetime) -> bool:
        """Whether it can be asked anything."""
        return (
            self.status is AccountStatus.ACTIVE
            and not self.is_blocked(now)
            and not self.has_ended(now)
        )

    def may_place(self, now: datetime) -> bool:
        """Whether orders may be placed with it. The platform's own account only reads."""
        return self.owner_id is not None and self.is_healthy(now)

    def may_follow(self, now: datetime) -> bool:
        """Whether orders that were placed with it may be looked at and tracked.

        Also while it is blocked: what refuses one request, such as the permission to order, need
        not refuse another, and an order that is on its way has to be followed.
        """
        return self.status is AccountStatus.ACTIVE and not self.has_ended(now)

    def is_blocked(self, now: datetime) -> bool:
        """Whether its circuit is open."""
        return self.blocked_until is not None and self.blocked_until > now

    def has_ended(self, now: datetime) -> bool:
        """Whether its tokens can no longer be renewed."""
        return self.refresh_expires_at is not None and self.refresh_expires_at <= now

    def wants_renewal(self, now: datetime) -> bool:
        """Whether the access token ends soon, and renewing it gains time."""
        ends, ceiling = self.access_expires_at, self.refresh_expires_at
        if ends is None or not self.is_healthy(now):
            return False
        return ends - now <= RENEW_BEFORE and (ceiling is None or ceiling > ends)

    def wants_check(self, now: datetime) -> bool:
        """Whether it was blocked long enough to see if it works again."""
        return (
            self.status is AccountStatus.ACTIVE
            and self.blocked_until is not None
            and not self.is_blocked(now)
        )

    def is_expiring(self, now: datetime) -> bool:
        """Whether a person should connect it again before it ends."""
        if self.status is not AccountStatus.ACTIVE or self.refresh_expires_at is None:
            return False
        whole = self.refresh_expires_at - self.connected_at
        return self.refresh_expires_at - now <= min(WARN_BEFORE, whole / 3)


def readers(accounts: tuple[SupplierAccount, ...], now: datetime) -> tuple[SupplierAccount, ...]:
    """The accounts that may read the catalogue, the best first.

    The platform's own before those of merchants, then the longest-lived. One is used until it
    fails: using several to read more than one may would evade the supplier's limits.
    """
    healthy = [each for each in accounts if each.is_healthy(now)]
    return tuple(
        sorted(
            healthy,
            key=lambda each: (
                each.owner_id is not None,
                -(each.refresh_expires_at.timestamp() if each.refresh_expires_at else 2**40),
                each.id,
            ),
        )
    )
