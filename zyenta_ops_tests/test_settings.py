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


def test_a_misspelt_setting_is_refused_and_its_value_not_shown() -> None:
    with pytest.raises(Refused) as refusal:
        Settings.from_environment({"ZYENTA_SMTPURL": "smtp://me:hush@mail.example"})
    assert "ZYENTA_SMTPURL" in str(refusal.value)
    assert "hush" not in str(refusal.value)


def test_secrets_are_not_in_the_representation() -> None:
    secret = "postgresql://me:hush@db/zyenta"
    shown = repr(
        Settings(database_url=secret, keyring=secret, smtp_url=secret, internal_webhook_url=secret)
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
