"""Whether what the settings name is there and usable, as findings with advice.

Tries the real thing: opens the database, asks the mail server, writes to the folder. Changes
nothing that stays.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from smtplib import SMTPException

from zyenta_ops.domain.errors import ZyentaError
from zyenta_ops.settings import Settings

# A feed of 2 GiB is kept twice while it is read, and the database grows with it.
LITTLE_ROOM_BYTES = 5 * 1024**3


class Health(StrEnum):
    """How a finding stands."""

    GOOD = "GOOD"
    WARNING = "WARNING"  # works, and somebody may want it otherwise
    BAD = "BAD"  # does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `advice` is what to do about it."""

    subject: str
    health: Health
    says: str
    advice: str | None = None


def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything the settings name; a check that fails does not stop the others."""
    checks: dict[str, Callable[[Settings], Iterator[Finding]]] = {
        "state folder": _state_folder,
        "database": _database,
        "keyring": _keyring,
        "mail": _mail,
        "internal alerts": _internal_alerts,
        "dagster instance": _instance,
        "exchange rates": _rates,
    }
    findings: list[Finding] = []
    for subject, check in checks.items():
        if check is _rates and not _is_good(findings, "database"):
            continue
        try:
            findings += check(settings)
        except ZyentaError as error:
            findings.append(Finding(subject, Health.BAD, str(error)))
        # A doctor that falls over tells nothing about the rest.
        except Exception as error:
            findings.append(Finding(subject, Health.BAD, f"cannot be used: {type(error).__name__}"))
    return findings


def _is_good(findings: list[Finding], subject: str) -> bool:
    return any(each.subject == subject and each.health is Health.GOOD for each in findings)


def _state_folder(settings: Settings) -> Iterator[Finding]:
    home = settings.home.absolute()
    nearest = next(each for each in (home, *home.parents) if each.exists())
    advice = "set ZYENTA_HOME to a folder you may write to, on a disk with room"
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        yield Finding("state folder", Health.BAD, f"{home}: {error.strerror}", advice)
        return
    free = shutil.disk_usage(nearest).free
    health = Health.WARNING if free < LITTLE_ROOM_BYTES else Health.GOOD
    yield Finding(
        "state folder",
        health,
        f"{home}, {free // 1024**3} GiB free",
        advice if health is Health.WARNING else None,
    )


def _database(settings: Settings) -> Iterator[Finding]:
    from zyenta_ops.persistence.engine import Database
    from zyenta_ops.persistence.migrations import current_revision, head_revision

    database = Database(settings.database)
    shown = database.url.render_as_string(hide_password=True)
    if database.url.drivername == "sqlite" and not Path(database.url.database or "").exists():
        yield Finding(
            "database", Health.WARNING, f"{shown} does not exist yet", "the first command makes it"
        )
        return
    try:
        current, head = current_revision(database), head_revision(database)
    except Exception as error:
        yield Finding(
            "database",
            Health.BAD,
            f"{shown} does not answer ({type(error).__name__})",
            "check ZYENTA_DATABASE_URL, and that the server runs and lets this user in",
        )
        return
    finally:
        database.dispose()
    if current != head:
        yield Finding(
            "database",
            Health.BAD,
            f"{shown} is at revision {current or 'none'}, this version needs {head}",
            "run `zyenta-ops migrate`",
        )
    else:
        yield Finding("database", Health.GOOD, f"{shown}, revision {current}")


def _keyring(settings: Settings) -> Iterator[Finding]:
    from zyenta_ops.adapters.secrets import Vault

    if settings.keyring:
        Vault(settings.keyring)
        yield Finding("keyring", Health.GOOD, "from ZYENTA_KEYRING")
        return
    path = settings.home / "keyring"
    if path.exists():
        Vault.from_file(path)
        yield Finding("keyring", Health.GOOD, f"{path}; keep a copy, credentials need it")
    else:
        yield Finding(
            "keyring", Health.WARNING, "none yet", "the first command makes one in the state folder"
        )


def _mail(settings: Settings) -> Iterator[Finding]:
    from zyenta_ops.adapters.mail.composition import sender_address
    from zyenta_ops.adapters.mail.smtp import SmtpTransport

    sender_address(settings.mail_from)
    if not settings.smtp_url:
        yield Finding(
            "mail",
            Health.WARNING,
            f"written to {settings.mail_folder} as .eml files, nobody receives them",
            "set ZYENTA_SMTP_URL to send them",
        )
        return
    transport = SmtpTransport.from_url(settings.smtp_url, settings.mail_from)
    try:
        transport.connect().quit()
    except (OSError, SMTPException) as error:
        yield Finding(
            "mail",
            Health.BAD,
            f"{transport.host}:{transport.port} does not take mail ({type(error).__name__})",
            "check ZYENTA_SMTP_URL: host, port, user and password",
        )
        return
    yield Finding("mail", Health.GOOD, f"{transport.host}:{transport.port} answers")


def _internal_alerts(settings: Settings) -> Iterator[Finding]:
    if settings.internal_email.endswith("@localhost") and settings.smtp_url:
        yield Finding(
            "internal alerts",
            Health.WARNING,
            f"go to {settings.internal_email}",
            "set ZYENTA_INTERNAL_EMAIL to an address that somebody reads",
        )
        return
    also = " and to the webhook" if settings.internal_webhook_url else ""
    yield Finding("internal alerts", Health.GOOD, f"go to {settings.internal_email}{also}")


def _instance(settings: Settings) -> Iterator[Finding]:
    configured = settings.dagster_home / "dagster.yaml"
    if configured.exists():
        yield Finding("dagster instance", Health.GOOD, str(settings.dagster_home))
    else:
        yield Finding(
            "dagster instance", Health.WARNING, "none yet", "`zyenta-ops dev` makes and starts it"
        )


def _rates(settings: Settings) -> Iterator[Finding]:
    from zyenta_ops.bootstrap import build, utc_now
    from zyenta_ops.domain.fx import DEFAULT_MAX_AGE

    operations = build(settings)
    needed = {store.currency for store in operations.stores.list()} | {
        supplier.currency for supplier in operations.suppliers.list()
    }
    if len(needed) < 2:
        yield Finding("exchange rates", Health.GOOD, "none needed")
        return
    known = {
        code
        for rate in operations.rates.list_rates()
        if utc_now() - rate.as_of <= DEFAULT_MAX_AGE
        for code in (rate.base, rate.quote)
    }
    missing = sorted(needed - known)
    if missing:
        yield Finding(
            "exchange rates",
            Health.BAD,
            f"no current rate for {', '.join(missing)}: prices there stay as they are",
            "run `zyenta-ops fx import` or `zyenta-ops fx set`",
        )
    else:
        yield Finding("exchange rates", Health.GOOD, f"current for {', '.join(sorted(needed))}")
