"""`zyenta-ops doctor` on real databases, folders and mail servers."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import zyenta_ops.cli.diagnosis.storage as storage
from zyenta_ops.bootstrap import Operations, build
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import current_revision, head_revision, migrate
from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.mail.mail_server import free_port
from zyenta_ops_tests.cli.doctoring import doctor, finding

KEYRING = "k1:" + "A" * 43 + "="
OTHER_KEYRING = "k1:" + "B" * 42 + "A="


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def a_shop(settings: Settings) -> Operations:
    """A store in EUR and a supplier in USD with a login."""
    operations = build(settings)
    operations.stores.add(name="My Shop", email="me@example.com", currency="EUR", country="DE")
    operations.suppliers.add(
        key="my-feed",
        kind=SupplierKind.FEED,
        config={"location": "/feeds/products.csv"},
        country="US",
        currency="USD",
        credentials={"basic": ["me", "hush"]},
    )
    return operations


def test_on_a_fresh_machine_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new" / "home")

    result = doctor(settings)

    assert result.exit_code == 0
    assert f"✓ state folder: {settings.home}" in result.stdout
    assert "! database: " in result.stdout
    assert "  → the first command makes it\n" in result.stdout
    assert "✗" not in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_looking_changes_nothing(settings: Settings) -> None:
    a_shop(replace(settings, keyring=KEYRING))
    before = contents(settings.home)

    doctor(settings)
    doctor(replace(settings, keyring=KEYRING))

    assert contents(settings.home) == before
    assert set(before) == {"zyenta.db"}


def test_one_thing_that_does_not_work_is_the_exit_status(settings: Settings) -> None:
    assert doctor(settings).exit_code == 0
    assert doctor(replace(settings, smtp_url="gopher://mail")).exit_code == 1


def test_everything_looked_at_is_one_json_document(settings: Settings) -> None:
    told = json.loads(doctor(settings, "--json").stdout)
    assert [each["subject"] for each in told] == [
        "state folder",
        "database",
        "keyring",
        "object store",
        "mail",
        "internal alerts",
        "payments",
        "trackers",
        "dagster instance",
        "supplier logins",
        "supplier accounts",
        "exchange rates",
    ]


def test_brackets_in_a_path_are_shown_as_they_are(tmp_path: Path) -> None:
    assert "home [old]" in doctor(Settings(home=tmp_path / "home [old]")).stdout


def test_a_folder_that_is_a_file_cannot_hold_state(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    settings = Settings(home=tmp_path / "file")

    assert finding(settings, "state folder") == (
        "BAD",
        f"{tmp_path / 'file'}: Not a directory",
        "set ZYENTA_HOME to a folder you may write to, on a disk with room",
    )
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_bad(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        health, says, _ = finding(Settings(home=tmp_path / "home"), "state folder")
    finally:
        tmp_path.chmod(0o700)
    assert (health, says) == ("BAD", f"{tmp_path / 'home'}: Permission denied")


def test_little_room_is_a_warning(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LITTLE_ROOM_BYTES", 2**80)
    health, says, advice = finding(settings, "state folder")
    assert (health, advice) == (
        "WARNING",
        "set ZYENTA_HOME to a folder you may write to, on a disk with room",
    )
    assert says.endswith(" GiB free")


def test_a_database_at_this_version_is_good(settings: Settings, postgres_url: str) -> None:
    head = head_revision(Database(settings.database))
    assert finding(settings, "database") == (
        "GOOD",
        f"{settings.database}, revision {head}",
        None,
    )
    health, says, _ = finding(replace(settings, database_url=postgres_url), "database")
    assert (health, says.rpartition(", ")[2]) == ("GOOD", f"revision {head}")


def test_a_configured_database_is_migrated_by_command_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    settings = Settings(home=tmp_path / "home", database_url=f"sqlite:///{path}")

    assert finding(settings, "database") == (
        "BAD",
        f"sqlite:///{path} does not exist yet",
        "run `zyenta-ops migrate`",
    )
    path.touch()
    health, says, advice = finding(settings, "database")
    assert (health, advice) == ("BAD", "run `zyenta-ops migrate`")
    assert f"sqlite:///{path} is at revision none, this version needs " in says


def test_a_database_behind_this_version_is_bad_and_stays_behind(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'zyenta.db'}")
    migrate(database, "0004")
    settings = Settings(home=tmp_path)

    health, says, advice = finding(settings, "database")

    head = head_revision(database)
    assert (health, advice) == ("BAD", "run `zyenta-ops migrate`")
    assert says.endswith(f"is at revision 0004, this version needs {head}")
    assert current_revision(database) == "0004"


def test_a_server_that_is_not_there_is_bad_and_its_password_is_not_shown(
    settings: Settings,
) -> None:
    url = f"postgresql+psycopg2://me:hush@127.0.0.1:{free_port()}/zyenta"
    result = doctor(replace(settings, database_url=url))
    assert result.exit_code == 1
    assert "✗ database: postgresql+psycopg2://me:***@127.0.0.1" in result.stdout
    assert "does not answer (OperationalError)" in result.stdout
    assert "exchange rates" not in result.stdout
    assert "hush" not in result.output


def test_a_server_that_says_nothing_is_given_up_after_seconds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/zyenta"
        assert finding(replace(settings, database_url=url), "database")[0] == "BAD"


def test_a_file_that_is_no_database_is_bad_and_stays(settings: Settings) -> None:
    (settings.home / "zyenta.db").write_bytes(b"a shopping list, and nothing else" * 100)
    before = contents(settings.home)
    assert finding(settings, "database")[:2] == (
        "BAD",
        f"{settings.database} does not answer (DatabaseError)",
    )
    assert contents(settings.home) == before


def test_a_keyring_file_is_good_and_wants_a_copy(settings: Settings) -> None:
    build(settings)
    assert finding(settings, "keyring") == (
        "GOOD",
        f"{settings.home / 'keyring'}; keep a copy, supplier logins need it",
        None,
    )


def test_a_configured_database_without_a_keyring_of_the_environment_is_a_warning(
    settings: Settings, sqlite_url: str
) -> None:
    settings = replace(settings, database_url=sqlite_url)
    health, says, advice = finding(settings, "keyring")
    assert (health, says) == (
        "WARNING",
        f"none yet; the first command makes one in {settings.home / 'keyring'}",
    )
    assert advice is not None
    assert advice.startswith("set ZYENTA_KEYRING, the same for all processes")
    build(settings)
    health, says, again = finding(settings, "keyring")
    assert (health, again) == ("WARNING", advice)
    assert says.startswith(f"in {settings.home / 'keyring'}")
    assert finding(replace(settings, keyring=KEYRING), "keyring") == (
        "GOOD",
        "from ZYENTA_KEYRING",
        None,
    )


def _malformed(settings: Settings) -> Settings:
    return replace(settings, keyring="hush")


def _readable(settings: Settings) -> Settings:
    (settings.home / "keyring").write_text(KEYRING)
    (settings.home / "keyring").chmod(0o644)
    return settings


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_malformed, "key 1 of the keyring is not of the form id:base64"),
        (_readable, "can be read by other users"),
    ],
)
def test_a_keyring_that_cannot_be_used_is_bad_and_not_shown(
    settings: Settings, spoil: Callable[[Settings], Settings], sentence: str
) -> None:
    health, says, _ = finding(spoil(settings), "keyring")
    assert health == "BAD"
    assert sentence in says
    assert "hush" not in says


def test_logins_open_with_the_keyring_they_were_sealed_with_alone(settings: Settings) -> None:
    right = replace(settings, keyring=KEYRING)
    assert finding(right, "supplier logins") == ("GOOD", "none stored", None)
    a_shop(right)
    assert finding(right, "supplier logins") == ("GOOD", "all 1 open", None)

    health, says, advice = finding(replace(right, keyring=OTHER_KEYRING), "supplier logins")
    assert health == "BAD"
    assert says.startswith("1 of 1 do not open, such as that of my-feed: the secret in")
    assert advice is not None
    assert advice.startswith("bring back the keyring they were sealed with")
    assert finding(settings, "supplier logins")[:2] == (
        "BAD",
        "1 of 1 do not open, such as that of my-feed: the keyring is missing",
    )
    assert not (settings.home / "keyring").exists()


def test_internal_alerts_to_nobody_are_a_warning_where_mail_is_sent(settings: Settings) -> None:
    assert finding(settings, "internal alerts")[0] == "GOOD"
    sent = replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    assert finding(sent, "internal alerts")[0] == "WARNING"
    told = replace(
        sent, internal_email="oncall@example.com", internal_webhook_url="https://hook.example/hush"
    )
    assert finding(told, "internal alerts") == (
        "GOOD",
        "go to oncall@example.com and to the webhook",
        None,
    )


def test_the_embedded_instance_is_made_by_dev(settings: Settings) -> None:
    assert finding(settings, "dagster instance") == (
        "WARNING",
        "none yet",
        "`zyenta-ops dev` makes and starts it",
    )
    settings.dagster_home.mkdir()
    (settings.dagster_home / "dagster.yaml").touch()
    assert finding(settings, "dagster instance") == ("GOOD", str(settings.dagster_home), None)


def test_the_instance_of_production_is_the_one_that_dagster_home_names(
    settings: Settings, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(settings, database_url=sqlite_url)
    health, says, advice = finding(settings, "dagster instance")
    assert (health, says) == ("WARNING", "DAGSTER_HOME is not set")
    assert advice is not None
    assert advice.startswith("set it to the folder of deploy/dagster.yaml")

    named = tmp_path / "dagster"
    for home, fault in ((Path("dagster"), "is not an absolute path"), (named, "is not a folder")):
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        assert finding(settings, "dagster instance") == (
            "BAD",
            f"DAGSTER_HOME={home} {fault}",
            "name a folder that holds a copy of deploy/dagster.yaml",
        )
    named.mkdir()
    assert finding(settings, "dagster instance")[1].endswith("has no dagster.yaml")
    (named / "dagster.yaml").touch()
    assert finding(settings, "dagster instance") == ("GOOD", f"{named}, from DAGSTER_HOME", None)


def test_a_rate_that_is_missing_or_too_old_is_bad(settings: Settings) -> None:
    settings = replace(settings, keyring=KEYRING)
    assert finding(settings, "exchange rates") == ("GOOD", "none needed", None)
    operations = a_shop(settings)
    missing = (
        "BAD",
        "no current rate from USD to EUR: prices made with it stay as they are",
        "run `zyenta-ops fx import` or `zyenta-ops fx set`, or set ZYENTA_RATES_URL",
    )
    assert finding(settings, "exchange rates") == missing
    old = datetime.now(UTC) - timedelta(days=7)
    operations.rates.set_rate("EUR", "USD", Decimal("1.08"), old)
    assert finding(settings, "exchange rates") == missing
    operations.rates.set_rate("EUR", "USD", Decimal("1.08"))
    assert finding(settings, "exchange rates") == ("GOOD", "current from USD to EUR", None)


def test_a_state_folder_that_others_may_read_is_a_warning(settings: Settings, home: Path) -> None:
    home.chmod(0o755)
    found = [
        (each["health"], each["advice"])
        for each in json.loads(doctor(settings, "--json").stdout)
        if each["subject"] == "state folder"
    ]
    home.chmod(0o700)

    assert ("WARNING", f"run `chmod 700 {home}`") in found
    assert finding(settings, "state folder")[0] == "GOOD"
