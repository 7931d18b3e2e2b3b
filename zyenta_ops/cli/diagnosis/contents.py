"""What is in the database and needs something from outside it: keys, exchange rates."""

from __future__ import annotations

from collections.abc import Iterator

from zyenta_ops.cli.diagnosis.findings import Finding, Health
from zyenta_ops.cli.diagnosis.storage import vault_at_hand
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import FxTable, FxUnavailable
from zyenta_ops.domain.stores import StoreStatus
from zyenta_ops.settings import Settings


def logins(settings: Settings) -> Iterator[Finding]:
    """Whether the stored supplier logins open with the keyring."""
    from zyenta_ops.bootstrap import sortable_id, utc_now
    from zyenta_ops.operations.stores import Suppliers
    from zyenta_ops.persistence.engine import Database

    database = Database(settings.database)
    with database.read() as records:
        sealed = [each.key for each in records.suppliers.every() if each.has_credentials]
    if not sealed:
        yield Finding("supplier logins", Health.GOOD, "none stored")
        return
    vault = vault_at_hand(settings)
    shut = {key: "the keyring is missing" for key in sealed if vault is None}
    if vault is not None:
        suppliers = Suppliers(database, utc_now, sortable_id, vault, {})
        for key in sealed:
            try:
                suppliers.credentials(key)
            except Refused as error:
                shut[key] = str(error)
    database.dispose()
    if not shut:
        yield Finding("supplier logins", Health.GOOD, f"all {len(sealed)} open")
        return
    first, reason = next(iter(shut.items()))
    yield Finding(
        "supplier logins",
        Health.BAD,
        f"{len(shut)} of {len(sealed)} do not open, such as that of {first}: {reason}",
        "bring back the keyring they were sealed with, or give them again with"
        " `zyenta-ops supplier login`",
    )


def exchange_rates(settings: Settings) -> Iterator[Finding]:
    """Whether what suppliers ask can be converted into what stores sell in."""
    from zyenta_ops.bootstrap import utc_now
    from zyenta_ops.persistence.engine import Database

    now = utc_now()
    database = Database(settings.database)
    with database.read() as records:
        rates = FxTable(records.rates.newest(now))
        costs = {each.currency for each in records.suppliers.every()}
        prices = {
            each.currency
            for each in records.stores.every()
            if each.status is not StoreStatus.CLOSED
        }
    database.dispose()
    pairs = sorted((cost, price) for cost in costs for price in prices if cost != price)
    missing = [
        f"{cost} to {price}"
        for cost, price in pairs
        if isinstance(rates.conversion(cost, price, now), FxUnavailable)
    ]
    if missing:
        yield Finding(
            "exchange rates",
            Health.BAD,
            f"no current rate from {', '.join(missing)}: prices made with it stay as they are",
            "run `zyenta-ops fx import` or `zyenta-ops fx set`, or set ZYENTA_RATES_URL",
        )
    elif pairs:
        shown = ", ".join(f"{cost} to {price}" for cost, price in pairs)
        yield Finding("exchange rates", Health.GOOD, f"current from {shown}")
    else:
        yield Finding("exchange rates", Health.GOOD, "none needed")
