from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from zyenta_ops.domain.alerts import AlertPreferences, AlertType, Digest, QuietHours, Severity
from zyenta_ops.domain.errors import Refused

BERLIN = "Europe/Berlin"


def quiet(start: str, end: str, timezone: str = "UTC") -> AlertPreferences:
    hours = QuietHours(time.fromisoformat(start), time.fromisoformat(end))
    return AlertPreferences(quiet_hours=hours, timezone=timezone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "now", "expected"),
    [
        ("22:00", "07:00", "2026-11-02 21:59", "2026-11-02 21:59"),
        ("22:00", "07:00", "2026-11-02 22:00", "2026-11-03 07:00"),
        ("22:00", "07:00", "2026-11-03 06:59", "2026-11-03 07:00"),
        ("22:00", "07:00", "2026-11-03 07:00", "2026-11-03 07:00"),
        ("12:00", "14:00", "2026-11-02 13:00", "2026-11-02 14:00"),
        ("12:00", "14:00", "2026-11-02 14:00", "2026-11-02 14:00"),
    ],
)
def test_mail_waits_until_quiet_hours_end(start: str, end: str, now: str, expected: str) -> None:
    assert quiet(start, end).mail_at(Severity.HIGH, utc(now)) == utc(expected)


def test_critical_mail_waits_for_nothing() -> None:
    now = utc("2026-11-02 23:00")
    preferences = AlertPreferences(digest=Digest.DAILY, quiet_hours=QuietHours(time(22), time(7)))

    assert preferences.mail_at(Severity.CRITICAL, now) == now
    assert not preferences.waits_for_digest(Severity.CRITICAL)
    assert preferences.waits_for_digest(Severity.HIGH)


@pytest.mark.parametrize(
    ("end", "now", "expected"),
    [
        # Clocks go back at 03:00 on 2026-10-25: 02:30 comes twice, the second time at 01:30 UTC.
        ("02:30", "2026-10-24 23:00", "2026-10-25 01:30"),
        # Clocks go forward at 02:00 on 2026-03-29: 02:30 never comes, 03:30 is at 01:30 UTC.
        ("02:30", "2026-03-28 22:00", "2026-03-29 01:30"),
    ],
)
def test_quiet_hours_follow_the_clock_changes(end: str, now: str, expected: str) -> None:
    assert quiet("22:00", end, BERLIN).mail_at(Severity.LOW, utc(now)) == utc(expected)


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_mail_never_leaves_early_or_waits_longer_than_a_day(
    now: datetime, start: time, end: time, zone: str
) -> None:
    if start == end:
        return
    preferences = AlertPreferences(quiet_hours=QuietHours(start, end), timezone=zone)

    at = preferences.mail_at(Severity.LOW, now)

    assert now <= at <= now + timedelta(hours=25)
    local = now.astimezone(ZoneInfo(zone)).time()
    inside = start <= local < end if start < end else local >= start or local < end
    assert inside or at == now


@pytest.mark.parametrize(
    ("hour", "now", "expected"),
    [
        (8, "2026-11-02 06:59", "2026-11-02 07:00"),
        (8, "2026-11-02 07:00", "2026-11-03 07:00"),
        (2, "2026-03-28 12:00", "2026-03-29 01:00"),  # 02:00 does not exist there on that day
    ],
)
def test_the_digest_is_due_at_the_next_local_hour(hour: int, now: str, expected: str) -> None:
    preferences = AlertPreferences(digest=Digest.DAILY, digest_hour=hour, timezone=BERLIN)

    assert preferences.digest_at(utc(now)) == utc(expected)


def test_a_digest_due_in_quiet_hours_waits_for_their_end() -> None:
    preferences = AlertPreferences(
        digest=Digest.DAILY, digest_hour=6, quiet_hours=QuietHours(time(22), time(7))
    )

    assert preferences.digest_at(utc("2026-11-02 12:00")) == utc("2026-11-03 07:00")


def test_recipients_replace_the_account_and_count_once() -> None:
    assert AlertPreferences().recipients_or("ann@example.com") == ("ann@example.com",)
    chosen = AlertPreferences(recipients=("b@example.com", "b@example.com"))
    assert chosen.recipients_or("ann@example.com") == ("b@example.com",)


def test_preferences_are_read_from_and_written_to_a_document() -> None:
    adapter = TypeAdapter(AlertPreferences)
    document = {
        "recipients": ["ann@example.com"],
        "stock_low_threshold": 3,
        "cost_change_percent": 20,
        "muted": ["STOCK_LOW"],
        "digest": "DAILY",
        "digest_hour": 7,
        "quiet_hours": {"start": "22:00:00", "end": "07:00:00"},
        "timezone": BERLIN,
    }

    preferences = adapter.validate_python(document)

    assert preferences.muted == {AlertType.STOCK_LOW}
    assert adapter.dump_python(preferences, mode="json") == document
    assert AlertPreferences.stock_low_threshold_of(document) == 3
    assert AlertPreferences.stock_low_threshold_of({}) == 5
    assert adapter.validate_python({}) == AlertPreferences()


def test_a_misspelt_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="digest_our"):
        TypeAdapter(AlertPreferences).validate_python({"digest_our": 7})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"stock_low_threshold": -1}, "stock_low_threshold is -1; it must lie between 0"),
        ({"cost_change_percent": 0}, "cost_change_percent is 0; it must lie between 1"),
        ({"digest_hour": 24}, "digest_hour is 24; it must lie between 0 and 23"),
        ({"timezone": "Berlin"}, "'Berlin' is not a time zone; write one such as Europe/Berlin"),
        ({"timezone": "../etc/passwd"}, "is not a time zone"),
        ({"timezone": ""}, "'' is not a time zone"),
        ({"recipients": ("a@b.de", "nobody")}, "recipient 2 of the alerts is not an e-mail"),
        ({"recipients": ("a@b.de",) * 21}, "at most 20 recipients"),
    ],
)
def test_a_value_out_of_range_is_refused_in_one_sentence(
    fields: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        AlertPreferences(**fields)  # type: ignore[arg-type]

    assert sentence in str(refusal.value)


def test_quiet_hours_without_length_are_refused() -> None:
    with pytest.raises(Refused, match="begin and end at the same time"):
        QuietHours(time(8), time(8))
