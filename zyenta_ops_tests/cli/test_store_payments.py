"""`store payments`: through which account a store is paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.persistence.engine import Database
from zyenta_ops.settings import Settings
from zyenta_ops_tests.cli.payments import Shell
from zyenta_ops_tests.orders import a_shop


@pytest.fixture
def shell(sqlite_database: Database, sqlite_url: str, tmp_path: Path) -> Shell:
    with sqlite_database.write() as records:
        a_shop(records.connection)
    return Shell(Wiring(Settings(home=tmp_path, database_url=sqlite_url)))


def test_a_store_is_paid_through_the_platform_unless_something_else_was_said(
    shell: Shell,
) -> None:
    assert shell.json("store", "payments", "my-shop")["charge_model"] == "PLATFORM"
    assert "the platform's own" in shell.run("store", "payments", "my-shop").output

    chosen = shell.json(
        *("store", "payments", "my-shop", "--model", "direct", "--account", "acct_1Ab")
    )

    assert (chosen["charge_model"], chosen["external_id"]) == ("DIRECT", "acct_1Ab")
    assert shell.json("store", "payments", "my-shop") == chosen
    back = shell.json("store", "payments", "my-shop", "--model", "platform")
    assert (back["charge_model"], back["external_id"]) == ("PLATFORM", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "direct"), "the model direct needs the store's connected account"),
        (("--model", "destination"), "the model destination needs the store's connected account"),
        (("--model", "platform", "--account", "acct_1"), "take no connected account"),
        (("--model", "direct", "--account", "sk_live_1"), "a connected account is named acct_"),
        (("--account", "acct_1"), "--account needs --model"),
    ],
)
def test_what_does_not_fit_together_is_refused_and_changes_nothing(
    shell: Shell, words: tuple[str, ...], said: str
) -> None:
    result = shell.run("store", "payments", "my-shop", *words)

    assert result.exit_code != 0
    assert said in result.output
    assert shell.json("store", "payments", "my-shop")["charge_model"] == "PLATFORM"


def test_an_unknown_store_is_said_to_be_unknown(shell: Shell) -> None:
    result = shell.run("store", "payments", "nowhere", "--model", "platform")

    assert (result.exit_code, "nowhere" in result.output) == (1, True)
