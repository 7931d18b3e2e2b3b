"""Whether what the settings name is there and usable, as findings with advice.

Tries the real thing: opens the database, asks the mail server, writes to the folder. Leaves
everything as it was: nothing is created by looking.
"""

from __future__ import annotations

from typing import Final

from zyenta_ops.cli.diagnosis.contents import accounts, exchange_rates, logins
from zyenta_ops.cli.diagnosis.findings import Check, Finding, Health
from zyenta_ops.cli.diagnosis.processes import (
    dagster_instance,
    internal_alerts,
    mail,
    payments,
)
from zyenta_ops.cli.diagnosis.storage import database, keyring, objects, state_folder
from zyenta_ops.cli.diagnosis.trackers import trackers
from zyenta_ops.domain.errors import ZyentaError
from zyenta_ops.settings import Settings

__all__ = ["Finding", "Health", "diagnose"]

_CHECKS: Final[dict[str, Check]] = {
    "state folder": state_folder,
    "database": database,
    "keyring": keyring,
    "object store": objects,
    "mail": mail,
    "internal alerts": internal_alerts,
    "payments": payments,
    "trackers": trackers,
    "dagster instance": dagster_instance,
}
_CHECKS_OF_CONTENTS: Final[dict[str, Check]] = {
    "supplier logins": logins,
    "supplier accounts": accounts,
    "exchange rates": exchange_rates,
}


def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything the settings name; a check that fails does not stop the others.

    What is in the database is looked at only where the database is in order.
    """
    findings = _look(_CHECKS, settings)
    if any(each.subject == "database" and each.health is Health.GOOD for each in findings):
        findings += _look(_CHECKS_OF_CONTENTS, settings)
    return findings


def _look(checks: dict[str, Check], settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    for subject, check in checks.items():
        try:
            findings += check(settings)
        except ZyentaError as error:
            findings.append(Finding(subject, Health.BAD, str(error)))
        # A doctor that falls over tells nothing about the rest.
        except Exception as error:
            findings.append(Finding(subject, Health.BAD, f"cannot be used: {type(error).__name__}"))
    return findings
