"""Where state lies: folder, database, keyring, object store."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zyenta_ops.cli.diagnosis.findings import CONNECT_SECONDS, Finding, Health
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.adapters.secrets import Vault
    from zyenta_ops.persistence.engine import Database

# A feed of 2 GiB is kept twice while it is read, and the database grows with it.
LITTLE_ROOM_BYTES: Final = 5 * 1024**3


def state_folder(settings: Settings) -> Iterator[Finding]:
    """Whether the home folder, or where it will be made, can be written to and has room."""
    home = settings.home.absolute()
    nearest = next(each for each in (home, *home.parents) if each.exists())
    advice = "set ZYENTA_HOME to a folder you may write to, on a disk with room"
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        yield Finding("state folder", Health.BAD, f"{home}: {error.strerror}", advice)
        return
    if home.exists() and home.stat().st_mode & 0o077:
        yield Finding(
            "state folder",
            Health.WARNING,
            f"other users of this machine may read {home}, which holds mails, addresses and tokens",
            f"run `chmod 700 {home}`",
        )
    free = shutil.disk_usage(nearest).free
    tight = free < LITTLE_ROOM_BYTES
    yield Finding(
        "state folder",
        Health.WARNING if tight else Health.GOOD,
        f"{home}, {free // 1024**3} GiB free",
        advice if tight else None,
    )


def database(settings: Settings) -> Iterator[Finding]:
    """Whether the database answers and is at this version."""
    from zyenta_ops.persistence.engine import Database
    from zyenta_ops.persistence.migrations import current_revision, head_revision

    opened = Database(settings.database)
    shown = opened.url.render_as_string(hide_password=True)
    if opened.url.drivername == "sqlite" and not Path(opened.url.database or "").exists():
        embedded = settings.embedded_database
        yield Finding(
            "database",
            Health.WARNING if embedded else Health.BAD,
            f"{shown} does not exist yet",
            "the first command makes it" if embedded else "run `zyenta-ops migrate`",
        )
        return
    _be_impatient(opened)
    try:
        current, head = current_revision(opened), head_revision(opened)
    except Exception as error:
        yield Finding(
            "database",
            Health.BAD,
            f"{shown} does not answer ({type(error.__cause__ or error).__name__})",
            "check ZYENTA_DATABASE_URL, and that the server runs and lets this user in",
        )
        return
    finally:
        opened.dispose()
    if current == head:
        yield Finding("database", Health.GOOD, f"{shown}, revision {current}")
        return
    yield Finding(
        "database",
        Health.BAD,
        f"{shown} is at revision {current or 'none'}, this version needs {head}",
        "run `zyenta-ops migrate`",
    )


def keyring(settings: Settings) -> Iterator[Finding]:
    """Whether the encryption keys can be read, and are the same for all processes."""
    path = settings.home / "keyring"
    vault = vault_at_hand(settings)
    if settings.keyring:
        yield Finding("keyring", Health.GOOD, "from ZYENTA_KEYRING")
    elif not settings.embedded_database:
        yield Finding(
            "keyring",
            Health.WARNING,
            f"in {path}, while the database may have users elsewhere"
            if vault
            else f"none yet; the first command makes one in {path}",
            "set ZYENTA_KEYRING, the same for all processes: each container or machine would make"
            " a keyring of its own, and could not open the others' supplier logins",
        )
    elif vault:
        yield Finding("keyring", Health.GOOD, f"{path}; keep a copy, supplier logins need it")
    else:
        yield Finding(
            "keyring", Health.WARNING, "none yet", "the first command makes one in the state folder"
        )


def objects(settings: Settings) -> Iterator[Finding]:
    """Whether suppliers' answers could be kept."""
    from zyenta_ops.bootstrap import object_store

    object_store(settings, CONNECT_SECONDS).check()
    shown = settings.object_store or str(settings.home.absolute() / "objects")
    yield Finding("object store", Health.GOOD, shown)


def vault_at_hand(settings: Settings) -> Vault | None:
    """The vault of the settings; None where its keyring is yet to be made.

    Raises:
        Refused: the keyring cannot be used.
    """
    from zyenta_ops.adapters.secrets import Vault

    if settings.keyring:
        return Vault(settings.keyring)
    path = settings.home / "keyring"
    return Vault.from_file(path) if path.exists() else None


def _be_impatient(opened: Database) -> None:
    """Let a PostgreSQL server that does not answer be given up after seconds, not minutes."""
    if opened.url.get_backend_name() == "postgresql":
        opened.url = opened.url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
