"""Exchange rates by pair and moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, func, or_, select

from zyenta_ops.domain.fx import FxRate
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import fx_rate


class RateRecords:
    """Satisfies `zyenta_ops.ports.pricing.RateRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def newest(self, now: datetime, currencies: Collection[str] | None = None) -> Sequence[FxRate]:
        """The newest rate of every pair that is not dated after `now`."""
        grouped = (
            select(fx_rate.c.base, fx_rate.c.quote, func.max(fx_rate.c.as_of).label("as_of"))
            .where(fx_rate.c.as_of <= now)
            .group_by(fx_rate.c.base, fx_rate.c.quote)
        )
        if currencies is not None:
            grouped = grouped.where(fx_rate.c.base.in_(currencies), fx_rate.c.quote.in_(currencies))
        latest = grouped.subquery()
        rows = self.connection.execute(
            select(fx_rate)
            .join(
                latest,
                and_(
                    fx_rate.c.base == latest.c.base,
                    fx_rate.c.quote == latest.c.quote,
                    fx_rate.c.as_of == latest.c.as_of,
                ),
            )
            .order_by(fx_rate.c.base, fx_rate.c.quote)
        )
        return [
            FxRate(row.base, row.quote, Decimal(row.rate), row.as_of, row.source) for row in rows
        ]

    def put(self, rates: Sequence[FxRate]) -> int:
        """Upsert rates; only rows that differ are written, and counted."""
        if not rates:
            return 0
        statement = upsert(self.connection.dialect, fx_rate)
        new = statement.excluded
        written = self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[fx_rate.c.base, fx_rate.c.quote, fx_rate.c.as_of],
                set_={"rate": new.rate, "source": new.source},
                where=or_(fx_rate.c.rate != new.rate, fx_rate.c.source != new.source),
            ).returning(fx_rate.c.base),
            [
                {
                    "base": rate.base,
                    "quote": rate.quote,
                    "as_of": rate.as_of,
                    "rate": format(rate.rate.normalize(), "f"),
                    "source": rate.source,
                }
                for rate in sorted(rates, key=lambda rate: (rate.base, rate.quote, rate.as_of))
            ],
        )
        return len(written.all())
