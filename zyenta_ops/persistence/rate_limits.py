"""Keeping all processes together within what suppliers allow: one row per allowance.

The generic cell rate algorithm: a row holds the theoretical arrival time of the next request. Who
asks takes the next free moment and moves the row by one interval in the same transaction, then
waits for that moment outside of it. So processes need no queue and no leader, and one that dies
costs a single slot.

Orders take a slot however far ahead; who only reads takes none that lies further ahead than
`_HORIZON`, or while an order waits, and looks again. So an order is never behind more than a few
readers, however many of them there are.

ITU-T I.371 defines the algorithm; times are whole microseconds.
"""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, case, func, select, update

from zyenta_ops.domain.supplier_errors import RateLimited, RateScope
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import rate_limit
from zyenta_ops.ports.gateway import Allowance

_SECOND: Final = 1_000_000
# How far ahead a reader may take a slot: enough to keep the supplier busy while answers travel.
_HORIZON: Final = _SECOND // 4
# Of a day's quota so many percent, at least one request, are kept for orders.
_KEPT_FOR_ORDERS_PERCENT: Final = 5
# The wait that a call may take here; longer ones are left to the next tick.
PATIENCE_SECONDS: Final = 30.0


@dataclass(frozen=True)
class _Slot:
    """What a look at the rows came to: a moment that was taken, or one to look again at."""

    at: int
    taken: bool


class RateLimits:
    """Satisfies `zyenta_ops.ports.gateway.RateLimiter`.

    Args:
        database: shared by everybody who asks the same suppliers.
        clock: of this machine. With PostgreSQL the server's clock is used instead, since the
            processes may run on machines that disagree.
        sleep: waits so many seconds.
        patience_seconds: longest wait for a slot.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sleep = sleep
        self._patience = int(patience_seconds * _SECOND)

    def acquire(self, allowances: Sequence[Allowance], *, urgent: bool = False) -> None:
        """Take the next slot that all allowances grant, and wait for it."""
        waited = 0
        while True:
            with self._database.write() as records:
                now = self._now(records.connection)
                slot = self._take(records.connection, allowances, now, waited, urgent=urgent)
            wait = max(slot.at - now, 0)
            self._sleep(wait / _SECOND)
            waited += wait
            if slot.taken:
                return

    def penalize(self, key: str, seconds: float) -> None:
        """Let nobody ask under a key for so long; a longer penalty stays."""
        with self._database.write() as records:
            until = self._now(records.connection) + int(seconds * _SECOND)
            self._ensure(records.connection, [key])
            longer = case(
                (rate_limit.c.blocked_until > until, rate_limit.c.blocked_until), else_=until
            )
            records.connection.execute(
                update(rate_limit).where(rate_limit.c.key == key).values(blocked_until=longer)
            )

    def left_today(self, allowance: Allowance) -> int | None:
        """What readers may still ask today; None = there is no quota.

        Nothing, while the supplier is left alone for longer than a call would wait.
        """
        with self._database.read() as records:
            now = self._now(records.connection)
            row = records.connection.execute(
                select(rate_limit).where(rate_limit.c.key == allowance.key)
            ).one_or_none()
        if row is not None and row.blocked_until - now > self._patience:
            return 0
        if allowance.per_day is None:
            return None
        used = row.used if row is not None and row.day == _day(now) else 0
        return max(0, _quota(allowance, urgent=False) - used)

    def paused_until(self, allowances: Sequence[Allowance]) -> datetime | None:
        """The latest end of the penalties that are longer than a call would wait."""
        with self._database.read() as records:
            now = self._now(records.connection)
            until = records.connection.execute(
                select(func.max(rate_limit.c.blocked_until)).where(
                    rate_limit.c.key.in_([each.key for each in allowances])
                )
            ).scalar_one()
        return _moment(until) if until is not None and until - now > self._patience else None

    def lift(self, allowances: Sequence[Allowance]) -> None:
        """End penalties."""
        with self._database.write() as records:
            records.connection.execute(
                update(rate_limit)
                .where(rate_limit.c.key.in_([each.key for each in allowances]))
                .values(blocked_until=0)
            )

    def _take(
        self,
        connection: Connection,
        allowances: Sequence[Allowance],
        now: int,
        waited: int,
        *,
        urgent: bool,
    ) -> _Slot:
        rows = self._locked(connection, [each.key for each in allowances])
        for each in allowances:
            _refuse_if_used_up(each, rows[each.key], now, urgent=urgent)
        start = max(_earliest(each, rows[each.key], now) for each in allowances)
        if start - now + waited > self._patience:
            raise RateLimited(
                f"the supplier may be asked again only in {(start - now) // _SECOND + 1} seconds",
                retry_after=(start - now) / _SECOND,
            )
        if not urgent:
            ahead = max(_HORIZON, *(int(each.seconds * _SECOND) for each in allowances))
            order_waits = max(rows[each.key].urgent_until for each in allowances)
            if start - now > ahead or order_waits > now:
                return _Slot(max(start - ahead, order_waits, now + _SECOND // 100), taken=False)
        day = _day(now)
        for each in allowances:
            row = rows[each.key]
            values = {
                "next_at": max(row.next_at, start) + int(each.seconds * _SECOND),
                "day": day,
                "used": (row.used if row.day == day else 0) + 1,
            }
            if urgent:
                values["urgent_until"] = max(row.urgent_until, start)
            connection.execute(
                update(rate_limit).where(rate_limit.c.key == each.key).values(values)
            )
        return _Slot(start, taken=True)

    def _locked(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Row[Any]]:
        """The rows, made when there are none, in an order that everybody locks them in."""
        query = (
            select(rate_limit)
            .where(rate_limit.c.key.in_(keys))
            .order_by(rate_limit.c.key)
            .with_for_update()
        )
        found = {row.key: row for row in connection.execute(query)}
        if len(found) < len(set(keys)):
            self._ensure(connection, keys)
            found = {row.key: row for row in connection.execute(query)}
        return found

    def _ensure(self, connection: Connection, keys: Sequence[str]) -> None:
        connection.execute(
            upsert(connection.dialect, rate_limit).on_conflict_do_nothing(
                index_elements=[rate_limit.c.key]
            ),
            [{"key": key} for key in sorted(set(keys))],
        )

    def _now(self, connection: Connection) -> int:
        if connection.dialect.name == "postgresql":
            moment = connection.execute(select(func.clock_timestamp())).scalar_one()
        else:
            moment = self._clock()
        return calendar.timegm(moment.utctimetuple()) * _SECOND + int(moment.microsecond)


def _earliest(allowance: Allowance, row: Row[Any], now: int) -> int:
    burst = int((allowance.burst - 1) * allowance.seconds * _SECOND)
    return max(now, int(row.next_at) - burst, int(row.blocked_until))


def _quota(allowance: Allowance, *, urgent: bool) -> int:
    whole = allowance.per_day or 0
    return whole if urgent else whole - max(1, whole * _KEPT_FOR_ORDERS_PERCENT // 100)


def _refuse_if_used_up(allowance: Allowance, row: Row[Any], now: int, *, urgent: bool) -> None:
    used = row.used if row.day == _day(now) else 0
    if allowance.per_day is None or used < _quota(allowance, urgent=urgent):
        return
    midnight = _moment(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    raise RateLimited(
        f"today's quota is used up ({used} of {allowance.per_day} requests"
        f"{'' if urgent else ', the others are kept for orders'})",
        retry_after=(midnight - _moment(now)).total_seconds(),
        scope=RateScope.DAY,
    )


def _moment(now: int) -> datetime:
    return datetime.fromtimestamp(now // _SECOND, UTC)


def _day(now: int) -> str:
    return _moment(now).date().isoformat()
