"""What is told of our accounts at suppliers: which of them need a person, and the words for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zyenta_ops.domain.accounts import LONG_BLOCK, LONG_PAUSE, AccountStatus, SupplierAccount
from zyenta_ops.domain.alerts.lifecycle import SEVERITIES, AlertType, Severity
from zyenta_ops.domain.alerts.wording import short_time

ACCOUNT_TYPES: Final = (
    AlertType.AUTH_EXPIRING,
    AlertType.AUTH_REVOKED,
    AlertType.SUPPLIER_BLOCKED,
)


@dataclass(frozen=True, slots=True)
class Words:
    """A title and a message."""

    title: str
    message: str


def troubles(
    account: SupplierAccount, told: Collection[AlertType], now: datetime
) -> tuple[AlertType, ...]:
    """What is the case of an account and needs a person.

    A blocked or paused account is told of once that lasts; it is over only when an answer came, so
    that a supplier that refuses it again and again is one alert.

    Args:
        account: as it stands.
        told: what unresolved alerts say of it.
        now: the time.
    """
    if account.status is AccountStatus.DISCONNECTED:
        return ()
    if account.status is AccountStatus.REVOKED or account.has_ended(now):
        return (AlertType.AUTH_REVOKED,)
    found = [AlertType.AUTH_EXPIRING] if account.is_expiring(now) else []
    until = account.blocked_until
    pause = account.paused_until
    lasts = (until and until - now > LONG_BLOCK) or (pause and pause - now > LONG_PAUSE)
    if lasts or ((until or pause) and AlertType.SUPPLIER_BLOCKED in told):
        found.append(AlertType.SUPPLIER_BLOCKED)
    return tuple(found)


def is_for_team(type_: AlertType, account: SupplierAccount) -> bool:
    """Whether the internal team is told: of all that is critical, and of the platform's own."""
    return account.owner_id is None or SEVERITIES[type_] is Severity.CRITICAL


def words(type_: AlertType, account: SupplierAccount, supplier: str, command: str) -> Words:
    """What is told to those who can do something about it.

    Args:
        type_: one of `ACCOUNT_TYPES`.
        account: as it stands.
        supplier: the name of the supplier.
        command: connects the account again, or for SUPPLIER_BLOCKED checks it.
    """
    name = f"the account {account.label or account.id}"
    if type_ is AlertType.SUPPLIER_BLOCKED and account.paused_until and not account.blocked_until:
        until = short_time(account.paused_until)
        return Words(
            f"{supplier} asks for fewer requests with {name}",
            f"{supplier} wants to be left alone until {until}: nothing is asked with {name} before."
            f" Then it is asked again by itself; `{command}` asks at once.",
        )
    if type_ is AlertType.SUPPLIER_BLOCKED:
        return Words(
            f"{supplier} refuses {name}",
            f"{supplier} refuses {name}: {account.blocked_reason}. It is asked again every few"
            f" hours; once what it names is put right, `{command}` asks at once.",
        )
    if type_ is AlertType.AUTH_REVOKED:
        return Words(
            f"{supplier} no longer accepts {name}",
            f"Nothing is asked with it until it is connected again: `{command}`.",
        )
    end = short_time(account.refresh_expires_at) if account.refresh_expires_at else "soon"
    return Words(
        f"The login of {name} at {supplier} ends on {end}",
        f"It is renewed by itself until then and no longer. Connect it again before: `{command}`.",
    )


def words_for_merchants(type_: AlertType, supplier: str) -> Words:
    """What stores read of the platform's own account, which is not theirs to look after."""
    if type_ is AlertType.AUTH_EXPIRING:
        return Words(
            f"The connection to {supplier} has to be renewed",
            "Nothing has changed for your store yet. Our team has been notified.",
        )
    return Words(
        f"The connection to {supplier} is interrupted",
        "Stock and prices of its products may stand still meanwhile. Our team has been notified.",
    )


def command_for(type_: AlertType, supplier_key: str, store_ref: str | None) -> str:
    """What to run about an account; `store_ref` is a store of its owner, None = the platform."""
    if type_ is AlertType.SUPPLIER_BLOCKED:
        return f"zyenta-ops supplier check {supplier_key}"
    whose = f" --store {store_ref}" if store_ref else ""
    return f"zyenta-ops supplier connect {supplier_key}{whose}"
