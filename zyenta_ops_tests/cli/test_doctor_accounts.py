"""`zyenta-ops doctor` on accounts at suppliers with an API."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.bootstrap import utc_now
from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.supplier_errors import Misconfigured
from zyenta_ops.operations.accounts.login import row_name
from zyenta_ops.persistence.engine import Database
from zyenta_ops.settings import Settings
from zyenta_ops_tests.builders import a_supplier
from zyenta_ops_tests.cli.doctoring import doctor, finding
from zyenta_ops_tests.cli.test_doctor import KEYRING, a_shop


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    """A state folder with a database at this version."""
    return Settings(home=tmp_path)


def an_account(settings: Settings, account_id: str, owner: str | None, **known: Any) -> None:
    """An account at Printful, sealed with the keyring of the settings."""
    database = Database(settings.database)
    with database.write() as records:
        if not records.suppliers.find("printful"):
            a_supplier(records.connection, "printful", kind="PRINTFUL", config={})
        account = SupplierAccount(
            **{
                "id": account_id,
                "supplier_key": "printful",
                "owner_id": owner,
                "label": "fox",
                "status": AccountStatus.ACTIVE,
                "connected_at": utc_now() - timedelta(days=50),
            }
            | known
        )
        sealed = Vault(settings.keyring).seal({"token": "hush"}, row=row_name(account_id))
        records.accounts.connect(account, sealed, utc_now())
    database.dispose()


def test_accounts_that_need_a_person_are_named_with_what_to_run(settings: Settings) -> None:
    settings = replace(settings, keyring=KEYRING)
    assert finding(settings, "supplier accounts") == ("GOOD", "none connected", None)
    operations = a_shop(settings)
    owner = operations.stores.list()[0].account.id
    an_account(settings, "own", None)
    assert finding(settings, "supplier accounts") == ("GOOD", "none of 1 needs a person", None)

    (own,) = operations.accounts.every()
    operations.accounts.fail(own, Misconfigured("the key may not do this"))
    assert finding(settings, "supplier accounts") == (
        "WARNING",
        "printful refuses the account fox",
        "run `zyenta-ops supplier check printful`",
    )
    an_account(settings, "own", None, refresh_expires_at=utc_now() + timedelta(days=3))
    health, says, advice = finding(settings, "supplier accounts")
    assert (health, advice) == ("WARNING", "run `zyenta-ops supplier connect printful`")
    assert says.startswith("The login of the account fox at printful ends on ")

    an_account(settings, "own", None)
    an_account(settings, "anns", owner, status=AccountStatus.REVOKED)
    assert finding(settings, "supplier accounts") == (
        "BAD",
        "printful no longer accepts the account fox",
        "run `zyenta-ops supplier connect printful --store my-shop`",
    )
    assert doctor(settings).exit_code == 1


def test_accounts_without_their_keyring_are_bad(settings: Settings) -> None:
    right = replace(settings, keyring=KEYRING)
    a_shop(right)
    an_account(right, "own", None)
    assert finding(right, "supplier logins") == ("GOOD", "all 2 open", None)

    health, says, advice = finding(settings, "supplier logins")
    assert (health, says) == (
        "BAD",
        "2 of 2 do not open, such as that of my-feed: the keyring is missing",
    )
    assert advice is not None
    assert advice.endswith("and accounts with `zyenta-ops supplier connect`")
    assert "hush" not in says
    assert not (settings.home / "keyring").exists()
