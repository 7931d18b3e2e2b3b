"""What a store wants to be told, and when a mail about it may go out.

Preferences decide about mail only: every alert is recorded whatever they say.
`pydantic.TypeAdapter(AlertPreferences)` reads and writes them at the edges; unknown keys are
refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zyenta_ops.domain.alerts.lifecycle import AlertType, Severity
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.names import email_address

_FORBID_EXTRA: Final[dict[str, Any]] = {"extra": "forbid"}
_MOST_RECIPIENTS: Final = 20


class Digest(StrEnum):
    """How alerts are gathered into mails."""

    IMMEDIATE = "IMMEDIATE"  # one mail per alert
    DAILY = "DAILY"  # one mail a day with everything that is still the case


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of a local day without mail; they may span midnight, as in 22:00 to 07:00.

    Raises:
        Refused: both ends are the same, which would mean never or always.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID_EXTRA

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise Refused("quiet hours begin and end at the same time; choose two different times")
        if self.start.tzinfo or self.end.tzinfo:
            raise Refused("quiet hours are local times; set the time zone beside them")


@dataclass(frozen=True, slots=True)
class AlertPreferences:
    """One store's choices; the defaults suit a store that never chose.

    Attributes:
        recipients: where mails go; empty = the e-mail address of the store's account.
        stock_low_threshold: units at or below which stock is low; 0 = never.
        cost_change_percent: a supplier's price is news when it moved by more than this since the
            merchant was last told of it.
        muted: types that are recorded without a mail.
        digest: a mail per alert, or one a day. CRITICAL alerts never wait for a digest.
        digest_hour: local hour of the daily mail.
        quiet_hours: when only CRITICAL mail goes out; the rest waits until they end.
        timezone: IANA name of the time zone of `digest_hour` and `quiet_hours`.

    Raises:
        Refused: a value outside its range, no e-mail address, or an unknown time zone.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID_EXTRA

    recipients: tuple[str, ...] = ()
    stock_low_threshold: int = 5
    cost_change_percent: int = 10
    muted: frozenset[AlertType] = frozenset()
    digest: Digest = Digest.IMMEDIATE
    digest_hour: int = 8
    quiet_hours: QuietHours | None = None
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        _check_recipients(self.recipients)
        for name, value, least, most in (
            ("stock_low_threshold", self.stock_low_threshold, 0, 1_000_000),
            ("cost_change_percent", self.cost_change_percent, 1, 1_000),
            ("digest_hour", self.digest_hour, 0, 23),
        ):
            if not least <= value <= most:
                raise Refused(f"{name} is {value}; it must lie between {least} and {most}")
        _zone(self.timezone)

    @staticmethod
    def stock_low_threshold_of(document: Mapping[str, Any]) -> int:
        """The threshold in a stored document of preferences, or the default.

        Also where the document holds no number: whoever reads all of it says so.
        """
        value = document.get("stock_low_threshold")
        return value if type(value) is int else _DEFAULTS.stock_low_threshold

    def recipients_or(self, address: str) -> tuple[str, ...]:
        """Where mails go: the chosen recipients, each once, else this address."""
        return tuple(dict.fromkeys(self.recipients)) or (address,)

    def waits_for_digest(self, severity: Severity) -> bool:
        """Whether an alert goes into the daily mail instead of one of its own."""
        return self.digest is Digest.DAILY and severity is not Severity.CRITICAL

    def mail_at(self, severity: Severity, now: datetime) -> datetime:
        """When a mail of its own about an alert may go out: now, or when quiet hours end."""
        return now if severity is Severity.CRITICAL else self._after_quiet_hours(now)

    def digest_at(self, now: datetime) -> datetime:
        """When the next daily mail goes out, strictly after `now`."""
        zone = _zone(self.timezone)
        today = now.astimezone(zone).date()
        for days in range(3):  # the hour of today may be over, and on one day a year not exist
            due = datetime.combine(today + timedelta(days), time(self.digest_hour), zone)
            if due.astimezone(UTC) > now:
                break
        return self._after_quiet_hours(due.astimezone(UTC))

    def _after_quiet_hours(self, moment: datetime) -> datetime:
        quiet = self.quiet_hours
        if quiet is None:
            return moment
        zone = _zone(self.timezone)
        local = moment.astimezone(zone)
        spans_midnight = quiet.start > quiet.end
        after_start, before_end = local.time() >= quiet.start, local.time() < quiet.end
        inside = after_start or before_end if spans_midnight else after_start and before_end
        if not inside:
            return moment
        day = local.date() + timedelta(days=1 if spans_midnight and after_start else 0)
        end = datetime.combine(day, quiet.end, zone)
        # An hour that the clock shows twice, or skips, ends the later of its two readings.
        return max(each.astimezone(UTC) for each in (end, end.replace(fold=1)))


def _check_recipients(recipients: tuple[str, ...]) -> None:
    if len(recipients) > _MOST_RECIPIENTS:
        raise Refused(f"alerts go to at most {_MOST_RECIPIENTS} recipients; use a mailing list")
    for position, address in enumerate(recipients, start=1):
        try:
            email_address(address)
        except Refused:
            raise Refused(f"recipient {position} of the alerts is not an e-mail address") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(f"'{name}' is not a time zone; write one such as Europe/Berlin") from None


_DEFAULTS: Final = AlertPreferences()
