"""What the environment says, as settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from zyenta_ops.domain.errors import Refused
from zyenta_ops.settings import Settings, child_environment, configured_dagster_home


def test_nothing_set_gives_defaults_that_work_on_one_machine() -> None:
    settings = Settings.from_environment({"HOME": "/nowhere", "ZYENTA_SMTP_URL": ""})
    assert settings == Settings()
    assert settings.embedded_database
    assert settings.dashboard_url == ""


def test_networks_and_host_names_are_separated_by_commas() -> None:
    settings = Settings.from_environment(
        {"ZYENTA_PRIVATE_NETWORKS": "10.20.0.0/16, feeds.internal,", "ZYENTA_HOME": "state"}
    )
    assert settings.private_networks == ("10.20.0.0/16", "feeds.internal")
    assert settings.home == Path("state")


def test_days_are_numbers() -> None:
    settings = Settings.from_environment(
        {"ZYENTA_KEEP_HISTORY_DAYS": "730", "ZYENTA_KEEP_RUNS_DAYS": "7"}
    )
    kept = (settings.keep_history_days, settings.keep_records_days, settings.keep_runs_days)
    assert kept == (730, 90, 7)


def test_a_misspelt_setting_is_refused_and_its_value_not_shown() -> None:
    with pytest.raises(Refused) as refusal:
        Settings.from_environment({"ZYENTA_SMTPURL": "smtp://me:hush@mail.example"})
    assert "ZYENTA_SMTPURL" in str(refusal.value)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "SMTP_URL",
            ["mail.example.com", "http://mail.example.com", "smtp://:hush@", "smtp://a:0"],
        ),
        ("MAIL_FROM", ["Zyenta Ops", "ops@", "@example.com", "a@b.example\nBcc: c@d.example"]),
        ("INTERNAL_EMAIL", ["the team", "ops@"]),
        ("INTERNAL_WEBHOOK_URL", ["hooks.example.com/hush", "ftp://hush.example.com", "https://"]),
        ("DASHBOARD_URL", ["javascript:alert(1)", "https://[::1", "http://a:99999"]),
        ("RATES_URL", ["ftp://rates.example.com", "https:///rates.xml"]),
        ("S3_ENDPOINT_URL", ["minio:9000", "s3://minio"]),
        ("OBJECT_STORE", ["/var/objects", "s3://", "https://bucket"]),
        ("KEEP_HISTORY_DAYS", ["0", "-1", "1.5", "never", "²", "1000000"]),
        ("KEEP_RECORDS_DAYS", ["0"]),
        ("KEEP_RUNS_DAYS", ["a month"]),
        ("17TRACK_KEY", ["hu sh", "hush\n", "h\u00fcsh"]),
        ("SHIP24_URL", ["ship24.com/hush", "ftp://hush.example"]),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_not_shown(name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(Refused) as refusal:
            Settings.from_environment({f"ZYENTA_{name}": value})
        assert str(refusal.value).startswith(f"ZYENTA_{name} is not usable; write ")
        assert "hush" not in str(refusal.value)


def test_values_that_can_be_are_taken() -> None:
    given = {
        "ZYENTA_SMTP_URL": "smtps://me:hush@mail.example.com:465",
        "ZYENTA_MAIL_FROM": "Zyenta Ops <ops@example.com>",
        "ZYENTA_RATES_URL": "rates/today.xml",
        "ZYENTA_S3_ENDPOINT_URL": "http://127.0.0.1:9000",
        "ZYENTA_OBJECT_STORE": "s3://shelf/answers",
    }
    settings = Settings.from_environment(given)
    assert settings.smtp_url == given["ZYENTA_SMTP_URL"]
    assert settings.object_store == given["ZYENTA_OBJECT_STORE"]


def test_a_variable_may_have_a_name_that_no_field_can_have() -> None:
    given = {
        "ZYENTA_17TRACK_KEY": "k17",
        "ZYENTA_17TRACK_URL": "http://127.0.0.1:8900/17track/track/v2.2",
        "ZYENTA_AFTERSHIP_KEY": "asat_1",
        "ZYENTA_SHIP24_KEY": "apik_1",
    }

    settings = Settings.from_environment(given)

    keys = (settings.seventeentrack_key, settings.aftership_key, settings.ship24_key)
    assert keys == ("k17", "asat_1", "apik_1")
    assert settings.seventeentrack_url == given["ZYENTA_17TRACK_URL"]
    with pytest.raises(Refused, match="unknown setting ZYENTA_SEVENTEENTRACK_KEY"):
        Settings.from_environment({"ZYENTA_SEVENTEENTRACK_KEY": "k17"})


def test_children_are_given_the_trackers_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZYENTA_SHIP24_KEY", "of the environment")

    environment = child_environment(Settings(seventeentrack_key="k17"))

    assert Settings.from_environment(environment).seventeentrack_key == "k17"
    assert environment["ZYENTA_SHIP24_KEY"] == ""


def test_secrets_are_not_in_the_representation() -> None:
    secret = "postgresql://me:hush@db/zyenta"
    shown = repr(
        Settings(
            database_url=secret,
            keyring=secret,
            smtp_url=secret,
            internal_webhook_url=secret,
            seventeentrack_key=secret,
            aftership_key=secret,
            ship24_key=secret,
        )
    )
    assert "hush" not in shown


def test_dagster_home_names_an_instance_and_children_get_the_embedded_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert configured_dagster_home({}) is None
    assert configured_dagster_home({"DAGSTER_HOME": ""}) is None
    monkeypatch.setenv("DAGSTER_HOME", "/var/lib/dagster")
    assert configured_dagster_home() == Path("/var/lib/dagster")
    settings = Settings(home=tmp_path)
    assert child_environment(settings)["DAGSTER_HOME"] == str(tmp_path / "dagster")
