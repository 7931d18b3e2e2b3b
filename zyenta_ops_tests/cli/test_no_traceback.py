"""Whatever a command meets, it says what is wrong in one sentence and exits 1, or 2 for usage."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused
from zyenta_ops.persistence import engine
from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.mail.mail_server import free_port

# A call of every command that gets as far as its own work.
CALLS = {
    "account list": [],
    "account set-plan": ["nowhere", "FREE"],
    "account show": ["nowhere"],
    "account subscribe": ["nowhere", "cus_1"],
    "alerts ack": ["nowhere"],
    "alerts list": [],
    "alerts resolve": ["nowhere"],
    "carriers detect": ["nowhere", "--country", "nowhere"],
    "demo": ["--home", "{home}"],
    "dev": ["--home", "{home}"],
    "doctor": [],
    "feed preview": ["nowhere.csv"],
    "fx import": ["nowhere.csv"],
    "fx list": [],
    "fx set": ["EUR", "USD", "1.1"],
    "hooks add": ["stripe"],
    "hooks list": [],
    "hooks revoke": ["nowhere"],
    "hooks rotate": ["nowhere", "--drop-old"],
    "inbox list": [],
    "inbox replay": ["nowhere"],
    "inbox show": ["nowhere"],
    "keys rotate": [],
    "migrate": [],
    "orders act add-tracking": ["nowhere", "1Z1"],
    "orders act approve": ["nowhere"],
    "orders act assign": ["nowhere", "--to", "ann"],
    "orders act cancel": ["nowhere"],
    "orders act cancel-and-refund": ["nowhere"],
    "orders act confirm-not-placed": ["nowhere"],
    "orders act edit-address": ["nowhere", "--set", "city=Bonn"],
    "orders act mark-delivered": ["nowhere"],
    "orders act mark-paid": ["nowhere"],
    "orders act mark-placed": ["nowhere", "A1"],
    "orders act note": ["nowhere", "call her"],
    "orders act remap-variant": ["nowhere", "--item", "i", "--offer", "o"],
    "orders act reorder": ["nowhere"],
    "orders act retry": ["nowhere"],
    "orders act retry-other-supplier": ["nowhere"],
    "orders act snooze": ["nowhere", "--until", "2030-01-01T00:00Z"],
    "orders act split": ["nowhere", "--item", "i:1"],
    "orders diagram": [],
    "orders hold": ["nowhere", "--note", "wait"],
    "orders import": ["nowhere.json"],
    "orders list": [],
    "orders queue": [],
    "orders refund": ["nowhere", "--reason", "damaged"],
    "orders release": ["nowhere", "manual"],
    "orders show": ["nowhere"],
    "outbox list": [],
    "outbox retry": ["nowhere"],
    "plan": ["nowhere"],
    "price approve": ["nowhere"],
    "price decline": ["nowhere"],
    "price explain": ["--cost", "10", "--currency", "EUR", "--strategy", "nowhere.json"],
    "price history": ["nowhere"],
    "price pending": [],
    "products archive": ["nowhere"],
    "products hold": ["nowhere"],
    "products import": ["--store", "nowhere", "--supplier", "nowhere", "--all"],
    "products list": ["--store", "nowhere"],
    "products lock-price": ["nowhere"],
    "products release": ["nowhere"],
    "products unlock-price": ["nowhere"],
    "quarantine accept": ["nowhere"],
    "quarantine list": [],
    "quarantine show": ["nowhere"],
    "sandbox": ["--port", "0", "--products", "1", "--script", "nowhere.json"],
    "sandbox dispute": ["nowhere"],
    "sandbox expire": ["nowhere"],
    "sandbox pay": ["nowhere"],
    "sandbox refund": ["nowhere"],
    "sandbox review": ["nowhere"],
    "sandbox settle": ["nowhere", "dp_1", "won"],
    "sandbox subscribe": ["a@b.example", "starter"],
    "sandbox warn": ["nowhere"],
    "store add": ["Shop", "--email", "a@b.example", "--currency", "EUR", "--country", "DE"],
    "store alerts": ["nowhere", "{{}}"],
    "store close": ["nowhere", "--yes"],
    "store frequency": ["nowhere", "high"],
    "store list": [],
    "store pause": ["nowhere"],
    "store payments": ["nowhere"],
    "store resume": ["nowhere"],
    "store show": ["nowhere"],
    "store purchases": ["nowhere", "{{}}"],
    "store strategy": ["nowhere", "{{}}"],
    "store voice": ["nowhere", "{{}}"],
    "store webhook off": ["nowhere"],
    "store webhook set": ["nowhere", "https://shop.example/hook"],
    "store webhook show": ["nowhere"],
    "store webhook test": ["nowhere"],
    "supplier add": ["key", "--feed", "nowhere.csv"],
    "supplier check": ["nowhere"],
    "supplier configure": ["nowhere", "--format", "csv"],
    "supplier connect": ["nowhere", "--kind", "cj", "--sandbox"],
    "supplier disconnect": ["nowhere"],
    "supplier list": [],
    "supplier login": ["nowhere", "--basic", "a:b"],
    "supplier pause": ["nowhere"],
    "supplier resume": ["nowhere"],
    "supplier rotate": ["nowhere"],
    "supplier show": ["nowhere"],
    "sync": ["nowhere"],
    "tokens add": ["desk", "--operator"],
    "tokens list": [],
    "tokens revoke": ["nowhere"],
    "web": ["--port", "0"],
}

World = Callable[[Path, Path], Settings]


def a_home(tmp_path: Path, template: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(template, home / "zyenta.db")
    return home


def in_order(tmp_path: Path, template: Path) -> Settings:
    return Settings(home=a_home(tmp_path, template))


def no_database(tmp_path: Path, template: Path) -> Settings:
    return Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'missing.db'}")


def no_server(tmp_path: Path, template: Path) -> Settings:
    return Settings(home=tmp_path, database_url=f"postgresql://me:hush@127.0.0.1:{free_port()}/z")


def another_database(tmp_path: Path, template: Path) -> Settings:
    return Settings(home=tmp_path, database_url="mysql://me:hush@db/zyenta")


def no_sqlite_file(tmp_path: Path, template: Path) -> Settings:
    home = a_home(tmp_path, template)
    (home / "zyenta.db").write_bytes(b"a shopping list, and nothing else" * 500)
    return Settings(home=home)


def damaged_pages(tmp_path: Path, template: Path) -> Settings:
    home = a_home(tmp_path, template)
    with (home / "zyenta.db").open("r+b") as file:
        file.seek(4_096)
        file.write(os.urandom(64) + b"\xff" * (template.stat().st_size - 4_096 - 64))
    return Settings(home=home)


def a_table_is_missing(tmp_path: Path, template: Path) -> Settings:
    home = a_home(tmp_path, template)
    with sqlite3.connect(home / "zyenta.db") as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%version'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f'DROP TABLE "{table}"')
    connection.close()
    return Settings(home=home)


def a_newer_database(tmp_path: Path, template: Path) -> Settings:
    home = a_home(tmp_path, template)
    with sqlite3.connect(home / "zyenta.db") as connection:
        connection.execute("UPDATE zyenta_alembic_version SET version_num = '9999'")
    connection.close()
    return Settings(home=home)


def home_is_a_file(tmp_path: Path, template: Path) -> Settings:
    (tmp_path / "home").write_text("mine")
    return Settings(home=tmp_path / "home")


def database_is_a_folder(tmp_path: Path, template: Path) -> Settings:
    (tmp_path / "home" / "zyenta.db").mkdir(parents=True)
    return Settings(home=tmp_path / "home")


def bad_keyring(tmp_path: Path, template: Path) -> Settings:
    return Settings(home=a_home(tmp_path, template), keyring="hush")


def no_bucket(tmp_path: Path, template: Path) -> Settings:
    return Settings(home=a_home(tmp_path, template), object_store="s3://")


WORLDS: list[World] = [
    in_order,
    no_database,
    no_server,
    another_database,
    no_sqlite_file,
    damaged_pages,
    a_table_is_missing,
    a_newer_database,
    home_is_a_file,
    database_is_a_folder,
    bad_keyring,
    no_bucket,
]
# These would start, and go on until they are stopped.
_GO_ON: dict[str, set[World]] = {
    "dev": {in_order, bad_keyring, no_bucket, a_table_is_missing},
    "web": set(WORLDS) - {home_is_a_file},
    "demo": set(WORLDS) - {home_is_a_file},
}


def call(command: str, settings: Settings, *arguments: str) -> Result:
    given = [each.format(home=settings.home) for each in arguments or CALLS[command]]
    return CliRunner().invoke(main, [*command.split(), *given], obj=Wiring(settings), input="")


def assert_in_words(result: Result) -> None:
    """It ended on purpose, and what it says fits on a line and holds no secret."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code in (0, 1, 2)
    assert "Traceback" not in result.output
    assert "hush" not in result.output
    if result.exit_code == 1 and result.stderr:
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 20)


def test_every_command_is_called() -> None:
    def leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
        if not isinstance(command, click.Group):
            yield " ".join(path)
            return
        if command.invoke_without_command:
            yield " ".join(path)
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*path, name))

    assert sorted(leaves(main, ())) == sorted(CALLS)


# Their faults are met in the same few places by all commands.
_IN_THE_SOAK = (a_table_is_missing, bad_keyring, no_bucket)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(each, marks=pytest.mark.soak) if each in _IN_THE_SOAK else each
        for each in WORLDS
    ],
    ids=lambda world: world.__name__,
)
def test_no_command_falls_over(world: World, tmp_path: Path, sqlite_template: Path) -> None:
    settings = world(tmp_path, sqlite_template)
    for command in CALLS:
        if world not in _GO_ON.get(command, ()):
            result = call(command, settings)
            assert_in_words(result)
            assert result.exit_code != 2, f"the call of '{command}' does not get to its work"


@contextmanager
def held(path: Path, journal: str) -> Iterator[None]:
    """Another process has the database for itself."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(f"PRAGMA journal_mode={journal}")
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.close()


# A database that is no WAL yet keeps readers out, too; each of them waits for the driver's 5 s.
@pytest.mark.parametrize(
    ("journal", "commands"),
    [("WAL", CALLS.keys() - {"dev", "demo", "web"}), ("DELETE", ["store list"])],
)
def test_no_command_falls_over_where_another_process_holds_the_database(
    journal: str, commands: Iterable[str], tmp_path: Path, sqlite_template: Path
) -> None:
    settings = in_order(tmp_path, sqlite_template)
    with held(settings.home / "zyenta.db", journal):
        results = {command: call(command, settings) for command in commands}
    for result in results.values():
        assert_in_words(result)
    assert results["store list"].exit_code == (journal == "DELETE")
    assert "store add" not in results or results["store add"].exit_code == 1


# What bytes that are no UTF-8 become on the command line, and what JSON may hold.
NASTY = ["\udcff", "", "a\nb", "x" * 10_000, "{", "-1"]


@pytest.mark.parametrize(
    "nasty",
    [NASTY[0], *(pytest.param(each, marks=pytest.mark.soak) for each in NASTY[1:])],
    ids=ascii,
)
def test_no_command_falls_over_what_it_is_given(
    nasty: str, tmp_path: Path, sqlite_template: Path
) -> None:
    settings = in_order(tmp_path, sqlite_template)
    for command, arguments in CALLS.items():
        if command in ("dev", "demo", "web"):
            continue
        for place, argument in enumerate(arguments):
            if not argument.startswith("--"):
                given = [*arguments[:place], nasty.replace("{", "{{"), *arguments[place + 1 :]]
                assert_in_words(call(command, settings, *given))


DOCUMENTS = {
    "broken": b'{"a": ',
    "list": b"[1]",
    "deep": b'{"a":' * 5_000,
    "binary": b"\xff\xfe\x00",
    "long number": b'{"value": ' + b"9" * 5_000 + b"}",
    "surrogate": b'{"recipients": ["\\ud800@example.com"], "timezone": "\\u0000"}',
    "not a number": b'{"value": NaN}',
    "empty": b"",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_no_document_makes_a_command_fall_over(
    document: bytes, tmp_path: Path, sqlite_template: Path
) -> None:
    settings = in_order(tmp_path, sqlite_template)
    assert call("store add", settings).exit_code == 0
    Path("document").write_bytes(document)
    unreadable = tmp_path / "unreadable"
    unreadable.mkdir()
    for path in ("document", str(unreadable), "missing"):
        for arguments in (
            ["price explain", "--cost", "10", "--currency", "EUR", "--strategy", path],
            ["store strategy", "shop", path],
            ["store alerts", "shop", path],
            ["sandbox", "--port", "0", "--products", "1", "--script", path],
            ["feed preview", path],
            ["fx import", path],
            ["products import", "--store", "shop", "--supplier", "x", "--file", path],
        ):
            result = call(arguments[0], settings, *arguments[1:])
            assert_in_words(result)
            assert result.exit_code in (1, 2), arguments
    shown = json.loads(call("store show", settings, "shop", "--json").stdout)
    assert shown["name"] == "Shop"


_NEEDS_NO_SETTING = {
    "carriers detect",
    "demo",
    "orders diagram",
    "price explain",
    "sandbox",
}


def test_a_missing_script_is_not_blamed_on_the_port(tmp_path: Path) -> None:
    result = call("sandbox", Settings(home=tmp_path))
    assert result.stderr == (
        "Error: the script nowhere.json cannot be read: No such file or directory\n"
    )


def test_a_wrong_setting_is_one_sentence_whatever_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZYENTA_SMTP_URL", "gopher://hush")
    with pytest.raises(Refused) as refused:
        Settings.from_environment()
    for command in CALLS.keys() - _NEEDS_NO_SETTING:
        result = CliRunner().invoke(main, [*command.split(), *CALLS[command]], input="")
        assert_in_words(result)
        assert (result.exit_code, result.stderr) == (1, f"Error: {refused.value}\n"), command
