from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import zyenta_ops.bootstrap
from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import head_revision
from zyenta_ops.settings import Settings


def migrate(settings: Settings, *options: str) -> Result:
    return CliRunner().invoke(main, ["migrate", *options], obj=Wiring(settings))


def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_empty_database_is_brought_to_the_newest_revision_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    head = head_revision(Database(settings.database))

    assert answer(migrate(settings, "--json")) == {"before": None, "after": head}
    assert answer(migrate(settings, "--json")) == {"before": head, "after": head}
    assert migrate(settings).stdout == f"database at {head}\n"


def test_the_state_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "deep" / "home")

    answer(migrate(settings, "--json"))

    assert settings.home.stat().st_mode & 0o777 == 0o700


def test_a_configured_database_is_migrated_on_demand(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'mine.db'}"
    settings = Settings(home=tmp_path / "home", database_url=url)

    done = answer(migrate(settings, "--json"))

    assert done == {"before": None, "after": head_revision(Database(url))}
    assert not settings.home.exists()


def test_a_database_on_postgresql_is_left_as_it_is_when_it_is_up_to_date(
    postgres_url: str, tmp_path: Path
) -> None:
    head = head_revision(Database(postgres_url))

    done = answer(migrate(Settings(home=tmp_path, database_url=postgres_url), "--json"))

    assert done == {"before": head, "after": head}


def test_the_check_says_that_tables_and_migrations_agree_and_touches_nothing(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path / "home")

    assert answer(migrate(settings, "--check", "--json")) == {"differences": []}
    assert migrate(settings, "--check").stdout == "tables and migrations agree\n"
    assert not settings.home.exists()


def test_a_difference_fails_the_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        zyenta_ops.bootstrap, "check_migrations", lambda: ["the table 'store' has no migration"]
    )

    result = migrate(Settings(home=tmp_path), "--check")

    assert result.exit_code == 1
    assert result.stdout == "the table 'store' has no migration\n"
