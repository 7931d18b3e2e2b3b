"""What is in the database and needs something from outside it: keys, people, exchange rates."""

from __future__ import annotations

from collections.abc import Iterator

from zyenta_ops.cli.diagnosis.findings import Finding, Health
from zyenta_ops.cli.diagnosis.storage import vault_at_hand
from zyenta_ops.domain.accounts import AccountStatus
from zyenta_ops.domain.alerts import AlertType
from zyenta_ops.domain.alerts.accounts import command_for, troubles, words
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import FxTable, FxUnavailable
from zyenta_ops.domain.stores import StoreStatus
from zyenta_ops.settings import Settings


def logins(settings: Settings) -> Iterator[Finding]:
    """Whether the stored logins and accounts at suppliers open with the keyring."""
    sealed = _sealed(settings)
    if not sealed:
        yield Finding("supplier logins", Health.GOOD, "none stored")
        return
    vault = vault_at_hand(settings)
    shut = [(key, "the keyring is missing") for key, _, _ in sealed if vault is None]
    if vault is not None:
        for key, row, secret in sealed:
            try:
                vault.open(secret, row=row)
            except Refused as error:
                shut.append((key, str(error)))
    if not shut:
        yield Finding("supplier logins", Health.GOOD, f"all {len(sealed)} open")
        return
    first, reason = shut[0]
    yield Finding(
        "supplier logins",
        Health.BAD,
        f"{len(shut)} of {len(sealed)} do not open, such as that of {first}: {reason}",
        "bring back the keyring they were sealed with, or give them again with"
        " `zyenta-ops supplier login`, and accounts with `zyenta-ops supplier connect`",
    )


def _sealed(settings: Settings) -> list[tuple[str, str, str]]:
    """(supplier, row, sealed secret) of every login at a feed and account at an API."""
    from zyenta_ops.operations.accounts.login import row_name
    from zyenta_ops.persistence.engine import Database

    database = Database(settings.database)
    with database.read() as records:
        found = [
            (supplier.key, row_name(stored[0]), stored[1])
            for supplier in records.suppliers.every()
            if not supplier.kind.has_api
            for stored in [records.suppliers.credentials(supplier.key)]
            if stored is not None
        ]
        found += [
            (account.supplier_key, row_name(account.id), records.accounts.sealed(account.id))
            for account in records.accounts.every()
            if account.status is not AccountStatus.DISCONNECTED
        ]
    database.dispose()
    return found


def accounts(settings: Settings) -> Iterator[Finding]:
    """Whether accounts at suppliers with an API need a person, as far as is known here."""
    from zyenta_ops.bootstrap import utc_now
    from zyenta_ops.operations.lookup import store_ref_of
    from zyenta_ops.persistence.engine import Database

    now = utc_now()
    ill: list[Finding] = []
    database = Database(settings.database)
    with database.read() as records:
        every = records.accounts.every()
        for account in every:
            for type_ in troubles(account, {AlertType.SUPPLIER_BLOCKED}, now):
                store_ref = store_ref_of(records, account.owner_id)
                command = command_for(type_, account.supplier_key, store_ref)
                says = words(type_, account, account.supplier_key, command).title
                health = Health.BAD if type_ is AlertType.AUTH_REVOKED else Health.WARNING
                ill.append(Finding("supplier accounts", health, says, f"run `{command}`"))
    database.dispose()
    well = f"none of {len(every)} needs a person" if every else "none connected"
    yield from ill or [Finding("supplier accounts", Health.GOOD, well)]


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
