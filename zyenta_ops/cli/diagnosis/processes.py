"""What works beside the program: the mail server, those who are told, the Dagster instance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from smtplib import SMTPException

from zyenta_ops.cli.diagnosis.findings import CONNECT_SECONDS, Finding, Health
from zyenta_ops.settings import Settings, configured_dagster_home


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server lets us in."""
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
    server = f"{transport.host}:{transport.port}"
    try:
        replace(transport, timeout_seconds=CONNECT_SECONDS).connect().quit()
    except (OSError, SMTPException) as error:
        yield Finding(
            "mail",
            Health.BAD,
            f"{server} does not take mail ({type(error).__name__})",
            "check ZYENTA_SMTP_URL: host, port, user and password",
        )
        return
    yield Finding("mail", Health.GOOD, f"{server} answers")


def payments(settings: Settings) -> Iterator[Finding]:
    """Whether Stripe accepts our key."""
    from zyenta_ops.bootstrap.payments import stripe_provider
    from zyenta_ops.domain.payment_errors import PaymentError

    provider = stripe_provider(settings, timeout=CONNECT_SECONDS)
    if provider is None:
        yield Finding("payments", Health.GOOD, "no Stripe key is set, so none are taken note of")
        return
    try:
        account = provider.platform()
    except PaymentError as error:
        advice = "check ZYENTA_STRIPE_KEY and ZYENTA_STRIPE_URL"
        yield Finding("payments", Health.BAD, str(error), advice)
        return
    money = "real money" if provider.live else "test payments"
    yield Finding("payments", Health.GOOD, f"the key opens {account} at Stripe, for {money}")


def internal_alerts(settings: Settings) -> Iterator[Finding]:
    """Whether somebody is told when a supplier fails."""
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


def dagster_instance(settings: Settings) -> Iterator[Finding]:
    """Whether the instance of webserver and daemon is configured: DAGSTER_HOME, else ours."""
    subject = "dagster instance"
    named = configured_dagster_home()
    if named is not None:
        fault = _fault(named)
        yield Finding(
            subject,
            Health.BAD if fault else Health.GOOD,
            f"DAGSTER_HOME={named} {fault}" if fault else f"{named}, from DAGSTER_HOME",
            "name a folder that holds a copy of deploy/dagster.yaml" if fault else None,
        )
    elif not settings.embedded_database:
        yield Finding(
            subject,
            Health.WARNING,
            "DAGSTER_HOME is not set",
            "set it to the folder of deploy/dagster.yaml, the same as for the webserver and the"
            " daemon; `zyenta-ops dev` uses an instance of its own",
        )
    elif (settings.dagster_home / "dagster.yaml").is_file():
        yield Finding(subject, Health.GOOD, str(settings.dagster_home))
    else:
        yield Finding(subject, Health.WARNING, "none yet", "`zyenta-ops dev` makes and starts it")


def _fault(folder: Path) -> str | None:
    """Why Dagster would not start on this folder, or would with its own defaults."""
    if not folder.is_absolute():
        return "is not an absolute path"
    if not folder.is_dir():
        return "is not a folder"
    if not (folder / "dagster.yaml").is_file():
        return "has no dagster.yaml"
    return None
